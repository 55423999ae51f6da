/**
 * When to run the program again: schedules whose inputs are runs that are over and whose outputs are verdicts.
 *
 * A policy is put together from delays ({@link linear}, {@link cappedAt}, {@link upTo}, {@link jittered}, or any other
 * schedule), which {@link restartAfter} turns into a policy, from rules about single runs ({@link startOverWhen},
 * {@link exitOn}, {@link answer}), from limits ({@link giveUpAfter}, {@link atMost}), and from what giving up means
 * ({@link stayDown}, {@link retryAfter}). What is applied last is asked first. {@link zdaemon} is the policy of the
 * `zdaemon` command.
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
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import { describe, ExitStatus, type Run } from "./Run.ts"
import * as Span from "./Span.ts"
import * as Step from "./Step.ts"
import { fromDecision, gaveUp, Verdict } from "./Verdict.ts"

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
 * Delays that follow a rule without end: the first is that of 1, the second that of 2, and so on.
 *
 * @category schedules
 * @since 0.1.0
 */
export const following = (delay: (number: number) => Duration.Duration): Delays =>
  Schedule.makeWithState<number, unknown, number>(1, (now, _, number) => {
    const start = now + Duration.toMillis(delay(number))
    return Effect.succeed([number + 1, number, ScheduleDecision.continueWith(ScheduleInterval.after(start))])
  })

/**
 * Shortens each delay to `limit` if it is longer. The result never ends, because after the end of the given delays
 * each one is `limit`.
 *
 * @category schedules
 * @since 0.1.0
 */
export const cappedAt = (limit: Duration.DurationInput) => (delays: Delays): Delays => {
  const longest = Duration.toMillis(limit)
  return Schedule.makeWithState<unknown, Run, unknown>(
    delays.initial,
    (now, run, state) =>
      Step.map(delays.step(now, run, state), ([next, out, decision]) => {
        const latest = now + longest
        const isShort = !ScheduleDecision.isDone(decision) && ScheduleIntervals.start(decision.intervals) <= latest
        return [next, out, isShort ? decision : ScheduleDecision.continueWith(ScheduleInterval.after(latest))]
      })
  )
}

/**
 * Ends the delays at the `limit`th run, so that at most `limit - 1` delays pass.
 *
 * @category schedules
 * @since 0.1.0
 */
export const upTo = (limit: number) => (delays: Delays): Delays =>
  Schedule.intersect(delays, Schedule.recurs(limit - 1))

/**
 * Shortens each delay by a random part of up to `part` (0 to 1) of it, so that programs which died together do not come
 * back together. The randomness is Effect's: with a seed (`Effect.withRandom`) it is the same each time.
 *
 * @category schedules
 * @since 0.1.0
 */
export const jittered = (part: number) => (delays: Delays): Delays =>
  delays.pipe(
    Schedule.jitteredWith({ min: 1 - part, max: 1 }),
    Schedule.modifyDelay((_, delay) => Duration.millis(Math.round(Duration.toMillis(delay))))
  )

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
      Step.map(delays.step(now, run, state), ([next, , decision]) => [next, fromDecision(decision, now), decision])
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
  answer((run) =>
    Option.map(
      Option.filter(exitCode(run.status), (code) => codes.includes(code)),
      (code) =>
        code < 0
          ? Verdict.Exit({ code: code & 0xff, reason: `a death by a signal (${code}) is in exit-codes` })
          : Verdict.Exit({ code })
    )
  )(policy)

/**
 * Answers in place of the given policy after each run for which there is a verdict. The given policy sees none of them.
 *
 * @category schedules
 * @since 0.1.0
 */
export const answer = (verdictOn: (run: Run) => Option.Option<Verdict>) => (policy: RestartPolicy): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    policy.initial,
    (now, run, state) =>
      Option.match(verdictOn(run), {
        onNone: () => policy.step(now, run, state),
        onSome: (verdict) => Effect.succeed([state, verdict, decisionOf(verdict, now)])
      })
  )

/**
 * Gives up at the restart that would be one more than `times` within `window` after the runs that `of` is true of. Each
 * restart that the given policy decides upon counts, whatever its reason.
 *
 * The time is that of the runs and the waits between them, so it passes only where the policy is asked.
 *
 * @category schedules
 * @since 0.1.0
 */
