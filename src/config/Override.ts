/**
 * Settings of a configuration file that the command line replaces: `-X runner/backoff-limit=77`.
 *
 * A specifier names sections from the outermost to the innermost, each by its type or its name, then a key. It is applied
 * to the tree before anything is checked, so an override is checked like a line of the file. The value is taken as it is:
 * nothing is substituted in it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * What the place of a `-X` option has for a file.
 *
 * @category models
 * @since 0.1.0
 */
export const commandLine = "<command-line option>"

/**
 * One `-X` option. Its place is `<command-line option>`, and as line its number among the `-X` options, from 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Override {
  readonly specifier: string
  readonly sections: ReadonlyArray<string>
  readonly key: ZConfigTree.KeyNode
}

/**
 * A `-X` option that cannot be read or applied. `reason` is the original's text; `message` adds the option in a second
 * line.
 *
 * @category errors
 * @since 0.1.0
 */
export class OverrideError extends Data.TaggedError("OverrideError")<{
  readonly reason: string
  readonly specifier: string
}> {
  override get message(): string {
    return `${this.reason}\n(-X ${this.specifier})`
  }
}

/**
 * Reads the values of all `-X` options, in the order of the command line. Fails with `invalid configuration specifier`
 * (no `=`) or `'//' is not allowed in an option path` (an empty element).
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (
  specifiers: ReadonlyArray<string>
): Either.Either<ReadonlyArray<Override>, OverrideError> =>
  Either.all(specifiers.map((specifier, index) => parseOne(specifier, index + 1)))

/**
 * Puts the values of `overrides` in place of all values that their keys have in the file; several overrides of one key
 * give it several values. Each goes to the first section that matches. `keyOf` gives the form in which two spellings of a
 * key are the same in a section of this type (lower case, or as written). A key that the section does not have is added:
 * whether it may is for the reader of the tree. Fails with `not all command line options were consumed` if a section does
 * not occur.
 *
 * @category decoding
 * @since 0.1.0
 */
export const apply = (
  tree: ZConfigTree.SectionNode,
  overrides: ReadonlyArray<Override>,
  keyOf: (sectionType: string, key: string) => string
): Either.Either<ZConfigTree.SectionNode, OverrideError> => {
  let result: Either.Either<ZConfigTree.SectionNode, OverrideError> = Either.right(tree)
  for (const override of overrides) {
    result = Either.flatMap(result, (tree) => applyOne(tree, override, keyOf))
  }
  return result
}

// ===== Internal

const parseOne = (specifier: string, line: number): Either.Either<Override, OverrideError> => {
  const equals = specifier.indexOf("=")
  if (equals < 0) {
    return Either.left(new OverrideError({ reason: "invalid configuration specifier", specifier }))
  }
  const path = specifier.slice(0, equals).split("/")
  if (path.includes("")) {
    return Either.left(new OverrideError({ reason: "'//' is not allowed in an option path", specifier }))
  }
  const place = { file: commandLine, line }
  return Either.right({
    specifier,
    sections: path.slice(0, -1),
    key: { key: path.slice(-1).join(""), value: specifier.slice(equals + 1), place }
  })
}

/** Goes down by a loop and not by recursion, because neither the path nor the nesting of a tree is limited. */
const applyOne = (
  tree: ZConfigTree.SectionNode,
  { key, sections, specifier }: Override,
  keyOf: (sectionType: string, key: string) => string
): Either.Either<ZConfigTree.SectionNode, OverrideError> => {
  const parents: Array<{ readonly parent: ZConfigTree.SectionNode; readonly child: ZConfigTree.SectionNode }> = []
  let section = tree
  for (const element of sections) {
    const wanted = element.toLowerCase()
    const child = section.sections.find(({ name, type }) => type === wanted || name === wanted)
    if (child === undefined) {
      return Either.left(new OverrideError({ reason: "not all command line options were consumed", specifier }))
    }
    parents.push({ parent: section, child })
    section = child
  }
  const { keys, type } = section
  const overridden = keyOf(type, key.key)
  const kept = keys.filter((other) => other.place.file === commandLine || keyOf(type, other.key) !== overridden)
  return Either.right(
    parents.reduceRight<ZConfigTree.SectionNode>(
      (replacement, { child, parent }) => ({
        ...parent,
        sections: parent.sections.map((sibling) => sibling === child ? replacement : sibling)
      }),
      { ...section, keys: [...kept, key] }
    )
  )
}
