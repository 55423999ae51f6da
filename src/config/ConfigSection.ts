/**
 * One section of a configuration file, checked against the table of what it may contain.
 *
 * A mistake is reported and does not end the reading, so that one look at a file finds all its mistakes: what is wrong is
 * left out, and the reader of the section goes on without it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ConfigSchema from "./ConfigSchema.ts"
import type * as Datatypes from "./Datatypes.ts"
import type { Mistake } from "./Mistake.ts"
import type { Place } from "./Place.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * Takes note of a mistake at a place. What it is about may be a key that is known, or a name that is not.
 *
 * @category models
 * @since 0.1.0
 */
export type Report = (place: Place, reason: string, about?: Pick<Mistake, "key" | "unknown">) => void

/**
 * A section whose keys and sections are known to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Section {
  readonly type: string
  readonly end: Place
  /** The values of each key, in the order of the file; more than one only where that is allowed. */
  readonly keys: ReadonlyMap<string, ReadonlyArray<ZConfigTree.KeyNode>>
  readonly sections: ReadonlyArray<ZConfigTree.SectionNode>
  /** Notes a mistake in this section. */
  readonly report: Report
}

/**
 * Reads a section, and reports keys and sections that are not known to it, too many or missing. What is missing is
 * reported where the section ends. What is inside its sections is not looked at. `own` are further keys that it may have.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (
  node: ZConfigTree.SectionNode,
  report: Report,
  own: ReadonlyMap<string, ConfigSchema.Key> = new Map()
): Section => {
  const { keys, slots } = ConfigSchema.sectionTypes.get(node.type) ?? unknown
  return {
    type: node.type,
    end: node.end,
    keys: keys === "any"
      ? readAnyKeys(node, report)
      : readKnownKeys(node, own.size === 0 ? keys : new Map([...keys, ...own]), report),
    sections: readSections(node, slots, report),
    report
  }
}

/**
 * Reads the only value of a key. Undefined if there is none or it is wrong.
 *
 * @category decoding
 * @since 0.1.0
 */
export const value = <A>(section: Section, key: string, datatype: Datatypes.Datatype<A>): A | undefined => {
  const [first] = section.keys.get(key) ?? []
  if (first === undefined) {
    return undefined
  }
  const value = datatype(first.value)
  if (Either.isRight(value)) {
    return value.right
  }
  section.report(first.place, value.left, { key })
  return undefined
}

/**
 * The texts of a key, in the order of the file; each that is wrong is reported and left out.
 *
 * @category decoding
 * @since 0.1.0
 */
export const values = (
  section: Section,
  key: string,
  datatype: Datatypes.Datatype<unknown>
): ReadonlyArray<ZConfigTree.KeyNode> =>
  (section.keys.get(key) ?? []).filter(({ place, value }) => {
    const result = datatype(value)
    if (Either.isLeft(result)) section.report(place, result.left, { key })
    return Either.isRight(result)
  })

/**
 * Gives the form in which two spellings of a key are the same in a section of this type: lower case, or as written in
 * section `environment`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const keyOf = (sectionType: string, key: string): string =>
  ConfigSchema.sectionTypes.get(sectionType)?.keys === "any" ? key : key.toLowerCase()

// ===== Internal

const unknown: ConfigSchema.SectionType = { description: "", keys: new Map(), slots: [] }

type Keys = Map<string, ReadonlyArray<ZConfigTree.KeyNode>>

const repr = PythonLiteral.repr

const readAnyKeys = (node: ZConfigTree.SectionNode, report: Report): Keys => {
  const found: Keys = new Map()
  for (const key of node.keys) {
    if (found.has(key.key)) {
      report(key.place, `too many values for ${repr(key.key)}`)
    } else if (isUsable(key, report)) {
      found.set(key.key, [key])
    }
  }
  return found
}

const readKnownKeys = (
  node: ZConfigTree.SectionNode,
  known: ReadonlyMap<string, ConfigSchema.Key>,
  report: Report
): Keys => {
  const found = new Map<string, Array<ZConfigTree.KeyNode>>()
  const names = [...known.keys()]
  for (const key of node.keys) {
    const name = key.key.toLowerCase()
    const occurrence = known.get(name)?.occurrence
    const earlier = found.get(name)
    if (!/^[a-z][-._a-z0-9]*$/i.test(key.key)) {
      report(key.place, `value did not match regular expression: ${repr(key.key)}`)
    } else if (occurrence === undefined) {
      report(key.place, `${repr(key.key)} is not a known key name`, { unknown: { name: key.key, known: names } })
    } else if (earlier === undefined) {
      found.set(name, [key])
    } else if (ConfigSchema.isRepeatable(occurrence)) {
      earlier.push(key)
    } else {
      report(key.place, `${repr(key.key)} does not support multiple values`, { key: name })
    }
  }
  for (const [name, { occurrence }] of known) {
    if (!found.has(name)) {
      reportMissing(repr(name), occurrence, node.end, (place, reason) => report(place, reason, { key: name }))
    }
  }
  return new Map([...found].map(([name, keys]) => [name, keys.filter((key) => isUsable(key, report))]))
}

const isUsable = ({ isRefused, key, place, value }: ZConfigTree.KeyNode, report: Report): boolean => {
  const hasNul = value.includes("\0")
  if (hasNul) {
    report(place, `the value of ${repr(key)} cannot contain a NUL character`, { key: key.toLowerCase() })
  }
  return !hasNul && isRefused !== true
}

const reportMissing = (
  name: string,
  occurrence: ConfigSchema.Occurrence,
  end: Place,
  report: Report
): void => {
  if (occurrence === "required") {
    report(end, `no values for ${name}; 1 required`)
  } else if (occurrence === "several") {
    report(end, `not enough values for ${name}; 0 found, 1 required`)
  }
}

const readSections = (
  node: ZConfigTree.SectionNode,
  slots: ReadonlyArray<ConfigSchema.Slot>,
  report: Report
): ReadonlyArray<ZConfigTree.SectionNode> => {
  const found: Array<ZConfigTree.SectionNode> = []
  const filled = new Set<ConfigSchema.Slot>()
  const names = new Set<string>()
  const expected = slots.flatMap(({ types }) => types)
  for (const section of node.sections) {
    const { name, place, type } = section
    const slot = slots.find(({ types }) => types.includes(type))
    if (type === "" || !ConfigSchema.sectionTypes.has(type)) {
      report(place, `unknown type name: ${repr(type)}`, { unknown: { name: type, known: expected } })
    } else if (slot === undefined) {
      report(place, `no matching section defined for type=${repr(type)}, name=${repr(name ?? "None")}`)
    } else if (filled.has(slot) && !ConfigSchema.isRepeatable(slot.occurrence)) {
      report(place, `too many instances of ${repr(slot.name)} section`)
    } else if (name !== undefined && names.has(name)) {
      report(place, `section names must not be re-used within the same container:${repr(name)}`)
    } else {
      found.push(section)
      filled.add(slot)
      names.add(name ?? "")
    }
  }
  for (const slot of slots) {
    if (!filled.has(slot)) {
      reportMissing(`section type ${repr(slot.name)}`, slot.occurrence, node.end, report)
    }
  }
  return found
}
