/**
 * A plan as sentences, and as the waits that come of it.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RestartPlan from "./RestartPlan.ts"
import type { RestartRule } from "./RestartRule.ts"
import { fits } from "./RestartRule.ts"
import type { Run } from "./Run.ts"
import { ExitStatus } from "./Run.ts"
import * as Simulation from "./Simulation.ts"
import * as Span from "./Span.ts"
import { describeVerdict } from "./Verdict.ts"

/**
 * Says what a plan does, a sentence for each part of it. What a rule has decided is not said again of a later rule, nor of the
 * exit codes, which do not hold for it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const sentences = (plan: RestartPlan.RestartPlan): ReadonlyArray<string> => [
  ...withoutDecided(plan.rules).map(ruleInWords),
  ...exitCodesInWords(plan),
  `After a quick end it waits for ${waitInWords(plan)}.`,
  ...(plan.jitter > 0 ? [`Each of these waits is shortened at random, by up to ${percent(plan.jitter)}.`] : []),
  Option.match(plan.resetAfter, {
    onNone: () => "Every end is a quick one, however long the run was.",
    onSome: (reset) =>
      `A run of ${Span.render(reset)} or longer is no quick end: the next one starts at once, and the row is over.`
  }),
  limitInWords(plan)
]

/**
 * What becomes of a program that always ends at once, in a way that no rule is about: the waits between its runs, and the
 * time of its last end with what the policy says then; `None` where it goes on like this, or where the schedule is cut: the
 * policy may give up later than is looked at.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule {
  readonly waits: ReadonlyArray<Duration.Duration>
  readonly last: Option.Option<{ readonly ends: number; readonly after: Duration.Duration; readonly says: string }>
  readonly isCut: boolean
}

/**
 * Makes the schedule of a plan, by having its policy decide.
 *
 * @category running
 * @since 0.1.0
 */
export const schedule = (plan: RestartPlan.RestartPlan): Effect.Effect<Schedule> =>
  Effect.map(
    Simulation.run(RestartPlan.policy(plan), () => Effect.succeedSome(ordinaryEnd(plan)), {
      span: Duration.infinity,
      most: mostEnds
    }),
    ({ final, lives }) => ({
      waits: lives.flatMap(({ verdict }) => verdict._tag === "Restart" ? [verdict.backoff] : []),
      last: Option.map(final, ({ at, verdict }) => ({
        ends: lives.length,
        after: Duration.millis(at),
        says: describeVerdict(verdict)
      })),
      isCut: plan.limit._tag !== "Never" && plan.limit.count > mostEnds
    })
  )

/**
 * Renders a schedule: `1s 2s 3s 4s 5s 6s 7s 8s 9s, then gives up after the 10th end, 45 s after the first`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = ({ isCut, last, waits }: Schedule): string => {
  const texts = waits.map(Span.text)
  // A row of equal waits at the end is not listed to its end.
  const settled = 1 + lastOther(texts)
  const shown = texts.slice(0, Math.min(mostShown, Option.isNone(last) ? settled + 3 : texts.length))
  const dots = shown.length < texts.length || Option.isNone(last) ? ["…"] : []
  const list = [...shown, ...dots].join(" ")
  return Option.match(last, {
    onNone: () =>
      isCut
        ? `${list}; it is started again after each of the first ${mostEnds} ends, and no more are looked at`
        : `${list} without end`,
    onSome: ({ after, ends, says }) =>
      `${list === "" ? "no restart" : list}; after the ${ordinal(ends)} end, ${
        Span.render(after)
      } after the first: ${says}`
  })
}

// ===== Internal

const mostEnds = 1000

/** The index of the last text that is not the very last one, or -1. */
const lastOther = (texts: ReadonlyArray<string>): number => {
  let index = texts.length - 1
  while (index >= 0 && texts[index] === texts.at(-1)) index--
  return index
}

const mostShown = 20

