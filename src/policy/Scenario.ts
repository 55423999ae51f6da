/**
 * What a program is imagined to do, for a simulation: how long each of its runs lasts, and how it ends.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as RestartRule from "./RestartRule.ts"
import type { Run } from "./Run.ts"
import { describe, ExitStatus } from "./Run.ts"
import * as Span from "./Span.ts"
import * as Step from "./Step.ts"

/**
 * How long a run lasts: between `least` and `most`, any time of which is as likely as another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lifetime {
  readonly least: Duration.Duration
  readonly most: Duration.Duration
}

/**
 * Runs of a kind, `times` of them: how long they last, and how they end, in each of these ways as likely as in another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Runs {
  readonly lifetime: Lifetime
  readonly endings: Arr.NonEmptyReadonlyArray<ExitStatus>
  readonly times: number
}

/**
 * Runs of several kinds, one after the other. After the last one the program stays up.
 *
 * @category models
 * @since 0.1.0
 */
export type Scenario = ReadonlyArray<Runs>

/**
 * The run with this number, from 0, or `None` where the program stays up.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (scenario: Scenario): (number: number) => Effect.Effect<Option.Option<Run>> => {
  const kinds = scenario.map((runs) => ({ times: runs.times, next: Step.map(oneOfThem(runs), Option.some) }))
  return (number) => {
    let before = number
    for (const { next, times } of kinds) {
      if (before < times) return next
      before -= times
    }
    return Effect.succeedNone
  }
}

/**
 * Says what a scenario is, for people.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (scenario: Scenario): string =>
  scenario.length === 1 && scenario[0]?.times === Infinity
    ? `ends ${lifetimeInWords(scenario[0].lifetime)} after each start: ${
      scenario[0].endings.map(describe).join(", or ")
    }`
    : `ends ${scenario.reduce((sum, { times }) => sum + times, 0)} times, as listed, and stays up then`

/**
 * Reads how long a run lasts, `3s` or `uniform(1s,30s)`, or says why not.
 *
 * @category decoding
 * @since 0.1.0
 */
export const lifetime = (text: string): Either.Either<Lifetime, string> => {
  const [, low, high] = /^\s*uniform\(([^,()]*),([^,()]*)\)\s*$/i.exec(text) ?? []
  if (low === undefined || high === undefined) {
    return Either.mapBoth(RestartRule.length(text), {
      onLeft: (reason) => `${reason}; or uniform(1s,30s)`,
      onRight: (span) => ({ least: span, most: span })
    })
  }
  return Either.all({ least: RestartRule.length(low.trim()), most: RestartRule.length(high.trim()) }).pipe(
    Either.filterOrLeft(
      ({ least, most }) => Duration.lessThanOrEqualTo(least, most),
      () => `${text}: the first of the two is the shorter one`
    )
  )
}

/**
 * Reads a list of runs, one kind a line: `3s exit 1`, `uniform(1s,30s) signal SEGV`, `0 not started`, each of which may end
 * in `times 5`. What follows a `#` is a comment. Says what is wrong, with the number of the line.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (text: string): Either.Either<Scenario, string> =>
  Either.map(
    Either.all(
      text.split("\n").map((line, index) =>
        Either.mapLeft(readLine(line.replace(/#.*/s, "").trim()), (reason) => `line ${index + 1}: ${reason}`)
      )
    ),
    Arr.getSomes
  )

/**
 * Reads how a run ends, from the words behind its lifetime.
 *
 * @category decoding
 * @since 0.1.0
 */
export const ending = (words: ReadonlyArray<string>): Either.Either<ExitStatus, string> => {
  const [first = "", second = ""] = words
  switch (`${first.toLowerCase()} ${words.length}`) {
    case "exit 2":
      return Either.flatMap(
        RestartRule.onExit(`${second} stop`),
        ({ ending }) =>
          ending._tag === "Exited" && ending.codes.length === 1
            ? Either.right(ExitStatus.Exited({ code: ending.codes[0] }))
            : Either.left(`'${second}' is no exit status from 0 to 255`)
      )
    case "signal 2":
      return Either.flatMap(
        RestartRule.onSignal(`${second} stop`),
        ({ ending }) =>
          ending._tag === "Signaled" && ending.signals.length === 1
            ? Either.right(ExitStatus.Signaled({ signal: ending.signals[0] }))
            : Either.left(`'${second}' is no signal's name`)
      )
    case "not 2":
      return second.toLowerCase() === "started"
        ? Either.right(ExitStatus.NotSpawned({ reason: "as imagined" }))
        : Either.left(endingForms(words))
    default:
      return Either.left(endingForms(words))
  }
}

// ===== Internal

const endingForms = (words: ReadonlyArray<string>): string =>
  `'${words.join(" ")}' is none of 'exit 1', 'signal SEGV' and 'not started'`

const readLine = (line: string): Either.Either<Option.Option<Runs>, string> =>
  Either.gen(function*() {
    if (line === "") return Option.none()
    const [first = "", ...rest] = line.replace(/\s*([,(])\s*|\s+(?=\))/g, "$1").split(/\s+/)
    const at = rest.findIndex((word) => word.toLowerCase() === "times")
    const [words, [, count = "1", ...more]] = at < 0 ? [rest, []] : [rest.slice(0, at), rest.slice(at)]
    if (!/^[1-9]\d{0,8}$/.test(count) || more.length > 0) return yield* Either.left(`'${line}' has no number of times`)
    return Option.some({
      lifetime: yield* lifetime(first),
      endings: [yield* ending(words.length === 0 ? ["exit", "1"] : words)] as const,
      times: Number(count)
    })
  })

const lifetimeInWords = ({ least, most }: Lifetime): string =>
  Duration.equals(least, most) ? Span.render(least) : `${Span.render(least)} to ${Span.render(most)}`

/** Where nothing is left to chance, a run that is there already. */
const oneOfThem = ({ endings, lifetime: { least, most } }: Runs): Effect.Effect<Run> =>
  endings.length === 1 && Duration.equals(least, most)
    ? Effect.succeed({ status: endings[0], uptime: least })
    : Effect.all({ status: oneOf(endings), uptime: between({ least, most }) })

const oneOf = (endings: Arr.NonEmptyReadonlyArray<ExitStatus>): Effect.Effect<ExitStatus> =>
  endings.length === 1
    ? Effect.succeed(endings[0])
    : Effect.map(Random.nextIntBetween(0, endings.length), (index) => endings[index] ?? endings[0])

const between = ({ least, most }: Lifetime): Effect.Effect<Duration.Duration> =>
  Duration.equals(least, most)
    ? Effect.succeed(least)
    : Effect.map(
      Random.nextRange(Duration.toMillis(least), Duration.toMillis(most)),
      (millis) => Duration.millis(Math.round(millis))
    )
