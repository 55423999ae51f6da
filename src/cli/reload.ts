/**
 * The action `reload` of the interactive mode.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { OwnSetting } from "../config/OwnSetting.ts"
import type { Described } from "./Action.ts"
import { Misuse } from "./Ending.ts"
import * as Invocation from "./Invocation.ts"

/**
 * zdaemon> reload [options]
 *
 * @category commands
 * @since 0.1.0
 */
export const reload = {
  name: "reload",
  forms: [{
    synopsis: "reload [options]",
    summary: [
      "Reload the configuration.",
      "Without options, this reparses the command line.",
      "With options, this substitutes 'options' for the",
      "command line, except that if no -C option is given,",
      "the last configuration file is used."
    ]
  }],
  options: [],
  examples: [
    { line: "zdaemon> reload", description: "after a change of the configuration file" },
    { line: "zdaemon> reload -C other.conf", description: "go on with another program" }
  ],
  words: "none"
} satisfies Described

/**
 * The command line that a session goes on with: `first` is the one that it began with, `last` the one that holds.
 *
 * @category decoding
 * @since 0.1.0
 */
export const request = (
  options: ReadonlyArray<string>,
  first: Invocation.Request,
  last: Invocation.Request,
  own: ReadonlyArray<OwnSetting>
): Either.Either<Invocation.Request, Misuse> =>
  Either.gen(function*() {
    if (options.length === 0) return { ...first, words: [] }
    return yield* Either.filterOrLeft(
      Invocation.read(options, { settings: own, configuration: Option.getOrUndefined(last.file) }),
      (invocation): invocation is Invocation.Request => invocation._tag === "Request" && invocation.words.length === 0,
      () => new Misuse({ reason: "reload takes options that hold for every action, and no action" })
    )
  })
