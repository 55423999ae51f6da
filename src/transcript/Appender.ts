/**
 * Appends bytes to a file that may be in trouble: a full disk, an I/O error, a directory that is gone.
 *
 * Nothing is queued but what the file did not take. An appender that is to block has its caller wait then, and nothing is
 * lost, unless it is given up in the end; one that is to drop counts what it drops, and writes that into the file, in one
 * line, as soon as it takes something again. Both try twice a second.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as CurrentFile from "./CurrentFile.ts"
import * as LineStamp from "./LineStamp.ts"
import * as OldFiles from "./OldFiles.ts"
import type * as Rotation from "./Rotation.ts"
import type { TranscriptError, Trouble } from "./TranscriptError.ts"

/**
 * What an appender is made of. `onNewFile` is called when the file has become another one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly path: string
  readonly umask: number
  readonly onError: "block" | "drop"
  readonly rotation: Option.Option<Rotation.Rotation>
  readonly onNewFile: () => void
}

/**
 * An open appender.
 *
 * @category models
 * @since 0.1.0
 */
export interface Appender {
  /** Appends output. What the file does not take is kept, and then output has to wait, or it is dropped. */
  readonly append: (bytes: Buffer) => void
  /** Appends a line of the manager's own: now, or when the line of output that is under way has ended. It is not waited for. */
  readonly note: (line: Buffer) => void
  /** Ends the line of output that is under way, if lines of the manager's own wait for that, and says whether it did. */
  readonly breakLine: () => boolean
  /** Whether output has to wait. */
  readonly isBlocked: () => boolean
  /** Waits until output does not have to wait. */
  readonly awaitCalm: Effect.Effect<void>
  /** Why output waits or is dropped, or goes to a file that has lost its name. */
  readonly trouble: Effect.Effect<Option.Option<Trouble>>
  /** Tries once more, and drops what waits then, and whatever the file does not take from now on. */
  readonly giveUp: Effect.Effect<void>
  /** Opens the file by its name again. When that fails the old one stays. */
  readonly reopen: Effect.Effect<void, TranscriptError>
  /** Logs what happens to the file, gets it out of trouble and calls `onMended` then, and compresses old files; for ever. */
  readonly mend: (onMended: () => void) => Effect.Effect<never>
}

