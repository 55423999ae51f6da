/**
 * The few Python literals that zdaemon writes in messages and in its status reply, and reads from an original manager.
 *
 * Nothing is evaluated: a text is one literal from end to end, or it is rejected. Reading takes time in proportion to
 * the text; the caller limits its size.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as WhiteSpace from "./WhiteSpace.ts"

/**
 * The value of a Python literal: `None` is null, an int or float is a number, a list or tuple is an array. A bytes
 * literal is a string with one character per byte.
 *
 * @category models
 * @since 0.1.0
 */
export type Literal = string | number | boolean | null | ReadonlyArray<Literal>

/**
 * A text that is not a literal that {@link parse} knows. `offset` counts UTF-16 code units from the start of the text.
 *
 * @category errors
 * @since 0.1.0
 */
export class LiteralError extends Data.TaggedError("LiteralError")<{
  readonly reason: string
  readonly offset: number
}> {
  override get message(): string {
    return `${this.reason} at offset ${this.offset}`
  }
}

/**
 * Writes a string as Python 3's `repr` does: in single quotes, or in double quotes if it contains single and no double
 * ones; what is not printable is escaped, other characters beyond ASCII are kept. Which characters are printable
 * depends on the version of Unicode, so a character added in recent years may come out differently in Python.
 *
 * @category formatting
 * @since 0.1.0
 */
export const repr = (text: string): string => {
  const quote = text.includes("'") && !text.includes("\"") ? "\"" : "'"
  return quote + text.replace(/['\\\p{C}\p{Z}]/gu, (char) => char === "'" && quote === "\"" ? char : escape(char)) +
    quote
}

/**
 * Writes a list of strings as Python 3's `repr` does: `['sleep', '100']`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const reprList = (texts: ReadonlyArray<string>): string => `[${texts.map(repr).join(", ")}]`

/**
 * Reads an integer as Python's `int(text, base)` does: an optional sign, white space around it, single underscores
 * between digits (`1_000`), leading zeros; in base 8 also the prefix `0o`. `None` if it is no integer, if it is beyond
 * the safe integers, or if its digits are not ASCII ones (which Python reads).
 *
 * @category decoding
 * @since 0.1.0
 */
export const parseInteger = (text: string, base: 8 | 10): Option.Option<number> => {
  const word = WhiteSpace.trim(text)
  const unsigned = /^[+-]/.test(word) ? word.slice(1) : word
  const digits = base === 8 && /^0o/i.test(unsigned) ? unsigned.slice(2).replace(/^_/, "") : unsigned
  return Option.map(readDigits(digits, base), (value) => word.startsWith("-") ? 0 - value : value)
}

/**
 * Reads a text that is one literal: a string in single or double quotes (with the prefixes `u` and `b`), a decimal int
 * within the safe integers, a float (`1e999` is infinite, as in Python), `None`, `True`, `False`, or a list or tuple of
 * literals, nested at most 64 deep.
 * Rejected are, among others, expressions, adjacent strings, raw and triple-quoted strings, `\N{…}`, dictionaries and
 * sets.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): Either.Either<Literal, LiteralError> =>
  Either.flatMap(readValue(text, skipBlanks(text, 0), 0), ({ end, value }) => {
    const rest = skipBlanks(text, end)
    return rest === text.length ? Either.right(value) : fail("unexpected text after the literal", rest)
  })

// =====================================================================================================================
// Internal
// =====================================================================================================================

const escape = (char: string): string => {
  switch (char) {
    case " ":
      return char
    case "'":
    case "\\":
      return `\\${char}`
    case "\n":
      return "\\n"
    case "\r":
      return "\\r"
    case "\t":
      return "\\t"
  }
  const code = char.codePointAt(0) ?? 0
  if (code < 0x100) {
    return `\\x${hex(code, 2)}`
  }
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0")

/** Digits with single underscores between them. */
const readDigits = (text: string, base: 8 | 10): Option.Option<number> => {
  const allowed = "0123456789".slice(0, base)
  let value = 0
  let afterDigit = false
  for (const char of text) {
    const digit = allowed.indexOf(char)
    if (digit === -1 && (char !== "_" || !afterDigit)) {
      return Option.none()
    }
    afterDigit = digit !== -1
    value = afterDigit ? value * base + digit : value
  }
  return afterDigit && Number.isSafeInteger(value) ? Option.some(value) : Option.none()
}

type Reading<A> = Either.Either<{ readonly value: A; readonly end: number }, LiteralError>

const fail = (reason: string, offset: number): Either.Either<never, LiteralError> =>
  Either.left(new LiteralError({ reason, offset }))

const maximalDepth = 64

const keywords: ReadonlyMap<string, boolean | null> = new Map([["None", null], ["True", true], ["False", false]])

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["\n", ""],
  ["\\", "\\"],
  ["'", "'"],
  ["\"", "\""],
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"]
])

const hexEscapes: ReadonlyMap<string, number> = new Map([["x", 2], ["u", 4], ["U", 8]])

/** The end of the characters from `at` on that `isOne` accepts. */
const skip = (text: string, at: number, isOne: (char: string) => boolean): number => {
  let end = at
  while (end < text.length && isOne(text.charAt(end))) {
    end += 1
  }
  return end
}

