/**
 * Keeps the history of a program in its folder, behind the back of whoever tells it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Secret from "../config/Secret.ts"
import { describe } from "../policy/Run.ts"
import { describeVerdict } from "../policy/Verdict.ts"
import { type EndedRun, isCrash } from "./EndedRun.ts"
import type { Crash, Event } from "./Event.ts"
import * as HistoryFolder from "./HistoryFolder.ts"

/**
 * Whose history is kept, and where: `path` is the folder, absolute.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject {
  readonly path: string
  readonly manager: number
  readonly program: { readonly file: string; readonly words: ReadonlyArray<string> }
  readonly settings: Readonly<Record<string, string>>
  readonly environment: ReadonlyArray<string>
}

/**
 * A writer. It takes whatever is told at once, and writes in a fiber of its own, which is given a second to finish when
 * the scope closes. What cannot be written is dropped, with a line in the log when that begins.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(subject: Subject): Effect.fn.Return<Writer, never, Scope.Scope> {
  const queue = yield* Queue.unbounded<Told>()
  // What cannot be written: a disk may have room for an event, and none for a report.
  const broken = yield* Ref.make<ReadonlySet<"event" | "report">>(new Set())
  const events = yield* Ref.make<ReadonlyArray<Event>>([])

  const kept = <A>(what: "event" | "report", write: Effect.Effect<A, HistoryFolder.HistoryError>) =>
    write.pipe(
      Effect.asSome,
      Effect.tap(Ref.update(broken, (broken) => new Set([...broken].filter((one) => one !== what)))),
      Effect.catchAll(({ reason }) =>
        Effect.flatMap(Ref.getAndUpdate(broken, (broken) => new Set([...broken, what])), (before) =>
          Effect.as(
            before.size > 0 ? Effect.void : Effect.logWarning(`can't write history: ${reason}: '${subject.path}'`),
            Option.none()
          ))
      )
    )
  const flush = Effect.flatMap(
    Ref.getAndSet(events, []),
    (events) => events.length === 0 ? Effect.void : kept("event", HistoryFolder.append(subject.path, events))
  )
  const write = Effect.fnUntraced(function*(told: Told) {
    switch (told._tag) {
      case "Event":
        return yield* Ref.update(events, (events) => [...events, told.event])
      case "Ended": {
        const crash = isCrash(told.run)
          ? yield* kept("report", HistoryFolder.report(subject.path, crashOf(subject, told)))
          : Option.none()
        return yield* Ref.update(events, (events) => [...events, endOf(told, crash)])
      }
      case "Settle": {
        yield* flush
        return yield* Deferred.succeed(told.done, undefined)
      }
    }
  })
  const step = Effect.gen(function*() {
    const first = yield* Queue.take(queue)
    yield* Effect.forEach([first, ...(yield* Queue.takeAll(queue))], write, { discard: true })
    yield* flush
  })

  const settled = Effect.gen(function*() {
    const done = yield* Deferred.make<void>()
    yield* Queue.offer(queue, { _tag: "Settle", done })
    yield* Effect.timeoutOption(Effect.interruptible(Deferred.await(done)), patience)
  })
  yield* Effect.forkScoped(Effect.forever(step))
  yield* Effect.addFinalizer(() => settled)

  return {
    tell: (told) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        // A disk that hangs must not fill the memory.
        if (queue.unsafeSize().pipe(Option.exists((size) => size >= queueLimit))) return Effect.void
        return Queue.offer(queue, told(DateTime.toDate(DateTime.unsafeMake(millis))))
      }),
    settled
  }
})

/**
 * What {@link make} makes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Writer {
  /** Takes what happened, at a time that it is given. */
  readonly tell: (told: (time: Date) => Told) => Effect.Effect<unknown>
  /** Waits until all that was told is written, a second at most. */
  readonly settled: Effect.Effect<void>
}

/**
 * What a writer is told.
 *
 * @category models
 * @since 0.1.0
 */
export type Told =
  | { readonly _tag: "Event"; readonly event: Event }
  | { readonly _tag: "Ended"; readonly time: Date; readonly run: EndedRun }
  | { readonly _tag: "Settle"; readonly done: Deferred.Deferred<void> }

// ===== Internal

const patience = Duration.seconds(1)

const queueLimit = 200

const endOf = ({ run, time }: Told & { readonly _tag: "Ended" }, crash: Option.Option<number>): Event => ({
  time,
  event: "ended",
  run: run.number,
  ...Option.match(run.pid, { onNone: () => ({}), onSome: (pid) => ({ pid }) }),
  end: describe(run.status),
  uptime: seconds(run.uptime),
  ...Option.match(run.next, { onNone: () => ({}), onSome: (verdict) => ({ next: describeVerdict(verdict) }) }),
  ...Option.match(crash, { onNone: () => ({}), onSome: (crash) => ({ crash }) })
})

const crashOf = (
  { environment, manager, program, settings }: Subject,
  { run, time }: Told & { readonly _tag: "Ended" }
): Omit<Crash, "number" | "limits"> => ({
  time,
  run: run.number,
  ...Option.match(run.pid, { onNone: () => ({}), onSome: (pid) => ({ pid }) }),
  manager,
  end: describe(run.status),
  uptime: seconds(run.uptime),
  next: Option.match(run.next, { onNone: () => "", onSome: describeVerdict }),
  file: program.file,
  program: shortened(Secret.redact(program.words)),
  settings,
  environment: shortened(environment),
  output: new TextDecoder().decode(run.output)
})

const seconds = (duration: Duration.Duration): number => Math.round(Duration.toMillis(duration)) / 1000

const mostWords = 500

const longestWord = 200

/** A report is no place for megabytes of arguments. */
const shortened = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(0, mostWords).map((word) => word.length <= longestWord ? word : `${word.slice(0, longestWord)}...`)
