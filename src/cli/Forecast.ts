/**
 * Simulations as people and programs read them.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { describe } from "../policy/Run.ts"
import type { Life, Simulation } from "../policy/Simulation.ts"
import { mostRuns } from "../policy/Simulation.ts"
import * as Span from "../policy/Span.ts"
import { describeVerdict } from "../policy/Verdict.ts"
import * as Document from "./Document.ts"

/**
 * A simulation of the policy of a configuration, by the name of that.
 *
 * @category models
 * @since 0.1.0
 */
export interface Forecast {
  readonly name: string
  readonly simulation: Simulation
}

/**
 * What `simulate --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "simulate",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/simulate/1"),
      scenario: Schema.String.annotations({ description: "what the program does, in words" }),
      seed: Schema.Int.annotations({ description: "what all that is random comes from" }),
      results: Schema.Array(Schema.Struct({
        name: Schema.String.annotations({ description: "the configuration" }),
        simulated: Schema.Number.annotations({ description: "the time that was simulated, in seconds" }),
        isCut: Schema.Boolean.annotations({ description: `whether it was ended early, after ${mostRuns} runs` }),
        runs: Schema.Int,
        restarts: Schema.Int,
        up: Schema.Number.annotations({ description: "how long the program was there, in seconds" }),
        down: Schema.Number.annotations({ description: "how long it was not, in seconds" }),
        availability: Schema.Number.annotations({ description: "up in parts of the time, 0 to 1" }),
        final: Schema.NullOr(Schema.Struct({ at: Schema.Number, says: Schema.String })).annotations({
          description: "when the policy ended it, in seconds, and why; null where it goes on"
        }),
        timeline: Schema.Array(Schema.Struct({
          began: Schema.Number,
          ended: Schema.Number,
          end: Schema.String,
          says: Schema.String
        })).annotations({ description: `the first ${mostListed} runs that ended; times are in seconds` })
      })).annotations({ description: "one, or two with --against" })
    }).annotations({
      title: "zdaemon simulate --json",
      description: "What a restart policy makes of an imagined program"
    })
})

/**
 * The document's part on one simulation.
 *
 * @category formatting
 * @since 0.1.0
 */
export const result = ({ name, simulation }: Forecast) => {
  const { down, final, isCut, lives, restarts, runs, span, up } = simulation
  return {
    name,
    simulated: span / 1000,
    isCut,
    runs,
    restarts,
    up: up / 1000,
    down: down / 1000,
    availability: availability(simulation),
    final: Option.getOrNull(
      Option.map(final, ({ at, verdict }) => ({ at: at / 1000, says: describeVerdict(verdict) }))
    ),
    timeline: lives.slice(0, mostListed).map(({ began, run, verdict }) => ({
      began: began / 1000,
      ended: (began + Duration.toMillis(run.uptime)) / 1000,
      end: describe(run.status),
      says: describeVerdict(verdict)
    }))
  }
}

/**
 * Renders simulations, each with its first ends and its timeline, and what came of them side by side. No line is longer
 * than `columns`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (forecasts: Arr.NonEmptyReadonlyArray<Forecast>, columns: number): string => {
  const parts = forecasts.flatMap((forecast) => [
    ...(forecasts.length > 1 ? [`${forecast.name}:`] : []),
    ...ends(forecast.simulation),
    "",
    timeline(forecast.simulation, columns),
    ""
  ])
  return [...parts, ...summary(forecasts)].map((line) => clip(line.trimEnd(), columns)).join("\n")
}

// ===== Internal

const mostListed = 1000

const availability = ({ span, up }: Simulation): number => span === 0 ? 0 : up / span

const clip = (line: string, columns: number): string =>
  line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`

type Row = ReadonlyArray<string>

const table = (rows: ReadonlyArray<Row>, isRight: (column: number) => boolean): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row.map((cell, column) => isRight(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))
      .join("  ")
  )
}

const shownFirst = 10

const shownLast = 2

/** The first ends and the last ones. */
const ends = ({ lives }: Simulation): ReadonlyArray<string> => {
  if (lives.length === 0) return ["it never ends"]
  const isLong = lives.length > shownFirst + shownLast + 1
  const shown = isLong ? [...lives.slice(0, shownFirst), ...lives.slice(-shownLast)] : lives
  const rows = table([["ends at", "after", "", "then"], ...shown.map(row)], (column) => column < 2)
  const [head, tail] = Arr.splitAt(rows, 1 + shownFirst)
  return isLong ? [...head, `… ${lives.length - shown.length} more`, ...tail] : rows
}

const row = ({ began, run, verdict }: Life): Row => [
  Span.render(began + Duration.toMillis(run.uptime)),
  Span.render(run.uptime),
  describe(run.status),
  describeVerdict(verdict)
]

/** One character for each slice of the time: how much of it the program was up. */
const timeline = (simulation: Simulation, columns: number): string => {
  const left = "0 "
  const right = ` ${Span.render(simulation.span)}`
  const width = Math.max(10, Math.min(columns, 100) - left.length - right.length)
  const slice = simulation.span / width
  const up = Array.from({ length: width }, () => 0)
  for (const [began, ended] of stretches(simulation)) {
    const last = Math.min(width - 1, Math.floor(ended / slice))
    for (let index = Math.floor(began / slice); index <= last; index++) {
      const from = Math.max(began, index * slice)
      const to = Math.min(ended, (index + 1) * slice)
      up[index] = (up[index] ?? 0) + Math.max(0, to - from)
    }
  }
  return `${left}${up.map((time) => mark(time / slice)).join("")}${right}`
}

/** When the program was up, from and to. */
const stretches = ({ lives, runs, span }: Simulation): ReadonlyArray<readonly [began: number, ended: number]> => {
  const over = lives.map(({ began, run }) => [began, began + Duration.toMillis(run.uptime)] as const)
  const last = lives.at(-1)
  if (runs === lives.length) return over
  const began = last === undefined
    ? 0
    : last.began + Duration.toMillis(last.run.uptime) +
      (last.verdict._tag === "Restart" ? Duration.toMillis(last.verdict.backoff) : 0)
  return [...over, [began, span]]
}

const mark = (part: number): string => part > 0.995 ? "#" : part > 0.5 ? "+" : part > 0.005 ? "-" : "."

const summary = (forecasts: Arr.NonEmptyReadonlyArray<Forecast>): ReadonlyArray<string> => {
  const row = (label: string, value: (simulation: Simulation) => string): Row => [
    label,
    ...forecasts.map(({ simulation }) => value(simulation))
  ]
  return table([
    ...(forecasts.length > 1 ? [["", ...forecasts.map(({ name }) => name)]] : []),
    row("restarts", ({ restarts }) => String(restarts)),
    row("up", ({ up }) => Span.render(up)),
    row("down", ({ down }) => Span.render(down)),
    row("availability", (simulation) => `${Math.floor(availability(simulation) * 1e5) / 1e3} %`),
    row("ends", ending)
  ], () => false)
}

const ending = ({ final, isCut, span }: Simulation): string =>
  isCut
    ? `not looked at beyond ${Span.render(span)}, after ${mostRuns} runs`
    : Option.match(final, {
      onNone: () => "it goes on",
      onSome: ({ at, verdict }) => `at ${Span.render(at)}: ${describeVerdict(verdict)}`
    })
