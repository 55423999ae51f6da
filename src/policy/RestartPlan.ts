/**
 * A restart policy as data: what the settings of the command say, what crosses to the manager as JSON, and what a
 * {@link policy}, the Schedule that decides, is made of.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { Limit, Surrender } from "./GivingUp.ts"
import * as RestartPolicy from "./RestartPolicy.ts"
import { fits, Length, RestartRule, Wait } from "./RestartRule.ts"
import * as RestartRuleText from "./RestartRule.ts"
import { describe } from "./Run.ts"
import type { Run } from "./Run.ts"
import { Verdict } from "./Verdict.ts"

/**
 * How the wait grows with each quick run in a row: not at all, by `base`, by the `factor`, or by the wait before.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Backoff = Schema.suspend(() =>
  Schema.Union(
    Schema.TaggedStruct("Constant", { base: Wait }),
    Schema.TaggedStruct("Linear", { base: Wait }),
    Schema.TaggedStruct("Exponential", { base: Wait, factor: Schema.Number.pipe(Schema.between(1, 1000)) }),
    Schema.TaggedStruct("Fibonacci", { base: Wait })
  )
).annotations({ identifier: "RestartPlan.Backoff" })

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export type Backoff = typeof Backoff.Type

/**
 * A restart policy as data.
 *
 * - `backoff`: the waits after quick runs in a row; none is longer than `longest`, and each is shortened by a random part
 *   of up to `jitter` (0 to 1) of it.
 * - `resetAfter`: a run that lasted as long as this is not quick: the next one starts at once, and the row of quick runs is
 *   over. Without it every run is quick.
 * - `limit`, `surrender`: when it gives up, and what that means.
 * - `exitCodes`: those that end the manager; -1 stands for every death by signal.
 * - `rules`: what comes before all that.
 *
 * In JSON times are in seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestartPlan = Schema.suspend(() =>
  Schema.Struct({
    backoff: Backoff,
    longest: Length.pipe(Schema.greaterThanOrEqualToDuration("10 millis")),
    jitter: Schema.Number.pipe(Schema.between(0, 1)),
    resetAfter: Schema.OptionFromNullOr(Length.pipe(Schema.greaterThanOrEqualToDuration("10 millis"))),
    limit: Limit,
    surrender: Surrender,
    exitCodes: Schema.Array(Schema.Int),
    rules: Schema.Array(RestartRule)
  })
).annotations({ identifier: "RestartPlan" })

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export interface RestartPlan extends Schema.Schema.Type<typeof RestartPlan> {}

/**
 * The plan that zdaemon's own settings describe: {@link policy} makes of it what `RestartPolicy.zdaemon` is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const zdaemon = ({ backoffLimit, exitCodes, forever }: RestartPolicy.Settings): RestartPlan => {
  const limit = Duration.seconds(Math.max(1, backoffLimit))
  return {
    backoff: { _tag: "Linear", base: Duration.seconds(1) },
    longest: limit,
    jitter: 0,
    resetAfter: Option.some(limit),
    limit: forever || backoffLimit === 0 ? { _tag: "Never" } : { _tag: "InARow", count: backoffLimit },
    surrender: { _tag: "Exit" },
    exitCodes,
    rules: []
  }
}

/**
 * Makes the policy that a plan describes.
 *
 * @category schedules
 * @since 0.1.0
 */
export const policy = (plan: RestartPlan): RestartPolicy.RestartPolicy =>
  delays(plan.backoff).pipe(
    RestartPolicy.cappedAt(plan.longest),
    plan.limit._tag === "InARow" ? RestartPolicy.upTo(plan.limit.count) : same,
    plan.jitter > 0 ? RestartPolicy.jittered(plan.jitter) : same,
    RestartPolicy.restartAfter,
    Option.match(plan.resetAfter, {
      onNone: () => same,
      onSome: (reset) => {
        const limit = Duration.toMillis(reset)
        return RestartPolicy.startOverWhen(({ uptime }) => Duration.toMillis(uptime) >= limit)
      }
    }),
    plan.exitCodes.length > 0 ? RestartPolicy.exitOn(plan.exitCodes) : same,
    plan.rules.some(decides) ? RestartPolicy.answer(byRule(plan.rules.filter(decides))) : same,
    limits(plan),
    surrendering(plan.surrender)
  )

/**
 * Whether a rule says what follows an ending, and does not only limit how often.
 *
 * @category judging
 * @since 0.1.0
 */
export const decides = ({ reaction }: RestartRule): boolean => reaction._tag !== "AtMost"

// ===== Internal

const same = <A>(value: A): A => value

const delays = (backoff: Backoff): RestartPolicy.Delays => {
  const base = Duration.toMillis(backoff.base)
  switch (backoff._tag) {
    case "Constant":
      return RestartPolicy.following(() => backoff.base)
    case "Linear":
      return RestartPolicy.following((number) => Duration.millis(base * number))
    case "Exponential":
      return RestartPolicy.following((number) => Duration.millis(base * backoff.factor ** (number - 1)))
    case "Fibonacci":
      return Schedule.fibonacci(backoff.base)
  }
}

/** The first one that fits. */
const byRule = (rules: ReadonlyArray<RestartRule>) => (run: Run): Option.Option<Verdict> =>
  Option.flatMap(Arr.findFirst(rules, (rule) => fits(rule, run)), (rule) => verdict(rule, run))

const verdict = (rule: RestartRule, { status }: Run): Option.Option<Verdict> => {
  const { reaction } = rule
  const reason = `${describe(status)}, and ${RestartRuleText.render(rule)}`
  switch (reaction._tag) {
    case "Stop":
      return Option.some(Verdict.Exit({ code: status._tag === "Exited" ? status.code : 255, reason }))
    case "Stay":
      return Option.some(Verdict.Stay({ reason }))
    case "After":
      return Option.some(Verdict.Restart({ backoff: reaction.wait }))
    case "AtMost":
      return Option.none()
  }
}

/** All of them hold at once, so that their order is of no account. */
const limits =
  ({ limit, rules }: RestartPlan) => (policy: RestartPolicy.RestartPolicy): RestartPolicy.RestartPolicy => {
    const ruled = rules.reduce(
      (policy, rule) =>
        rule.reaction._tag === "AtMost"
          ? RestartPolicy.atMost({ ...rule.reaction, of: (run) => fits(rule, run) })(policy)
          : policy,
      policy
    )
    return limit._tag === "Within" ? RestartPolicy.giveUpAfter(limit.count, limit.window)(ruled) : ruled
  }

const surrendering = (surrender: Surrender) => {
  switch (surrender._tag) {
    case "Exit":
      return same<RestartPolicy.RestartPolicy>
    case "Stay":
      return RestartPolicy.stayDown
    case "Retry":
      return RestartPolicy.retryAfter(surrender.wait)
  }
}
