/**
 * The kinds of values that settings have, each a Schema that reads the text that an operator writes, and writes the
 * canonical one.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as GivingUp from "../policy/GivingUp.ts"
import * as RestartRule from "../policy/RestartRule.ts"
import * as Span from "../policy/Span.ts"
import * as Datatypes from "./Datatypes.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as WhiteSpace from "./WhiteSpace.ts"
import * as Words from "./Words.ts"

/**
 * A path, which has to be there: an empty one would be that of the directory the operator is in.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Path = fromText(
  Schema.String,
  (text) => text === "" ? Either.left("a path is not empty") : Either.right(text),
  (path) => path
)

/**
 * Whole seconds, with one suffix allowed: `30s`, `5m`, `1h`, `2d`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Seconds = fromText(Schema.NonNegativeInt, Datatypes.seconds, String)

/**
 * Seconds with fractions, with one suffix allowed.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FractionalSeconds = fromText(Schema.NonNegative, Datatypes.fractionalSeconds, String)

/**
 * A whole number, zero or more.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Natural = fromText(Schema.NonNegativeInt, Datatypes.natural, String)

/**
 * `on` or `off`, in every way in which the original lets them be written.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Flag = fromText(Schema.Boolean, Datatypes.boolean, (flag) => flag ? "on" : "off")

/**
 * Exit statuses with commas between.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ExitCodes = fromText(
  Schema.Array(Schema.Int),
  (text) =>
    WhiteSpace.trim(text).length === 0 ? Either.right([]) : Either.all(text.split(",").map(Datatypes.integer(10))),
  (codes) => codes.join(",")
)

/**
 * A mask for new files in octal notation, 0 to 777.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Octal = fromText(
  Schema.NonNegativeInt,
  (text) =>
    Either.filterOrLeft(
      Datatypes.integer(8)(text),
      (mask) => mask >= 0 && mask <= 0o777,
      () => `${PythonLiteral.repr(text)} is not an octal mask between 0 and 777`
    ),
  (mask) => mask.toString(8).padStart(3, "0")
)

/**
 * A program and its arguments, quoted as in a shell.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Command = fromText(
  Schema.Array(Schema.String),
  (text) => Either.right(Words.split(text).words),
  Words.join
)

/**
 * Bytes, with one suffix allowed: `KB`, `MB`, `GB`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Size = fromText(Schema.NonNegativeInt, Datatypes.byteSize, String)

/**
 * One of these names, written exactly so.
 *
 * @category schemas
 * @since 0.1.0
 */
export const oneOf = <const A extends string>(...names: readonly [A, A, ...ReadonlyArray<A>]) =>
  fromText(
    Schema.Literal(...names),
    (text): Either.Either<A, string> =>
      Either.fromNullable(
        names.find((name) => name === text),
        () => {
          const rest = names.slice(0, -1).map((name) => `'${name}'`).join(", ")
          return `${PythonLiteral.repr(text)} is neither ${rest} nor '${names.at(-1)}'`
        }
      ),
    (name) => name
  )

/**
 * One of these names, in upper or lower case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const choice = <const Names extends ReadonlyArray<string>>(...names: Names) => {
  const isOne = (text: string): text is Names[number] => names.includes(text)
  return fromText(
    Schema.Literal(...names),
    (text): Either.Either<Names[number], string> => {
      const name = text.toLowerCase()
      return isOne(name)
        ? Either.right(name)
        : Either.left(`${PythonLiteral.repr(text)} is none of ${names.map((name) => `'${name}'`).join(", ")}`)
    },
    (name) => name
  )
}

/**
 * A part of a wait, as a number from 0 to 1 or in percent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Part = fromText(
  Schema.Number.pipe(Schema.between(0, 1)),
  (text) => {
    const [, number = "", percent = ""] = /^\s*(\d*\.?\d+)\s*(%?)\s*$/.exec(text) ?? []
    const value = Number(number) / (percent === "" ? 1 : 100)
    return number !== "" && value <= 1
      ? Either.right(value)
      : Either.left(`${PythonLiteral.repr(text)} is no part of a wait, '0' to '1', or '0%' to '100%'`)
  },
  String
)

/**
 * What something is multiplied by, 1 to 1000.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Factor = fromText(
  Schema.Number.pipe(Schema.between(1, 1000)),
  (text) => {
    const value = /^\s*\d*\.?\d+\s*$/.test(text) ? Number(text) : 0
    return value >= 1 && value <= 1000
      ? Either.right(value)
      : Either.left(`${PythonLiteral.repr(text)} is no factor between 1 and 1000`)
  },
  String
)

/**
 * A wait before a restart; see `RestartRule.wait`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Wait = fromText(Schema.DurationFromSelf, RestartRule.wait, Span.text)

/**
 * How long a run must last to be healthy, at least a second, or `never`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reset = fromText(
  Schema.Union(Schema.DurationFromSelf, Schema.Literal("never")),
  (text) =>
    WhiteSpace.trim(text).toLowerCase() === "never" ? Either.right("never" as const) : Either.filterOrLeft(
      RestartRule.length(text),
      (span) => Duration.greaterThanOrEqualTo(span, Duration.seconds(1)),
      () => `${PythonLiteral.repr(text)} is shorter than a second; a run is never healthy before, or say 'never'`
    ),
  (reset) => reset === "never" ? reset : Span.text(reset)
)

/**
 * How many ends are too many, in a row or in a time; see `GivingUp.count`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GiveUpAfter = fromText(
  Schema.Struct({ count: Schema.Int, window: Schema.UndefinedOr(Schema.DurationFromSelf) }),
  GivingUp.count,
  GivingUp.countText
)

/**
 * What giving up means; see `GivingUp.surrender`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GiveUp = fromText(Schema.typeSchema(GivingUp.Surrender), GivingUp.surrender, GivingUp.surrenderText)

/**
 * Rules for single endings, one a line, each of which `read` reads.
 *
 * @category schemas
 * @since 0.1.0
 */
export const rules = (read: Datatypes.Datatype<RestartRule.RestartRule>) =>
  fromText(
    Schema.Array(Schema.typeSchema(RestartRule.RestartRule)),
    (text) => WhiteSpace.trim(text).length === 0 ? Either.right([]) : Either.all(text.split("\n").map(read)),
    (rules) => rules.map(RestartRule.text).join("\n")
  )

// ===== Internal

/** A function statement, since the schemas above are made when the module is loaded. */
function fromText<A, I>(to: Schema.Schema<A, I>, decode: Datatypes.Datatype<I>, encode: (value: I) => string) {
  return Schema.transformOrFail(Schema.String, to, {
    strict: true,
    decode: (text, _options, ast) => Either.mapLeft(decode(text), (reason) => new ParseResult.Type(ast, text, reason)),
    encode: (value) => ParseResult.succeed(encode(value))
  })
}
