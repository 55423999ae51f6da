/**
 * From a document in a modern format to the tree of sections and keys that a ZConfig text would give, so that all formats
 * are checked by the same readers.
 *
 * A key that names a section which may stand there is that section, or with a list one section for each item. A list of
 * values repeats a key that may be repeated. Nothing is substituted in values.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as ConfigDocument from "./ConfigDocument.ts"
import * as ConfigSchema from "./ConfigSchema.ts"
import type { Mistake } from "./Mistake.ts"
import * as OwnSetting from "./OwnSetting.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as ValueType from "./ValueType.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * Makes the tree of a document that was parsed from `file`. What the format does not allow leaves no tree to read. `own` are
 * the settings that somebody else's command adds.
 *
 * @category decoding
 * @since 0.1.0
 */
export const make = (
  parsed: ConfigDocument.Parsed,
  file: string,
  own: ReadonlyArray<OwnSetting.OwnSetting> = []
): ZConfigTree.Reading => {
  const whole: Whole = { file, types: OwnSetting.sectionTypes(own) }
  if (parsed._tag === "Mistakes") {
    const mistakes = parsed.mistakes.map(({ line, reason }) => ({ reason, place: { file, line } }))
    return { root: section("", nothing, 1, whole, () => {}), mistakes, isReadable: false }
  }
  const mistakes: Array<Mistake> = []
  const root = section("", parsed.table, 1, whole, (line, reason, key) => {
    mistakes.push({ reason, place: { file, line }, key })
  })
  return { root, mistakes, isReadable: true }
}

// ===== Internal

/** What holds for every section of a document. */
interface Whole {
  readonly file: string
  readonly types: ReadonlyMap<string, ConfigSchema.SectionType>
}

type Report = (line: number, reason: string, key?: string) => void

const nothing: ConfigDocument.Table = { _tag: "Table", entries: [], line: 1, end: 1 }

const section = (
  type: string,
  { end, entries }: ConfigDocument.Table,
  line: number,
  whole: Whole,
  report: Report
): ZConfigTree.SectionNode => {
  const { file, types } = whole
  const known = types.get(type)
  const keys: Array<ZConfigTree.KeyNode> = []
  const sections: Array<ZConfigTree.SectionNode> = []
  for (const { key, line, value } of entries) {
    // Editors look for the schema of a JSON file there.
    if (type === "" && key === "$schema") continue
    const name = key.toLowerCase()
    const isSection = (known?.slots ?? []).some(({ types }) => types.includes(name))
    const open = (table: ConfigDocument.Table, line: number) => {
      sections.push(section(name, table, line, whole, report))
    }
    const add = (value: ConfigDocument.Value, line: number, type: Pick<ValueType.ValueType, "read">) => {
      const place = { file, line }
      keys.push(Either.match(type.read(value), {
        onLeft: (reason) => {
          report(line, `${PythonLiteral.repr(key)}: ${reason}`, name)
          return { key, value: "", place, isRefused: true }
        },
        onRight: (value) => ({ key, value, place })
      }))
    }
    if (isSection) {
      openEach(value, open, () => report(line, `${PythonLiteral.repr(key)} is a section`))
    } else if (value._tag === "Table" && known?.keys !== "any") {
      open(value, line)
    } else {
      const typed = typeOf(known, name)
      const items = typed.isRepeatable && value._tag === "List" ? value.items : [value]
      items.forEach((item) => add(item, items.length > 1 ? item.line : line, typed.type))
    }
  }
  return { type, name: undefined, keys, sections, place: { file, line }, end: { file, line: end } }
}

interface Typed {
  readonly type: Pick<ValueType.ValueType, "read">
  readonly isRepeatable: boolean
}

/** What is unknown is refused by the reader of the tree, whatever its value. */
const anything: Typed = { type: { read: () => Either.right("") }, isRepeatable: false }

const typeOf = (known: ConfigSchema.SectionType | undefined, name: string): Typed => {
  if (known?.keys === "any") return { type: ValueType.word, isRepeatable: false }
  const key = known?.keys.get(name)
  return key === undefined
    ? anything
    : { type: key.type, isRepeatable: ConfigSchema.isRepeatable(key.occurrence) }
}

const openEach = (
  value: ConfigDocument.Value,
  open: (table: ConfigDocument.Table, line: number) => void,
  refuse: () => void
): void => {
  const items = value._tag === "List" ? value.items : [value]
  for (const item of items) {
    if (item._tag === "Table") open(item, item.line)
    else refuse()
  }
}
