/**
 * The tree that a configuration text is read into, with the file and line of everything, and how it grows line by line.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { Mistake } from "./Mistake.ts"
import type { Place } from "./Place.ts"

/**
 * One line `key value`: the key as written, the value after substitution (`""` if there is none). A value that `isRefused` has
 * been reported already, and is not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyNode {
  readonly key: string
  readonly value: string
  readonly place: Place
  readonly isRefused?: boolean
}

/**
 * One section: type and name in lower case, its keys and its sections each in the order of the file. `place` is the line
 * that opens it, `end` the one that closes it. The whole configuration is a section of type `""` without a name.
 *
 * @category models
 * @since 0.1.0
 */
export interface SectionNode {
  readonly type: string
  readonly name: string | undefined
  readonly keys: ReadonlyArray<KeyNode>
  readonly sections: ReadonlyArray<SectionNode>
  readonly place: Place
  readonly end: Place
}

/**
 * What a text was read into: its tree, and what is wrong with it. When that `isReadable`, the mistakes are about single values,
 * so that all the rest of the tree can be checked; otherwise what is found in it may only follow from them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  readonly root: SectionNode
  readonly mistakes: ReadonlyArray<Mistake>
  readonly isReadable: boolean
}

/**
 * A section as it begins. `guessed` says that a malformed line opened it: whether and how it ends is then no error.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opening {
  readonly type: string
  readonly name: string | undefined
  readonly place: Place
  readonly guessed: boolean
}

/**
 * A tree that grows. The sections that are open lie on a stack; the `base` of an included file is the depth of the stack
 * where it begins, and it cannot end a section below. Failures are reasons, in the original's words.
 *
 * @category models
 * @since 0.1.0
 */
export interface Builder {
  /** How many sections are open. */
  readonly depth: () => number
  readonly addKey: (key: KeyNode) => void
  readonly open: (opening: Opening) => void
  /** Ends the innermost section. */
  readonly close: (end: Place) => void
  /**
   * Ends the section that an end of this type most likely belongs to: the innermost of its type, else the innermost at
   * all (the end is misspelt). Fails with `unexpected section end`, or `unbalanced section end` if it closed another
   * section than the innermost.
   */
  readonly closeType: (type: string, base: number, end: Place) => Either.Either<void, string>
  /** Ends everything above `base`; fails with `unclosed sections not allowed` if there was something. */
  readonly closeFile: (base: number, end: Place) => Either.Either<void, string>
  /** The tree so far, of which every section but the root has ended. */
  readonly root: (end: Place) => SectionNode
}

/**
 * Makes a tree that is empty; `place` is where it begins.
 *
 * @category constructors
 * @since 0.1.0
 */
export const builder = (place: Place): Builder => {
  const root = begin({ type: "", name: undefined, place, guessed: false })
  const stack: Array<Growing> = []
  const innermost = () => stack.at(-1) ?? root

  const closeDownTo = (depth: number, end: Place) => {
    for (let section = stack.at(-1); section !== undefined && stack.length > depth; section = stack.at(-1)) {
      stack.pop()
      innermost().sections.push(finish(section, end))
    }
  }

  /** The innermost section from `base` on that passes, or -1. */
  const find = (base: number, test: (section: Growing) => boolean): number => {
    for (let depth = stack.length - 1; depth >= base; depth--) {
      const section = stack[depth]
      if (section !== undefined && test(section)) {
        return depth
      }
    }
    return -1
  }

  const closeType = (type: string, base: number, end: Place): Either.Either<void, string> => {
    if (stack.length === base) {
      return Either.left("unexpected section end")
    }
    const match = find(base, (section) => section.opening.type === type)
    const expected = find(base, (section) => section.opening.type === type || !section.opening.guessed)
    closeDownTo(match < 0 ? stack.length - 1 : match, end)
    return match === expected ? Either.void : Either.left("unbalanced section end")
  }

  const closeFile = (base: number, end: Place): Either.Either<void, string> => {
    const unclosed = find(base, (section) => !section.opening.guessed)
    closeDownTo(base, end)
    return unclosed < 0 ? Either.void : Either.left("unclosed sections not allowed")
  }

  return {
    depth: () => stack.length,
    addKey: (key) => {
      innermost().keys.push(key)
    },
    open: (opening) => {
      stack.push(begin(opening))
    },
    close: (end) => closeDownTo(stack.length - 1, end),
    closeType,
    closeFile,
    root: (end) => finish(root, end)
  }
}

// ===== Internal

interface Growing {
  readonly opening: Opening
  readonly keys: Array<KeyNode>
  readonly sections: Array<SectionNode>
}

const begin = (opening: Opening): Growing => ({ opening, keys: [], sections: [] })

const finish = ({ keys, opening: { name, place, type }, sections }: Growing, end: Place): SectionNode => ({
  type,
  name,
  keys,
  sections,
  place,
  end
})
