/**
 * What happens to a program, told as it happens to whoever keeps it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as ProcessStat from "../process/ProcessStat.ts"
import type { EndedRun } from "./EndedRun.ts"
import type { Event } from "./Event.ts"
import * as HistoryWriter from "./HistoryWriter.ts"

/**
 * The history of one program. Telling it never fails and never waits for a disk.
 *
 * @category services
 * @since 0.1.0
 */
export class History extends Context.Tag("zdaemon/history/History")<History, {
  /** A run has begun. */
  readonly began: (run: { readonly number: number; readonly pid: number }) => Effect.Effect<void>
  /** A run is over. */
  readonly ended: (run: EndedRun) => Effect.Effect<void>
  /** Somebody asked for something that changes what happens: the words of a request, or the name of a signal. */
  readonly ordered: (order: string) => Effect.Effect<void>
  /** The supervision of the program is over, for this reason. */
  readonly over: (reason: string) => Effect.Effect<void>
  /** Waits until what was told is where it is kept, a second at most. */
  readonly settled: Effect.Effect<void>
}>() {
  /** Keeps events and crash reports in a folder, which comes to be with the first of them. */
  static readonly layer = (subject: HistoryWriter.Subject): Layer.Layer<History> => Layer.scoped(History, make(subject))

  /** Nothing is kept. */
  static readonly layerNone: Layer.Layer<History> = Layer.succeed(
    History,
    History.of({
      began: () => Effect.void,
      ended: () => Effect.void,
      ordered: () => Effect.void,
      over: () => Effect.void,
      settled: Effect.void
    })
  )
}

// ===== Internal

const make = Effect.fnUntraced(function*(subject: HistoryWriter.Subject) {
  const writer = yield* HistoryWriter.make(subject)
  const isBegun = yield* Ref.make(false)
  const tell = (event: (time: Date) => Event) =>
    Effect.asVoid(writer.tell((time) => ({ _tag: "Event", event: event(time) })))
  const begin = Effect.whenEffect(
    tell((time) => ({ time, event: "manager", ...known(subject.manager) })),
    Effect.map(Ref.getAndSet(isBegun, true), (begun) => !begun)
  )
  return History.of({
    began: ({ number, pid }) =>
      Effect.zipRight(begin, tell((time) => ({ time, event: "began", run: number, ...known(pid) }))),
    ended: (run) => Effect.zipRight(begin, Effect.asVoid(writer.tell((time) => ({ _tag: "Ended", time, run })))),
    ordered: (order) =>
      Effect.zipRight(begin, tell((time) => ({ time, event: "ordered", order: order.slice(0, longestOrder) }))),
    over: (reason) => Effect.zipRight(begin, tell((time) => ({ time, event: "over", reason }))),
    settled: writer.settled
  })
})

/** A process by which it can be found again. */
const known = (pid: number): { readonly pid: number; readonly birth?: string } => {
  const birth = ProcessStat.birth(pid)
  return birth === undefined ? { pid } : { pid, birth }
}

const longestOrder = 200
