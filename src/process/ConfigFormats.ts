/**
 * The parsers of the modern formats, and a writer of YAML.
 *
 * They are in a bundle of their own, which is loaded only for such a file, and which has nothing of `effect` in it: what
 * goes in and out is plain data. A parser's own checks come first; what it would do silently (aliases, merge keys, other
 * tags) is refused, so that a file says what it seems to say.
 *
 * @since 0.1.0
 */
import * as TOML from "toml-eslint-parser"
import * as YAML from "yaml"
import type * as ConfigDocument from "../config/ConfigDocument.ts"
import { maximumDepth } from "../config/ConfigDocument.ts"
import * as JsonDocument from "../config/JsonDocument.ts"

/**
 * Parses the text of a file. It never throws, whatever the text is.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (format: ConfigDocument.Format, text: string): ConfigDocument.Parsed => {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text
  if (format === "JSON") return JsonDocument.parse(source)
  const depth = findDepth(source)
  if (depth !== undefined) return { _tag: "Mistakes", mistakes: [{ line: depth, reason: tooDeep }] }
  const mistakes: Array<ConfigDocument.Mistake> = []
  let isTooDeep = false
  const report: Report = (line, reason) => {
    if (reason === tooDeep && isTooDeep) return
    isTooDeep ||= reason === tooDeep
    mistakes.push({ line, reason })
  }
  const table = format === "TOML" ? readToml(source, report) : readYaml(source, report)
  const [first, ...rest] = mistakes
  return first === undefined ? { _tag: "Document", table } : { _tag: "Mistakes", mistakes: [first, ...rest] }
}

/**
 * Writes data as YAML, below lines of comment.
 *
 * @category formatting
 * @since 0.1.0
 */
export const writeYaml = (data: object, comment: ReadonlyArray<string>): string => {
  const document = new YAML.Document(data)
  document.commentBefore = comment.join("\n")
  return document.toString({ lineWidth: 0 })
}

// ===== Internal

type Report = (line: number, reason: string) => void

/** Texts are taken apart by recursion, here and in the libraries. */
const tooDeep = "this is nested too deeply"

/** Far more than is allowed, and far less than the libraries can take. */
const suspiciousDepth = 200

/**
 * The line on which a text begins to look too deep: brackets that are not closed, or a line that begins with what nests in
 * YAML. The libraries go down by recursion and notice when the stack is full, but at that point V8 may end the process:
 * it cannot compile a regular expression then (measured).
 */
const findDepth = (text: string): number | undefined => {
  const lineOf = (index: number) => text.slice(0, index).split("\n").length
  const indented = new RegExp(`^[ \\t?:-]{${suspiciousDepth}}`, "m").exec(text)
  if (indented !== null) return lineOf(indented.index)
  let depth = 0
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1)
    if (depth > suspiciousDepth) return lineOf(index)
  }
  return undefined
}

/** Runs a parser that throws. */
const attempt = <A>(parse: () => A, report: Report): A | undefined => {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof TOML.ParseError) report(cause.lineNumber, withRemedy(cause.message))
    else report(1, cause instanceof RangeError ? tooDeep : String(cause))
    return undefined
  }
}

const withRemedy = (message: string): string =>
  message === "Leading zeros are not allowed" ? `${message}; write an octal number as text: "022"` : message

const emptyTable: ConfigDocument.Table = { _tag: "Table", entries: [], line: 1, end: 1 }

// ===== TOML

const readToml = (text: string, report: Report): ConfigDocument.Table => {
  const root = growing(1)
  const nodes = attempt(() => TOML.parseTOML(text, { tomlVersion: "1.0" }).body[0].body, report) ?? []
  for (const node of nodes) {
    if (node.type === "TOMLKeyValue") {
      addToml(root, node, 0, report)
    } else if (node.key.keys.length > maximumDepth) {
      report(node.loc.start.line, tooDeep)
    } else {
      const table = descend(root, namesOf(node.key), node.loc.start.line, node.kind === "array")
      extend(table, node.loc.end.line)
      node.body.forEach((entry) => addToml(table, entry, node.key.keys.length, report))
    }
  }
  return finish(root)
}

/** A table of TOML, which may get entries in several places of the file. */
interface Growing {
  readonly line: number
  end: number
  readonly entries: Map<string, { readonly line: number; readonly value: ConfigDocument.Value | Array<Growing> }>
}

const growing = (line: number): Growing => ({ line, end: line, entries: new Map() })

const extend = (table: Growing, end: number): void => {
  table.end = Math.max(table.end, end)
}

const namesOf = (key: TOML.AST.TOMLKey): ReadonlyArray<string> =>
  key.keys.map((name) => name.type === "TOMLBare" ? name.name : name.value)

/** The table that a path of names leads to. `isNew` begins another one in a list of tables. */
const descend = (root: Growing, names: ReadonlyArray<string>, line: number, isNew: boolean): Growing => {
  let table = root
  names.forEach((name, i) => {
    const entry = table.entries.get(name) ?? { line, value: [] }
    table.entries.set(name, entry)
    // The parser has seen to it that a value is never extended.
    const tables = Array.isArray(entry.value) ? entry.value : []
    if (tables.length === 0 || (isNew && i === names.length - 1)) tables.push(growing(line))
    table = tables.at(-1) ?? table
  })
  return table
}

