/**
 * The action `shell` of the interactive mode.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { shellStatus } from "../policy/Run.ts"
import * as SignalName from "../process/SignalName.ts"
import type { Action } from "./Action.ts"
import { CliExit, Failure } from "./Ending.ts"
import * as Foreground from "./foreground.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon> shell [command]
 *
 * The command has the environment of the program, and its user.
 *
 * @category commands
 * @since 0.1.0
 */
export const shell = {
  name: "shell",
  forms: [{
    synopsis: "shell [command]",
    summary: [
      "Execute a shell command.",
      "Without a command, start an interactive sh.",
      "An alias for this command is ! [command]"
    ]
  }],
  options: [],
  examples: [
    { line: "zdaemon> !tail -3 app.log", description: "the end of a file" },
    { line: "zdaemon> shell", description: "your own shell, until you leave it" }
  ],
  words: "passed on",
  command: Command.make(
    "shell",
    { words: Words.any },
    Effect.fn("cli.shell")(function*({ words }) {
      const { environment } = yield* Session.open
      const line = words.join(" ")
      const own = environment["SHELL"] ?? ""
      const file = line !== "" || own === "" ? "/bin/sh" : own
      const status = yield* Effect.mapError(
        Foreground.inherit({ file, words: line === "" ? [file] : [file, "-c", line], environment }),
        ({ message }) => new Failure({ reason: message, code: 1 })
      )
      const code = shellStatus(status, SignalName.numberOf)
      if (code !== 0) return yield* new CliExit({ code })
    })
  )
} satisfies Action
