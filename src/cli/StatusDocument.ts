/**
 * What `status` says for programs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Report } from "../control/Report.ts"
import * as Document from "./Document.ts"
import * as Moment from "./Moment.ts"

/**
 * The document of `status --json`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "status",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/status/1"),
      exitCode: Schema.Int.annotations({ description: "the exit status of the command: 3 without a manager, else 0" }),
      state: Schema.Literal("absent", "down", "starting", "running", "stopping", "waiting").annotations({
        description: "absent: there is no manager; down: it is there, and no run is due; waiting: for the next run"
      }),
      message: Schema.String.annotations({ description: "the line that is printed without --json" }),
      explanation: Schema.Array(Schema.String).annotations({ description: "the lines that a terminal has below it" }),
      socket: Schema.String.annotations({ description: "the socket of the manager" }),
      program: Schema.Array(Schema.String).annotations({
        description: "the words of the program that is looked after"
      }),
      manager: Schema.optional(Schema.Int.annotations({ description: "the manager's process" })),
      pid: Schema.optional(Schema.Int.annotations({ description: "the process of the program" })),
      orphan: Schema.optional(
        Schema.Int.annotations({
          description:
            "the process of the program that a manager which was killed has left running; there is no pid then"
        })
      ),
      shouldBeUp: Schema.optional(Schema.Boolean.annotations({ description: "what was ordered last" })),
      run: Schema.optional(Schema.Int.annotations({ description: "the number of the present or last run" })),
      since: Schema.optional(Schema.String.annotations({ description: "when the present run began, ISO 8601 in UTC" })),
      uptime: Schema.optional(Schema.Number.annotations({ description: "how long it has been up, in seconds" })),
      startTest: Schema.optional(
        Schema.Literal("testing", "passed", "failed").annotations({
          description: "failed: it cannot be run; absent without a start test"
        })
      ),
      startTestError: Schema.optional(Schema.String.annotations({ description: "why it cannot be run" })),
      stopping: Schema.optional(
        Schema.Struct({ for: Schema.Number, killIn: Schema.optional(Schema.Number) }).annotations({
          description: "since when it has been told to end, and until when it is killed, in seconds"
        })
      ),
      nextStart: Schema.optional(
        Schema.Struct({ at: Schema.String, in: Schema.Number }).annotations({
          description: "when the next run starts, ISO 8601 in UTC, and in how many seconds"
        })
      ),
      lastRun: Schema.optional(
        Schema.Struct({
          run: Schema.Int,
          end: Schema.String.annotations({ description: "exit status N, or terminated by SIGNAL" }),
          uptime: Schema.Number.annotations({ description: "in seconds" }),
          endedAt: Schema.optional(Schema.String.annotations({ description: "ISO 8601 in UTC" })),
          next: Schema.optional(
            Schema.String.annotations({ description: "what followed; absent when it was told to end" })
          ),
          output: Schema.Array(Schema.String).annotations({ description: "its last lines" })
        }).annotations({ description: "the last run that is over" })
      ),
      givesUp: Schema.optional(
        Schema.Struct({ after: Schema.Int, reason: Schema.String }).annotations({
          description:
            "after how many more quick ends the restart policy gives up, and why; absent where it would not " +
            "within 100, and before the first end after an order"
        })
      ),
      transcriptError: Schema.optional(
        Schema.String.annotations({ description: "what is wrong with the first file of output that is in trouble" })
      ),
      transcriptDropped: Schema.optional(
        Schema.Int.annotations({
          description: "how many bytes of output were dropped so far because of it; absent where none is dropped"
        })
      ),
      transcriptTroubles: Schema.optional(
        Schema.Array(
          Schema.Struct({
            error: Schema.String,
            output: Schema.Literal("dropped", "waits", "written").annotations({
              description: "what becomes of output; written: into the file that was open before"
            }),
            dropped: Schema.optional(Schema.Int)
          })
        ).annotations({ description: "one for each file of output that is in trouble" })
      ),
      resting: Schema.optional(
        Schema.String.annotations({ description: "why no run is due although the manager stays" })
      ),
      leaving: Schema.optional(Schema.String.annotations({ description: "why the manager is about to end" }))
    }).annotations({ title: "zdaemon --json status", description: "What a program is doing, and why" })
})

/**
 * What is said whether there is a manager or not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Said {
  readonly message: string
  readonly explanation: ReadonlyArray<string>
  readonly socket: string
  readonly program: ReadonlyArray<string>
}

/**
 * The document where there is no manager; `orphan` is the process that it has left running.
 *
 * @category constructors
 * @since 0.1.0
 */
