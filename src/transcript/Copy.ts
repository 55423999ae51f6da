/**
 * One stream of output on its way from a pipe to a file.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Appender from "./Appender.ts"
import * as Intake from "./Intake.ts"
import type * as LastOutput from "./LastOutput.ts"
import * as LineStamp from "./LineStamp.ts"
import type { TranscriptError, Trouble } from "./TranscriptError.ts"
import { because } from "./TranscriptError.ts"

/**
 * What a copy is made of: the pipe, where its bytes are appended and remembered, and what stands in front of lines.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly path: string
  readonly input: number
  readonly appender: Appender.Appender
  readonly lastOutput: LastOutput.LastOutput
  readonly timestamps: "off" | LineStamp.Format
}

/**
 * A copy; the members are those of the service `Transcript`, for one stream.
 *
 * @category models
 * @since 0.1.0
 */
export interface Copy {
  readonly begin: Effect.Effect<void>
  readonly drain: Effect.Effect<void>
  readonly giveUp: Effect.Effect<void>
  readonly reopen: Effect.Effect<void, TranscriptError>
  readonly note: (line: string) => void
  readonly trouble: Effect.Effect<Option.Option<Trouble>>
  readonly copy: Effect.Effect<never, TranscriptError>
}

/**
 * Begins to copy, and closes the pipe with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options: Options) => Effect.Effect<Copy, never, Scope.Scope> = Effect.fnUntraced(
  function*({ appender, input, lastOutput, path, timestamps }) {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const stamper = timestamps === "off" ? undefined : LineStamp.make(timestamps, appender.append)
    const take = (bytes: Buffer): void => {
      lastOutput.add(bytes)
      if (stamper === undefined) appender.append(bytes)
      else stamper.stamp(bytes, clock.unsafeCurrentTimeMillis())
    }
    let isOver = true
    const breakLine = Effect.sync(() => {
      if (isOver && appender.breakLine()) stamper?.breakLine()
    })
    const intake = yield* Intake.make(input, take, () => !appender.isBlocked())
    yield* Effect.addFinalizer(() => breakLine)
    const drainLater = Effect.interruptible(appender.awaitCalm).pipe(
      Effect.zipRight(intake.drain),
      Effect.zipRight(Effect.interruptible(appender.awaitCalm)),
      Effect.timeoutOption("2 seconds")
    )
    const giveUp = Effect.zipRight(appender.giveUp, intake.drain)
    const tellDropped = Effect.flatMap(
      appender.trouble,
      Option.match({
        onNone: () => Effect.void,
        onSome: ({ dropped, error }) => {
          const count = Option.getOrElse(dropped, () => 0)
          return count === 0 ? Effect.void : Effect.logError(`${count} bytes of output were dropped: ${error.message}`)
        }
      })
    )
    return {
      begin: Effect.sync(() => {
        isOver = false
      }),
      // A limit of time costs two fibers, which would stand between each crash and the next start.
      drain: intake.drain.pipe(
        Effect.zipRight(Effect.suspend(() => appender.isBlocked() ? drainLater : Effect.void)),
        Effect.zipRight(Effect.sync(() => {
          isOver = true
        })),
        Effect.zipRight(breakLine)
      ),
      giveUp,
      reopen: appender.reopen,
      note: (line) => {
        const time = timestamps === "off" ? "" : `${LineStamp.render(timestamps, clock.unsafeCurrentTimeMillis())} `
        appender.note(Buffer.from(`${time}${line}\n`))
        Effect.runSync(breakLine)
      },
      trouble: appender.trouble,
      copy: Effect.raceFirst(
        Effect.mapError(intake.broken, ({ cause }) => because(path, "write", cause)),
        appender.mend(intake.resume)
      ).pipe(Effect.onInterrupt(() => Effect.zipRight(giveUp, tellDropped)))
    }
  }
)
