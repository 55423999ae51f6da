/**
 * The action `simulate`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Argv from "../config/Argv.ts"
import * as PolicySettings from "../config/PolicySettings.ts"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as RestartPlan from "../policy/RestartPlan.ts"
import * as RestartRule from "../policy/RestartRule.ts"
import type { ExitStatus } from "../policy/Run.ts"
import * as Scenario from "../policy/Scenario.ts"
import * as Simulation from "../policy/Simulation.ts"
import * as Span from "../policy/Span.ts"
import * as ConfigText from "../process/ConfigText.ts"
import * as FilePath from "../process/FilePath.ts"
import * as Screen from "../process/Screen.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import { Misuse } from "./Ending.ts"
import * as Forecast from "./Forecast.ts"
import { json } from "./JsonOption.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] simulate [--dies-after TIME] [--exit N] [--signal NAME] [--scenario FILE] [--for TIME] [--seed N]
 * [--against FILE]
 *
 * Has the restart policy decide on an imagined program, in virtual time.
 *
 * @category commands
 * @since 0.1.0
 */
export const simulate = {
  name: "simulate",
  forms: [{
    synopsis: "simulate [options]",
    summary: [
      "Simulate the restart policy with an imagined program.",
      "Nothing is started. Without options the program ends at once with status 1, for a day."
    ]
  }],
  options: [
    { name: "--dies-after", value: "TIME", description: "how long each run lasts: 3s, or uniform(1s,30s)" },
    { name: "--exit", value: "N", description: "each run ends with this exit status; may be repeated, for a mixture" },
    { name: "--signal", value: "NAME", description: "each run ends of this signal; likewise" },
    { name: "--scenario", value: "FILE", description: "the runs are those of FILE, in its order" },
    { name: "--for", value: "TIME", description: "how much time passes, 24h without it" },
    { name: "--seed", value: "N", description: "what all that is random comes from, 1 without it" },
    { name: "--against", value: "FILE", description: "compare with the policy of another configuration file" },
    json
  ],
  examples: [
    {
      line: "zdaemon -C app.conf simulate --dies-after 3s",
      description: "a day of a program that dies every 3 seconds"
    },
    {
      line: "zdaemon -C app.conf simulate --dies-after 'uniform(1s,30s)' --signal SEGV --exit 1 --seed 7",
      description: "a mixture, the same one each time"
    },
    { line: "zdaemon -C app.conf simulate --dies-after 1m --against new.conf", description: "would that be better?" }
  ],
  words: "none",
  command: Command.make(
    "simulate",
    { words: Words.any },
    Effect.fn("cli.simulate")(function*({ words }) {
      const { against, scenario, seed, span } = yield* read(words)
      const configuration = yield* Configuration.load
      const other = yield* Effect.transposeMapOption(
        against,
        (file) => Effect.map(Configuration.readOther(file), (other) => ({ name: file, other }))
      )
      const foresee = (name: string, { settings }: Configuration.Configuration) =>
        Simulation.run(RestartPlan.policy(PolicySettings.plan(settings)), Scenario.run(scenario), { span }).pipe(
          // Each begins with the same randomness: what differs is the policy.
          Effect.withRandom(Random.make(seed)),
          Effect.map((simulation): Forecast.Forecast => ({ name, simulation }))
        )
      const forecasts = Arr.make(
        yield* foresee(Option.getOrElse(configuration.file, () => "command line"), configuration),
        ...Option.toArray(yield* Effect.transposeMapOption(other, ({ name, other }) => foresee(name, other)))
      )
      yield* Answer.give(Forecast.document, {
        schema: "zdaemon/simulate/1",
        scenario: Scenario.render(scenario),
        seed,
        results: forecasts.map(Forecast.result)
      })
      yield* StandardStreams.print(
        `a program that ${Scenario.render(scenario)}; for ${Span.render(span)}\n\n` +
          Forecast.render(forecasts, Screen.columns())
      )
    })
  )
} satisfies Action

// ===== Internal

const specs: ReadonlyArray<Argv.OptionSpec> = simulate.options.filter(({ name }) => name !== json.name).map((
  { name }
) => ({ long: name.slice(2), short: undefined, takesValue: true }))

interface Wanted {
  readonly scenario: Scenario.Scenario
  readonly span: Duration.Duration
  readonly seed: number
  readonly against: Option.Option<string>
}

const read = Effect.fnUntraced(function*(given: ReadonlyArray<string>) {
  const { given: options, words } = yield* Either.mapLeft(
    Argv.parse(specs, given),
    Misuse.fromUsage
  )
  if (words.length > 0) {
    return yield* new Misuse({ reason: `simulate does not take ${PythonLiteral.repr(words[0] ?? "")}` })
  }
  const texts = (name: string) => options.flatMap(({ as, value }) => as === `--${name}` ? [value] : [])
  const text = (name: string) => Arr.last(texts(name))
  const value = <A>(name: string, text: string, read: (text: string) => Either.Either<A, string>) =>
    Either.mapLeft(
      read(text),
      (reason) => new Misuse({ reason: `invalid value for --${name} ${PythonLiteral.repr(text)}: ${reason}` })
    )
  const file = text("scenario")
  if (Option.isSome(file) && options.some(({ as }) => ["--dies-after", "--exit", "--signal"].includes(as))) {
    return yield* new Misuse({ reason: "with --scenario the file says how long runs last and how they end" })
  }
  const wanted: Wanted = {
    scenario: Option.isSome(file)
      ? yield* fromFile(file.value)
      : [{
        lifetime: yield* value("dies-after", Option.getOrElse(text("dies-after"), () => "0s"), Scenario.lifetime),
        endings: yield* endings(texts("exit"), texts("signal"), value),
        times: Infinity
      }],
    span: yield* value("for", Option.getOrElse(text("for"), () => "24h"), RestartRule.length),
    seed: yield* value(
      "seed",
      Option.getOrElse(text("seed"), () => "1"),
      (text) => /^\d{1,15}$/.test(text) ? Either.right(Number(text)) : Either.left("it is no whole number, 0 or more")
    ),
    against: text("against")
  }
  return wanted
})

const endings = (
  codes: ReadonlyArray<string>,
  signals: ReadonlyArray<string>,
  value: <A>(name: string, text: string, read: (text: string) => Either.Either<A, string>) => Either.Either<A, Misuse>
): Either.Either<Arr.NonEmptyReadonlyArray<ExitStatus>, Misuse> =>
  Either.map(
    Either.all([
      ...codes.map((code) => value("exit", code, (code) => Scenario.ending(["exit", code]))),
      ...signals.map((name) => value("signal", name, (name) => Scenario.ending(["signal", name])))
    ]),
    (endings) => Arr.isNonEmptyReadonlyArray(endings) ? endings : [{ _tag: "Exited", code: 1 }]
  )

const fromFile = Effect.fnUntraced(function*(name: string) {
  const here = yield* FilePath.here
  const text = yield* Effect.mapError(ConfigText.read(FilePath.resolve(here, name)), (reason) => new Misuse({ reason }))
  return yield* Either.mapLeft(Scenario.read(text), (reason) => new Misuse({ reason: `${reason}, in ${name}` }))
})
