/**
 * What crosses the control socket, as text: zdaemon's requests and replies, to the byte, and what the reports of this
 * project's own request `watch` say.
 *
 * A client connects, sends one line, and reads until the end. Everything here is data: a reply is parsed, never
 * evaluated.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as ProgramState from "../manager/ProgramState.ts"
import { Activity, describeOutcome, StartTest } from "../manager/ProgramState.ts"
import type { Prospect } from "../policy/Prospect.ts"
import { describe } from "../policy/Run.ts"
import { describeVerdict } from "../policy/Verdict.ts"
import type { Trouble } from "../transcript/TranscriptError.ts"
import type { Report } from "./Report.ts"

/**
 * The longest request, in bytes, as in the original.
 *
 * @category models
 * @since 0.1.0
 */
export const requestLimit = 10_000

/**
 * The longest reply that a client reads, in bytes.
 *
 * @category models
 * @since 0.1.0
 */
export const replyLimit = 1024 * 1024

/**
 * What a manager knows of itself and its program that does not change; `history` is the folder of its history, if it keeps one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Identity {
  readonly managerPid: number
  readonly stopTimeout: number
  readonly backoffLimit: number
  readonly file: string
  readonly words: ReadonlyArray<string>
  readonly history?: string
}

/**
 * Renders the reply to `status`: zdaemon's twelve fields in its order, each in Python's notation, and behind them fields
 * of our own, which zdaemon's clients ignore: `runs`, `last_end` with `last_uptime` in seconds when a run has ended,
 * `resting` while the program is down for good and the manager stays, `transcript_error` for each file of output
 * that is in trouble, where it is dropped with `transcript_dropped`, the bytes so far, and `history` where one is kept. `now` is in
 * seconds of the epoch.
 *
 * @category formatting
 * @since 0.1.0
 */
export const renderStatus = (
  identity: Identity,
  state: ProgramState.ProgramState,
  now: number,
  troubles: ReadonlyArray<Trouble>
): string => {
  const pid = Option.getOrElse(ProgramState.pid(state), () => 0)
  const lines = [
    `status=${pid === 0 ? "stopped" : "running"}`,
    `now=${now}`,
    `should_be_up=${state.shouldBeUp ? 1 : 0}`,
    `delay=${Activity.$is("BackingOff")(state.activity) ? state.activity.until : 0}`,
    `backoff=${Math.round(Duration.toSeconds(state.backoff))}`,
    `lasttime=${state.lastStart}`,
    `application=${pid}`,
    `testing=${isTesting(state) ? 1 : 0}`,
    `manager=${identity.managerPid}`,
    `backofflimit=${identity.backoffLimit}`,
    `filename=${PythonLiteral.repr(identity.file)}`,
    `args=${PythonLiteral.reprList(identity.words)}`,
    `runs=${state.runs}`,
    ...Option.match(state.lastRun, {
      onNone: () => [],
      onSome: (run) => [
        `last_end=${PythonLiteral.repr(describe(run.status))}`,
        `last_uptime=${Duration.toSeconds(run.uptime).toFixed(3)}`
      ]
    }),
    ...(Activity.$is("Resting")(state.activity) ? [`resting=${PythonLiteral.repr(state.activity.reason)}`] : []),
    ...troubles.flatMap(({ dropped, error }) => [
      `transcript_error=${PythonLiteral.repr(error.message)}`,
      ...Option.match(dropped, { onNone: () => [], onSome: (count) => [`transcript_dropped=${count}`] })
    ]),
    ...(identity.history === undefined ? [] : [`history=${PythonLiteral.repr(identity.history)}`])
  ]
  return lines.map((line) => `${line}\n`).join("")
}

