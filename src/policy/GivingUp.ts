/**
 * When a policy gives up, and what giving up means.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { Length, length, Wait, wait } from "./RestartRule.ts"
import * as Span from "./Span.ts"

/**
 * The end that is one too many.
 *
 * - `Never`: none is.
 * - `InARow`: the `count`th of a row of quick runs.
 * - `Within`: the `count`th within `window`, however long the runs were.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Limit = Schema.suspend(() =>
  Schema.Union(
    Schema.TaggedStruct("Never", {}),
    Schema.TaggedStruct("InARow", { count: Schema.Positive.pipe(Schema.int()) }),
    Schema.TaggedStruct("Within", { count: Schema.Positive.pipe(Schema.int()), window: Length })
  )
).annotations({ identifier: "GivingUp.Limit" })

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export type Limit = typeof Limit.Type

/**
 * What giving up means: the manager exits with 1; or it stays, and the program is down; or the program is started again
 * after a while, and everything before is forgotten.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Surrender = Schema.suspend(() =>
  Schema.Union(
    Schema.TaggedStruct("Exit", {}),
    Schema.TaggedStruct("Stay", {}),
    Schema.TaggedStruct("Retry", { wait: Wait })
  )
).annotations({ identifier: "GivingUp.Surrender" })

/**
 * See the schema of the same name.
 *
 * @category models
 * @since 0.1.0
 */
export type Surrender = typeof Surrender.Type

/**
 * A limit as it is configured: `5`, or `5 in 10m`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Count {
  readonly count: number
  readonly window: Duration.Duration | undefined
}

/**
 * Reads `5` or `5 in 10m`, or says why not.
 *
 * @category decoding
 * @since 0.1.0
 */
export const count = (text: string): Either.Either<Count, string> => {
  const [number = "", word, span, more] = text.trim().split(/\s+/)
  if (!/^[1-9]\d{0,8}$/.test(number) || more !== undefined) return Either.left(countForms(text))
  if (word === undefined) return Either.right({ count: Number(number), window: undefined })
  return word.toLowerCase() === "in" && span !== undefined
    ? Either.map(length(span), (window) => ({ count: Number(number), window }))
    : Either.left(countForms(text))
}

/**
 * Renders a limit as {@link count} reads it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const countText = ({ count, window }: Count): string =>
  window === undefined ? String(count) : `${count} in ${Span.text(window)}`

/**
 * Reads `exit`, `stay` or `retry after 10m`, or says why not.
 *
 * @category decoding
 * @since 0.1.0
 */
export const surrender = (text: string): Either.Either<Surrender, string> => {
  const [first = "", second, span, more] = text.trim().split(/\s+/)
  switch (first.toLowerCase()) {
    case "exit":
      return second === undefined ? Either.right({ _tag: "Exit" }) : Either.left(surrenderForms(text))
    case "stay":
      return second === undefined ? Either.right({ _tag: "Stay" }) : Either.left(surrenderForms(text))
    case "retry":
      return second?.toLowerCase() === "after" && span !== undefined && more === undefined
        ? Either.map(wait(span), (wait) => ({ _tag: "Retry", wait }))
        : Either.left(surrenderForms(text))
    default:
      return Either.left(surrenderForms(text))
  }
}

/**
 * Renders what giving up means as {@link surrender} reads it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const surrenderText = (surrender: Surrender): string => {
  switch (surrender._tag) {
    case "Exit":
      return "exit"
    case "Stay":
      return "stay"
    case "Retry":
      return `retry after ${Span.text(surrender.wait)}`
  }
}

// ===== Internal

const countForms = (text: string): string => `'${text}' is neither a number like '5' nor a window like '5 in 10m'`

const surrenderForms = (text: string): string => `'${text}' is none of 'exit', 'stay' and 'retry after 10m'`
