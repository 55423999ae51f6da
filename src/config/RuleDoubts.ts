/**
 * Traps of the rules for single endings, `on-exit` and `on-signal`: rules that never hold, or that hold when their author can
 * hardly have meant it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RestartPlan from "../policy/RestartPlan.ts"
import * as RestartRule from "../policy/RestartRule.ts"
import { ExitStatus } from "../policy/Run.ts"
import * as Span from "../policy/Span.ts"
import type { Contradiction } from "./Contradictions.ts"
import * as PolicyTrial from "./PolicyTrial.ts"

/**
 * Finds the traps in the rules of a plan.
 *
 * @category judging
 * @since 0.1.0
 */
export const find = (plan: RestartPlan.RestartPlan): Effect.Effect<ReadonlyArray<Contradiction>> =>
  Effect.map(Effect.forEach(plan.rules, (_, index) => ofRule(plan, index)), (doubts) => doubts.flat())

// ===== Internal

const endings = ({ ending }: RestartRule.RestartRule): ReadonlyArray<ExitStatus> =>
  ending._tag === "Exited"
    ? ending.codes.map((code) => ExitStatus.Exited({ code }))
    : ending.signals.map((signal) => ExitStatus.Signaled({ signal }))

const nameOf = (status: ExitStatus): string =>
  status._tag === "Exited" ? String(status.code) : status._tag === "Signaled" ? status.signal : status.reason

const ofRule = Effect.fnUntraced(function*(plan: RestartPlan.RestartPlan, index: number) {
  const rule = plan.rules[index]
  if (rule === undefined) return []
  const reasons = RestartPlan.decides(rule) ? ofReaction(rule, plan.rules.slice(0, index)) : yield* ofTimes(plan, rule)
  const key = rule.ending._tag === "Exited" ? "on-exit" : "on-signal"
  return reasons.map((reason) => ({ key, reason }))
})

const ofReaction = (
  rule: RestartRule.RestartRule,
  earlier: ReadonlyArray<RestartRule.RestartRule>
): ReadonlyArray<string> => {
  const text = RestartRule.render(rule)
  const shadowed = endings(rule).flatMap((status) => {
    const first = earlier.find((other) =>
      RestartPlan.decides(other) && RestartRule.fits(other, { status, uptime: Duration.zero })
    )
    return first === undefined ? [] : [
      `${text} never holds for ${nameOf(status)}, because ${
        RestartRule.render(first)
      } comes before it; remove one of them`
    ]
  })
  const isStopOfKill = rule.reaction._tag === "Stop" && endings(rule).some((status) => nameOf(status) === "SIGKILL")
  return [
    ...shadowed,
    ...(isStopOfKill
      ? [
        `${text} holds as well when the kernel kills the program for want of memory: there will be no restart; leave KILL out, or use KILL at most 3 in 1h`
      ]
      : [])
  ]
}

/** Whether its count can be reached at all: not after an end that is followed by no restart, nor with waits that long. */
const ofTimes = Effect.fnUntraced(function*(plan: RestartPlan.RestartPlan, rule: RestartRule.RestartRule) {
  if (rule.reaction._tag !== "AtMost") return []
  const { times } = rule.reaction
  const others: RestartPlan.RestartPlan = {
    ...plan,
    limit: { _tag: "Never" },
    rules: plan.rules.filter(RestartPlan.decides)
  }
  const own = { ...others, rules: [...others.rules, rule] }
  const text = RestartRule.render(rule)
  return (yield* Effect.forEach(endings(rule), (status) =>
    Effect.gen(function*() {
      if (Option.isSome((yield* PolicyTrial.endingAtOnce(others, status, 1)).final)) {
        return [
          `${text} has no effect for ${nameOf(status)}, because exit-codes or another rule allow no restart after it`
        ]
      }
      const { final, lives } = yield* PolicyTrial.endingAtOnce(own, status, times + 1)
      return Option.isSome(final) || times >= PolicyTrial.mostEnds ? [] : [
        `${text} is never reached by a program that always ends at once with ${
          nameOf(status)
        }: with these waits so many restarts take ${
          Span.render(lives.at(-1)?.began ?? 0)
        }; use a window of at least that`
      ]
    }))).flat()
})