const addToml = (
  table: Growing,
  { key, loc, value }: TOML.AST.TOMLKeyValue,
  depth: number,
  report: Report
): void => {
  const { line } = loc.start
  const names = namesOf(key)
  if (depth + names.length > maximumDepth) return report(line, tooDeep)
  const owner = descend(table, names.slice(0, -1), line, false)
  owner.entries.set(names.at(-1) ?? "", { line, value: tomlValue(value, depth + names.length, report) })
  extend(owner, loc.end.line)
}

const tomlValue = (node: TOML.AST.TOMLContentNode, depth: number, report: Report): ConfigDocument.Value => {
  const { line } = node.loc.start
  if (depth > maximumDepth) {
    report(line, tooDeep)
    return { _tag: "Null", line }
  }
  switch (node.type) {
    case "TOMLArray":
      return { _tag: "List", items: node.elements.map((element) => tomlValue(element, depth + 1, report)), line }
    case "TOMLInlineTable": {
      const table = growing(line)
      extend(table, node.loc.end.line)
      node.body.forEach((entry) => addToml(table, entry, depth, report))
      return finish(table)
    }
    case "TOMLValue":
      switch (node.kind) {
        case "string":
          return { _tag: "Text", text: node.value, line }
        case "boolean":
          return { _tag: "Boolean", value: node.value, line }
        case "integer":
        case "float":
          return { _tag: "Number", value: node.value, source: node.number, line }
        default:
          return { _tag: "Text", text: node.datetime, line }
      }
  }
}

const finish = ({ end, entries, line }: Growing): ConfigDocument.Table => ({
  _tag: "Table",
  entries: Array.from(entries, ([key, { line, value }]) => ({
    key,
    line,
    value: !Array.isArray(value)
      ? value
      : value.length === 1 && value[0] !== undefined
      ? finish(value[0])
      : { _tag: "List", items: value.map(finish), line }
  })),
  line,
  end
})

// ===== YAML

const readYaml = (text: string, report: Report): ConfigDocument.Table => {
  const lines = new YAML.LineCounter()
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const document = attempt(() =>
    YAML.parseDocument(text, {
      lineCounter: lines,
      // Silence would take the error away that tells of a second document. Nothing is printed from here.
      logLevel: "error",
      merge: false,
      prettyErrors: false,
      resolveKnownTags: false,
      schema: "core",
      // The library compares each key with all before it, which takes too long for a great many.
      uniqueKeys: false
    }), report)
  if (document === undefined) return emptyTable
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    report(lineAt(pos[0]), code === "MULTIPLE_DOCS" ? "a configuration is one document; --- begins another" : message)
  }
  const { explicit, version } = document.directives?.yaml ?? {}
  if (explicit === true && version !== "1.2") report(1, `this is read as YAML 1.2; remove %YAML ${version}`)
  const value = document.contents === null ? emptyTable : yamlValue(document.contents, 0, { lineAt, report })
  if (value._tag === "Table") return value
  // A document of comments has no value.
  if (value._tag !== "Null") report(value.line, "a configuration is a YAML mapping: runner: ...")
  return emptyTable
}

interface YamlContext {
  readonly lineAt: (offset: number) => number
  readonly report: Report
}

const yamlValue = (node: unknown, depth: number, context: YamlContext): ConfigDocument.Value => {
  const [start, end] = (YAML.isNode(node) ? node.range : undefined) ?? [0, 0]
  const line = context.lineAt(start)
  if (depth > maximumDepth) context.report(line, tooDeep)
  else if (YAML.isAlias(node)) context.report(line, "aliases are not supported; write the value once more")
  else if (YAML.isScalar(node)) return yamlScalar(node, line)
  else if (YAML.isSeq(node)) {
    return { _tag: "List", items: node.items.map((item) => yamlValue(item, depth + 1, context)), line }
  } else if (YAML.isMap(node)) {
    const entries = yamlEntries(node, line, depth, context)
    return { _tag: "Table", entries, line, end: context.lineAt(Math.max(start, end - 1)) }
  }
  return { _tag: "Null", line }
}

const yamlEntries = (
  map: YAML.YAMLMap,
  line: number,
  depth: number,
  context: YamlContext
): ReadonlyArray<ConfigDocument.Entry> => {
  const keys = new Set<string>()
  return map.items.map(({ key, value }) => {
    const range = YAML.isNode(key) ? key.range : undefined
    const keyLine = range === undefined || range === null ? line : context.lineAt(range[0])
    const name = yamlKey(key)
    if (name === undefined) context.report(keyLine, "a key must be plain text")
    else if (name === "<<") context.report(keyLine, "merge keys are not supported; write the values once more")
    else if (keys.has(name)) context.report(keyLine, `the key "${name}" is here for the second time`)
    keys.add(name ?? "")
    return {
      key: name ?? "",
      line: keyLine,
      value: value === null ? { _tag: "Null", line: keyLine } : yamlValue(value, depth + 1, context)
    }
  })
}

const yamlScalar = ({ source, value }: YAML.Scalar, line: number): ConfigDocument.Value => {
  switch (typeof value) {
    case "number":
      return { _tag: "Number", value, source: source ?? String(value), line }
    case "boolean":
      return { _tag: "Boolean", value, line }
    case "string":
      return { _tag: "Text", text: value, line }
    default:
      return { _tag: "Null", line }
  }
}

/** The text of a key. What it would be as another type (`1`, `true`) does not matter. */
const yamlKey = (key: unknown): string | undefined => {
  if (!YAML.isScalar(key)) return undefined
  const name = typeof key.value === "string" ? key.value : key.source ?? ""
  return name === "" ? undefined : name
}
