/**
 * The action `help`, and the usage text of `-h`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import type { OwnSetting } from "../config/OwnSetting.ts"
import * as Settings from "../config/Settings.ts"
import * as Suggestion from "../config/Suggestion.ts"
import * as CommandWords from "../config/Words.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Action from "./Action.ts"
import * as Answer from "./Answer.ts"
import { CliExit } from "./Ending.ts"
import { Extension } from "./Extension.ts"
import * as Hint from "./Hint.ts"
import * as OwnOption from "./OwnOption.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] help [action]
 *
 * @category commands
 * @since 0.1.0
 */
export const help = (actions: () => ReadonlyArray<Action.Described>) =>
  ({
    name: "help",
    forms: [
      { synopsis: "help", summary: ["Print a list of available actions."] },
      { synopsis: "help <action>", summary: ["Print help for <action>."] }
    ],
    options: [],
    examples: [
      { line: "zdaemon help kill", description: "find out about kill" },
      { line: "zdaemon kill --help", description: "the same" }
    ],
    words: "action",
    command: Command.make(
      "help",
      { words: Words.any },
      Effect.fn("cli.help")(({ words }) => tell(words.join(" "), actions()))
    )
  }) satisfies Action.Action

/**
 * Prints the help of an action, or the list of actions where there is no topic.
 *
 * @category running
 * @since 0.1.0
 */
export const tell = Effect.fnUntraced(function*(topic: string, actions: ReadonlyArray<Action.Described>) {
  if (topic === "") return yield* StandardStreams.print(list(actions.map(({ name }) => name)))
  const action = actions.find(({ name }) => name === topic)
  if (action !== undefined) return yield* StandardStreams.print(Action.help(action, (yield* Extension).name))
  yield* Answer.refuse(`*** No help on ${topic}`)
  yield* suggest(topic, actions)
  return yield* new CliExit({ code: 2 })
})

/**
 * The text of `-h`: every option with what it does and its default. `own` are the settings that somebody else's command
 * adds.
 *
 * @category formatting
 * @since 0.1.0
 */
export const usageOf = (name: string, own: ReadonlyArray<OwnSetting>): string =>
  [
    `${name} -- run a program as a daemon, and control it`,
    "",
    `Usage: ${name} [options] action [arguments]`,
    "",
    "Options:",
    ...OwnOption.all.map((option) => `${OwnOption.spelling(option)} -- ${option.description}`),
    ...[...Settings.spellings, ...own].map(({ description, fallback, key, ...names }) =>
      `${OwnOption.spelling({ ...names, long: key })} -- ${description}` +
      (fallback === undefined || fallback === "" ? "" : ` (default ${fallback})`)
    ),
    "",
    "A long option may be cut short as long as it stays unique; its value follows after a blank or \"=\".",
    "Everything after the action belongs to the action.",
    "",
    `Actions are commands like "start", "stop" and "status". Use "${name} help" to list them, and`,
    `"${name} help ACTION" to find out about one.`
  ].join("\n")

/**
 * The text of `zdaemon -h`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const usage: string = usageOf("zdaemon", [])

/**
 * Where a mistake on the command line leads to.
 *
 * @category formatting
 * @since 0.1.0
 */
export const hint = (name: string): string => `For help, use ${name} -h`

/**
 * Whether the words behind an action ask for its help: `--help` or `-h` among them. Where the words are for a program only
 * a sole `--help` does, and for `fg`, which often runs somebody else's command, only when no program is named.
 *
 * @category judging
 * @since 0.1.0
 */
export const isWanted = (
  action: Action.Described,
  { hasProgram, words }: { readonly hasProgram: boolean; readonly words: ReadonlyArray<string> }
): boolean => {
  if (action.words !== "passed on") return words.some((word) => word === "--help" || word === "-h")
  const isSole = words.length === 1 && words[0] === "--help"
  return isSole && (!hasProgram || (action.name !== "fg" && action.name !== "foreground"))
}

/**
 * Says that a line begins with no action, and with which one it probably should.
 *
 * @category running
 * @since 0.1.0
 */
export const unknown = Effect.fnUntraced(function*(line: string, actions: ReadonlyArray<Action.Described>) {
  yield* Answer.refuse(`*** Unknown syntax: ${line}`)
  yield* suggest(line, actions)
  return yield* new CliExit({ code: 2 })
})

// ===== Internal

const suggest = (line: string, actions: ReadonlyArray<Action.Described>): Effect.Effect<void> =>
  Hint.meant(
    Suggestion.find(CommandWords.literal(line)[0] ?? "", actions.map(({ name }) => name)),
    "\"help\" lists the actions"
  )

const width = 79

/** Columns as the original prints them: sorted downwards, as many as fit. */
const list = (names: ReadonlyArray<string>): string => {
  const sorted = Arr.sort(names, Order.string)
  const header = "Documented commands (type help <topic>):"
  const columns = (rows: number): ReadonlyArray<ReadonlyArray<string>> =>
    Array.from(
      { length: Math.ceil(sorted.length / rows) },
      (_, column) => sorted.slice(column * rows, (column + 1) * rows)
    )
  const widths = (table: ReadonlyArray<ReadonlyArray<string>>) =>
    table.map((column) => Math.max(...column.map(({ length }) => length)))
  let rows = 1
  while (widths(columns(rows)).reduce((sum, width) => sum + width + 2, -2) > width) rows++
  const table = columns(rows)
  const padding = widths(table)
  const lines = Array.from(
    { length: rows },
    (_, row) =>
      table.flatMap((column, i) => column[row] === undefined ? [] : [column[row].padEnd(padding[i] ?? 0)]).join("  ")
  )
  return ["", header, "=".repeat(header.length), ...lines, ""].join("\n")
}
