/**
 * A restart policy at work: asked after each run, it answers with a verdict and does not wait.
 *
 * The caller sleeps for the verdict's backoff itself, so that it can show it, or cut it short, before it has passed.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SynchronizedRef from "effect/SynchronizedRef"
import type { RestartPolicy } from "./RestartPolicy.ts"
import type { Run } from "./Run.ts"
import { fromDecision, Verdict } from "./Verdict.ts"

/**
 * Remembers the runs of one program, as far as its policy does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judge {
  /** Judges the run that has just ended. After a verdict other than `Restart` the answer stays that verdict. */
  readonly next: (run: Run) => Effect.Effect<Verdict>
}

/**
 * Makes a judge that has seen no run yet.
 *
 * The policy's schedule has the last word: a `Restart` takes its backoff from the schedule's decision, and becomes
 * `GiveUp` when the schedule is done. So Effect's own operators, such as `Schedule.jittered` or `Schedule.upTo`, work on
 * a policy as a whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (policy: RestartPolicy): Effect.Effect<Judge> =>
  Effect.map(SynchronizedRef.make<Memory>({ state: policy.initial, final: Option.none() }), (memory) => ({
    next: (run) =>
      SynchronizedRef.modifyEffect(memory, (before) =>
        Option.match(before.final, {
          onNone: () => judge(policy, run, before.state),
          onSome: (verdict) => Effect.succeed([verdict, before])
        }))
  }))

// ===== Internal

interface Memory {
  readonly state: unknown
  readonly final: Option.Option<Verdict>
}

const judge = Effect.fnUntraced(function*(policy: RestartPolicy, run: Run, before: unknown) {
  const now = yield* Clock.currentTimeMillis
  const [state, output, decision] = yield* policy.step(now, run, before)
  const verdict = Verdict.$is("Restart")(output) ? fromDecision(decision, now) : output
  const after: Memory = { state, final: Option.liftPredicate(verdict, (it) => !Verdict.$is("Restart")(it)) }
  return [verdict, after] as const
})
