/**
 * What a restart policy says after a run: run again, give up, or exit with the program's code.
 *
 * A verdict other than `Restart` is final: no run follows it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"

/**
 * The decision after a run.
 *
 * - `Restart`: run again after waiting for `backoff`, which is zero after a healthy run.
 * - `GiveUp`: the program ended too quickly too often; zdaemon's manager logs `restarting too frequently; quit` and
 *   exits with 1.
 * - `Exit`: the run's exit status is one that ends the manager, and `code` is the manager's own exit code (0 to 255).
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict = Data.TaggedEnum<{
  Restart: { readonly backoff: Duration.Duration }
  GiveUp: {}
  Exit: { readonly code: number }
}>

/**
 * Constructors, `$is` and `$match` of {@link Verdict}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Verdict = Data.taggedEnum<Verdict>()

/**
 * Renders what follows a run: `restarts in 3 s`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describeVerdict: (verdict: Verdict) => string = Verdict.$match({
  Restart: ({ backoff }) =>
    Duration.equals(backoff, Duration.zero) ? "restarts now" : `restarts in ${Duration.toSeconds(backoff)} s`,
  GiveUp: () => "restarting too frequently; gave up",
  Exit: ({ code }) => `exit code ${code} is in exit-codes; not restarted`
})

/**
 * Reads a schedule's decision, made at `now` (milliseconds), as a verdict: `Restart` at the start of its interval, or
 * `GiveUp` when the schedule is done.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDecision = (decision: ScheduleDecision.ScheduleDecision, now: number): Verdict =>
  ScheduleDecision.isDone(decision)
    ? Verdict.GiveUp()
    : Verdict.Restart({ backoff: Duration.millis(ScheduleIntervals.start(decision.intervals) - now) })
