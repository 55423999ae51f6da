/**
 * What a policy is about to do with a program that goes on as it does: after how many more quick ends it gives up. The
 * policy itself is asked, from what it remembers.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Judge from "./Judge.ts"
import type { RestartPolicy } from "./RestartPolicy.ts"
import type { Run } from "./Run.ts"
import { reasonToGiveUp, Verdict } from "./Verdict.ts"

/**
 * The policy gives up after so many more quick `ends`, for a `reason`. The end of a run that is up is one of them as long as it
 * would be as good as a quick one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prospect {
  readonly ends: number
  readonly reason: string
}

/**
 * The most ends that are looked at.
 *
 * @category models
 * @since 0.1.0
 */
export const mostEnds = 100

/**
 * Foresees when a policy gives up that remembers `state`, if each run ends at once from now on, with the status of `run`.
 * The uptime of `run` is that of the run that is up, or zero; `now` is in milliseconds. `None` where the policy
 * does not give up within {@link mostEnds} ends.
 *
 * Where waits are shortened at random, they are as short as they can be.
 *
 * @category judging
 * @since 0.1.0
 */
export const foresee: (
  policy: RestartPolicy,
  state: Judge.State,
  run: Run,
  now: number
) => Effect.Effect<Option.Option<Prospect>> = Effect.fnUntraced(
  function*(policy: RestartPolicy, state: Judge.State, run: Run, now: number) {
    if (Option.exists(state.last, (verdict) => !isRestart(verdict))) return Option.none()
    const prospect = yield* givingUp(policy, state, run, now)
    if (Option.isNone(prospect) || Duration.equals(run.uptime, Duration.zero)) return prospect
    const quick = yield* givingUp(policy, state, { ...run, uptime: Duration.zero }, now)
    // Where it makes a difference that the run has been up so long, its end is no quick one: there are that many after it.
    return Option.exists(quick, ({ ends }) => ends < prospect.value.ends)
      ? Option.some({ ...prospect.value, ends: prospect.value.ends - 1 })
      : prospect
  },
  Effect.withRandom(Random.fixed([0]))
)

// ===== Internal

const isRestart = Verdict.$is("Restart")

const givingUp = Effect.fnUntraced(function*(
  policy: RestartPolicy,
  before: Judge.State,
  { status, uptime }: Run,
  now: number
) {
  let state = before
  let time = now
  for (let ends = 1; ends <= mostEnds; ends++) {
    const run = { status, uptime: ends === 1 ? uptime : Duration.zero }
    const [verdict, after] = yield* Judge.judge(policy, run, state, time)
    const reason = reasonToGiveUp(verdict)
    if (Option.isSome(reason)) return Option.some({ ends, reason: reason.value })
    if (!isRestart(verdict)) return Option.none()
    time += Duration.toMillis(verdict.backoff)
    state = after
  }
  return Option.none()
})