/**
 * Opens the file, and closes it with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options: Options) => Effect.Effect<Appender, TranscriptError, Scope.Scope> = Effect.fnUntraced(
  function*({ onError, onNewFile, path, rotation, umask }) {
    const clock = yield* Effect.clock
    const messages = yield* Queue.sliding<Effect.Effect<void>>(messagesLimit)
    const tell = (message: Effect.Effect<void>): void => void messages.unsafeOffer(message)
    const fulls = yield* Queue.sliding<void>(1)
    const file = yield* CurrentFile.make({
      path,
      umask,
      rotation,
      onNewFile,
      onFull: () => void fulls.unsafeOffer(undefined),
      onLost: (error) => tell(Effect.logError(error.message))
    })

    let isDropping = onError === "drop"
    /** What the file did not take of the output. */
    let waiting: Buffer = Buffer.alloc(0)
    /** What it did not take of the manager's own lines. It is not the program's: it is never dropped, and comes first. */
    let begun: Buffer = Buffer.alloc(0)
    /** The manager's own lines that come when a line has ended. */
    let pending: Buffer = Buffer.alloc(0)
    let dropped = Option.none<Dropped>()
    let trouble = Option.none<TranscriptError>()
    const troubled = yield* Effect.makeLatch(false)
    const calm = yield* Effect.makeLatch(true)

    const hold = (bytes: Buffer): void => {
      if (!isDropping) {
        waiting = Buffer.concat([waiting, bytes])
        return
      }
      const now = clock.unsafeCurrentTimeMillis()
      dropped = Option.some(Option.match(dropped, {
        onNone: () => ({ count: bytes.length, from: now, to: now }),
        onSome: ({ count, from }) => ({ count: count + bytes.length, from, to: now })
      }))
    }
    const droppedNow = (): Option.Option<number> =>
      isDropping
        ? Option.orElseSome(Option.map(dropped, ({ count }) => count), () => 0)
        : Option.none()
    const holdNote = (line: Buffer): void => {
      // Lines that nobody can read yet must not fill the memory.
      if (pending.length + line.length <= pendingLimit) pending = Buffer.concat([pending, line])
    }
    const put = (bytes: Buffer, hold: (rest: Buffer) => void): void => {
      if (Option.isSome(trouble)) return hold(bytes)
      const written = file.write(bytes)
      if (written === bytes.length) return
      trouble = file.failure()
      // That the file has lost its name was told by then.
      if (trouble !== file.lost()) {
        tell(Effect.logError(Option.match(trouble, { onNone: () => "", onSome: ({ message }) => message })))
      }
      if (!isDropping) calm.unsafeClose()
      troubled.unsafeOpen()
      hold(bytes.subarray(written))
    }

    const putPending = (): void => {
      const lines = pending
      pending = Buffer.alloc(0)
      put(lines, (rest) => {
        begun = Buffer.from(rest)
      })
    }
    const append = (bytes: Buffer): void => {
      const end = pending.length === 0 || Option.isSome(trouble) ? 0 : bytes.indexOf(newline) + 1
      if (end === 0) return put(bytes, hold)
      put(bytes.subarray(0, end), hold)
      if (Option.isNone(trouble)) putPending()
      if (end < bytes.length) put(bytes.subarray(end), hold)
    }

    /** Whether all that waited is in the file. */
    const recover = (): boolean => {
      file.find()
      begun = begun.subarray(file.write(begun))
      if (begun.length > 0) return false
      waiting = waiting.subarray(file.write(waiting))
      if (waiting.length > 0) return false
      if (Option.isSome(dropped)) {
        const isInLine = file.isInLine()
        const line = marker(dropped.value, isInLine, trouble)
        const written = file.write(line)
        if (written < line.length) {
          // Half a line would have a count that is outdated by the time the other half can be written.
          file.takeBack(written, isInLine)
          return false
        }
        dropped = Option.none()
      }
      if (file.isInLine()) return true
      begun = pending.subarray(file.write(pending))
      pending = Buffer.alloc(0)
      return begun.length === 0
    }
    const tryAgain = Effect.suspend(() => {
      if (Option.isNone(trouble)) return Effect.succeed(true)
      const before = Option.getOrUndefined(dropped)
      if (!recover()) {
        trouble = file.failure()
        return Effect.succeed(false)
      }
      trouble = Option.none()
      waiting = Buffer.alloc(0)
      begun = Buffer.alloc(0)
      troubled.unsafeClose()
      calm.unsafeOpen()
      const lost = before === undefined ? "" : `; ${before.count} bytes were dropped`
      return Effect.as(Effect.logWarning(`transcript '${path}' is written again${lost}`), true)
    })

    const compressing = Effect.forever(Effect.zipRight(
      OldFiles.compress(path, ({ message }) => Effect.logError(message)),
      Queue.take(fulls)
    ))

    return {
      append,
      note: (line) => {
        holdNote(line)
        if (Option.isNone(trouble) && !file.isInLine()) putPending()
      },
      breakLine: () => {
        if (pending.length === 0 || Option.isSome(trouble)) return false
        pending = Buffer.concat([Buffer.from("\n"), pending])
        putPending()
        return true
      },
      isBlocked: () => !isDropping && Option.isSome(trouble),
      awaitCalm: calm.await,
      trouble: Effect.sync(() =>
        Option.match(trouble, {
          onNone: () => Option.map(file.lost(), (error) => ({ error, output: "written", dropped: Option.none() })),
          onSome: (error) => Option.some({ error, output: isDropping ? "dropped" : "waits", dropped: droppedNow() })
        })
      ),
      giveUp: Effect.map(tryAgain, () => {
        isDropping = true
        if (waiting.length > 0) hold(waiting)
        waiting = Buffer.alloc(0)
      }),
      reopen: Effect.suspend(() => Option.match(file.reopen(), { onNone: () => Effect.void, onSome: Effect.fail })),
      mend: (onMended) =>
        Effect.all([
          Effect.forever(Effect.flatten(Queue.take(messages))),
          troubled.await.pipe(
            Effect.zipRight(Effect.repeat(tryAgain, { until: (isOver) => isOver, schedule: writeAgain })),
            Effect.zipRight(Effect.sync(onMended)),
            Effect.forever
          ),
          Option.exists(rotation, ({ compress }) => compress) ? compressing : Effect.never
        ], { concurrency: "unbounded" }).pipe(Effect.zipRight(Effect.never))
    }
  }
)

// ===== Internal

/** Bytes that were dropped, and when the first and the last of them came, in milliseconds of the epoch. */
interface Dropped {
  readonly count: number
  readonly from: number
  readonly to: number
}

const newline = 0x0a

const messagesLimit = 16

const pendingLimit = 64 * 1024

const writeAgain = Schedule.exponential("50 millis").pipe(Schedule.union(Schedule.spaced("500 millis")))

const marker = ({ count, from, to }: Dropped, isInLine: boolean, trouble: Option.Option<TranscriptError>): Buffer => {
  const [began, ended] = [from, to].map((time) => LineStamp.render("iso", time))
  const reason = Option.match(trouble, { onNone: () => "", onSome: ({ message }) => `: ${message}` })
  return Buffer.from(`${isInLine ? "\n" : ""}-- zdaemon: ${count} bytes dropped from ${began} to ${ended}${reason}\n`)
}
