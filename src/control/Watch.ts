/**
 * Following the state of a program over the control socket, or over the socket pair of a manager that was just started.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Connection from "./Connection.ts"
import * as ControlClient from "./ControlClient.ts"
import * as ControlProtocol from "./ControlProtocol.ts"
import type { Refusal, Report } from "./Report.ts"

/**
 * What is known of a program at a moment.
 *
 * - `Seen`: the last report, and when it came (nanoseconds of the monotonic clock).
 * - `Refused`: the manager could not start.
 * - `Gone`: the manager is not there any more; `last` is what it reported before.
 *
 * @category models
 * @since 0.1.0
 */
export type Sight =
  | { readonly _tag: "Seen"; readonly report: Report; readonly at: bigint }
  | { readonly _tag: "Refused"; readonly refusal: Refusal }
  | { readonly _tag: "Gone"; readonly last: Option.Option<Report> }

/**
 * A program being watched. States may be skipped when they follow each other quickly, never the last one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watch {
  /** The latest sight; waits for the first. */
  readonly now: Effect.Effect<Sight>
  /** Waits until there is news since it was asked last, or since the beginning. */
  readonly news: Effect.Effect<void>
}

/**
 * Watches over a conversation in which the manager reports.
 *
 * @category running
 * @since 0.1.0
 */
export const fromConnection = (connection: Connection.Connection): Effect.Effect<Watch, never, Scope.Scope> =>
  pump(nextReport(connection))

/**
 * Watches the manager that listens on a socket, which has five seconds for its first report. An original manager cannot be watched: it is asked for its status ten
 * times a second instead.
 *
 * @category running
 * @since 0.1.0
 */
export const fromSocket = (path: string): Effect.Effect<Watch, ControlClient.ControlError, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* ControlClient.converse(path, "watch")
    const first = yield* ControlClient.inTime(path, nextReport(connection))
    if (Option.isSome(first)) return yield* pump(nextReport(connection), first)
    const begun = yield* Ref.make(false)
    return yield* pump(
      Effect.whenEffect(Effect.sleep("100 millis"), Ref.getAndSet(begun, true)).pipe(
        Effect.zipRight(ControlClient.request(path, "status")),
        // One that is slow, or busy with others, is not gone for that.
        Effect.retry({ times: 10, while: ({ _tag }) => _tag !== "ManagerNotRunning" }),
        Effect.map((reply) => Option.map(ControlProtocol.parseStatus(reply), ControlProtocol.reportOfStatus)),
        Effect.orElseSucceed(Option.none)
      )
    )
  })

/**
 * The last report that was seen.
 *
 * @category getters
 * @since 0.1.0
 */
export const reportOf = (sight: Sight): Option.Option<Report> => {
  switch (sight._tag) {
    case "Seen":
      return Option.some(sight.report)
    case "Gone":
      return sight.last
    case "Refused":
      return Option.none()
  }
}

// ===== Internal

type Told = Refusal | Report

const nextReport = Effect.fnUntraced(function*(connection: Connection.Connection) {
  const { ReportLine } = yield* Effect.promise(() => import("./Report.ts"))
  return yield* Effect.option(Effect.flatMap(connection.line(ControlProtocol.replyLimit), Schema.decode(ReportLine)))
})

const pump = Effect.fnUntraced(function*(
  next: Effect.Effect<Option.Option<Told>>,
  first: Option.Option<Told> = Option.none()
) {
  const sight = yield* Ref.make(Option.none<Sight>())
  // Holds at most one piece of news: what matters is the latest sight.
  const news = yield* Queue.sliding<void>(1)
  let known = ""
  const see = Effect.fnUntraced(function*(told: Option.Option<Told>) {
    const at = yield* Clock.currentTimeNanos
    // An original manager is asked time and again, and mostly says that nothing has changed but the time.
    const state = JSON.stringify(Option.map(told, (told) => ({ ...told, uptime: 0 })))
    const isNews = state !== known
    known = state
    yield* Ref.update(sight, (before): Option.Option<Sight> => {
      if (Option.isNone(told)) return Option.some({ _tag: "Gone", last: Option.flatMap(before, reportOf) })
      return Option.some(
        "_tag" in told.value
          ? { _tag: "Refused", refusal: told.value }
          : { _tag: "Seen", report: told.value, at }
      )
    })
    if (isNews) yield* Queue.offer(news, undefined)
    return Option.isSome(told)
  })
  if (Option.isSome(first)) yield* see(first)
  yield* Effect.forkScoped(Effect.repeat(Effect.flatMap(next, see), { while: (goesOn) => goesOn }))
  const now: Effect.Effect<Sight> = Effect.flatMap(
    Ref.get(sight),
    Option.match({ onNone: () => Effect.zipRight(Queue.take(news), Effect.suspend(() => now)), onSome: Effect.succeed })
  )
  return { now, news: Queue.take(news) }
})
