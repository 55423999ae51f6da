/**
 * What a restart policy says after a run: run again, give up, stay down, or exit with the program's code.
 *
 * A verdict other than `Restart` is final: no run follows it, unless an operator orders one.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import * as Span from "./Span.ts"

/**
 * The decision after a run. A `reason` is there where the verdict does not say it all.
 *
 * - `Restart`: run again after waiting for `backoff`, which is zero after a healthy run.
 * - `GiveUp`: the program ended too quickly too often; zdaemon's manager logs `restarting too frequently; quit` and
 *   exits with 1.
 * - `Stay`: the program stays down, and its manager up, until somebody orders something else.
 * - `Exit`: the run's exit status is one that ends the manager, and `code` is the manager's own exit code (0 to 255).
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict = Data.TaggedEnum<{
  Restart: { readonly backoff: Duration.Duration; readonly reason?: string }
  GiveUp: { readonly reason?: string }
  Stay: { readonly reason: string }
  Exit: { readonly code: number; readonly reason?: string }
}>

const make = Data.taggedEnum<Verdict>()

/**
 * Constructors, `$is` and `$match` of {@link Verdict}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Verdict = {
  Restart: make.Restart,
  GiveUp: (fields: { readonly reason?: string } = {}) => make.GiveUp(fields),
  Stay: make.Stay,
  Exit: make.Exit,
  $is: make.$is,
  $match: make.$match
}

/**
 * Renders what follows a run: `restarts in 3 s`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describeVerdict: (verdict: Verdict) => string = Verdict.$match({
  Restart: ({ backoff, reason }) =>
    `${reason === undefined ? "" : `${reason}; `}${
      Duration.equals(backoff, Duration.zero) ? "restarts now" : `restarts in ${Span.render(backoff)}`
    }`,
  GiveUp: ({ reason }) => `${reason ?? tooFrequent}; gave up`,
  Stay: ({ reason }) => `${reason}; stays down`,
  Exit: ({ code, reason }) => `${reason ?? `exit code ${code} is in exit-codes`}; not restarted`
})

/**
 * The reason for giving up where nothing else is said, in zdaemon's words.
 *
 * @category formatting
 * @since 0.1.0
 */
export const tooFrequent = "restarting too frequently"

/**
 * The reason of a verdict that does not end the manager, because giving up means something else.
 *
 * @category formatting
 * @since 0.1.0
 */
export const gaveUp = ({ reason }: { readonly reason?: string }): string => `${gaveUpPrefix}${reason ?? tooFrequent}`

/**
 * Why a verdict gives up, whatever that means; `None` of one that does not.
 *
 * @category getters
 * @since 0.1.0
 */
export const reasonToGiveUp: (verdict: Verdict) => Option.Option<string> = Verdict.$match({
  Restart: ({ reason }) => Option.flatMap(Option.fromNullable(reason), withoutPrefix),
  GiveUp: ({ reason }) => Option.some(reason ?? tooFrequent),
  Stay: ({ reason }) => withoutPrefix(reason),
  Exit: () => Option.none()
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

// ===== Internal

const gaveUpPrefix = "gave up: "

const withoutPrefix = (reason: string): Option.Option<string> =>
  reason.startsWith(gaveUpPrefix) ? Option.some(reason.slice(gaveUpPrefix.length)) : Option.none()
