/**
 * Rules for single endings of a program: what is done after this exit status, or this signal, whatever the rest of the
 * policy says.
 *
 * As text: `75 after 60s`, `0,2 stop`, `3 stay` for exit statuses, and with names in their place for signals:
 * `SEGV at most 3 in 1h`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Run } from "./Run.ts"
import { ExitStatus } from "./Run.ts"
import * as Span from "./Span.ts"

/**
 * A length of time; seconds in JSON, exact to the millisecond.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Length = Schema.suspend(() =>
  Schema.transform(Schema.NonNegative, Schema.DurationFromSelf, {
    strict: true,
    decode: (seconds) => Duration.millis(Math.round(seconds * 1000)),
    encode: (duration) => Duration.toSeconds(duration)
  })
).annotations({ identifier: "RestartRule.Length" })

/**
 * The shortest wait before a restart: with none at all a program that ends at once would keep the manager, and the
 * machine, busy.
 *
 * @category models
 * @since 0.1.0
 */
export const shortestWait: Duration.Duration = Duration.millis(10)

/**
 * The longest wait before a restart: no timer is longer.
 *
 * @category models
 * @since 0.1.0
 */
export const longestWait: Duration.Duration = Duration.days(24)

/**
 * A wait before a restart, from {@link shortestWait} to {@link longestWait}; seconds in JSON.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Wait = Schema.suspend(() => Length.pipe(Schema.betweenDuration(shortestWait, longestWait))).annotations({
  identifier: "RestartRule.Wait"
})

/**
 * The endings that a rule is about: exit statuses, or signals by their names (`SIGSEGV`).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Ending = Schema.suspend(() =>
  Schema.Union(
    Schema.TaggedStruct("Exited", { codes: Schema.NonEmptyArray(Schema.Int.pipe(Schema.between(0, 255))) }),
    Schema.TaggedStruct("Signaled", {
      signals: Schema.NonEmptyArray(Schema.String.pipe(Schema.pattern(/^SIG[A-Z0-9]+$/)))
    })
  )
).annotations({ identifier: "RestartRule.Ending" })

/**
 * What is done.
 *
 * - `Stop`: the program is not started again, and the manager exits with its status, or with 255 after a signal.
 * - `Stay`: the program is not started again, and the manager waits for orders.
 * - `After`: the program is started again after `wait`, and the run counts for nothing else but limits.
 * - `AtMost`: the rest of the policy decides, but gives up at the restart that would be one more than `times` in `window`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reaction = Schema.suspend(() =>
  Schema.Union(
    Schema.TaggedStruct("Stop", {}),
    Schema.TaggedStruct("Stay", {}),
    Schema.TaggedStruct("After", { wait: Wait }),
    Schema.TaggedStruct("AtMost", { times: Schema.NonNegativeInt, window: Length })
  )
).annotations({ identifier: "RestartRule.Reaction" })

/**
 * A rule. Of several that fit, the first one holds, other than `AtMost`, which all hold.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestartRule = Schema.suspend(() => Schema.Struct({ ending: Ending, reaction: Reaction })).annotations({
  identifier: "RestartRule"
})

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export interface RestartRule extends Schema.Schema.Type<typeof RestartRule> {}

/**
 * Whether a rule is about an ending.
 *
 * @category judging
 * @since 0.1.0
 */
export const fits = ({ ending }: RestartRule, { status }: Run): boolean =>
  ending._tag === "Exited"
    ? ExitStatus.$is("Exited")(status) && ending.codes.includes(status.code)
    : ExitStatus.$is("Signaled")(status) && ending.signals.includes(status.signal)

/**
 * Renders a rule as a line of a configuration: `on-exit 75 after 1m`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (rule: RestartRule): string =>
  `${rule.ending._tag === "Exited" ? "on-exit" : "on-signal"} ${text(rule)}`

/**
 * Renders a rule as the value of its key, which says what the list is of: `75 after 1m`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const text = ({ ending, reaction }: RestartRule): string =>
  `${ending._tag === "Exited" ? ending.codes.join(",") : ending.signals.map(shortName).join(",")} ${
    reactionText(reaction)
  }`

/**
 * Reads the rule of an exit status, or says why it is none.
 *
 * @category decoding
 * @since 0.1.0
 */
