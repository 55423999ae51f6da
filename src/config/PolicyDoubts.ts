/**
 * Traps of a restart policy: settings that are each allowed, and that together restart, or give up, when their author can
 * hardly have meant it. What can be seen by having the very policy decide on a few runs is seen in that way. Those of
 * rules for single endings are in `RuleDoubts`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as RestartPlan from "../policy/RestartPlan.ts"
import * as RestartRule from "../policy/RestartRule.ts"
import { ExitStatus } from "../policy/Run.ts"
import * as Span from "../policy/Span.ts"
import type { Contradiction } from "./Contradictions.ts"
import * as PolicySettings from "./PolicySettings.ts"
import * as PolicyTrial from "./PolicyTrial.ts"
import * as RuleDoubts from "./RuleDoubts.ts"
import type { Settings } from "./Settings.ts"

/**
 * Finds the traps in the restart policy that settings describe.
 *
 * @category judging
 * @since 0.1.0
 */
export const find: (settings: Settings) => Effect.Effect<ReadonlyArray<Contradiction>> = Effect.fnUntraced(
  function*(settings: Settings) {
    const plan = PolicySettings.plan(settings)
    const { final, lives } = yield* PolicyTrial.endingAtOnce(plan, PolicyTrial.ordinary, endsNeeded(plan))
    const waits = lives.flatMap(({ verdict }) => verdict._tag === "Restart" ? [verdict.backoff] : [])
    const facts = {
      settings,
      plan,
      ends: lives.length,
      waits,
      isGivenUp: Option.isSome(final),
      after: Duration.millis(lives.at(-1)?.began ?? 0),
      restartsOnZero: (yield* PolicyTrial.endingAtOnce(plan, ExitStatus.Exited({ code: 0 }), 1)).final._tag === "None"
    }
    return [
      ...doubts.flatMap(({ holds, key, reason }) => holds(facts) ? [{ key: key(facts), reason: reason(facts) }] : []),
      ...(yield* RuleDoubts.find(plan))
    ]
  },
  // Jitter shortens: here each wait is as short as it can be.
  Effect.withRandom(Random.fixed([0]))
)

// ===== Internal

/** `ends`, `waits` and `after` (the first end to the last) are those of a program that always ends at once. */
interface Facts {
  readonly settings: Settings
  readonly plan: RestartPlan.RestartPlan
  readonly ends: number
  readonly waits: ReadonlyArray<Duration.Duration>
  readonly isGivenUp: boolean
  readonly after: Duration.Duration
  readonly restartsOnZero: boolean
}

interface Doubt {
  readonly key: (facts: Facts) => string
  readonly holds: (facts: Facts) => boolean
  readonly reason: (facts: Facts) => string
}

const endsNeeded = ({ limit }: RestartPlan.RestartPlan): number => limit._tag === "Never" ? 100 : limit.count

const constantly = (key: string) => () => key

const limitKey = ({ settings }: Facts): string =>
  Option.isSome(settings.giveUpAfter) ? "give-up-after" : "backoff-limit"

const limitText = (facts: Facts): string => {
  const { limit } = facts.plan
  const count = limit._tag === "Never" ? "0" : String(limit.count)
  return `a ${limitKey(facts)} of ${limit._tag === "Within" ? `${count} in ${Span.text(limit.window)}` : count}`
}

const hasRuleOfTimes = ({ plan }: Facts): boolean => !plan.rules.every(RestartPlan.decides)

/** The statuses by which a shell tells that it found no program, and the deaths of its programs by signals. */
const isOfShell = (code: number): boolean => code === 126 || code === 127 || (code > 128 && code <= 192)

const ofShell = (code: number): string =>
  code === 126 || code === 127
    ? `the exit code ${code} is a shell's for a program that it cannot run`
    : `the exit code ${code} is a shell's for a program that died by signal ${code - 128}`

