/**
 * When to run the program again: schedules whose inputs are runs that are over and whose outputs are verdicts.
 *
 * A policy is put together from delays ({@link linear}, {@link cappedAt}, {@link upTo}, or any other schedule), which
 * {@link restartAfter} turns into a policy, and from rules about single runs ({@link startOverWhen}, {@link exitOn}).
 * The rule applied last is asked first. {@link zdaemon} is the policy of the `zdaemon` command.
 *
 * A policy measures nothing: how long a run lasted is part of its input, and the time that a schedule is given serves
 * only as the origin of its delays.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleInterval from "effect/ScheduleInterval"
import { ExitStatus, type Run } from "./Run.ts"
import { fromDecision, Verdict } from "./Verdict.ts"

/**
 * A schedule that is asked once after each run. It is done with the first verdict other than `Restart`, and until then
 * its interval starts when the verdict's backoff is over.
 *
 * @category models
 * @since 0.1.0
 */
export type RestartPolicy = Schedule.Schedule<Verdict, Run>

/**
 * A schedule of which only the delays and the end are of interest.
 *
 * @category models
 * @since 0.1.0
 */
export type Delays = Schedule.Schedule<unknown, Run>

/**
 * The settings of {@link zdaemon}, with the meaning of zdaemon's keys `backoff-limit`, `forever` and `exit-codes`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Whole seconds, not negative: a run shorter than this is quick, and so many quick runs in a row are too many. */
  readonly backoffLimit: number
  /** Whether the program is run again however often it ends quickly. */
  readonly forever: boolean
  /** The exit codes that end the manager; -1 stands for every death by signal. */
  readonly exitCodes: ReadonlyArray<number>
}

/**
 * Delays of one second, two seconds, three seconds, and so on without end.
 *
 * @category schedules
 * @since 0.1.0
 */
export const linear: Delays = Schedule.linear("1 second")

/**
 * Shortens each delay to `limit` if it is longer. The result never ends, because after the end of the given delays
 * each one is `limit`.
 *
 * @category schedules
 * @since 0.1.0
 */
export const cappedAt = (limit: Duration.DurationInput) => (delays: Delays): Delays =>
  Schedule.union(delays, Schedule.spaced(limit))

/**
 * Ends the delays at the `limit`th run, so that at most `limit - 1` delays pass.
 *
 * @category schedules
 * @since 0.1.0
 */
export const upTo = (limit: number) => (delays: Delays): Delays =>
  Schedule.intersect(delays, Schedule.recurs(limit - 1))

/**
 * Restarts after each of the delays, whatever the run was, and gives up when they are done.
 *
 * @category schedules
 * @since 0.1.0
 */
export const restartAfter = (delays: Delays): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    delays.initial,
    (now, run, state) =>
      Effect.map(delays.step(now, run, state), ([next, , decision]) => [next, fromDecision(decision, now), decision])
  )

/**
 * Restarts at once after a healthy run and forgets the runs before it. The given policy sees no healthy run.
 *
 * @category schedules
 * @since 0.1.0
 */
export const startOverWhen = (isHealthy: (run: Run) => boolean) => (policy: RestartPolicy): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    policy.initial,
    (now, run, state) =>
      isHealthy(run) ? Effect.succeed([policy.initial, ...restartAt(now)]) : policy.step(now, run, state)
  )

/**
 * Ends the policy with `Exit` after a run whose exit code is one of `codes`, whatever the given policy would say.
 *
 * As in zdaemon, -1 stands for every death by signal, and the manager's exit code is then 255. A program that could not
 * be started has no exit code.
 *
 * @category schedules
 * @since 0.1.0
 */
export const exitOn = (codes: ReadonlyArray<number>) => (policy: RestartPolicy): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    policy.initial,
    (now, run, state) =>
      Option.match(Option.filter(exitCode(run.status), (code) => codes.includes(code)), {
        onNone: () => policy.step(now, run, state),
        onSome: (code) => Effect.succeed([state, Verdict.Exit({ code: code & 0xff }), ScheduleDecision.done])
      })
  )

/**
 * The policy of the `zdaemon` command, called its governor in Python's zdaemon.
 *
 * A run shorter than the backoff limit is quick: each quick run in a row is followed by a second more of backoff than
 * the last, and the one with which the backoff would reach the limit ends the policy with `GiveUp`, or, with `forever`,
 * is followed by that limit. So a program that always crashes is run exactly `backoffLimit` times. A longer run is
 * followed by the next at once, and the count starts over.
 *
 * A backoff limit of 0 means no limit: every run shorter than a second is followed by one second of backoff, so that the
 * manager never spins, as the original did. The exit codes come before everything else, as zdaemon's manual says; the
 * original counted first.
 *
 * @category schedules
 * @since 0.1.0
 */
export const zdaemon = ({ backoffLimit, exitCodes, forever }: Settings): RestartPolicy => {
  const isLimited = backoffLimit > 0 && !forever
  const limit = Duration.seconds(Math.max(1, backoffLimit))
  return linear.pipe(
    isLimited ? upTo(backoffLimit) : cappedAt(limit),
    restartAfter,
    startOverWhen((run) => Duration.greaterThanOrEqualTo(run.uptime, limit)),
    exitOn(exitCodes)
  )
}

// ===== Internal

const restartAt = (now: number) => {
  const decision = ScheduleDecision.continueWith(ScheduleInterval.after(now))
  return [fromDecision(decision, now), decision] as const
}

const exitCode: (status: ExitStatus) => Option.Option<number> = ExitStatus.$match({
  Exited: ({ code }) => Option.some(code),
  Signaled: () => Option.some(-1),
  NotSpawned: () => Option.none()
})
