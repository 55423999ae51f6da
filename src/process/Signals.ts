/**
 * The signals that this process gets.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import Process from "node:process"

/**
 * Waits for a signal that nobody else in this process takes at that moment, instead of its default action.
 *
 * @category running
 * @since 0.1.0
 */
export const unheard = (name: NodeJS.Signals): Effect.Effect<void> =>
  Effect.async((resume) => {
    const receive = () => {
      if (Process.listenerCount(name) > 1) return
      Process.off(name, receive)
      resume(Effect.void)
    }
    Process.on(name, receive)
    return Effect.sync(() => Process.off(name, receive))
  })

/**
 * Takes signals instead of their default action until the scope closes, and queues their names in the order in which
 * they came.
 *
 * @category running
 * @since 0.1.0
 */
export const listen = (
  names: ReadonlyArray<NodeJS.Signals>
): Effect.Effect<Queue.Dequeue<NodeJS.Signals>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const signals = yield* Effect.acquireRelease(Queue.unbounded<NodeJS.Signals>(), Queue.shutdown)
    const receive = (name: NodeJS.Signals) => Queue.unsafeOffer(signals, name)
    yield* Effect.acquireRelease(
      Effect.sync(() => names.forEach((name) => Process.on(name, receive))),
      () => Effect.sync(() => names.forEach((name) => Process.off(name, receive)))
    )
    return signals
  })
