/**
 * Starting a program, which `start` and `restart` have in common: with a new manager, or with the one that is there.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Connection from "../control/Connection.ts"
import * as ControlClient from "../control/ControlClient.ts"
import type { Report } from "../control/Report.ts"
import * as Watch from "../control/Watch.ts"
import * as Run from "../policy/Run.ts"
import * as ManagerProcess from "../process/ManagerProcess.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Answer from "./Answer.ts"
import { CliExit, Failure, ManageHere, Misuse } from "./Ending.ts"
import * as Past from "./Past.ts"
import { printable } from "./Printable.ts"
import * as Session from "./Session.ts"
import * as Waiting from "./Waiting.ts"

/**
 * What can become of a start that is not one.
 *
 * @category errors
 * @since 0.1.0
 */
export type NotStarted =
  | CliExit
  | Exclude<ControlClient.ControlError, ControlClient.ManagerNotRunning>
  | Failure
  | ManageHere
  | Misuse

/**
 * Starts a manager, and with it the program, and waits until that is up. With `daemon off` this process is to be the
 * manager itself.
 *
 * @category running
 * @since 0.1.0
 */
export const withNewManager: (
  session: Session.Session,
  words: ReadonlyArray<string>
) => Effect.Effect<void, NotStarted> = Effect.fnUntraced(function*(session, words) {
  const handover = yield* Effect.catchTag(
    Session.handover(session, words),
    "ProgramUnusable",
    // In the original it is the manager that does not find a program, and the client that does not find a directory.
    ({ reason }): Effect.Effect<never, CliExit | Misuse> =>
      session.settings.daemon ? notStarted(reason) : new Misuse({ reason })
  )
  yield* Session.warnOfSyslogs(session)
  if (!handover.daemon) return yield* new ManageHere({ handover })
  const { HandoverText } = yield* Effect.promise(() => import("../config/Handover.ts"))
  const orders = yield* Effect.orDie(Schema.encode(HandoverText)(handover))
  const launched = Effect.gen(function*() {
    const manager = yield* ManagerProcess.spawn(["-s", handover.socket, ...handover.program.words])
    const connection = yield* Connection.fromSocket(manager.socket)
    // A manager that dies at once is told of below, from what it has complained of.
    yield* Effect.ignore(connection.write(`${orders}\n`))
    const watch = yield* Watch.fromConnection(connection)
    const started = yield* Waiting.until(watch, forStart(session, { after: 0, notPid: 0, orders: 0 }))
    const isMute = started._tag === "Refused" || (started._tag === "Ended" && Option.isNone(started.report))
    if (isMute) yield* StandardStreams.write(yield* manager.complaints)
    return started
  })
  const started = yield* patiently(session)(Effect.scoped(launched)).pipe(
    Effect.catchTag("SpawnError", (error) => new Failure({ reason: error.message, code: 1 }))
  )
  if (started._tag === "Refused" && started.isConflict) {
    // Somebody else was quicker: what counts is that the program comes up.
    yield* StandardStreams.complain(started.message.trimEnd())
    return yield* withManager(session, "start", words)
  }
  yield* conclude(session, started, "started")
})

/**
 * Gives an order to the manager that is there, and waits until the program is up with a new run. A manager that was about
 * to end is waited for, and replaced.
 *
 * @category running
 * @since 0.1.0
 */
export const withManager = (
  session: Session.Session,
  order: "restart" | "start",
  words: ReadonlyArray<string>
): Effect.Effect<void, NotStarted> =>
  obeyed(session, order).pipe(
    patiently(session),
    Effect.flatMap(({ deed, started }) => conclude(session, started, deed)),
    Effect.catchTag("ManagerNotRunning", () => withNewManager(session, words))
  )

// ===== Internal

const obeyed = Effect.fnUntraced(function*(session: Session.Session, order: "restart" | "start") {
  const watch = yield* Watch.fromSocket(session.socket)
  const before = yield* watch.now
  const reply = yield* ControlClient.request(session.socket, order)
  if (before._tag !== "Seen" || reply.length === 0) {
    yield* Waiting.until(watch, (sight) => sight._tag === "Gone" ? Waiting.done(undefined) : Waiting.goesOn)
    return yield* new ControlClient.ManagerNotRunning({ path: session.socket, code: "EOF" })
  }
  const { activity, orders, pid, runs, shouldBeUp } = before.report
  const isRestart = order === "restart" && pid !== 0
  const counts = order === "start" && shouldBeUp && (activity === "Starting" || activity === "Running")
  const run = { after: counts ? runs - 1 : runs, notPid: isRestart ? pid : 0, orders }
  const deed = isRestart ? "restarted" as const : "started" as const
  while (true) {
    const started = yield* Waiting.until(watch, forStart(session, run))
    if (started._tag !== "Overtaken" || started.report.leaving !== undefined) return { started, deed }
    const isWantedUp = yield* Effect.orElseSucceed(Waiting.isWantedUp(session.socket), () => false)
    if (!isWantedUp) return { started, deed }
    yield* watch.news
  }
}, Effect.scoped)

