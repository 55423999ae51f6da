/**
 * What is wrong with a configuration, and how it is told: in the order of the lines, and not without end.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as FileUrl from "./FileUrl.ts"
import type { Place } from "./Place.ts"
import * as Suggestion from "./Suggestion.ts"

/**
 * Something that is not allowed. `reason` is the original's text where the original has one.
 *
 * - `place`: where it stands, if that is in a file.
 * - `isSyntax`: the line itself cannot be read, for which the original tells the place in a line of its own.
 * - `key`: the key whose value it is about, in lower case.
 * - `unknown`: the name that is not known. What was probably meant by it is looked for when the mistake is told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mistake {
  readonly reason: string
  readonly place?: Place | undefined
  readonly isSyntax?: boolean
  readonly key?: string | undefined
  readonly unknown?: Suggestion.Unknown | undefined
}

/**
 * Renders one mistake: `REASON (line 3, in file:///etc/x.conf)`. What is longer than any sentence has a gap.
 *
 * @category formatting
 * @since 0.1.0
 */
export const message = ({ isSyntax, place, reason, unknown }: Mistake): string => {
  const sentence = shortened(reason + (unknown === undefined ? "" : Suggestion.render(unknown)))
  if (place === undefined) return sentence
  const file = FileUrl.render(place.file)
  return isSyntax === true
    ? `${sentence}\n(line ${place.line} in ${file})`
    : `${sentence} (line ${place.line}, in ${file})`
}

/**
 * Renders the first 20 mistakes, and how many more there are: in the order of the lines, file by file, files in the order in
 * which they have mistakes, and behind them what is in no file.
 *
 * @category formatting
 * @since 0.1.0
 */
export const tell = (mistakes: ReadonlyArray<Mistake>): ReadonlyArray<string> => {
  const files = new Map<string | undefined, number>()
  for (const { place } of mistakes) {
    if (place !== undefined && !files.has(place.file)) files.set(place.file, files.size)
  }
  const order = Order.combine(
    Order.mapInput(Order.number, ({ place }: Mistake) => files.get(place?.file) ?? files.size),
    Order.mapInput(Order.number, ({ place }: Mistake) => place?.line ?? 0)
  )
  const told = Arr.take(Arr.sort(mistakes, order), most).map(message)
  const more = mistakes.length - told.length
  return more === 0 ? told : [...told, `and ${more} more`]
}

/**
 * The names that mistakes are about, as far as they can be told: the key whose value is wrong, or what was probably meant.
 * Undefined when it cannot be told for each of them, or when there are too many to be looked at.
 *
 * @category getters
 * @since 0.1.0
 */
export const subjects = (mistakes: ReadonlyArray<Mistake>): ReadonlyArray<string> | undefined => {
  if (mistakes.length > most) return undefined
  const names = mistakes.map(({ key, unknown }) =>
    key ?? (unknown === undefined ? undefined : Option.getOrUndefined(Suggestion.find(unknown.name, unknown.known)))
  )
  return names.every((name) => name !== undefined) ? names : undefined
}

// ===== Internal

const most = 20

/** In characters. What a mistake says to do stands at its end. */
const longest = { whole: 1000, beginning: 600, end: 200 }

const shortened = (text: string): string => {
  const left = text.length - longest.beginning - longest.end
  return text.length <= longest.whole
    ? text
    : `${text.slice(0, longest.beginning)}[... ${left} characters ...]${text.slice(-longest.end)}`
}
