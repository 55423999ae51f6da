/**
 * A program's command line as text and as words: the values of `program` and `start-test-program`.
 *
 * The original splits on white space and takes quote characters literally. Here POSIX quoting works as well: `'…'` takes
 * everything literally, `"…"` everything but a backslash before `"`, `\`, `$` or a backquote, and a backslash outside
 * quotes takes the next character literally. Nothing is expanded. A text with neither quotes nor backslashes has the
 * words that it has in the original. White space is Python's.
 *
 * @since 0.1.0
 */
import * as WhiteSpace from "./WhiteSpace.ts"

/**
 * Splits a text into words. Where a quote is not closed, or a backslash is the last character, `unbalanced` is true and
 * the words are those of {@link literal}, so that a value written for the original keeps its meaning; the caller warns.
 *
 * @category decoding
 * @since 0.1.0
 */
export const split = (text: string): { readonly words: ReadonlyArray<string>; readonly unbalanced: boolean } => {
  const words = quoted(text)
  return words === undefined ? { words: literal(text), unbalanced: true } : { words, unbalanced: false }
}

/**
 * Splits a text on runs of white space; quotes and backslashes are characters like any other. No word is empty.
 *
 * @category decoding
 * @since 0.1.0
 */
export const literal = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  let start = 0
  for (let at = 0; at <= text.length; at += 1) {
    if (at === text.length || WhiteSpace.isWhite(text.charCodeAt(at))) {
      if (at > start) {
        words.push(text.slice(start, at))
      }
      start = at + 1
    }
  }
  return words
}

/**
 * Writes one word so that {@link split} reads it back: in single quotes if it is empty or contains white space, a quote
 * or a backslash, unchanged otherwise. This is not enough for a shell, to which other characters are special too.
 *
 * @category formatting
 * @since 0.1.0
 */
export const quote = (word: string): string =>
  literal(word)[0] === word && !/['"\\]/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/**
 * Writes words as one text, so that {@link split} gives the same words.
 *
 * @category formatting
 * @since 0.1.0
 */
export const join = (words: ReadonlyArray<string>): string => words.map(quote).join(" ")

// =====================================================================================================================
// Internal
// =====================================================================================================================

/** The words of a text with quotes, or undefined if one is not closed. */
const quoted = (text: string): ReadonlyArray<string> | undefined => {
  const words: Array<string> = []
  // Undefined between words; an empty string is a word that has been opened by quotes.
  let word: string | undefined
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (WhiteSpace.isWhite(char.charCodeAt(0))) {
      if (word !== undefined) {
        words.push(word)
        word = undefined
      }
      at += 1
      continue
    }
    const piece = readPiece(text, at, char)
    if (piece === undefined) {
      return undefined
    }
    word = (word ?? "") + piece.text
    at = piece.end
  }
  return word === undefined ? words : [...words, word]
}

interface Piece {
  readonly text: string
  readonly end: number
}

const readPiece = (text: string, at: number, char: string): Piece | undefined => {
  switch (char) {
    case "'": {
      const close = text.indexOf("'", at + 1)
      return close === -1 ? undefined : { text: text.slice(at + 1, close), end: close + 1 }
    }
    case "\"":
      return readDoubleQuotes(text, at + 1)
    case "\\":
      return at + 1 === text.length ? undefined : { text: text.charAt(at + 1), end: at + 2 }
    default:
      return { text: char, end: at + 1 }
  }
}

const readDoubleQuotes = (text: string, start: number): Piece | undefined => {
  let content = ""
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === "\"") {
      return { text: content, end: at + 1 }
    }
    const next = text.charAt(at + 1)
    if (char === "\\" && next.length > 0 && "\"\\$`".includes(next)) {
      content += next
      at += 1
    } else {
      content += char
    }
  }
  return undefined
}
