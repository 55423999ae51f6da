/**
 * The action `completions`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action, Described } from "./Action.ts"
import { Misuse } from "./Ending.ts"
import { Extension } from "./Extension.ts"
import * as Grammar from "./Grammar.ts"
import * as Words from "./words.ts"

/**
 * zdaemon completions bash|zsh|fish
 *
 * @category commands
 * @since 0.1.0
 */
export const completions = (actions: () => ReadonlyArray<Described>) =>
  ({
    name: "completions",
    forms: [{
      synopsis: "completions bash|zsh|fish",
      summary: [
        "Print what a shell reads to complete the command's lines.",
        "bash: source it; zsh: a file in fpath, named as the example has it; fish: source it."
      ]
    }],
    options: [],
    examples: [
      {
        line: "zdaemon completions bash > ~/.local/share/bash-completion/completions/zdaemon",
        description: "for every bash that has bash-completion"
      },
      { line: "source <(zdaemon completions bash)", description: "for this bash, or in ~/.bashrc" },
      { line: "zdaemon completions zsh > ~/.zfunc/_zdaemon", description: "where fpath has ~/.zfunc, before compinit" },
      { line: "zdaemon completions fish > ~/.config/fish/completions/zdaemon.fish", description: "for every fish" }
    ],
    words: ["bash", "zsh", "fish"],
    command: Command.make(
      "completions",
      { words: Words.any },
      Effect.fn("cli.completions")(function*({ words }) {
        const { render, shells } = yield* Effect.promise(() => import("./CompletionScript.ts"))
        const shell = shells.find((shell) => shell === words.join(" "))
        if (shell === undefined) {
          return yield* new Misuse({ reason: "completions argument must be bash, zsh or fish" })
        }
        yield* StandardStreams.write(render(shell, Grammar.make(actions(), yield* Extension)))
      })
    )
  }) satisfies Action
