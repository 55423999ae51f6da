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
  /** Changes what it is given of the state. */
  readonly update: (change: (state: ProgramState) => Partial<ProgramState>) => Effect.Effect<void>
  /** Changes the state, and answers with the one before. */
  readonly getAndUpdate: (change: (state: ProgramState) => Partial<ProgramState>) => Effect.Effect<ProgramState>
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
  Effect.map(PubSub.unbounded<ProgramState>(), (pubsub) => {
    let current = initial
    const getAndUpdate = (change: (state: ProgramState) => Partial<ProgramState>) =>
      Effect.sync(() => {
        const before = current
        current = { ...before, ...change(before) }
        pubsub.unsafeOffer(current)
        return before
      })
    return {
      get: Effect.sync(() => current),
      getAndUpdate,
      update: getAndUpdate,
      changes: Stream.unwrapScoped(
        Effect.map(
          Stream.fromPubSub(pubsub, { scoped: true }),
          (news) => Stream.concat(Stream.sync(() => current), news)
        )
      ).pipe(
        // A change after the subscription and before the first look is seen by both.
        Stream.changesWith((before, after) => before === after)
      )
    }
  })