export const atMost =
  (limit: { readonly times: number; readonly window: Duration.DurationInput; readonly of: (run: Run) => boolean }) =>
  (policy: RestartPolicy): RestartPolicy =>
    limited(policy, {
      ...limit,
      reason: ({ status }) =>
        limit.times === 0
          ? describe(status)
          : `${describe(status)} after ${times(limit.times, "restart")} for it in ${Span.render(limit.window)}`
    })

/**
 * Gives up at the `count`th end within `window`, however long the runs were and whatever the reason of each restart.
 *
 * @category schedules
 * @since 0.1.0
 */
export const giveUpAfter = (count: number, window: Duration.DurationInput) => (policy: RestartPolicy): RestartPolicy =>
  limited(policy, {
    times: count - 1,
    window,
    of: () => true,
    reason: () => `${times(count, "end")} in ${Span.render(window)}`
  })

/**
 * Stays down where the given policy gives up.
 *
 * @category schedules
 * @since 0.1.0
 */
export const stayDown = (policy: RestartPolicy): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    policy.initial,
    (now, run, state) =>
      Step.map(policy.step(now, run, state), ([next, said, decision]) => {
        const verdict = settled(said, decision)
        return [next, Verdict.$is("GiveUp")(verdict) ? Verdict.Stay({ reason: gaveUp(verdict) }) : verdict, decision]
      })
  )

/**
 * Restarts after `wait` where the given policy gives up, which has forgotten everything then.
 *
 * @category schedules
 * @since 0.1.0
 */
export const retryAfter = (wait: Duration.DurationInput) => (policy: RestartPolicy): RestartPolicy =>
  Schedule.makeWithState<unknown, Run, Verdict>(
    policy.initial,
    (now, run, state) =>
      Step.map(policy.step(now, run, state), ([next, said, decision]) => {
        const verdict = settled(said, decision)
        if (!Verdict.$is("GiveUp")(verdict)) return [next, verdict, decision]
        const retry = Verdict.Restart({ backoff: Duration.decode(wait), reason: gaveUp(verdict) })
        return [policy.initial, retry, decisionOf(retry, now)]
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

const decisionOf = (verdict: Verdict, now: number): ScheduleDecision.ScheduleDecision =>
  Verdict.$is("Restart")(verdict)
    ? ScheduleDecision.continueWith(ScheduleInterval.after(now + Duration.toMillis(verdict.backoff)))
    : ScheduleDecision.done

const exitCode: (status: ExitStatus) => Option.Option<number> = ExitStatus.$match({
  Exited: ({ code }) => Option.some(code),
  Signaled: () => Option.some(-1),
  NotSpawned: () => Option.none()
})

/** A schedule that is done has given up, whatever it says. */
const settled = (said: Verdict, decision: ScheduleDecision.ScheduleDecision): Verdict =>
  Verdict.$is("Restart")(said) && ScheduleDecision.isDone(decision) ? Verdict.GiveUp() : said

const times = (count: number, noun: string): string => count === 1 ? `one ${noun}` : `${count} ${noun}s`

interface Limit {
  readonly times: number
  readonly window: Duration.DurationInput
  readonly of: (run: Run) => boolean
  readonly reason: (run: Run) => string
}

/** `elapsed` is the time of all runs and waits, in milliseconds, and `ends` when the last ones that count ended. */
interface Limited {
  readonly inner: unknown
  readonly elapsed: number
  readonly ends: ReadonlyArray<number>
}

const limited = (policy: RestartPolicy, { of, reason, times, window }: Limit): RestartPolicy => {
  const span = Duration.toMillis(window)
  return Schedule.makeWithState<Limited, Run, Verdict>(
    { inner: policy.initial, elapsed: 0, ends: [] },
    (now, run, { elapsed, ends, inner }) =>
      Step.map(policy.step(now, run, inner), ([next, verdict, decision]) => {
        const end = elapsed + Duration.toMillis(run.uptime)
        const counted = of(run) && !ScheduleDecision.isDone(decision)
        const recent = ends.filter((other) => end - other <= span)
        if (counted && recent.length >= times) {
          return [
            { inner: next, elapsed: end, ends: recent },
            Verdict.GiveUp({ reason: reason(run) }),
            ScheduleDecision.done
          ]
        }
        const wait = ScheduleDecision.isDone(decision) ? 0 : ScheduleIntervals.start(decision.intervals) - now
        return [{ inner: next, elapsed: end + wait, ends: counted ? [...recent, end] : recent }, verdict, decision]
      })
  )
}
