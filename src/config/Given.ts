/**
 * The texts of settings as operators give them, with their origins.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as FileUrl from "./FileUrl.ts"
import type { Mistake } from "./Mistake.ts"
import type { Place } from "./Place.ts"
import * as PythonLiteral from "./PythonLiteral.ts"

/**
 * Where a text stands: it came with an option, as that was typed (`-b`), or it is in a file.
 *
 * @category models
 * @since 0.1.0
 */
export type Origin = Data.TaggedEnum<{
  Option: { readonly as: string }
  File: { readonly place: Place }
}>

/**
 * Constructors, `$is` and `$match` of {@link Origin}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Origin = Data.taggedEnum<Origin>()

/**
 * The text of a setting, and where it stands.
 *
 * @category models
 * @since 0.1.0
 */
export interface Given {
  readonly text: string
  readonly origin: Origin
}

/**
 * Precedence: what an option says counts more than what the file says. What nobody says has its default in `Settings`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (
  file: ReadonlyMap<string, Given>,
  options: ReadonlyMap<string, Given>
): ReadonlyMap<string, Given> => new Map([...file, ...options])

/**
 * What is wrong with a text, in the original's words for its origin: `invalid value for -b 'x': REASON`, or
 * `REASON (line 3, in file:///etc/x.conf)`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const complaint = ({ origin, text }: Given, reason: string): Mistake =>
  Origin.$match(origin, {
    Option: ({ as }) => ({ reason: `invalid value for ${as} ${PythonLiteral.repr(text)}: ${reason}` }),
    File: ({ place }) => ({ reason, place })
  })

/**
 * Where a text stands, if that is in a file.
 *
 * @category getters
 * @since 0.1.0
 */
export const place = (given: Given | undefined): Place | undefined =>
  given?.origin._tag === "File" ? given.origin.place : undefined

/**
 * Says where the text stands that a reason is about, if that is in a file: `REASON (line 3, in file:///etc/x.conf)`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const locate = ({ origin }: Given, reason: string): string =>
  origin._tag === "Option"
    ? reason
    : `${reason} (line ${origin.place.line}, in ${FileUrl.render(origin.place.file)})`
