/**
 * What an operator probably meant when a name is not known.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as PythonLiteral from "./PythonLiteral.ts"

/**
 * A name that is not known, and those that are.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unknown {
  readonly name: string
  readonly known: Iterable<string>
}

/**
 * Renders the known name that is nearest to `name`, for the end of a message: `; did you mean 'backoff-limit'?`, or
 * nothing if none is near. Near is at most two characters missing, added, replaced or swapped with a neighbour, and less
 * than half of the name; case does not count. Time is linear in the number of known names, whatever the length of `name`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = ({ known, name }: Unknown): string =>
  Option.match(find(name, known), {
    onNone: () => "",
    onSome: (nearest) => `; did you mean ${PythonLiteral.repr(nearest)}?`
  })

/**
 * Finds the known name that {@link render} names.
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (name: string, known: Iterable<string>): Option.Option<string> => {
  let nearest: string | undefined
  let least = 3
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) < least) {
      const steps = distance(name.toLowerCase(), candidate.toLowerCase())
      if (steps < least && steps * 2 < candidate.length) {
        nearest = candidate
        least = steps
      }
    }
  }
  return Option.fromNullable(nearest)
}

// ===== Internal

/** The optimal string alignment distance. */
const distance = (a: string, b: string): number => {
  let beforePrevious: ReadonlyArray<number> = []
  let previous: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
        ? at(beforePrevious, column - 2) + 1
        : Infinity
      current.push(Math.min(at(previous, column) + 1, at(current, column - 1) + 1, replaced, swapped))
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

const at = (row: ReadonlyArray<number>, column: number): number => row[column] ?? Infinity