/** An end that neither a rule nor the exit codes are about. */
const ordinaryEnd = ({ exitCodes, rules }: RestartPlan.RestartPlan): Run => {
  const isOrdinary = (run: Run, code: number) => !exitCodes.includes(code) && !rules.some((rule) => fits(rule, run))
  for (let code = 1; code < 256; code++) {
    const run = { status: ExitStatus.Exited({ code }), uptime: Duration.zero }
    if (isOrdinary(run, code)) return run
  }
  return { status: ExitStatus.NotSpawned({ reason: "as imagined" }), uptime: Duration.zero }
}

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`

const waitInWords = ({ backoff, longest }: RestartPlan.RestartPlan): string => {
  const base = Span.render(Duration.min(backoff.base, longest))
  const atMost = `, at most ${Span.render(longest)}`
  switch (backoff._tag) {
    case "Constant":
      return base
    case "Linear":
      return `${base}, and for ${Span.render(backoff.base)} more after each further one in a row${atMost}`
    case "Exponential":
      return `${base}, and ${backoff.factor} times as long after each further one in a row${atMost}`
    case "Fibonacci":
      return `${base}, and after each further one in a row as long as for the two before it${atMost}`
  }
}

const limitInWords = ({ limit, surrender }: RestartPlan.RestartPlan): string => {
  const then = surrender._tag === "Exit"
    ? "the manager exits with 1"
    : surrender._tag === "Stay"
    ? "the manager stays, and the program is down until it is ordered up"
    : `it waits for ${Span.render(surrender.wait)}, and begins as if nothing had been`
  switch (limit._tag) {
    case "Never":
      return "It never gives up."
    case "InARow":
      return `The ${ordinal(limit.count)} quick end in a row is one too many: ${then}.`
    case "Within":
      return `The ${ordinal(limit.count)} end within ${
        Span.render(limit.window)
      }, however long the runs were, is one too many: ${then}.`
  }
}

/** The rules without the endings that an earlier one decides. */
const withoutDecided = (rules: ReadonlyArray<RestartRule>): ReadonlyArray<RestartRule> =>
  rules.flatMap((rule, index) => {
    if (!RestartPlan.decides(rule)) return [rule]
    const before = rules.slice(0, index)
    const { ending } = rule
    if (ending._tag === "Exited") {
      const codes = Arr.difference(ending.codes, decidedCodes(before))
      return Arr.isNonEmptyArray(codes) ? [{ ...rule, ending: { ...ending, codes } }] : []
    }
    const signals = Arr.difference(ending.signals, decidedSignals(before))
    return Arr.isNonEmptyArray(signals) ? [{ ...rule, ending: { ...ending, signals } }] : []
  })

const decidedCodes = (rules: ReadonlyArray<RestartRule>): ReadonlyArray<number> =>
  rules.filter(RestartPlan.decides).flatMap(({ ending }) => ending._tag === "Exited" ? ending.codes : [])

const decidedSignals = (rules: ReadonlyArray<RestartRule>): ReadonlyArray<string> =>
  rules.filter(RestartPlan.decides).flatMap(({ ending }) => ending._tag === "Signaled" ? ending.signals : [])

const exitCodesInWords = ({ exitCodes, rules }: RestartPlan.RestartPlan): ReadonlyArray<string> => {
  const exits = Arr.difference(exitCodes.filter((code) => code >= 0), decidedCodes(rules))
  const signal = decidedSignals(rules).length === 0 ? "a signal" : "any other signal"
  return [
    ...(exits.length === 0 ? [] : [`After exit status ${either(exits)} the manager exits with that status.`]),
    ...(exitCodes.includes(-1) ? [`After a death by ${signal} the manager exits with 255.`] : [])
  ]
}

const ruleInWords = ({ ending, reaction }: RestartRule): string => {
  const after = ending._tag === "Exited"
    ? `After exit status ${either(ending.codes)}`
    : `After ${either(ending.signals)}`
  switch (reaction._tag) {
    case "Stop":
      return `${after} the manager exits with ${ending._tag === "Exited" ? "that status" : "255"}.`
    case "Stay":
      return `${after} the manager stays, and the program is down until it is ordered up.`
    case "After":
      return `${after} it waits for ${Span.render(reaction.wait)}.`
    case "AtMost":
      return `${after} it is started again at most ${reaction.times} times in ${Span.render(reaction.window)}.`
  }
}

const either = (values: ReadonlyArray<number | string>): string =>
  values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`

const ordinal = (number: number): string => {
  const last = number % 10
  const isTeen = Math.floor(number / 10) % 10 === 1
  return `${number}${isTeen ? "th" : last === 1 ? "st" : last === 2 ? "nd" : last === 3 ? "rd" : "th"}`
}
