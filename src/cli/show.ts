/**
 * The action `show`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Daemon from "../process/Daemon.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Action from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import * as Document from "./Document.ts"
import { CliExit } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Words from "./words.ts"

const description = {
  forms: [
    { synopsis: "show options", summary: ["show zdctl options"] },
    { synopsis: "show python", summary: ["show Node version and details"] },
    { synopsis: "show all", summary: ["show all of the above"] }
  ],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf show", description: "the settings that hold" },
    { line: "zdaemon show python", description: "which Node this is" }
  ],
  words: ["options", "python", "all"]
} satisfies Action.Description

/**
 * zdaemon [options] show [options|python|all]
 *
 * `python` shows the analogous facts of Node.
 *
 * @category commands
 * @since 0.1.0
 */
export const show = {
  name: "show",
  ...description,
  command: Command.make(
    "show",
    { words: Words.any },
    Effect.fn("cli.show")(function*({ words }) {
      const topic = words.length === 0 ? "options" : words.join(" ")
      switch (topic) {
        case "options":
          return yield* tell(yield* options, [])
        case "python":
          return yield* tell([], yield* runtime)
        case "all":
          return yield* tell(yield* options, yield* runtime)
        default:
          yield* Answer.refuse(`'ZDCmd' object has no attribute 'show_${topic}'`)
          yield* StandardStreams.print(Action.forms(description))
          return yield* new CliExit({ code: 2 })
      }
    })
  )
} satisfies Action.Action

/**
 * What `show --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "show",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/show/1"),
      facts: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
        description: "what show prints; config --json has all settings, with their values as JSON"
      })
    }).annotations({ title: "zdaemon show --json", description: "The settings that hold, and facts of Node" })
})

// ===== Internal

type Facts = ReadonlyArray<readonly [label: string, text: string]>

const tell = Effect.fnUntraced(function*(options: Facts, runtime: Facts) {
  yield* Answer.give(document, { schema: "zdaemon/show/1", facts: Object.fromEntries([...options, ...runtime]) })
  const lines = (facts: Facts) => facts.map(([label, text]) => `${`${label}:`.padEnd(14)}${text}`)
  yield* StandardStreams.print(
    [
      ...(options.length === 0 ? [] : ["zdctl/zdrun options:", ...lines(options)]),
      ...(options.length === 0 || runtime.length === 0 ? [] : [""]),
      ...lines(runtime)
    ].join("\n")
  )
})

const options = Effect.map(Configuration.load, ({ file, settings }): Facts => {
  const text = Option.match<string, string>({ onNone: () => "None", onSome: PythonLiteral.repr })
  const flag = (value: boolean) => value ? "True" : "False"
  return [
    ["schemafile", "None"],
    ["configfile", text(file)],
    ["zdrun", "None"],
    ["program", Option.match(settings.program, { onNone: () => "None", onSome: PythonLiteral.reprList })],
    ["backofflimit", String(settings.backoffLimit)],
    ["daemon", flag(settings.daemon)],
    ["forever", flag(settings.forever)],
    ["sockname", PythonLiteral.repr(settings.socketName)],
    ["exitcodes", `[${settings.exitCodes.join(", ")}]`],
    ["user", text(settings.user)],
    ["umask", `0o${settings.umask.toString(8)}`],
    ["directory", text(settings.directory)],
    ["logfile", text(settings.logfile)],
    ["transcript", PythonLiteral.repr(settings.transcript)]
  ]
})

const runtime: Effect.Effect<Facts> = Effect.map(Daemon.runtime, Object.entries)