const skipBlanks = (text: string, at: number): number => skip(text, at, (char) => " \t\n\r\f".includes(char))

const readValue = (text: string, at: number, depth: number): Reading<Literal> => {
  const char = text.charAt(at)
  switch (char) {
    case "'":
    case "\"":
      return readString(text, at + 1, char, false)
    case "[":
      return readItems(text, at, "]", depth)
    case "(":
      return readItems(text, at, ")", depth)
    default: {
      const next = text.charAt(at + 1)
      return (next === "'" || next === "\"") && /[ub]/i.test(char)
        ? readString(text, at + 2, next, /b/i.test(char))
        : readWord(text, at)
    }
  }
}

const readItems = (text: string, open: number, close: string, depth: number): Reading<Literal> => {
  if (depth === maximalDepth) {
    return fail("too deeply nested", open)
  }
  const items: Array<Literal> = []
  let at = skipBlanks(text, open + 1)
  let afterComma = true
  while (at < text.length) {
    if (text.charAt(at) === close) {
      const [only] = items
      const inParentheses = close === ")" && items.length === 1 && !afterComma && only !== undefined
      return Either.right({ value: inParentheses ? only : items, end: at + 1 })
    }
    if (!afterComma) {
      return fail(`expected , or ${close}`, at)
    }
    const item = readValue(text, at, depth + 1)
    if (Either.isLeft(item)) {
      return Either.left(item.left)
    }
    items.push(item.right.value)
    at = skipBlanks(text, item.right.end)
    afterComma = text.charAt(at) === ","
    at = afterComma ? skipBlanks(text, at + 1) : at
  }
  return fail("not closed", open)
}

const readString = (text: string, start: number, quote: string, bytes: boolean): Reading<string> => {
  let value = ""
  let at = start
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === quote) {
      return Either.right({ value, end: at + 1 })
    }
    if (char === "\n" || char === "\r") {
      return fail("line break in a string", at)
    }
    if (bytes && char > "\u007f") {
      return fail("not ASCII in a bytes literal", at)
    }
    const piece = char === "\\" ? readEscape(text, at, bytes) : Either.right({ value: char, end: at + 1 })
    if (Either.isLeft(piece)) {
      return Either.left(piece.left)
    }
    value += piece.right.value
    at = piece.right.end
  }
  return fail("string not closed", start - 1)
}

const readEscape = (text: string, at: number, bytes: boolean): Reading<string> => {
  const char = text.charAt(at + 1)
  const simple = simpleEscapes.get(char)
  if (simple !== undefined) {
    return Either.right({ value: simple, end: at + 2 })
  }
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))
  if (octal !== null) {
    const code = Number.parseInt(octal[0], 8)
    return Either.right({ value: String.fromCharCode(bytes ? code % 256 : code), end: at + 1 + octal[0].length })
  }
  const width = bytes && char !== "x" ? undefined : hexEscapes.get(char)
  if (width !== undefined) {
    const digits = text.slice(at + 2, at + 2 + width)
    const code = digits.length === width && /^[0-9a-f]*$/i.test(digits) ? Number.parseInt(digits, 16) : Infinity
    return code <= 0x10_ffff
      ? Either.right({ value: String.fromCodePoint(code), end: at + 2 + width })
      : fail(`malformed \\${char} escape`, at)
  }
  return char === "N" && !bytes
    ? fail("\\N escape", at)
    // Python keeps the backslash of an escape that it does not know.
    : Either.right({ value: "\\", end: at + 1 })
}

/** A keyword or a number. */
const readWord = (text: string, at: number): Reading<Literal> => {
  const end = skip(text, at, (char) => /[-+.\w]/.test(char))
  const word = text.slice(at, end)
  const keyword = keywords.get(word)
  if (keyword !== undefined) {
    return Either.right({ value: keyword, end })
  }
  return Option.match(readNumber(word), {
    onNone: () => fail(word.length === 0 ? "expected a literal" : "neither a keyword nor a number that fits", at),
    onSome: (value) => Either.right({ value, end })
  })
}

const readNumber = (word: string): Option.Option<number> => {
  const unsigned = /^[+-]/.test(word) ? word.slice(1) : word
  const [mantissa = "", exponent, ...more] = unsigned.split(/e/i)
  const [whole = "", fraction, ...others] = mantissa.split(".")
  if (more.length > 0 || others.length > 0) {
    return Option.none()
  }
  if (exponent === undefined && fraction === undefined) {
    return unsigned.startsWith("0") && /[1-9]/.test(unsigned) ? Option.none() : parseInteger(word, 10)
  }
  const power = exponent === undefined ? "0" : exponent.replace(/^[+-]/, "")
  const parts = [whole, fraction ?? "", power]
  const isFloat = power.length > 0 && whole.length + (fraction ?? "").length > 0 &&
    parts.every((digits) => digits.length === 0 || isDigits(digits))
  return isFloat ? Option.some(Number(word.replaceAll("_", ""))) : Option.none()
}

/** Digits of any number, with single underscores between them. */
const isDigits = (text: string): boolean => text.split("_").every((digits) => /^\d+$/.test(digits))
