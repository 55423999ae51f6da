/**
 * A policy at work on an imagined program, in virtual time: the policy itself decides, judged as in a manager
 * (`Judge.judge`), and nobody waits.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Judge from "./Judge.ts"
import type { RestartPolicy } from "./RestartPolicy.ts"
import type { Run } from "./Run.ts"
import * as Step from "./Step.ts"
import { Verdict } from "./Verdict.ts"

/**
 * A run that ended: when it began, in milliseconds since the beginning, what it was, and what the policy said.
 *
 * @category models
 * @since 0.1.0
 */
export interface Life {
  readonly began: number
  readonly run: Run
  readonly verdict: Verdict
}

/**
 * What came of it. All times are in milliseconds.
 *
 * - `lives`: the runs that ended.
 * - `runs`: how many were begun, one of which may have been up at the end; `restarts` is one less, or 0.
 * - `up`, `down`: how long the program was there, and how long it was not; together they are `span`, the time that was
 *   simulated.
 * - `final`: when and with which verdict the policy ended it, if it did.
 * - `isCut`: whether there were so many runs that it was ended before its time; `span` is shorter then.
 *
 * @category models
 * @since 0.1.0
 */
export interface Simulation {
  readonly lives: ReadonlyArray<Life>
  readonly runs: number
  readonly restarts: number
  readonly up: number
  readonly down: number
  readonly span: number
  readonly final: Option.Option<{ readonly at: number; readonly verdict: Verdict }>
  readonly isCut: boolean
}

/**
 * The most runs that are simulated.
 *
 * @category models
 * @since 0.1.0
 */
export const mostRuns = 200_000

/**
 * Simulates a program under a policy for `span`. `next` gives the run with a number, from 0, or `None` where the program
 * stays up from then on. A run that would outlast the span is up at its end.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  policy: RestartPolicy,
  next: (number: number) => Effect.Effect<Option.Option<Run>>,
  { most = mostRuns, span }: { readonly span: Duration.DurationInput; readonly most?: number }
): Effect.Effect<Simulation> =>
  Effect.suspend(() => {
    const end = Duration.toMillis(span)
    const clock = virtualClock()
    return Effect.withClock(
      Effect.gen(function*() {
        let state = Judge.beginning(policy)
        const lives: Array<Life> = []
        let up = 0
        while (lives.length < most) {
          const began = clock.now()
          if (began >= end) return result(lives, { up, span: end, runs: lives.length })
          const coming = next(lives.length)
          const run = Step.isThere(coming) ? coming.value : yield* coming
          const left = end - began
          const uptime = Option.isNone(run) ? Infinity : Duration.toMillis(run.value.uptime)
          if (Option.isNone(run) || uptime >= left) {
            return result(lives, { up: up + left, span: end, runs: lives.length + 1 })
          }
          up += uptime
          clock.advance(uptime)
          const judged = Judge.judge(policy, run.value, state, Math.round(clock.now()))
          const [verdict, after] = Step.isThere(judged) ? judged.value : yield* judged
          state = after
          lives.push({ began, run: run.value, verdict })
          if (!isRestart(verdict)) return result(lives, { up, span: end, runs: lives.length })
          clock.advance(Duration.toMillis(verdict.backoff))
        }
        return { ...result(lives, { up, span: Math.min(end, clock.now()), runs: lives.length }), isCut: true }
      }),
      clock
    )
  })

// ===== Internal

const isRestart = Verdict.$is("Restart")

const result = (
  lives: ReadonlyArray<Life>,
  { runs, span, up }: { readonly up: number; readonly span: number; readonly runs: number }
): Simulation => ({
  lives,
  runs,
  restarts: Math.max(0, runs - 1),
  up,
  down: span - up,
  span,
  final: Option.flatMap(Option.fromNullable(lives.at(-1)), ({ began, run, verdict }) =>
    isRestart(verdict)
      ? Option.none()
      : Option.some({ at: began + Duration.toMillis(run.uptime), verdict })),
  isCut: false
})

interface VirtualClock extends Clock.Clock {
  readonly now: () => number
  readonly advance: (millis: number) => void
}

/** What a policy may read, although it should not: time as it is in the simulation. */
const virtualClock = (): VirtualClock => {
  let millis = 0
  const nanos = () => BigInt(Math.round(millis * 1e6))
  return {
    ...Clock.make(),
    unsafeCurrentTimeMillis: () => Math.round(millis),
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => Math.round(millis)),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.sync(() => {
        millis += Duration.toMillis(duration)
      }),
    now: () => millis,
    advance: (by) => {
      millis += by
    }
  }
}
