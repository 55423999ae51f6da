/**
 * Long-lived fibers that are looked after as the program is: the socket server, the transcript's copy, the signals.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

/**
 * Forks fibers that are restarted when they fail.
 *
 * @category services
 * @since 0.1.0
 */
export class Supervised extends Context.Tag("zdaemon/manager/Supervised")<Supervised, {
  /**
   * Runs an effect in a fiber that ends with the scope. When it fails or dies, that is logged with its `name` and it is
   * started again, five times within growing pauses; then {@link Supervised} as a whole has failed.
   */
  readonly fork: <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<void, never, R | Scope.Scope>
  /** Waits for a fiber that could not be kept alive, and dies of its cause. */
  readonly failed: Effect.Effect<never>
}>() {
  static readonly layer: Layer.Layer<Supervised> = Layer.effect(
    Supervised,
    Effect.map(Deferred.make<never>(), (failed) =>
      Supervised.of({
        fork: (name, effect) =>
          Effect.sandbox(effect).pipe(
            Effect.tapError((cause) => Effect.logError(`${name} failed: ${Cause.pretty(cause)}`)),
            Effect.retry(patience),
            Effect.catchAll((cause) => Deferred.failCause(failed, Cause.die(Cause.squash(cause)))),
            Effect.forkScoped,
            Effect.asVoid
          ),
        failed: Deferred.await(failed)
      }))
  )
}

// ===== Internal

const patience = Schedule.exponential("100 millis").pipe(
  Schedule.intersect(Schedule.recurs(5)),
  // Failures that are a minute apart have nothing to do with each other.
  Schedule.resetAfter("1 minute")
)
