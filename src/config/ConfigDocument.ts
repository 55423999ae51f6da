/**
 * What a configuration file in a modern format (TOML, YAML, JSON) consists of: values, each with its line.
 *
 * The parser of each format makes a document; what the document means is the same for all of them. A number keeps its
 * spelling, since `022` may be 18, 22 or text, depending on what it is for.
 *
 * @since 0.1.0
 */

/**
 * A modern format.
 *
 * @category models
 * @since 0.1.0
 */
export type Format = "TOML" | "YAML" | "JSON"

/**
 * A value. `line` is where it begins, from 1.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = Text | Number | Boolean | Null | List | Table

/**
 * A string, or what has no other type here, as it is written: a date.
 *
 * @category models
 * @since 0.1.0
 */
export interface Text {
  readonly _tag: "Text"
  readonly text: string
  readonly line: number
}

/**
 * A number: `source` is how it is written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Number {
  readonly _tag: "Number"
  readonly value: number
  readonly source: string
  readonly line: number
}

/**
 * `true` or `false`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Boolean {
  readonly _tag: "Boolean"
  readonly value: boolean
  readonly line: number
}

/**
 * No value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Null {
  readonly _tag: "Null"
  readonly line: number
}

/**
 * A list.
 *
 * @category models
 * @since 0.1.0
 */
export interface List {
  readonly _tag: "List"
  readonly items: ReadonlyArray<Value>
  readonly line: number
}

/**
 * A table (TOML), mapping (YAML) or object (JSON). No two entries have the same key. `end` is its last line.
 *
 * @category models
 * @since 0.1.0
 */
export interface Table {
  readonly _tag: "Table"
  readonly entries: ReadonlyArray<Entry>
  readonly line: number
  readonly end: number
}

/**
 * One key of a table with its value. `line` is that of the key.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly key: string
  readonly line: number
  readonly value: Value
}

/**
 * Something that a format does not allow, or that is not allowed in a configuration file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mistake {
  readonly line: number
  readonly reason: string
}

/**
 * What a parser makes of a text: its outermost table, or what is wrong with it, at least one mistake.
 *
 * @category models
 * @since 0.1.0
 */
export type Parsed =
  | { readonly _tag: "Document"; readonly table: Table }
  | { readonly _tag: "Mistakes"; readonly mistakes: readonly [Mistake, ...ReadonlyArray<Mistake>] }

/**
 * How deep lists and tables may be nested in each other. Nothing needs more than five.
 *
 * @category models
 * @since 0.1.0
 */
export const maximumDepth = 64

/**
 * Tells the format by the end of a file's name: `.toml`, `.yaml`, `.yml` or `.json`, in any case. Every other file is
 * ZConfig, which gives undefined.
 *
 * @category decoding
 * @since 0.1.0
 */
export const formatOf = (file: string): Format | undefined => {
  switch (/\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase()) {
    case "toml":
      return "TOML"
    case "yaml":
    case "yml":
      return "YAML"
    case "json":
      return "JSON"
    default:
      return undefined
  }
}
