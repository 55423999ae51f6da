/**
 * JSON as RFC 8259 has it, with the line of everything: no comments, no trailing commas.
 *
 * The runtime's own parser tells no lines and takes duplicate keys.
 *
 * @since 0.1.0
 */
import type * as ConfigDocument from "./ConfigDocument.ts"
import { maximumDepth } from "./ConfigDocument.ts"

/**
 * Parses a text, whose outermost value must be an object. The first mistake ends the parsing. Time is linear.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): ConfigDocument.Parsed => {
  const reader: Reader = { text, at: 0, line: 1 }
  skip(reader)
  const value = readValue(reader, 0)
  if (isMistake(value)) return failed(value)
  if (reader.at < text.length) return failed(unexpected(reader, "the end"))
  return value._tag === "Table"
    ? { _tag: "Document", table: value }
    : failed({ line: value.line, reason: "a configuration is a JSON object: { \"runner\": ... }" })
}

// ===== Internal

interface Reader {
  readonly text: string
  at: number
  line: number
}

type Result<A> = A | ConfigDocument.Mistake

const isMistake = (result: object): result is ConfigDocument.Mistake => "reason" in result

const failed = (mistake: ConfigDocument.Mistake): ConfigDocument.Parsed => ({ _tag: "Mistakes", mistakes: [mistake] })

const unexpected = (reader: Reader, expected: string): ConfigDocument.Mistake => {
  const found = reader.text.codePointAt(reader.at)
  return {
    line: reader.line,
    reason: `expected ${expected}, found ${found === undefined ? "the end" : describe(String.fromCodePoint(found))}`
  }
}

const describe = (character: string): string =>
  character === "#" || character === "/" ? `${character} (JSON has no comments)` : character

const skip = (reader: Reader): void => {
  for (;; reader.at++) {
    switch (reader.text[reader.at]) {
      case "\n":
        reader.line++
        break
      case " ":
      case "\t":
      case "\r":
        break
      default:
        return
    }
  }
}

/** Takes a character and the white space behind it, if it comes next. */
const take = (reader: Reader, character: string): boolean => {
  const found = reader.text[reader.at] === character
  if (found) {
    reader.at++
    skip(reader)
  }
  return found
}

/** Reads a value and the white space behind it. */
const readValue = (reader: Reader, depth: number): Result<ConfigDocument.Value> => {
  const { line } = reader
  if (depth > maximumDepth) return { line, reason: "this is nested too deeply" }
  switch (reader.text[reader.at]) {
    case "{":
      return readObject(reader, depth)
    case "[":
      return readArray(reader, depth)
    case "\"": {
      const text = readString(reader)
      return typeof text === "string" ? { _tag: "Text", text, line } : text
    }
    default:
      return readWord(reader)
  }
}

const readObject = (reader: Reader, depth: number): Result<ConfigDocument.Table> => {
  const { line } = reader
  const entries: Array<ConfigDocument.Entry> = []
  const keys = new Set<string>()
  let end = line
  const close = () => {
    end = reader.line
    return take(reader, "}")
  }
  take(reader, "{")
  if (close()) return { _tag: "Table", entries, line, end }
  do {
    const keyLine = reader.line
    if (reader.text[reader.at] !== "\"") return unexpected(reader, "a key in double quotes")
    const key = readString(reader)
    if (typeof key !== "string") return key
    if (keys.has(key)) return { line: keyLine, reason: `the key "${key}" is here for the second time` }
    keys.add(key)
    if (!take(reader, ":")) return unexpected(reader, "a colon")
    const value = readValue(reader, depth + 1)
    if (isMistake(value)) return value
    entries.push({ key, line: keyLine, value })
  } while (take(reader, ","))
  return close() ? { _tag: "Table", entries, line, end } : unexpected(reader, "a comma or }")
}

const readArray = (reader: Reader, depth: number): Result<ConfigDocument.List> => {
  const { line } = reader
  const items: Array<ConfigDocument.Value> = []
  take(reader, "[")
  if (take(reader, "]")) return { _tag: "List", items, line }
  do {
    const item = readValue(reader, depth + 1)
    if (isMistake(item)) return item
    items.push(item)
  } while (take(reader, ","))
  return take(reader, "]") ? { _tag: "List", items, line } : unexpected(reader, "a comma or ]")
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["\"", "\""],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"]
])

/** Reads a string and the white space behind it. */
const readString = (reader: Reader): string | ConfigDocument.Mistake => {
  const { line, text } = reader
  const parts: Array<string> = []
  let start = reader.at + 1
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? ""
    if (character === "\"") {
      reader.at = at + 1
      parts.push(text.slice(start, at))
      skip(reader)
      return parts.join("")
    }
    if (character < " ") {
      return { line, reason: "a string ends on the line that it begins on; write \\n for a new line" }
    }
    if (character === "\\") {
      const digits = /^u([0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))?.[1]
      const escaped = digits === undefined
        ? escapes.get(text[at + 1] ?? "")
        : String.fromCharCode(Number.parseInt(digits, 16))
      if (escaped === undefined) return { line, reason: `\\${text[at + 1] ?? ""} is no escape of JSON` }
      parts.push(text.slice(start, at), escaped)
      at += digits === undefined ? 1 : 5
      start = at + 1
    }
  }
  return { line, reason: "a string does not end" }
}

/** Reads a number, `true`, `false` or `null`, and the white space behind it. */
const readWord = (reader: Reader): Result<ConfigDocument.Value> => {
  const { line } = reader
  const word = /[-+.\w]*/y
  word.lastIndex = reader.at
  const source = word.exec(reader.text)?.[0] ?? ""
  const value = wordValue(source, line)
  if (value === undefined) return source === "" ? unexpected(reader, "a value") : { line, reason: noValue(source) }
  reader.at += source.length
  skip(reader)
  return value
}

const wordValue = (source: string, line: number): ConfigDocument.Value | undefined => {
  switch (source) {
    case "true":
    case "false":
      return { _tag: "Boolean", value: source === "true", line }
    case "null":
      return { _tag: "Null", line }
    default:
      return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(source)
        ? { _tag: "Number", value: Number(source), source, line }
        : undefined
  }
}

const noValue = (source: string): string => `${source.slice(0, 40)} is no value of JSON; write text in double quotes`
