/**
 * What each action of the command tree consists of, and the help that comes of it.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"

/**
 * One way of giving an action: how it is written, without the name of the command, and what that does, in lines. The
 * first line is a sentence of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Form {
  readonly synopsis: string
  readonly summary: NonEmptyReadonlyArray<string>
}

/**
 * An option of one action, which stands behind its name: `-l`, or `-n` with a `value`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ActionOption {
  readonly name: string
  readonly value?: string
  readonly description: string
}

/**
 * A command line to copy, and what it does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Example {
  readonly line: string
  readonly description: string
}

/**
 * What the words behind an action are, other than its options: a signal, a file, another action, one of these words, or
 * something for a program, which is passed on whatever it looks like.
 *
 * @category models
 * @since 0.1.0
 */
export type ActionWords = "none" | "passed on" | "signal" | "file" | "action" | ReadonlyArray<string>

/**
 * An action. `help`, the man page and the completions are made from what it says of itself; its `command` is in the tree
 * of `Cli`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Action extends Described {
  readonly command: unknown
}

/**
 * An action as far as help needs to know it: its name, and what it says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Described extends Description {
  readonly name: string
}

/**
 * What an action says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly forms: NonEmptyReadonlyArray<Form>
  readonly options: ReadonlyArray<ActionOption>
  readonly examples: NonEmptyReadonlyArray<Example>
  readonly words: ActionWords
}

/**
 * Renders the forms of an action as the original prints them.
 *
 * @category formatting
 * @since 0.1.0
 */
export const forms = ({ forms }: Pick<Description, "forms">): string => {
  const width = Math.max(...forms.map(({ synopsis }) => synopsis.length))
  const indent = `\n${" ".repeat(width + " -- ".length)}`
  return forms.map(({ summary, synopsis }) => `${synopsis.padEnd(width)} -- ${summary.join(indent)}`).join("\n")
}

/**
 * Renders the help of an action: its forms, then its options and examples. `name` is that of the command.
 *
 * @category formatting
 * @since 0.1.0
 */
export const help = (action: Description, name = "zdaemon"): string =>
  [
    forms(action),
    ...(action.options.length === 0 ? [] : ["", "Options:", ...aligned(action.options.map(spelling))]),
    "",
    "Examples:",
    ...aligned(
      action.examples.map(({ description, line }) => [line.replaceAll(/(?<![A-Za-z0-9])zdaemon\b/g, name), description])
    )
  ].join("\n")

/**
 * An option as it is typed, with what stands for its value, and what it does.
 *
 * @category formatting
 * @since 0.1.0
 */
export const spelling = ({ description, name, value }: ActionOption): readonly [string, string] => [
  value === undefined ? name : `${name} ${value}`,
  description
]

// ===== Internal

const aligned = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
