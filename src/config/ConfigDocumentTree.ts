/**
 * From a document in a modern format to the tree of sections and keys that a ZConfig text would give, so that all formats
 * are checked by the same readers.
 *
 * A key that names a section which may stand there is that section, or with a list one section for each item. A list of
 * values repeats a key that may be repeated. Nothing is substituted in values.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import type * as ConfigDocument from "./ConfigDocument.ts"
import * as ConfigFile from "./ConfigFile.ts"
import * as ConfigSchema from "./ConfigSchema.ts"
import * as OwnSetting from "./OwnSetting.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as ValueType from "./ValueType.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * The tree of a document, and the values in it that do not say what they seem to say. Those stand in the tree as their
 * defaults, so that the reader of the tree finds what else is wrong and nothing more.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigDocumentTree {
  readonly root: ZConfigTree.SectionNode
  readonly refused: ReadonlyArray<ConfigFile.Mistake>
}

/**
 * Makes the tree of a document that was parsed from `file`. Fails with what the format does not allow. `own` are the
 * settings that somebody else's command adds.
 *
 * @category decoding
 * @since 0.1.0
 */
export const make = (
  parsed: ConfigDocument.Parsed,
  file: string,
  own: ReadonlyArray<OwnSetting.OwnSetting> = []
): Either.Either<ConfigDocumentTree, Arr.NonEmptyReadonlyArray<ConfigFile.ConfigError>> => {
  const placed = ({ line, reason }: ConfigDocument.Mistake): ConfigFile.Mistake => ({ reason, place: { file, line } })
  if (parsed._tag === "Mistakes") {
    return Either.left(ConfigFile.firstErrors(Arr.map(parsed.mistakes, placed)))
  }
  const refused: Array<ConfigFile.Mistake> = []
  const root = section("", parsed.table, 1, { file, types: OwnSetting.sectionTypes(own) }, (mistake) => {
    refused.push(placed(mistake))
  })
  return Either.right({ root, refused })
}

// ===== Internal

/** What holds for every section of a document. */
interface Whole {
  readonly file: string
  readonly types: ReadonlyMap<string, ConfigSchema.SectionType>
}

type Report = (mistake: ConfigDocument.Mistake) => void

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
    const add = (value: ConfigDocument.Value, line: number, { fallback, type }: Typed) => {
      const text = Either.getOrElse(type.read(value), (reason) => {
        report({ line, reason: `${PythonLiteral.repr(key)}: ${reason}` })
        return fallback
      })
      keys.push({ key, value: text, place: { file, line } })
    }
    if (isSection) {
      openEach(value, open, () => report({ line, reason: `${PythonLiteral.repr(key)} is a section` }))
    } else if (value._tag === "Table" && known?.keys !== "any") {
      open(value, line)
    } else {
      const typed = typeOf(known, name)
      const items = typed.isRepeatable && value._tag === "List" ? value.items : [value]
      items.forEach((item) => add(item, items.length > 1 ? item.line : line, typed))
    }
  }
  return { type, name: undefined, keys, sections, place: { file, line }, end: { file, line: end } }
}

interface Typed {
  readonly type: Pick<ValueType.ValueType, "read">
  readonly isRepeatable: boolean
  readonly fallback: string
}

/** What is unknown is refused by the reader of the tree, whatever its value. */
const anything: Typed = { type: { read: () => Either.right("") }, isRepeatable: false, fallback: "" }

const typeOf = (known: ConfigSchema.SectionType | undefined, name: string): Typed => {
  if (known?.keys === "any") return { type: ValueType.word, isRepeatable: false, fallback: "" }
  const key = known?.keys.get(name)
  return key === undefined
    ? anything
    : { type: key.type, isRepeatable: ConfigSchema.isRepeatable(key.occurrence), fallback: key.fallback ?? "" }
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
