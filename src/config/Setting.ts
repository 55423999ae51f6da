/**
 * What a setting is: its spelling, its value when nobody says anything, and the Schema between its text and its value.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as PythonLiteral from "./PythonLiteral.ts"
import type * as ValueType from "./ValueType.ts"

/**
 * How a setting is spelled and explained.
 *
 * - `key`: the key in section `runner`, and the long option.
 * - `short`: the letter of the short option, if there is one.
 * - `type`: the type of its value.
 * - `value`: what stands for the value in the help; a setting without one is a flag, which an option can only switch on.
 * - `fallback`: the text that holds when nobody says anything; without one the setting is absent then.
 * - `isRepeatable`: whether it may be given several times. Its text is then that of each, one a line.
 *
 * @category models
 * @since 0.1.0
 */
export interface Spelling {
  readonly key: string
  readonly short?: string
  readonly type: ValueType.ValueType
  readonly value?: string
  readonly fallback?: string
  readonly isRepeatable?: boolean
  readonly description: string
}

/**
 * A setting: how it is spelled, the Schema that reads its text, and `otherwise`, which is what that makes of the fallback, or
 * none.
 *
 * A Schema is made when a text is there to be read: making all of them would be most of what a `status` has to do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Setting<A, I extends string | undefined> extends Spelling {
  readonly schema: () => Schema.Schema<A, I>
  readonly otherwise: A
}

/**
 * A setting that always has a value.
 *
 * @category constructors
 * @since 0.1.0
 */
export const required = <A>(
  schema: () => Schema.Schema<A, string>,
  otherwise: NoInfer<A>,
  spelling: Spelling & { readonly fallback: string }
): Setting<A, string> => ({ ...spelling, schema, otherwise })

/**
 * A setting that may be absent: `None` then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const optional = <A>(
  schema: () => Schema.Schema<A, string>,
  spelling: Spelling
): Setting<Option.Option<A>, string | undefined> => ({
  ...spelling,
  schema: () => Schema.OptionFromUndefinedOr(schema()),
  otherwise: Option.none()
})

/**
 * A value that a setting does not take: `key` and `text` as given, and why not.
 *
 * @category errors
 * @since 0.1.0
 */
export class SettingError extends Data.TaggedError("SettingError")<{
  readonly key: string
  readonly text: string
  readonly reason: string
}> {
  override get message(): string {
    return `invalid value for ${this.key} ${PythonLiteral.repr(this.text)}: ${this.reason}`
  }
}

/**
 * Reads the text of a setting.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (setting: AnySetting, text: string): Either.Either<unknown, SettingError> =>
  Either.mapLeft(ParseResult.decodeUnknownEither(schemaOf(setting))(text), (issue) => {
    const message = ParseResult.ArrayFormatter.formatIssueSync(issue)[0]?.message
    return new SettingError({ key: setting.key, text, reason: message ?? "it is not taken" })
  })

/**
 * Writes the canonical text of a value of a setting; nothing for one that is absent.
 *
 * @category formatting
 * @since 0.1.0
 */
export const write = (setting: AnySetting, value: unknown): string | undefined =>
  ParseResult.encodeUnknownSync(schemaOf(setting))(value)

// ===== Internal

/** A setting of whatever value: a Schema of it is none of `unknown`. */
interface AnySetting {
  readonly key: string
  readonly schema: () => Pick<Schema.Schema.All, "ast">
}

const schemaOf = ({ schema }: AnySetting) => Schema.make<unknown, string | undefined>(schema().ast)
