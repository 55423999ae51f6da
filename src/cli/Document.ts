/**
 * The documents that `--json` prints: each has a schema, which is published as a JSON Schema in `docs/schemas`, and says
 * in its field `schema` which one, with a version: `"zdaemon/status/1"`.
 *
 * A version stays compatible: fields may be added to it, none is taken away or changes its meaning.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * A kind of document. Its schema is made when it is needed, since most commands need none. The first field of a document
 * is `schema`, a literal: `zdaemon/`, the name, and the version.
 *
 * @category models
 * @since 0.1.0
 */
export interface Document<A, I> {
  readonly name: string
  readonly schema: () => Schema.Schema<A, I>
}

/**
 * Names a kind of document.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A, I>(document: Document<A, I>): Document<A, I> => document

/**
 * Renders a document for people and programs alike, over several lines.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = <A, I>(document: Document<A, I>, value: NoInfer<A>): Effect.Effect<string> =>
  encode(document, value, 2)

/**
 * Renders a document on one line, where one follows another.
 *
 * @category formatting
 * @since 0.1.0
 */
export const renderLine = <A, I>(document: Document<A, I>, value: NoInfer<A>): Effect.Effect<string> =>
  encode(document, value, 0)

/**
 * A part of a document that may be anything.
 *
 * @category schemas
 * @since 0.1.0
 */
export const anything = (description: string): Schema.Schema<unknown> =>
  Schema.Unknown.annotations({
    jsonSchema: { type: ["string", "number", "boolean", "null", "array", "object"], description }
  })

// ===== Internal

const encode = <A, I>(document: Document<A, I>, value: A, space: number): Effect.Effect<string> =>
  Schema.encode(Schema.parseJson(document.schema(), { space }))(value).pipe(Effect.orDie, Effect.map(harmless))

/** What a terminal could take for an order: JSON itself escapes only the control characters of ASCII. */
const harmless = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
