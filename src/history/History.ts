/**
 * What happens to a program, told as it happens to whoever keeps it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type { Run } from "../policy/Run.ts"
import type { Verdict } from "../policy/Verdict.ts"

/**
 * A run that is over. There is no `pid` when nothing could be spawned; `output` holds its last bytes; `next` is `None`
 * when the operator ended it.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndedRun extends Run {
  readonly number: number
  readonly pid: Option.Option<number>
  readonly output: Uint8Array
  readonly next: Option.Option<Verdict>
}

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
}>() {
  /** Nothing is kept. */
  static readonly layerNone: Layer.Layer<History> = Layer.succeed(
    History,
    History.of({
      began: () => Effect.void,
      ended: () => Effect.void,
      ordered: () => Effect.void,
      over: () => Effect.void
    })
  )
}
