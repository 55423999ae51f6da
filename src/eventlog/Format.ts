/**
 * How a handler renders records.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as LogFormat from "../config/LogFormat.ts"
import * as Record from "./Record.ts"
import { strftime } from "./Strftime.ts"

/**
 * Makes of a format what renders a record, without a final newline; a trace follows on lines of its own. Or says in words
 * what is wrong with the format. `dateFormat` is a format of `strftime`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile = (
  options: LogFormat.Format & { readonly dateFormat: string }
): Either.Either<(record: Record.LogRecord) => string, string> =>
  Either.map(LogFormat.compile(options), (render) => (record) => {
    const text = render(Record.fields(record, strftime(options.dateFormat, record.date)))
    if (record.trace.length === 0) return text
    return text.endsWith("\n") ? text + record.trace : `${text}\n${record.trace}`
  })
