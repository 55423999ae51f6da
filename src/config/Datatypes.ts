/**
 * The types of values in options and configuration files: text in, the value or the reason why not out.
 *
 * The reasons are those of Python and ZConfig where they have one. Text that is quoted in a reason is quoted as Python's
 * `repr` does.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as WhiteSpace from "./WhiteSpace.ts"
import * as Words from "./Words.ts"

/**
 * Reads one value from its text, or says why it cannot.
 *
 * @category models
 * @since 0.1.0
 */
export type Datatype<A> = (text: string) => Either.Either<A, string>

/**
 * Reads an integer as Python's `int` does.
 *
 * @category decoding
 * @since 0.1.0
 */
export const integer = (base: 8 | 10): Datatype<number> => (text) =>
  Either.fromOption(
    PythonLiteral.parseInteger(text, base),
    () => noInteger(text, text, base)
  )

/**
 * Reads an integer that is 0 or more.
 *
 * @category decoding
 * @since 0.1.0
 */
export const natural: Datatype<number> = (text) => Either.flatMap(integer(10)(text), notNegative)

/**
 * Reads `yes`, `true`, `on`, `no`, `false` or `off` in any case; `1` and `0` are errors.
 *
 * @category decoding
 * @since 0.1.0
 */
export const boolean: Datatype<boolean> = (text) => {
  switch (text.toLowerCase()) {
    case "yes":
    case "true":
    case "on":
      return Either.right(true)
    case "no":
    case "false":
    case "off":
      return Either.right(false)
    default:
      return Either.left(`not a valid boolean value: ${PythonLiteral.repr(text)}`)
  }
}

/**
 * Reads whole seconds, 0 or more: an integer, or one with the suffix `s`, `m`, `h` or `d` in any case (`90`, `12h`).
 *
 * @category decoding
 * @since 0.1.0
 */
export const seconds: Datatype<number> = (text) => multiplied(text, 1, secondsPerUnit)

/**
 * Reads seconds, 0 or more, as a decimal number (`0.5`), with the same suffixes as {@link seconds}.
 *
 * @category decoding
 * @since 0.1.0
 */
export const fractionalSeconds: Datatype<number> = (text) => {
  const { digits, factor } = splitSuffix(WhiteSpace.trim(text), 1, secondsPerUnit)
  const number = WhiteSpace.trim(digits)
  const value = Number(number) * factor
  return /^\+?(?:\d+\.?\d*|\.\d+)$/.test(number) && Number.isFinite(value)
    ? Either.right(value)
    : Either.left(`${PythonLiteral.repr(text)} is not a number of seconds, 0 or more`)
}

/**
 * Reads a number of bytes, 0 or more: an integer, or one with the suffix `KB`, `MB` or `GB` (powers of 1024) in any case.
 *
 * @category decoding
 * @since 0.1.0
 */
export const byteSize: Datatype<number> = (text) => multiplied(text, 2, bytesPerUnit)

/**
 * Takes any text.
 *
 * @category decoding
 * @since 0.1.0
 */
export const string: Datatype<string> = (text) => Either.right(text)

/**
 * Reads a Python name with dots (`logging.Formatter`).
 *
 * @category decoding
 * @since 0.1.0
 */
export const dottedName: Datatype<string> = (text) =>
  /^[_a-zA-Z][_a-zA-Z0-9]*(?:\.[_a-zA-Z][_a-zA-Z0-9]*)*$/.test(text)
    ? Either.right(text)
    : Either.left(`not a valid dotted name: ${PythonLiteral.repr(text)}`)

/**
 * Reads the address of a server on the internet: `host:port`, `[v6]:port`, a port or a host; what is missing is
 * undefined. Host names are in lower case.
 *
 * @category decoding
 * @since 0.1.0
 */
export const internetAddress: Datatype<InternetAddress> = (text) => {
  const [word, ...more] = Words.literal(text)
  if (word === undefined || more.length > 0) {
    return Either.left(`not a valid host name: ${PythonLiteral.repr(text)}`)
  }
  const { host, port } = splitAddress(word)
  const number = port === undefined || port.length === 0 ? Either.right(undefined) : portNumber(port)
  const address = Either.map(number, (port): InternetAddress => ({ host: nonEmpty(host)?.toLowerCase(), port }))
  return word.includes(":")
    ? address
    : Either.orElse(address, () => Either.right({ host: word.toLowerCase(), port: undefined }))
}

/**
 * A host and a port as far as they are given.
 *
 * @category models
 * @since 0.1.0
 */
export interface InternetAddress {
  readonly host: string | undefined
  readonly port: number | undefined
}

// ===== Internal

const integers = { 8: /^([-+]?)(?:0o_?)?[0-7]+(?:_[0-7]+)*$/i, 10: /^([-+]?)\d+(?:_\d+)*$/ }

/** Why `number` in a text is no integer, or is one that Python would take, and that cannot be held exactly here. */
const noInteger = (text: string, number: string, base: 8 | 10): string => {
  const sign = integers[base].exec(WhiteSpace.trim(number))?.[1]
  return sign === undefined
    ? `invalid literal for int() with base ${base}: ${PythonLiteral.repr(text)}`
    : `${PythonLiteral.repr(text)} is too ${sign === "-" ? "small" : "large"}`
}

const notNegative: (value: number) => Either.Either<number, string> = Either.liftPredicate(
  (value) => value >= 0,
  (value) => `${value} is negative; use 0 or more`
)

const secondsPerUnit: ReadonlyMap<string, number> = new Map([["s", 1], ["m", 60], ["h", 3600], ["d", 86_400]])

const bytesPerUnit: ReadonlyMap<string, number> = new Map([["kb", 2 ** 10], ["mb", 2 ** 20], ["gb", 2 ** 30]])

const splitSuffix = (text: string, length: number, factors: ReadonlyMap<string, number>) => {
  const factor = factors.get(text.slice(-length).toLowerCase())
  return factor === undefined ? { digits: text, factor: 1 } : { digits: text.slice(0, -length), factor }
}

const multiplied = (
  text: string,
  length: number,
  factors: ReadonlyMap<string, number>
): Either.Either<number, string> => {
  const { digits, factor } = splitSuffix(WhiteSpace.trim(text), length, factors)
  return PythonLiteral.parseInteger(digits, 10).pipe(
    Either.fromOption(() => noInteger(text, digits, 10)),
    Either.flatMap(notNegative),
    Either.map((value) => value * factor),
    Either.filterOrLeft(Number.isSafeInteger, () => `${PythonLiteral.repr(text)} is too large`)
  )
}

const splitAddress = (word: string): { readonly host: string; readonly port: string | undefined } => {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(word)
  if (bracketed !== null) {
    return { host: bracketed[1] ?? "", port: bracketed[2] }
  }
  const [first = "", second, ...more] = word.split(":")
  if (second === undefined) {
    return { host: "", port: first }
  }
  // More than one colon outside brackets is an address of IPv6 without a port.
  return more.length > 0 ? { host: word, port: undefined } : { host: first, port: second }
}

const nonEmpty = (text: string): string | undefined => text.length > 0 ? text : undefined

const portNumber: Datatype<number> = (text) =>
  integer(10)(text).pipe(
    Either.filterOrLeft((port) => port >= 0, (port) => `${port} is below lower bound (0)`),
    Either.filterOrLeft((port) => port <= 0xffff, (port) => `${port} is above upper bound (65535)`)
  )
