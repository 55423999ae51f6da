/**
 * What a manager tells whoever watches it: the reports of this project's own request `watch`, and why it could not start.
 *
 * A module of its own, which a client loads when it watches: schemas take a while to make, and a script's `status` needs
 * none of these.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One state of a program, as `watch` tells it: one JSON document a line, the present state first, then one after each
 * change, until the client hangs up or the manager is about to end. Times are in milliseconds.
 *
 * `stopping` is there while a process that was told to end has not, with the time since it was told, and until it is killed
 * if it ever is; without it, activity `Stopping` is about what a process that has ended has left behind, and `pid` is 0. `nextStartIn` is there while the program waits to be started again; `lastRun.output` holds the last lines that the run
 * wrote, and `endedAgo` says how long it has been over; `leaving` is there in the last report before a manager ends,
 * and `resting` while it stays without a program, each with the reason;
 * `givesUp` says after how many more quick ends the policy gives up, and why, if it was asked about an end already and would;
 * `manager` is its pid; `transcriptTroubles` says of each file of output that is in trouble why, and
 * what becomes of output: it waits, is dropped (so many bytes so far), or is written all the same to the file that was open.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Report = Schema.Struct({
  pid: Schema.NonNegativeInt,
  shouldBeUp: Schema.Boolean,
  orders: Schema.Int,
  runs: Schema.Int,
  activity: Schema.Literal("Down", "Starting", "Running", "Stopping", "BackingOff"),
  startTest: Schema.Literal("None", "Testing", "Passed", "Failed"),
  startTestError: Schema.optional(Schema.String),
  uptime: Schema.Number,
  stopping: Schema.optional(Schema.Struct({ for: Schema.Number, killIn: Schema.optional(Schema.Number) })),
  nextStartIn: Schema.optional(Schema.Number),
  lastRun: Schema.optional(Schema.Struct({
    number: Schema.Int,
    end: Schema.String,
    uptime: Schema.Number,
    endedAgo: Schema.optional(Schema.Number),
    next: Schema.optional(Schema.String),
    output: Schema.String
  })),
  givesUp: Schema.optional(Schema.Struct({ after: Schema.Int, reason: Schema.String })),
  resting: Schema.optional(Schema.String),
  leaving: Schema.optional(Schema.String),
  manager: Schema.optional(Schema.Int),
  transcriptTroubles: Schema.optional(Schema.Array(Schema.Struct({
    error: Schema.String,
    output: Schema.Literal("dropped", "waits", "written"),
    dropped: Schema.optional(Schema.NonNegativeInt)
  })))
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Report extends Schema.Schema.Type<typeof Report> {}

/**
 * Why a manager could not start, as it tells the client that started it.
 *
 * `exitCode` is what the client exits with; `conflict` says that another manager is up on the same socket.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Refusal = Schema.TaggedStruct("Refusal", {
  message: Schema.String,
  exitCode: Schema.Int,
  conflict: Schema.Boolean
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Refusal extends Schema.Schema.Type<typeof Refusal> {}

/**
 * A line that a manager tells whoever watches it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReportLine = Schema.parseJson(Schema.Union(Refusal, Report))
