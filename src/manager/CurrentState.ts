/**
 * The state of a program as it is now, and whoever wants to hear of its changes.
 *
 * It is what `SubscriptionRef` is, without a lock: a change is one step that nothing can come between. The state changes
 * three times between a crash and the next start, and the lock was a third of all that is done in that time.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type { ProgramState } from "./ProgramState.ts"

/**
 * A state that can be changed.
 *
 * @category models
 * @since 0.1.0
 */
export interface CurrentState {
  /** The state as it is now. */
  readonly get: Effect.Effect<ProgramState>
  /** Changes what it is given of the state, and answers with the one before. */
  readonly update: (change: (state: ProgramState) => Partial<ProgramState>) => Effect.Effect<ProgramState>
  /** The state as it is now and after every change. */
  readonly changes: Stream.Stream<ProgramState>
}

/**
 * Makes a state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (initial: ProgramState): Effect.Effect<CurrentState> =>
  Effect.map(PubSub.unbounded<Numbered>(), (pubsub) => {
    let current: Numbered = { number: 0, state: initial }
    return {
      get: Effect.sync(() => current.state),
      update: (change) =>
        Effect.sync(() => {
          const { number, state } = current
          current = { number: number + 1, state: { ...state, ...change(state) } }
          pubsub.unsafeOffer(current)
          return state
        }),
      changes: Stream.unwrapScoped(
        Effect.map(Stream.fromPubSub(pubsub, { scoped: true }), (news) =>
          Stream.suspend(() => {
            const first = current
            // What changed after the subscription and before this first look would be told twice.
            const later = Stream.dropWhile(news, ({ number }) => number <= first.number)
            return Stream.concat(Stream.succeed(first), later)
          }))
      ).pipe(Stream.map(({ state }) => state))
    }
  })

// ===== Internal

interface Numbered {
  readonly number: number
  readonly state: ProgramState
}
