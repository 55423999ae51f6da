/**
 * A restart policy at work: asked after each run, it answers with a verdict and does not wait.
 *
 * The caller sleeps for the verdict's backoff itself, so that it can show it, or cut it short, before it has passed.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import * as SynchronizedRef from "effect/SynchronizedRef"
import type { RestartPolicy } from "./RestartPolicy.ts"
import type { Run } from "./Run.ts"
import * as Step from "./Step.ts"
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
  /** What was judged since the beginning, or since the last {@link Judge.reset}. */
  readonly memory: Effect.Effect<Memory>
  /** All that is remembered, from which {@link judge} goes on. */
  readonly state: Effect.Effect<State>
  /** Forgets everything: the next run is judged as the first one is. */
  readonly reset: Effect.Effect<void>
}

/**
 * How many runs were judged, and what was said of the last one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Memory {
  readonly judged: number
  readonly last: Option.Option<Verdict>
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
  Effect.map(SynchronizedRef.make(beginning(policy)), (stateRef) => ({
    next: (run) =>
      SynchronizedRef.modifyEffect(
        stateRef,
        (before) => Effect.flatMap(Clock.currentTimeMillis, (now) => judge(policy, run, before, now))
      ),
    memory: Effect.map(SynchronizedRef.get(stateRef), ({ judged, last }) => ({ judged, last })),
    state: SynchronizedRef.get(stateRef),
    reset: SynchronizedRef.set(stateRef, beginning(policy))
  }))

/**
 * All that a judge remembers: `state` is the policy's own.
 *
 * @category models
 * @since 0.1.0
 */
export interface State extends Memory {
  readonly state: unknown
}

/**
 * What a judge remembers that has seen no run yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const beginning = (policy: RestartPolicy): State => ({
  state: policy.initial,
  judged: 0,
  last: Option.none()
})

/**
 * Judges one run at `now` (milliseconds), which is what a judge does, and answers with what is to be remembered as well.
 *
 * @category judging
 * @since 0.1.0
 */
export const judge = (
  policy: RestartPolicy,
  run: Run,
  before: State,
  now: number
): Effect.Effect<readonly [Verdict, State]> =>
  Option.isSome(before.last) && isFinal(before.last.value)
    ? Effect.succeed([before.last.value, before])
    : Step.map(policy.step(now, run, before.state), ([state, output, decision]) => {
      const verdict = isFinal(output) ? output : timed(output, decision, now)
      return [verdict, { state, judged: before.judged + 1, last: Option.some(verdict) }]
    })

// ===== Internal

const isRestart = Verdict.$is("Restart")

const isFinal = (verdict: Verdict): boolean => !isRestart(verdict)

/** The backoff is the schedule's, the reason for it the policy's; in most cases both are what was said. */
const timed = (said: Verdict, decision: ScheduleDecision.ScheduleDecision, now: number): Verdict => {
  if (!isRestart(said) || ScheduleDecision.isDone(decision)) return fromDecision(decision, now)
  const backoff = ScheduleIntervals.start(decision.intervals) - now
  return Duration.toMillis(said.backoff) === backoff
    ? said
    : Verdict.Restart({ ...said, backoff: Duration.millis(backoff) })
}
