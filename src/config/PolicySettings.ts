/**
 * The settings of the restart policy, and the plan that they describe: two forms of the same, which one Schema turns
 * into each other.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { Limit } from "../policy/GivingUp.ts"
import type { Backoff } from "../policy/RestartPlan.ts"
import { RestartPlan } from "../policy/RestartPlan.ts"
import { table } from "./Settings.ts"

/**
 * The settings that are about restarts.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PolicySettings = Schema.suspend(() =>
  Schema.Struct({
    backoff: table.backoff.schema(),
    backoffBase: table.backoffBase.schema(),
    backoffFactor: table.backoffFactor.schema(),
    backoffJitter: table.backoffJitter.schema(),
    backoffLimit: table.backoffLimit.schema(),
    exitCodes: table.exitCodes.schema(),
    forever: table.forever.schema(),
    giveUp: table.giveUp.schema(),
    giveUpAfter: table.giveUpAfter.schema(),
    onExit: table.onExit.schema(),
    onSignal: table.onSignal.schema(),
    resetAfter: table.resetAfter.schema()
  })
).annotations({ identifier: "PolicySettings" })

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export type PolicySettings = typeof PolicySettings.Type

/**
 * A plan, from the texts of settings. What a plan can say and settings cannot is a `backoff-limit` that is not of whole
 * seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PlanFromSettings = Schema.suspend(() =>
  Schema.transformOrFail(PolicySettings, Schema.typeSchema(RestartPlan), {
    strict: true,
    decode: (settings) => ParseResult.succeed(plan(settings)),
    encode: (plan, _options, ast) => {
      const seconds = Duration.toSeconds(plan.longest)
      return Number.isSafeInteger(seconds)
        ? ParseResult.succeed(settings(plan, seconds))
        : ParseResult.fail(new ParseResult.Type(ast, plan, "backoff-limit has whole seconds"))
    }
  })
).annotations({ identifier: "PlanFromSettings" })

/**
 * The plan that settings describe.
 *
 * @category getters
 * @since 0.1.0
 */
export const plan = (settings: PolicySettings): RestartPlan => {
  const limit = Duration.seconds(Math.max(1, settings.backoffLimit))
  return {
    backoff: backoff(settings),
    longest: limit,
    jitter: settings.backoffJitter,
    resetAfter: Option.match(settings.resetAfter, {
      onNone: () => Option.some(limit),
      onSome: (reset) => reset === "never" ? Option.none() : Option.some(reset)
    }),
    limit: limitOf(settings),
    surrender: settings.giveUp,
    exitCodes: settings.exitCodes,
    rules: [...settings.onExit, ...settings.onSignal]
  }
}

// ===== Internal

const backoff = ({ backoff, backoffBase, backoffFactor }: PolicySettings): Backoff => {
  switch (backoff) {
    case "constant":
      return { _tag: "Constant", base: backoffBase }
    case "linear":
      return { _tag: "Linear", base: backoffBase }
    case "exponential":
      return { _tag: "Exponential", base: backoffBase, factor: backoffFactor }
    case "fibonacci":
      return { _tag: "Fibonacci", base: backoffBase }
  }
}

const kinds = { Constant: "constant", Linear: "linear", Exponential: "exponential", Fibonacci: "fibonacci" } as const

const limitOf = ({ backoffLimit, forever, giveUpAfter }: PolicySettings): Limit => {
  if (forever) return { _tag: "Never" }
  return Option.match(giveUpAfter, {
    onNone: (): Limit => backoffLimit === 0 ? { _tag: "Never" } : { _tag: "InARow", count: backoffLimit },
    onSome: ({ count, window }) => window === undefined ? { _tag: "InARow", count } : { _tag: "Within", count, window }
  })
}

const settings = (plan: RestartPlan, seconds: number): PolicySettings => ({
  backoff: kinds[plan.backoff._tag],
  backoffBase: plan.backoff.base,
  backoffFactor: plan.backoff._tag === "Exponential" ? plan.backoff.factor : 2,
  backoffJitter: plan.jitter,
  backoffLimit: seconds,
  exitCodes: plan.exitCodes,
  forever: plan.limit._tag === "Never",
  giveUp: plan.surrender,
  giveUpAfter: giveUpAfter(plan.limit, seconds),
  onExit: plan.rules.filter(({ ending }) => ending._tag === "Exited"),
  onSignal: plan.rules.filter(({ ending }) => ending._tag === "Signaled"),
  resetAfter: Option.match(plan.resetAfter, {
    onNone: () => Option.some("never" as const),
    onSome: (reset) => Duration.equals(reset, plan.longest) ? Option.none() : Option.some(reset)
  })
})

const giveUpAfter = (limit: Limit, seconds: number): PolicySettings["giveUpAfter"] => {
  switch (limit._tag) {
    case "Never":
      return Option.none()
    case "InARow":
      return limit.count === seconds ? Option.none() : Option.some({ count: limit.count, window: undefined })
    case "Within":
      return Option.some(limit)
  }
}
