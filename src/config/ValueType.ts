/**
 * The types of keys in configuration files: how the reference calls them, what a modern format may say for them, and how
 * that becomes the text that ZConfig would have.
 *
 * What the text must be is for the readers of the text. Here is refused only what the format itself would read as
 * something else than the operator sees: `022`, `1.10`, `true` and the like where text is wanted.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as ConfigDocument from "./ConfigDocument.ts"
import * as Words from "./Words.ts"

/**
 * Data that JSON can say.
 *
 * @category models
 * @since 0.1.0
 */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * A type.
 *
 * - `name`: what the reference says about the values.
 * - `jsonSchema`: the values in a modern format.
 * - `read`: the text that a value of a modern format means, or why it means none.
 * - `natural`: the value in JSON that a correct text means.
 *
 * @category models
 * @since 0.1.0
 */
export interface ValueType {
  readonly name: string
  readonly jsonSchema: { readonly [key: string]: Json }
  readonly read: (value: ConfigDocument.Value) => Either.Either<string, string>
  readonly natural: (text: string) => Json
}

// ===== Refusals

const refuse = (value: ConfigDocument.Value): Either.Either<string, string> => {
  switch (value._tag) {
    case "Null":
      return Either.left("there is no value; leave the key out, or write \"\" for an empty one")
    case "List":
      return Either.left("a list is not allowed here")
    case "Table":
      return Either.left("a section is not allowed here")
    case "Text":
      return quoteIt(value.text, "text")
    case "Number":
      return quoteIt(value.source, "a number")
    case "Boolean":
      return quoteIt(String(value.value), "a boolean")
  }
}

const quoteIt = (source: string, meaning: string): Either.Either<string, string> =>
  Either.left(`${source} is ${meaning} here; if it is meant as text, write "${source}"`)

const asNumber = (text: string): Json => {
  const number = Number(text)
  return text.trim() === "" || !Number.isFinite(number) ? text : number
}

// ===== Readers

const readText = (value: ConfigDocument.Value): Either.Either<string, string> =>
  value._tag === "Text" ? Either.right(value.text) : refuse(value)

/** A number counts as text when it can only have been written like this: not 1.10, which is 1.1, nor 0x1f. */
const readWord = (value: ConfigDocument.Value): Either.Either<string, string> =>
  value._tag === "Number" && String(value.value) === value.source ? Either.right(value.source) : readText(value)

const readNumber = (value: ConfigDocument.Value): Either.Either<string, string> =>
  value._tag === "Number" ? Either.right(String(value.value)) : readText(value)

const readEach = (
  value: ConfigDocument.Value,
  read: (item: ConfigDocument.Value) => Either.Either<string, string>,
  join: (texts: ReadonlyArray<string>) => string
): Either.Either<string, string> =>
  value._tag === "List" ? Either.map(Either.all(value.items.map(read)), join) : read(value)

const numeric = (name: string, jsonSchema: ValueType["jsonSchema"]): ValueType => ({
  name,
  jsonSchema,
  read: readNumber,
  natural: asNumber
})

// ===== Types

/**
 * Any text.
 *
 * @category models
 * @since 0.1.0
 */
export const text: ValueType = {
  name: "text",
  jsonSchema: { type: "string" },
  read: readText,
  natural: (text) => text
}

/**
 * The path of a file or directory.
 *
 * @category models
 * @since 0.1.0
 */
export const path: ValueType = { ...text, name: "path" }

/**
 * Text that is often a number: the id of a user, a port, the value of an environment variable.
 *
 * @category models
 * @since 0.1.0
 */
export const word: ValueType = { ...text, jsonSchema: { type: ["string", "number"] }, read: readWord }

/**
 * A program with its arguments: one text, or a list of words.
 *
 * @category models
 * @since 0.1.0
 */
export const command: ValueType = {
  name: "words",
  jsonSchema: { type: ["string", "array"], items: { type: ["string", "number"] } },
  read: (value) => value._tag === "List" ? readEach(value, readWord, Words.join) : readText(value),
  natural: (text) => Words.split(text).words
}

/**
 * On or off.
 *
 * @category models
 * @since 0.1.0
 */
export const flag: ValueType = {
  name: "boolean",
  jsonSchema: { enum: [true, false, "yes", "no", "true", "false", "on", "off"] },
  read: (value) =>
    value._tag === "Boolean"
      ? Either.right(String(value.value))
      : value._tag === "Number"
      ? Either.right(value.source)
      : readText(value),
  natural: (text) => ["yes", "true", "on"].includes(text.toLowerCase())
}

/**
 * A number, 0 or more.
 *
 * @category models
 * @since 0.1.0
 */
export const natural: ValueType = numeric("whole number", {
  type: ["integer", "string"],
  minimum: 0,
  pattern: "^[0-9]+$"
})

/**
 * Whole seconds.
 *
 * @category models
 * @since 0.1.0
 */
