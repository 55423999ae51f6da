/**
 * The settings of the event log, the manager's log of its own doings: how grave an event must be, and where it goes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const common = {
  level: Schema.Int,
  format: Schema.String,
  dateFormat: Schema.String,
  style: Schema.Literal("classic", "format", "template", "safe-template"),
  arbitraryFields: Schema.Boolean
}

/**
 * Appends events to a file. `path` is absolute, or `STDOUT` or `STDERR` for the manager's stream of that name.
 *
 * Every handler has these: `level` is the least level that it takes, 0 to 50; `format` is the text of an event in the
 * language of `style`, with its escapes already replaced and its fields known unless `arbitraryFields` is true;
 * `dateFormat` is a format of `strftime` for local time.
 *
 * A file is rotated by size if `maxSize` (bytes) is not 0, or every `interval` times `when` (`S`, `M`, `H`, `D`, `W0` to
 * `W6`, `MIDNIGHT`) if that is not `""`, never by both; `oldFiles` is how many old ones are kept. With `delay` it is opened
 * for the first event.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LogFile = Schema.TaggedStruct("LogFile", {
  ...common,
  path: Schema.String,
  oldFiles: Schema.NonNegativeInt,
  maxSize: Schema.NonNegativeInt,
  when: Schema.String,
  interval: Schema.NonNegativeInt,
  encoding: Schema.optional(Schema.String),
  delay: Schema.Boolean
})

/**
 * Sends events to the system log at a Unix socket or a UDP port. `facility` is one of its names in lower case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Syslog = Schema.TaggedStruct("Syslog", {
  ...common,
  facility: Schema.String,
  address: Schema.Union(
    Schema.Struct({ path: Schema.String }),
    Schema.Struct({ host: Schema.String, port: Schema.Int })
  )
})

/**
 * Sends the fields of events to a web server. `url` is an `http:` URL with a host and a path.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HttpLogger = Schema.TaggedStruct("HttpLogger", {
  ...common,
  url: Schema.String,
  method: Schema.Literal("GET", "POST")
})

/**
 * Sends a mail for each event. There is at least one address in `to`, and `username` comes with `password`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const EmailNotifier = Schema.TaggedStruct("EmailNotifier", {
  ...common,
  from: Schema.String,
  to: Schema.Array(Schema.String),
  subject: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  username: Schema.optional(Schema.String),
  password: Schema.optional(Schema.String)
})

/**
 * A place that events go to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Handler = Schema.Union(LogFile, Syslog, HttpLogger, EmailNotifier)

/**
 * A place that events go to.
 *
 * @category models
 * @since 0.1.0
 */
export type Handler = typeof Handler.Type

/**
 * The event log: events below `level` (0 to 50, usually 20) are dropped, the others go to every handler that takes their
 * level. Without handlers nothing is written.
 *
 * @category schemas
 * @since 0.1.0
 */
export const EventLogSettings = Schema.Struct({ level: Schema.Int, handlers: Schema.Array(Handler) })

/**
 * The event log's settings.
 *
 * @category models
 * @since 0.1.0
 */
export type EventLogSettings = typeof EventLogSettings.Type
