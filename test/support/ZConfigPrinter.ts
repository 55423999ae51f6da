/**
 * Prints configuration trees as ZConfig text, for the tests that read them back.
 *
 * @since 0.1.0
 */
import type { Place } from "../../src/config/Place.ts"
import type * as ZConfigTree from "../../src/config/ZConfigTree.ts"

/**
 * A section without places, to be printed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Section {
  readonly type: string
  readonly name: string | undefined
  readonly keys: ReadonlyArray<{ readonly key: string; readonly value: string }>
  readonly sections: ReadonlyArray<Section>
}

/**
 * Prints the contents of a root section as `file`, keys before sections, and returns the text with the tree that it has
 * to be read as.
 *
 * @category formatting
 * @since 0.1.0
 */
export const print = (
  root: Section,
  file: string
): { readonly text: string; readonly tree: ZConfigTree.SectionNode } => {
  const lines: Array<string> = []
  const write = (line: string): Place => ({ file, line: lines.push(line) })

  const contents = (section: Section) => ({
    keys: section.keys.map(({ key, value }) => ({
      key,
      value,
      place: write(`${key} ${value.replaceAll("$", "$$$$")}`)
    })),
    sections: section.sections.map(printSection)
  })

  const printSection = (section: Section): ZConfigTree.SectionNode => {
    const { name, type } = section
    // A blank keeps a slash at the end from making the section empty.
    const place = write(`<${name === undefined ? type : `${type} ${name}`} >`)
    const inside = contents(section)
    return { type, name, ...inside, place, end: write(`</${type}>`) }
  }

  const { keys, sections } = contents(root)
  const tree = { type: "", name: undefined, keys, sections, place: { file, line: 1 } }
  return { text: lines.join("\n"), tree: { ...tree, end: { file, line: Math.max(lines.length, 1) } } }
}