export const absent = (said: Said, orphan: number | undefined): Value => ({
  schema: "zdaemon/status/1",
  exitCode: 3,
  state: "absent",
  ...said,
  ...(orphan === undefined ? {} : { orphan })
})

/**
 * The document on a report that came `age` milliseconds ago; `now` is the wall clock in milliseconds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const present = (
  report: Report,
  { age, now, ...said }: Said & { readonly age: number; readonly now: number }
): Value => {
  const { lastRun } = report
  const isUp = report.pid !== 0
  const uptime = report.uptime + age
  const nextStartIn = report.nextStartIn === undefined ? undefined : Math.max(0, report.nextStartIn - age)
  return {
    schema: "zdaemon/status/1",
    exitCode: 0,
    state: states[report.activity],
    ...said,
    ...(report.manager === undefined ? {} : { manager: report.manager }),
    ...(isUp ? { pid: report.pid, since: Moment.iso(now - uptime), uptime: seconds(uptime) } : {}),
    shouldBeUp: report.shouldBeUp,
    ...(report.runs === 0 ? {} : { run: report.runs }),
    ...(report.startTest === "None" ? {} : { startTest: startTests[report.startTest] }),
    ...(report.startTestError === undefined ? {} : { startTestError: report.startTestError }),
    ...(report.stopping === undefined ? {} : { stopping: stopping(report.stopping, age) }),
    ...(nextStartIn === undefined
      ? {}
      : { nextStart: { at: Moment.iso(now + nextStartIn), in: seconds(nextStartIn) } }),
    ...(lastRun === undefined ? {} : {
      lastRun: {
        run: lastRun.number,
        end: lastRun.end,
        uptime: seconds(lastRun.uptime),
        ...(lastRun.endedAgo === undefined ? {} : { endedAt: Moment.iso(now - lastRun.endedAgo - age) }),
        ...(lastRun.next === undefined ? {} : { next: lastRun.next }),
        output: lastRun.output === "" ? [] : lastRun.output.split("\n")
      }
    }),
    ...(report.givesUp === undefined ? {} : { givesUp: report.givesUp }),
    ...inTrouble(report.transcriptTroubles),
    ...(report.resting === undefined ? {} : { resting: report.resting }),
    ...(report.leaving === undefined ? {} : { leaving: report.leaving })
  }
}

// ===== Internal

type Value = Schema.Schema.Type<ReturnType<typeof document.schema>>

const inTrouble = (troubles: Report["transcriptTroubles"] = []) => {
  const [first] = troubles
  if (first === undefined) return {}
  return {
    transcriptError: first.error,
    ...(first.dropped === undefined ? {} : { transcriptDropped: first.dropped }),
    transcriptTroubles: troubles
  }
}

const states = {
  Down: "down",
  Starting: "starting",
  Running: "running",
  Stopping: "stopping",
  BackingOff: "waiting"
} as const

const startTests = { Testing: "testing", Passed: "passed", Failed: "failed" } as const

const stopping = ({ for: since, killIn }: NonNullable<Report["stopping"]>, age: number) => ({
  for: seconds(since + age),
  ...(killIn === undefined ? {} : { killIn: seconds(Math.max(0, killIn - age)) })
})

const seconds = (millis: number): number => Math.round(millis) / 1000