export const onExit = (text: string): Either.Either<RestartRule, string> =>
  Either.gen(function*() {
    const { list, reaction } = yield* split(text, ["75", "0,2"])
    const codes = yield* Either.all(list.map((word) =>
      /^\d{1,3}$/.test(word) && Number(word) <= 255
        ? Either.right(Number(word))
        : Either.left(`'${word}' is no exit status from 0 to 255`)
    ))
    return { ending: { _tag: "Exited", codes: yield* nonEmpty(codes) }, reaction }
  })

/**
 * Reads the rule of a signal, or says why it is none. Names are those of POSIX and Linux, with or without `SIG`, in any
 * case.
 *
 * @category decoding
 * @since 0.1.0
 */
export const onSignal = (text: string): Either.Either<RestartRule, string> =>
  Either.gen(function*() {
    const { list, reaction } = yield* split(text, ["SEGV", "TERM,INT"])
    const signals = yield* Either.all(list.map((word) => {
      const name = word.toUpperCase().replace(/^SIG/, "")
      return names.has(name) ? Either.right(`SIG${name}`) : Either.left(`'${word}' is no signal's name`)
    }))
    return { ending: { _tag: "Signaled", signals: yield* nonEmpty(signals) }, reaction }
  })

/**
 * Reads a wait before a restart, or says why it is none.
 *
 * @category decoding
 * @since 0.1.0
 */
export const wait = (text: string): Either.Either<Duration.Duration, string> =>
  Either.filterOrLeft(
    length(text),
    Duration.between({ minimum: shortestWait, maximum: longestWait }),
    () => `${text} is no wait between ${Span.text(shortestWait)} and ${Span.text(longestWait)}`
  )

/**
 * Reads a length of time, or says why it is none.
 *
 * @category decoding
 * @since 0.1.0
 */
export const length = (text: string): Either.Either<Duration.Duration, string> =>
  Either.fromOption(Span.parse(text), () => `'${text}': ${Span.forms}`)

// ===== Internal

type Reaction = typeof Reaction.Type

/** The names that Node gives to deaths by signal. */
const names: ReadonlySet<string> = new Set(
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU " +
    "XFSZ VTALRM PROF WINCH IO PWR SYS EMT INFO").split(" ")
)

const shortName = (signal: string): string => signal.slice("SIG".length)

const reactionText = (reaction: Reaction): string => {
  switch (reaction._tag) {
    case "Stop":
      return "stop"
    case "Stay":
      return "stay"
    case "After":
      return `after ${Span.text(reaction.wait)}`
    case "AtMost":
      return `at most ${reaction.times} in ${Span.text(reaction.window)}`
  }
}

const forms = ([one, several]: readonly [string, string]): string =>
  `a rule is '${one} after 60s', '${one} at most 3 in 1h', '${several} stop' or '${several} stay'`

const split = (text: string, examples: readonly [string, string]) =>
  Either.gen(function*() {
    const words = text.trim().replace(/\s*,\s*/g, ",").split(/\s+/)
    const [list = "", ...rest] = words
    const reaction = yield* Either.mapLeft(
      readReaction(rest),
      (reason) => reason === "" ? `'${text}' is no rule: ${forms(examples)}` : reason
    )
    return { list: list.split(","), reaction }
  })

const readReaction = (words: ReadonlyArray<string>): Either.Either<Reaction, string> => {
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = words.map((word) => word.toLowerCase())
  switch (`${first} ${words.length}`) {
    case "stop 1":
      return Either.right({ _tag: "Stop" })
    case "stay 1":
      return Either.right({ _tag: "Stay" })
    case "after 2":
      return Either.map(wait(second), (wait) => ({ _tag: "After", wait }))
    case "at 5":
      return second === "most" && fourth === "in" && /^\d{1,9}$/.test(third)
        ? Either.map(length(fifth), (window) => ({ _tag: "AtMost", times: Number(third), window }))
        : Either.left("")
    default:
      return Either.left("")
  }
}

const nonEmpty = <A>([first, ...rest]: ReadonlyArray<A>): Either.Either<readonly [A, ...ReadonlyArray<A>], string> =>
  first === undefined ? Either.left("the list is empty") : Either.right([first, ...rest])
