/**
 * The words after an action. They belong to it, whatever they begin with: the command line is spelled for the tree so
 * that each has a colon in front, and nothing of it can look like an option.
 *
 * @since 0.1.0
 */
import * as Args from "@effect/cli/Args"

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