export const seconds: ValueType = numeric("whole seconds, or 30s, 5m, 1h, 2d", {
  type: ["integer", "string"],
  minimum: 0,
  pattern: "^[0-9]+[smhdSMHD]?$"
})

/**
 * Seconds that may have a fraction.
 *
 * @category models
 * @since 0.1.0
 */
export const fractionalSeconds: ValueType = numeric("seconds, or 0.5s, 5m, 1h, 2d", {
  type: ["number", "string"],
  minimum: 0,
  pattern: "^([0-9]+[.]?[0-9]*|[.][0-9]+)[smhdSMHD]?$"
})

/**
 * A number of bytes.
 *
 * @category models
 * @since 0.1.0
 */
export const byteSize: ValueType = numeric("bytes, or 64KB, 10MB, 1GB", {
  type: ["integer", "string"],
  minimum: 0,
  pattern: "^[0-9]+([kKmMgG][bB])?$"
})

/**
 * How grave an event is: a number or a name.
 *
 * @category models
 * @since 0.1.0
 */
export const level: ValueType = numeric("level: 0 to 50, or a name", {
  type: ["integer", "string"],
  minimum: 0,
  maximum: 50
})

/**
 * Exit codes: one text with commas, one number, or a list.
 *
 * @category models
 * @since 0.1.0
 */
export const exitCodes: ValueType = {
  name: "whole numbers",
  jsonSchema: { type: ["array", "integer", "string"], items: { type: "integer" }, pattern: "^[-0-9, ]*$" },
  read: (value) => readEach(value, readNumber, (texts) => texts.join(",")),
  natural: (text) => text.trim() === "" ? [] : text.split(",").map(asNumber)
}

/**
 * An octal mask. A plain number is decimal in every modern format, so it must be text, or have the prefix `0o`.
 *
 * @category models
 * @since 0.1.0
 */
export const octal: ValueType = {
  name: "octal number",
  jsonSchema: { type: "string", pattern: "^(0[oO]?)?[0-7]{1,3}$" },
  read: (value) => {
    if (value._tag !== "Number") return readText(value)
    return value.source.startsWith("0o")
      ? Either.right(value.source)
      : Either.left(`${value.source} is a decimal number here, and this is an octal one; write it as text: "022"`)
  },
  natural: (text) => text
}

/**
 * One of some names.
 *
 * @category models
 * @since 0.1.0
 */
export const choice = (...names: ReadonlyArray<string>): ValueType => ({
  ...text,
  name: names.map((name) => `\`${name}\``).join(" or "),
  jsonSchema: { enum: names }
})

/**
 * A length of time, which may have several units.
 *
 * @category models
 * @since 0.1.0
 */
export const span: ValueType = numeric("seconds, or 500ms, 0.5s, 5m, 1h30m, 2d", {
  type: ["number", "string"],
  minimum: 0,
  pattern: "^([0-9]+[.]?[0-9]*|[.][0-9]+|([0-9]+([.][0-9]+)?([mM][sS]|[smhdwSMHDW]))+)$"
})

/**
 * A length of time, or a word.
 *
 * @category models
 * @since 0.1.0
 */
export const spanOr = (word: string): ValueType => ({
  ...span,
  name: `${span.name}, or \`${word}\``,
  jsonSchema: { anyOf: [span.jsonSchema, { const: word }] }
})

/**
 * A number that may have a fraction.
 *
 * @category models
 * @since 0.1.0
 */
export const number: ValueType = numeric("number", {
  type: ["number", "string"],
  minimum: 0,
  pattern: "^[0-9]*[.]?[0-9]+$"
})

/**
 * A part of a whole.
 *
 * @category models
 * @since 0.1.0
 */
export const part: ValueType = numeric("0 to 1, or 0% to 100%", {
  type: ["number", "string"],
  minimum: 0,
  maximum: 1,
  pattern: "^[0-9]*[.]?[0-9]+%?$"
})

/**
 * A number of ends, or a number of them in a time.
 *
 * @category models
 * @since 0.1.0
 */
export const limit: ValueType = numeric("5, or 5 in 10m", {
  type: ["integer", "string"],
  minimum: 1,
  pattern: "^[0-9]+( +in +[^ ]+)?$"
})

/**
 * What giving up means.
 *
 * @category models
 * @since 0.1.0
 */
export const surrender: ValueType = {
  ...text,
  name: "`exit`, `stay` or `retry after 10m`",
  jsonSchema: { type: "string", pattern: "^(exit|stay|retry +after +[^ ]+)$" }
}

/**
 * Rules for endings, of which the list begins as `pattern` says: one, or a list of them.
 *
 * @category models
 * @since 0.1.0
 */
export const rule = (pattern: string): ValueType => ({
  ...text,
  name: "rule",
  jsonSchema: { type: "string", pattern },
  natural: (text) => text === "" ? [] : text.split("\n")
})
