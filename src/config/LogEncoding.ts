/**
 * The encodings that the event log can be written in.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"

/**
 * An encoding, by the name that it has here.
 *
 * @category models
 * @since 0.1.0
 */
export type LogEncoding = "ascii" | "latin-1" | "utf-8"

/**
 * Finds the encoding that a name stands for, in the spellings that Python takes: `UTF8`, `iso_8859-1`. The text of the mistake is
 * `unknown encoding: klingon; use utf-8, latin-1 or ascii`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const find = (name: string): Either.Either<LogEncoding, string> =>
  Either.fromNullable(
    encodings.get(name.toLowerCase().replaceAll("_", "-")),
    () => `unknown encoding: ${name}; use utf-8, latin-1 or ascii`
  )

// ===== Internal

const encodings: ReadonlyMap<string, LogEncoding> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["latin-1", "latin-1"],
  ["latin1", "latin-1"],
  ["iso-8859-1", "latin-1"],
  ["iso8859-1", "latin-1"],
  ["ascii", "ascii"],
  ["us-ascii", "ascii"]
])