const forStart = (
  { settings }: Session.Session,
  run: { readonly after: number; readonly notPid: number; readonly orders: number }
) => Waiting.forStart({ ...run, grace: Duration.seconds(settings.startGrace) })

const patiently = ({ settings }: Session.Session) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.timeoutFail({
      duration: Duration.seconds(settings.startTimeout),
      onTimeout: () => new TookTooLong()
    }),
    Waiting.withProgress("up"),
    Waiting.untilInterrupted,
    Effect.catchTag("TookTooLong", () =>
      Answer.note({ outcome: "took-too-long" }).pipe(
        Effect.zipRight(StandardStreams.print("\nProgram took too long to start")),
        Effect.zipRight(Effect.fail(new CliExit({ code: 1 })))
      ))
  )

class TookTooLong extends Data.TaggedError("TookTooLong")<{}> {}

const conclude = Effect.fnUntraced(function*(
  session: Session.Session,
  started: Waiting.Started,
  deed: "restarted" | "started"
) {
  switch (started._tag) {
    case "Up":
      yield* Answer.note({ outcome: deed, pid: started.pid })
      return yield* StandardStreams.print(`\ndaemon process ${deed}, pid=${started.pid}`)
    case "Refused":
      return yield* failed(started.message, "daemon manager not running", started.code)
    case "Overtaken": {
      const { leaving } = started.report
      yield* Answer.note({ outcome: "overtaken" })
      return yield* failed(
        `the program was told to stop meanwhile${leaving === undefined || leaving === "stopped" ? "" : `: ${leaving}`}`,
        leaving === undefined ? "daemon manager running; daemon process not running" : "daemon manager not running",
        1
      )
    }
    case "Untested":
      yield* StandardStreams.print("")
      return yield* new Failure({
        reason: `the program is up, but its start test cannot be run: ${started.reason}`,
        code: 1
      })
    case "Ended":
      yield* Answer.note({ outcome: started.isGone ? "manager-not-running" : "ended-too-soon" })
      return yield* failed(
        Option.match(started.report, { onNone: () => "the daemon manager ended unexpectedly", onSome: obituary }),
        started.isGone ? "daemon manager not running" : "daemon manager running; daemon process not running",
        1,
        Option.exists(started.report, ({ lastRun }) => lastRun !== undefined && lastRun.end !== "exit status 0")
          ? yield* Past.pointer(session)
          : undefined
      )
  }
})

const notStarted = (reason: string): Effect.Effect<never, CliExit> =>
  Effect.zipRight(
    Answer.note({ outcome: "manager-not-running" }),
    failed(reason, "daemon manager not running", 1)
  )

/** The reason, and then, as the original's last word, what is. */
const failed = Effect.fnUntraced(function*(reason: string, sentence: string, code: number, hint?: string) {
  yield* StandardStreams.print("")
  yield* Answer.complain(reason, hint)
  yield* StandardStreams.print(sentence)
  return yield* new CliExit({ code })
})

/** How a run ended that was to be a start, what follows, and what it wrote last. */
const obituary = ({ lastRun, leaving }: Report): string => {
  if (lastRun === undefined) return `the daemon manager has ended: ${leaving ?? "no reason is known"}`
  const next = lastRun.next ?? leaving
  const then = next === undefined ? "" : `; ${next}`
  const notStarted = Run.reasonNotStarted(lastRun.end)
  if (Option.isSome(notStarted)) return `the program could not be started: ${printable(notStarted.value)}${then}`
  const lines = lastRun.output.length === 0
    ? ["it wrote no output"]
    : ["its last output:", ...lastRun.output.split("\n").map((line) => `  ${printable(cut(line))}`)]
  return [
    `the program ended ${(lastRun.uptime / 1000).toFixed(1)} s after its start: ${lastRun.end}${then}`,
    ...lines
  ].join("\n")
}

const shownWidth = 200

/** What a line begins with, and how much is left out: some programs write everything into one. */
const cut = (line: string): string =>
  line.length > shownWidth ? `${line.slice(0, shownWidth)}... ${line.length - shownWidth} more characters` : line