/** The exit codes that no rule comes before. */
const wanted = ({ exitCodes, rules }: RestartPlan.RestartPlan): ReadonlyArray<number> =>
  exitCodes.filter((code) =>
    !rules.some((rule) =>
      RestartPlan.decides(rule) &&
      RestartRule.fits(rule, { status: ExitStatus.Exited({ code }), uptime: Duration.zero })
    )
  )

const isStatus = (code: number): boolean => code >= 0 && code <= 255

const retryWait = ({ plan }: Facts): Option.Option<Duration.Duration> =>
  plan.surrender._tag === "Retry" ? Option.some(plan.surrender.wait) : Option.none()

const tooLong = Duration.days(1)

const tooShort = Duration.millis(100)

const doubts: ReadonlyArray<Doubt> = [
  {
    key: limitKey,
    holds: ({ ends, isGivenUp, plan }) => isGivenUp && ends === 1 && plan.surrender._tag !== "Retry",
    reason: (facts) =>
      `with ${limitText(facts)} and without forever a program that ends ${
        facts.plan.limit._tag === "Within" ? "" : Option.match(facts.plan.resetAfter, {
          onNone: () => "",
          onSome: (reset) => `within ${Span.render(reset)} `
        })
      }is not restarted; use 2 or more`
  },
  {
    key: constantly("forever"),
    holds: ({ settings }) => settings.forever && settings.backoffLimit === 0 && Option.isNone(settings.giveUpAfter),
    reason: () => "forever has no effect with a backoff-limit of 0, which is no limit"
  },
  {
    key: constantly("give-up-after"),
    holds: ({ settings }) => settings.forever && Option.isSome(settings.giveUpAfter),
    reason: () => "give-up-after has no effect with forever, which never gives up; leave out one of them"
  },
  {
    key: constantly("give-up"),
    holds: (facts) =>
      facts.plan.limit._tag === "Never" && facts.plan.surrender._tag !== "Exit" && !hasRuleOfTimes(facts),
    reason: ({ settings }) =>
      `give-up has no effect, because ${
        settings.forever ? "with forever" : "with a backoff-limit of 0"
      } the program is never given up; say when with give-up-after${settings.forever ? " in place of forever" : ""}`
  },
  {
    key: constantly("give-up-after"),
    holds: ({ isGivenUp, plan: { limit } }) =>
      limit._tag === "Within" && limit.count <= PolicyTrial.mostEnds && !isGivenUp,
    reason: (facts) =>
      `${limitText(facts)} is never reached by a program that always ends at once: with these waits so many ends take ${
        Span.render(facts.after)
      }, and it is restarted for ever; use a window of at least that`
  },
  {
    key: limitKey,
    holds: ({ after, plan }) => plan.limit._tag === "InARow" && Duration.greaterThan(after, tooLong),
    reason: (facts) =>
      `with ${limitText(facts)} a program that always ends at once is given up only ${
        facts.isGivenUp ? "" : "more than "
      }${Span.render(facts.after)} after its first end; use a smaller give-up-after, or forever if that is meant`
  },
  {
    key: constantly("reset-after"),
    holds: ({ plan }) => plan.limit._tag === "InARow" && plan.limit.count > 1 && Option.isNone(plan.resetAfter),
    reason: (facts) =>
      `with reset-after never the program is given up after ${
        endsNeeded(facts.plan)
      } ends in all, even if months lie between ` +
      "them; use a window, such as give-up-after 5 in 1h"
  },
  {
    key: ({ settings }) => Option.isSome(settings.resetAfter) ? "reset-after" : "backoff-limit",
    holds: ({ plan, settings }) =>
      Option.isNone(settings.startTestProgram) &&
      Option.exists(plan.resetAfter, Duration.lessThan(Duration.seconds(settings.startGrace))),
    reason: ({ plan, settings }) =>
      `a run of ${
        Span.render(Option.getOrElse(plan.resetAfter, () => Duration.zero))
      } is a failed start with a start-grace of ${
        Span.render(Duration.seconds(settings.startGrace))
      }, and yet no quick end, so that the next one starts without a wait; use a reset-after of at least the start-grace`
  },
  {
    key: constantly("exit-codes"),
    holds: ({ plan }) => plan.exitCodes.includes(-1),
    reason: () =>
      "the exit code -1 stands for every death by a signal, after which there will be no restart; leave it out, or name the " +
      "signals, as in on-signal TERM stop"
  },
  {
    key: constantly("exit-codes"),
    holds: ({ plan }) => wanted(plan).includes(1),
    reason: () =>
      "the exit code 1 is that of most programs that fail, so that a crash counts as a wanted end and there will be no " +
      "restart; leave it out"
  },
  {
    key: constantly("exit-codes"),
    holds: ({ plan }) => wanted(plan).some(isOfShell),
    reason: ({ plan }) =>
      `${ofShell(wanted(plan).find(isOfShell) ?? 0)}, so that a failure counts as a wanted end and there will be no ` +
      "restart; leave it out"
  },
  {
    key: constantly("exit-codes"),
    holds: ({ plan }) => plan.exitCodes.some((code) => code !== -1 && !isStatus(code)),
    reason: ({ plan }) =>
      `no program ends with the exit code ${
        plan.exitCodes.find((code) => code !== -1 && !isStatus(code))
      }; use 0 to 255`
  },
  {
    key: constantly("exit-codes"),
    holds: ({ plan, restartsOnZero, settings }) => settings.forever && plan.exitCodes.length > 0 && restartsOnZero,
    reason: () =>
      "with forever and without 0 in exit-codes a program that ends on purpose, with exit status 0, is started again for " +
      "ever; add 0, or make the list empty if every end is to be followed by a start"
  },
  {
    key: constantly("backoff-base"),
    holds: ({ plan: { backoff, longest } }) =>
      Duration.greaterThan(backoff.base, longest) ||
      (Duration.equals(backoff.base, longest) && (backoff._tag === "Exponential" || backoff._tag === "Fibonacci")),
    reason: ({ plan: { backoff, longest } }) =>
      `every wait is ${Span.render(longest)}, the longest that backoff-limit allows, because the first would be ${
        Span.render(backoff.base)
      } already; use a greater backoff-limit`
  },
  {
    key: constantly("backoff-factor"),
    holds: ({ settings }) => settings.backoff !== "exponential" && settings.backoffFactor !== 2,
    reason: ({ settings }) => `backoff-factor has no effect with a ${settings.backoff} backoff; use backoff exponential`
  },
  {
    key: constantly("backoff-factor"),
    holds: ({ settings }) => settings.backoff === "exponential" && settings.backoffFactor === 1,
    reason: ({ settings }) =>
      `with a backoff-factor of 1 every wait is ${
        Span.render(settings.backoffBase)
      }, and none grows; use 2, or backoff constant`
  },
  {
    key: constantly("backoff-jitter"),
    holds: ({ plan }) => plan.jitter === 1,
    reason: () =>
      "with a backoff-jitter of 1 any wait may be next to nothing, and a program that ends at once be started again at once; " +
      "0.5 leaves at least half of each"
  },
  {
    key: constantly("backoff-base"),
    holds: ({ isGivenUp, plan, waits }) =>
      plan.limit._tag === "Never" && !isGivenUp && plan.jitter < 1 &&
      waits.every(Duration.lessThan(tooShort)),
    reason: ({ waits }) =>
      `a program that always ends at once is started again every ${
        Span.render(waits.at(-1) ?? Duration.zero)
      }, for ever; use a longer backoff-base, or a backoff that grows`
  },
  {
    key: constantly("give-up"),
    holds: (facts) =>
      Option.exists(
        retryWait(facts),
        (wait) => facts.isGivenUp && Option.exists(Option.fromNullable(facts.waits.at(-1)), Duration.greaterThan(wait))
      ),
    reason: (facts) =>
      `a program that is given up is started again after ${
        Span.render(Option.getOrElse(retryWait(facts), () => Duration.zero))
      }, sooner than after the wait of ${
        Span.render(facts.waits.at(-1) ?? Duration.zero)
      } before, so that giving up speeds it up; use a longer time`
  }
]
