/**
 * What a schedule answers when it is asked: in most cases a value that is there already, and need not be run for.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/**
 * Changes the answer as `Effect.map` does, and at once where it is there already. So the policies of the command, which
 * neither wait nor ask for anything, decide without the runtime: a simulated day is thousands of decisions.
 *
 * @category mapping
 * @since 0.1.0
 */
export const map = <A, B>(step: Effect.Effect<A>, change: (answer: A) => B): Effect.Effect<B> =>
  isThere(step) ? Effect.succeed(change(step.value)) : Effect.map(step, change)

/**
 * Whether the answer is there already.
 *
 * @category refinements
 * @since 0.1.0
 */
export const isThere = <A>(step: Effect.Effect<A>): step is Exit.Success<A, never> =>
  Exit.isExit(step) && Exit.isSuccess(step)
