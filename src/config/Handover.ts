/**
 * What the client hands over to the manager that it starts: everything decided, every path absolute, so that nothing is
 * parsed twice and no relative path changes its meaning.
 *
 * A client loads this module when it starts a manager: schemas take a while to make.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { RestartPlan } from "../policy/RestartPlan.ts"
import { EventLogSettings } from "./EventLogSettings.ts"

/**
 * A resolved command line: the executable, and the argument vector that it sees.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Program = Schema.Struct({
  file: Schema.String,
  words: Schema.Array(Schema.String)
})

/**
 * What a transcript is, besides the file: `stderr` is the file of standard error where that is kept apart, and without
 * `rotation` a file is never full. Ages are in seconds, sizes in bytes.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TranscriptOrders = Schema.Struct({
  stderr: Schema.optional(Schema.String),
  onError: Schema.Literal("block", "drop"),
  timestamps: Schema.Literal("off", "iso", "unix"),
  marks: Schema.Boolean,
  rotation: Schema.optional(Schema.Struct({
    maxSize: Schema.NonNegativeInt,
    maxAge: Schema.NonNegative,
    keep: Schema.NonNegativeInt,
    compress: Schema.Boolean
  }))
})

/**
 * Where the run history is kept, a folder, and what the settings say, by key, for those who read it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const History = Schema.Struct({
  path: Schema.String,
  settings: Schema.Record({ key: Schema.String, value: Schema.String })
})

/**
 * An environment, by name. It crosses as pairs, since a variable may have the name `__proto__`, which no record that is
 * built by assignment can hold.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Environment = Schema.transform(
  Schema.Array(Schema.Tuple(Schema.String, Schema.String)),
  Schema.declare((input): input is Readonly<Record<string, string>> =>
    typeof input === "object" && input !== null && Object.values(input).every((value) => typeof value === "string")
  ),
  { strict: true, decode: (pairs) => Object.fromEntries(pairs), encode: (variables) => Object.entries(variables) }
)

/**
 * The orders of a manager. Times are in seconds; `directory` is where a daemon changes to, and `environment` the whole
 * environment of the program, which the manager does not run in itself. `backoffLimit` is what the setting says, for the
 * status reply; what it means is in `policy`. `own` are the settings that somebody else's command adds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Handover = Schema.Struct({
  program: Program,
  startTest: Schema.optional(Program),
  environment: Environment,
  socket: Schema.String,
  daemon: Schema.Boolean,
  directory: Schema.optional(Schema.String),
  umask: Schema.Int,
  transcript: Schema.String,
  transcribing: TranscriptOrders,
  policy: RestartPlan,
  backoffLimit: Schema.NonNegativeInt,
  stopTimeout: Schema.NonNegative,
  killMode: Schema.Literal("group", "process"),
  own: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  hangAround: Schema.optional(Schema.Boolean),
  history: Schema.optional(History),
  eventLog: Schema.optional(EventLogSettings)
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Handover extends Schema.Schema.Type<typeof Handover> {}

/**
 * {@link Handover} as the text that crosses from the client to the manager.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HandoverText = Schema.parseJson(Handover)