/**
 * The part of a status reply that a client acts on, from this manager or from the original.
 *
 * `pid` is 0 when the program is down; `uptime` is in milliseconds, by the manager's wall clock. An original of version 2 says `mood` for `should_be_up` and has no `testing`.
 * `history` is the folder of its history, absolute, where the manager says one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Status {
  readonly pid: number
  readonly shouldBeUp: boolean
  readonly testing: boolean
  readonly uptime: number
  readonly words: ReadonlyArray<string>
  readonly history?: string
}

/**
 * Parses a status reply; `None` when it is not one.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parseStatus = (reply: string): Option.Option<Status> => {
  const fields = new Map(
    reply.split("\n").flatMap((line) => {
      const equals = line.indexOf("=")
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]]
    })
  )
  const pid = PythonLiteral.parseInteger(fields.get("application") ?? "", 10)
  if (Option.isNone(pid) || pid.value < 0) return Option.none()
  const mood = PythonLiteral.parseInteger(fields.get("should_be_up") ?? fields.get("mood") ?? "0", 10)
  const words = PythonLiteral.parse(fields.get("args") ?? "[]")
  const history = PythonLiteral.parse(fields.get("history") ?? "None")
  const started = Number(fields.get("lasttime") ?? NaN)
  const uptime = pid.value === 0 ? 0 : (Number(fields.get("now") ?? NaN) - started) * 1000
  return Option.some({
    pid: pid.value,
    shouldBeUp: Option.exists(mood, (value) => value > 0),
    testing: fields.get("testing") === "1",
    uptime: Number.isFinite(uptime) ? Math.max(0, uptime) : 0,
    words: Either.isRight(words) && Array.isArray(words.right)
      ? words.right.filter((word) => typeof word === "string")
      : [],
    ...(Either.isRight(history) && typeof history.right === "string" && history.right.startsWith("/")
      ? { history: history.right }
      : {})
  })
}

/**
 * What a report says beside the state: `nanos` is the present time of the monotonic clock, `now` that of the wall clock in
 * milliseconds, `manager` the pid of the manager, `stopTimeout` in seconds, 0 for none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Surroundings {
  readonly nanos: bigint
  readonly now: number
  readonly manager: number
  readonly stopTimeout: number
  readonly troubles: ReadonlyArray<Trouble>
  readonly prospect: Option.Option<Prospect>
}

/**
 * The report on a state.
 *
 * @category formatting
 * @since 0.1.0
 */
export const report = (state: ProgramState.ProgramState, surroundings: Surroundings): Report => {
  const { manager, nanos, now, prospect, stopTimeout, troubles } = surroundings
  const { activity } = state
  const startTest = Activity.$is("Running")(activity) ? activity.startTest : StartTest.None()
  return {
    pid: Option.getOrElse(ProgramState.pid(state), () => 0),
    shouldBeUp: state.shouldBeUp,
    orders: state.orders,
    runs: state.runs,
    activity: activityOf(activity),
    ...(Activity.$is("Resting")(activity) ? { resting: activity.reason } : {}),
    startTest: startTest._tag,
    ...(StartTest.$is("Failed")(startTest) ? { startTestError: startTest.reason } : {}),
    uptime: "since" in activity ? Number(nanos - activity.since) / 1e6 : 0,
    ...(Activity.$is("Stopping")(activity)
      ? { stopping: endingFor(Number(nanos - activity.told) / 1e6, stopTimeout) }
      : {}),
    ...(Activity.$is("BackingOff")(activity) ? { nextStartIn: Math.max(0, activity.until * 1000 - now) } : {}),
    ...Option.match(state.lastRun, {
      onNone: () => ({}),
      onSome: (run) => ({
        lastRun: {
          number: run.number,
          end: describe(run.status),
          uptime: Duration.toMillis(run.uptime),
          endedAgo: Number(nanos - run.over) / 1e6,
          output: lastLines(run.output),
          ...Option.match(run.next, { onNone: () => ({}), onSome: (verdict) => ({ next: describeVerdict(verdict) }) })
        }
      })
    }),
    ...Option.match(prospect, {
      onNone: () => ({}),
      onSome: ({ ends, reason }) => ({ givesUp: { after: ends, reason } })
    }),
    ...Option.match(state.outcome, {
      onNone: () => ({}),
      onSome: (outcome) => ({ leaving: describeOutcome(outcome) })
    }),
    manager,
    ...(troubles.length === 0 ? {} : {
      transcriptTroubles: troubles.map(({ dropped, error, output }) => ({
        error: error.message,
        output,
        dropped: Option.getOrUndefined(dropped)
      }))
    })
  }
}

/**
 * What a status reply says as a report, for a manager that cannot report: an original's. It counts no runs and no
 * orders.
 *
 * @category formatting
 * @since 0.1.0
 */
export const reportOfStatus = (status: Status): Report => ({
  pid: status.pid,
  shouldBeUp: status.shouldBeUp,
  orders: 0,
  runs: 0,
  activity: status.pid === 0 ? "Down" : "Running",
  startTest: status.testing ? "Testing" : "None",
  uptime: status.uptime
})

// ===== Internal

const isTesting = ({ activity }: ProgramState.ProgramState): boolean =>
  Activity.$is("Running")(activity) && (activity.startTest._tag === "Testing" || activity.startTest._tag === "Failed")

const activityOf = (activity: Activity): Report["activity"] => {
  switch (activity._tag) {
    case "Resting":
      return "Down"
    case "Clearing":
      return "Stopping"
    default:
      return activity._tag
  }
}

const endingFor = (millis: number, stopTimeout: number) => ({
  for: millis,
  ...(stopTimeout === 0 ? {} : { killIn: Math.max(0, stopTimeout * 1000 - millis) })
})

const shownLines = 10

const lastLines = (output: Uint8Array): string => {
  const lines = new TextDecoder().decode(output).split("\n")
  if (lines.at(-1) === "") lines.pop()
  return lines.slice(-shownLines).join("\n")
}
