/**
 * Substitution in the values of a ZConfig file: `$name` and `${name}` are definitions, `$(NAME)` is an environment
 * variable, `$$` is a dollar sign.
 *
 * Names of definitions ignore case, names of environment variables do not. Replacement text is taken as it is and not
 * looked at again. Time is linear in the text plus what is inserted.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as PythonLiteral from "./PythonLiteral.ts"

/**
 * Where replacement text comes from, and how much of it may be inserted.
 *
 * - `define`: the value of a definition, asked for in lower case.
 * - `environment`: the value of an environment variable.
 * - `room`: how many characters may be inserted; without a limit, forty lines that each double the one before
 *   (`%define b $a$a`) would fill the memory.
 *
 * @category models
 * @since 0.1.0
 */
export interface Replacements {
  readonly define: (name: string) => string | undefined
  readonly environment: (name: string) => string | undefined
  readonly room: number
}

/**
 * A text after substitution, and how many characters of replacement text went into it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Substituted {
  readonly text: string
  readonly inserted: number
}

/**
 * Why nothing is replaced when there is no room left.
 *
 * @category models
 * @since 0.1.0
 */
export const tooMuch = "too much replacement text"

/**
 * Tells whether `name` can be defined and referred to: a letter or `_`, then letters, digits and `_`, all of ASCII.
 *
 * @category judging
 * @since 0.1.0
 */
export const isName = (name: string): boolean => nameAt(name, 0).length === name.length && name.length > 0

/**
 * Replaces what `text` refers to. Fails with ZConfig's words for the first thing that is wrong: `illegal lone '$' at end
 * of source`, `'$' not followed by '$' or name`, `'${' not followed by name`, `'${x' not followed by '}'`, the same two
 * for `$(`, `no replacement for 'x'` (the name as written); and with words of our own when there is no room left.
 *
 * @category decoding
 * @since 0.1.0
 */
export const substitute = (text: string, replacements: Replacements): Either.Either<Substituted, string> => {
  const parts: Array<string> = []
  let position = 0
  let inserted = 0
  for (let dollar = text.indexOf("$"); dollar >= 0; dollar = text.indexOf("$", position)) {
    parts.push(text.slice(position, dollar))
    const reference = readReference(text, dollar)
    if (Either.isLeft(reference)) {
      return Either.left(reference.left)
    }
    const { end, name, source } = reference.right
    const replacement = source === "dollar"
      ? "$"
      : source === "define"
      ? replacements.define(name.toLowerCase())
      : replacements.environment(name)
    if (replacement === undefined) {
      return Either.left(`no replacement for ${PythonLiteral.repr(name)}`)
    }
    inserted += source === "dollar" ? 0 : replacement.length
    if (inserted > replacements.room) {
      return Either.left(tooMuch)
    }
    parts.push(replacement)
    position = end
  }
  if (position === 0) {
    return Either.right({ text, inserted })
  }
  parts.push(text.slice(position))
  return Either.right({ text: parts.join(""), inserted })
}

// ===== Internal

interface Reference {
  readonly source: "dollar" | "define" | "environment"
  readonly name: string
  /** Where the text goes on. */
  readonly end: number
}

const brackets = {
  "{": { source: "define", close: "}" },
  "(": { source: "environment", close: ")" }
} as const

const readReference = (text: string, dollar: number): Either.Either<Reference, string> => {
  const next = text.charAt(dollar + 1)
  if (next === "") {
    return Either.left("illegal lone '$' at end of source")
  }
  if (next === "$") {
    return Either.right({ source: "dollar", name: "", end: dollar + 2 })
  }
  if (next !== "{" && next !== "(") {
    const name = nameAt(text, dollar + 1)
    return name.length === 0
      ? Either.left("'$' not followed by '$' or name")
      : Either.right({ source: "define", name, end: dollar + 1 + name.length })
  }
  const { close, source } = brackets[next]
  const name = nameAt(text, dollar + 2)
  if (name.length === 0) {
    return Either.left(`'$${next}' not followed by name`)
  }
  const end = dollar + 2 + name.length
  return text.startsWith(close, end)
    ? Either.right({ source, name, end: end + 1 })
    : Either.left(`'$${next}${name}' not followed by '${close}'`)
}

const nameAt = (text: string, position: number): string => {
  const pattern = /[a-zA-Z_][a-zA-Z0-9_]*/y
  pattern.lastIndex = position
  return pattern.exec(text)?.[0] ?? ""
}
