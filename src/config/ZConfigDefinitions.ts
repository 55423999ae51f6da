/**
 * The name space of one configuration: what `%define` has defined so far, and substitution with it.
 *
 * It is shared by the main file and all included files, in both directions, and changes line by line. Names whose
 * definition was an error are remembered, so that one mistake is reported once and not at every use of the name.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as ZConfigSubstitution from "./ZConfigSubstitution.ts"

/**
 * A name space and substitution with it. Every failure is the reason, in the original's words.
 *
 * @category models
 * @since 0.1.0
 */
export interface Definitions {
  /** Substitutes in a value or an argument. */
  readonly substitute: (text: string) => Either.Either<string, string>
  /** Defines a name, in lower case; the value is substituted now. */
  readonly define: (name: string, value: string) => Either.Either<void, string>
  /** Says that definitions may be missing (a file could not be included): from now on no name is unknown. */
  readonly forgive: () => void
}

/**
 * Makes an empty name space over the environment variables that `$(NAME)` refers to. All its replacement text together is
 * at most 16 Mi characters.
 *
 * A name may be defined again if the new value *as written* equals its value after substitution, as in the original: so
 * `%define a x` may be repeated, and a repeated `%define b $a` is `cannot redefine 'b'`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (environment: ReadonlyMap<string, string>): Definitions => {
  const values = new Map<string, string>()
  const mistaken = new Set<string>()
  let incomplete = false
  let room = maximumReplacement

  const lookUp = (name: string): string | undefined =>
    values.get(name) ?? (incomplete || mistaken.has(name) ? "" : undefined)

  const substitute = (text: string) =>
    Either.map(
      ZConfigSubstitution.substitute(text, { define: lookUp, environment: (name) => environment.get(name), room }),
      (substituted) => {
        room -= substituted.inserted
        return substituted.text
      }
    )

  const define = (name: string, value: string): Either.Either<void, string> => {
    const known = values.get(name)
    if (known !== undefined && known !== value) {
      return Either.left(`cannot redefine ${PythonLiteral.repr(name)}`)
    }
    if (!ZConfigSubstitution.isName(name)) {
      return Either.left(`not a substitution legal name: ${PythonLiteral.repr(name)}`)
    }
    return Either.mapBoth(substitute(value), {
      onLeft: (reason) => {
        mistaken.add(name)
        return reason
      },
      onRight: (text) => {
        values.set(name, text)
      }
    })
  }

  return {
    substitute,
    define,
    forgive: () => {
      incomplete = true
    }
  }
}

// ===== Internal

const maximumReplacement = 16 * 1024 * 1024
