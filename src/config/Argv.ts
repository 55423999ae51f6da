/**
 * The getopt spelling of the command line: words to options with their values, and what is left.
 *
 * It knows nothing of zdaemon's options; the caller lists them, converts the values, and decides what a repeated
 * option means. The rules and the error texts are those of Python's `getopt.getopt`, which zdaemon uses: short options
 * may be joined (`-fCconf`, `-b5`), a long one takes its value as `--name=value` or `--name value` and may be shortened
 * to a unique prefix, and options end at the first word that is none (a lone `-` is such a word) or after `--`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Suggestion from "./Suggestion.ts"

/**
 * An option that the command line may have. It has a long name, a short one of one character, or both, each without
 * dashes; names are unique within a list. `takesValue` tells an option with a value from a flag.
 *
 * @category models
 * @since 0.1.0
 */
export interface OptionSpec {
  readonly long: string | undefined
  readonly short: string | undefined
  readonly takesValue: boolean
}

/**
 * An option that was given. `as` is its spelling for messages: `-b`, or `--backoff-limit` in full even if a prefix was
 * typed. `value` is empty for a flag.
 *
 * @category models
 * @since 0.1.0
 */
export interface Given {
  readonly option: OptionSpec
  readonly as: string
  readonly value: string
}

/**
 * A command line taken apart: the options in the order in which they were given, and the words after them unchanged.
 *
 * @category models
 * @since 0.1.0
 */
export interface CommandLine {
  readonly given: ReadonlyArray<Given>
  readonly words: ReadonlyArray<string>
}

/**
 * A command line that breaks the rules. `reason` is getopt's text, as zdaemon prints it after `Error: `; `nearest` is the
 * option that an unknown one probably stands for, if any.
 *
 * @category errors
 * @since 0.1.0
 */
export class UsageError extends Data.TaggedError("UsageError")<{
  readonly reason: string
  readonly nearest: Option.Option<string>
}> {
  override get message(): string {
    return this.reason
  }
}

/**
 * Takes a command line apart; `argv` starts after the name of the command. The first error from the left is reported,
 * before any option can act:
 *
 * - `option --bogus not recognized`
 * - `option -Z not recognized`
 * - `option -p requires argument`
 * - `option --daemon must not have an argument`
 * - `option --s not a unique prefix`
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (
  options: ReadonlyArray<OptionSpec>,
  argv: ReadonlyArray<string>
): Either.Either<CommandLine, UsageError> => {
  const groups: Array<ReadonlyArray<Given>> = []
  let at = 0
  for (let word = argv[at]; word !== undefined && word !== "-" && word.startsWith("-"); word = argv[at]) {
    at += 1
    if (word === "--") {
      break
    }
    const group = word.startsWith("--")
      ? parseLong(options, word.slice(2), argv[at])
      : parseShorts(options, word.slice(1), argv[at])
    if (Either.isLeft(group)) {
      return Either.left(group.left)
    }
    groups.push(group.right.given)
    at += group.right.tookNext ? 1 : 0
  }
  return Either.right({ given: groups.flat(), words: argv.slice(at) })
}

// =====================================================================================================================
// Internal
// =====================================================================================================================

interface Group {
  readonly given: ReadonlyArray<Given>
  /** Whether the word after the group was its last option's value. */
  readonly tookNext: boolean
}

const fail = (reason: string, nearest = Option.none<string>()): Either.Either<never, UsageError> =>
  Either.left(new UsageError({ reason, nearest }))

const parseLong = (
  options: ReadonlyArray<OptionSpec>,
  text: string,
  next: string | undefined
): Either.Either<Group, UsageError> => {
  const equals = text.indexOf("=")
  const typed = equals === -1 ? text : text.slice(0, equals)
  const attached = equals === -1 ? undefined : text.slice(equals + 1)
  return Either.flatMap(findLong(options, typed), ({ name, option }) => {
    const as = `--${name}`
    if (!option.takesValue) {
      return attached === undefined
        ? Either.right({ given: [{ option, as, value: "" }], tookNext: false })
        : fail(`option ${as} must not have an argument`)
    }
    const value = attached ?? next
    return value === undefined
      ? fail(`option ${as} requires argument`)
      : Either.right({ given: [{ option, as, value }], tookNext: attached === undefined })
  })
}

const findLong = (
  options: ReadonlyArray<OptionSpec>,
  typed: string
): Either.Either<{ readonly name: string; readonly option: OptionSpec }, UsageError> => {
  const candidates = options.flatMap((option) =>
    option.long !== undefined && option.long.startsWith(typed) ? [{ name: option.long, option }] : []
  )
  if (candidates.length === 0) {
    const names = options.flatMap(({ long }) => long === undefined ? [] : [long])
    return fail(`option --${typed} not recognized`, Option.map(Suggestion.find(typed, names), (name) => `--${name}`))
  }
  const exact = candidates.find(({ name }) => name === typed)
  if (exact !== undefined) {
    return Either.right(exact)
  }
  // The options that the original has, and no other, have a short form: a beginning that was unique there stays so.
  const old = candidates.filter(({ option }) => option.short !== undefined)
  const [meant] = old.length === 1 ? old : candidates.length === 1 ? candidates : []
  return meant === undefined ? fail(`option --${typed} not a unique prefix`) : Either.right(meant)
}

const parseShorts = (
  options: ReadonlyArray<OptionSpec>,
  text: string,
  next: string | undefined
): Either.Either<Group, UsageError> => {
  const given: Array<Given> = []
  let at = 0
  for (const short of text) {
    at += short.length
    const as = `-${short}`
    const option = options.find((option) => option.short === short)
    if (option === undefined) {
      return fail(`option ${as} not recognized`)
    }
    if (option.takesValue) {
      const attached = at < text.length ? text.slice(at) : undefined
      const value = attached ?? next
      return value === undefined
        ? fail(`option ${as} requires argument`)
        : Either.right({ given: [...given, { option, as, value }], tookNext: attached === undefined })
    }
    given.push({ option, as, value: "" })
  }
  return Either.right({ given, tookNext: false })
}
