/**
 * The words after an action. They belong to it, whatever they begin with: the command line is spelled for the tree so
 * that each has a colon in front, and nothing of it can look like an option.
 *
 * @since 0.1.0
 */
import * as Args from "@effect/cli/Args"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Suggestion from "../config/Suggestion.ts"
import { Misuse } from "./Ending.ts"
import { json } from "./JsonOption.ts"

/**
 * Spells a word so that the command tree leaves it alone.
 *
 * @category formatting
 * @since 0.1.0
 */
export const spell = (word: string): string => `:${word}`

/**
 * The word that was spelled.
 *
 * @category decoding
 * @since 0.1.0
 */
export const unspell = (spelled: string): string => spelled.slice(1)

/**
 * Any number of words.
 *
 * @category options
 * @since 0.1.0
 */
export const any: Args.Args<ReadonlyArray<string>> = Args.text({ name: "word" }).pipe(
  Args.repeated,
  Args.map((words) => words.map(unspell))
)

/**
 * Refuses what looks like an option, for an action that has none but `--json`. Other words are ignored, as the original
 * does.
 *
 * @category decoding
 * @since 0.1.0
 */
export const refuseOptions = (words: ReadonlyArray<string>): Effect.Effect<void, Misuse> =>
  Option.match(Arr.findFirst(words, (word) => /^-./.test(word) && word !== "--"), {
    onNone: () => Effect.void,
    onSome: (word) =>
      Misuse.fromUsage({ reason: `option ${word} not recognized`, nearest: Suggestion.find(word, [json.name]) })
  })
