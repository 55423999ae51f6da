/**
 * The root of the command tree: zdaemon's options, which stand before the action.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Given from "../config/Given.ts"
import type { Spelling } from "../config/Setting.ts"
import * as Words from "./words.ts"

const nothing = Options.map(Options.none, (): ReadonlyArray<readonly [key: string, given: Given.Given]> => [])

/** Reads what {@link spell} has spelled. */
const given = (spelled: string): Given.Given => {
  const value = Words.unspell(spelled)
  const blank = value.indexOf(" ")
  return { text: value.slice(blank + 1), origin: Given.Origin.Option({ as: value.slice(0, blank) }) }
}

/**
 * Spells a setting's option for the tree: the value, with the option as it was typed in front.
 *
 * @category formatting
 * @since 0.1.0
 */
export const spell = (key: string, as: string, text: string): ReadonlyArray<string> => [
  `--${key}`,
  Words.spell(`${as} ${text}`)
]

/**
 * zdaemon [options] action [arguments]
 *
 * `settings` are those that the line gives a value: the tree explains each option that it has, every time it reads a line.
 *
 * @category commands
 * @since 0.1.0
 */
export const root = (settings: ReadonlyArray<Pick<Spelling, "key" | "description">>) =>
  Command.make("zdaemon", {
    configure: Options.text("configure").pipe(
      Options.withDescription("configuration file"),
      Options.map(Words.unspell),
      Options.optional
    ),
    override: Options.text("override").pipe(
      Options.withDescription("section/key=value in place of what the configuration file says"),
      Options.repeated,
      Options.map((specifiers) => specifiers.map(Words.unspell))
    ),
    schema: Options.text("schema").pipe(
      Options.withDescription("accepted for the original's sake"),
      Options.map(Words.unspell),
      Options.optional
    ),
    settings: settings.length === 0 ?
      nothing :
      Options.all(settings.map(({ description, key }) =>
        Options.text(key).pipe(
          Options.withDescription(description),
          Options.map((spelled) => [key, given(spelled)] as const)
        )
      ))
  }).pipe(
    Command.withDescription("Run a program as a daemon, and control it")
  )

/**
 * What a line says, to whoever carries out an action: the root of each tree stands for it.
 *
 * @category commands
 * @since 0.1.0
 */
export const zdaemon = root([])
