/**
 * The root of the command tree: zdaemon's options, which stand before the action.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Given from "../config/Given.ts"
import type { OwnSetting } from "../config/OwnSetting.ts"
import * as Settings from "../config/Settings.ts"
import * as Words from "./words.ts"

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
 * `own` are the settings that somebody else's command adds. Such a root stands for {@link zdaemon} to every action.
 *
 * @category commands
 * @since 0.1.0
 */
export const root = (own: ReadonlyArray<OwnSetting>) =>
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
    settings: Options.all(Object.fromEntries(
      [...Settings.spellings, ...own].map(({ description, key }) => [
        key,
        Options.text(key).pipe(Options.withDescription(description), Options.map(given), Options.optional)
      ])
    ))
  }).pipe(
    Command.withDescription("Run a program as a daemon, and control it")
  )

/**
 * The root without anything added.
 *
 * @category commands
 * @since 0.1.0
 */
export const zdaemon = root([])
