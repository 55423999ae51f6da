/**
 * The action `stop`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as ControlClient from "../control/ControlClient.ts"
import type { Report } from "../control/Report.ts"
import * as SocketFile from "../control/SocketFile.ts"
import * as Watch from "../control/Watch.ts"
import * as HistoryFolder from "../history/HistoryFolder.ts"
import * as ManagerProcess from "../process/ManagerProcess.ts"
import * as Orphans from "../process/Orphans.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { Failure } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Waiting from "./Waiting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] stop
 *
 * It answers when nothing of the program is left and its manager has gone, or hangs around as it is to. An original's manager does not say when it
 * goes; there the end of the program is the end. It fails when somebody orders the program up again meanwhile.
 *
 * @category commands
 * @since 0.1.0
 */
export const stop = {
  name: "stop",
  forms: [{ synopsis: "stop", summary: ["Stop the daemon process.", "If it is not running, do nothing."] }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf stop", description: "returns when nothing of the program is left" }
  ],
  words: "none",
  command: Command.make(
    "stop",
    { words: Words.any },
    Effect.fn("cli.stop")(function*({ words }) {
      yield* Words.refuseOptions(words)
      const session = yield* Session.open
      const manager = yield* Manager.look(session)
      if (Either.isLeft(manager)) {
        const { code, orphan } = manager.left
        const left = code === "ECONNREFUSED" || orphan !== undefined ? yield* endOrphans(session) : []
        if (left.length === 0) return yield* Manager.sayAbsent(manager.left)
        yield* Answer.note({ outcome: "stopped" })
        return yield* StandardStreams.print("\ndaemon process stopped")
      }
      if (manager.right.pid === 0 && !manager.right.shouldBeUp) {
        yield* Answer.note({ outcome: "process-not-running" })
        return yield* StandardStreams.print("daemon process not running")
      }
      const followed = Effect.scoped(Effect.gen(function*() {
        const watch = yield* Watch.fromSocket(session.socket)
        const before = yield* watch.now
        yield* ControlClient.request(session.socket, "stop")
        const orders = before._tag === "Seen" ? before.report.orders : 0
        while ((yield* Waiting.until(watch, forEnd(orders))) === "Ordered") {
          if (yield* Waiting.isWantedUp(session.socket)) {
            yield* StandardStreams.print("")
            yield* Answer.note({ outcome: "overtaken" })
            return yield* new Failure({ reason: "the program was told to start again meanwhile", code: 1 })
          }
          yield* watch.news
        }
        const sight = yield* watch.now
        const last = Option.filter(Watch.reportOf(sight), ({ leaving }) => leaving !== undefined)
        return {
          leaving: Option.flatMapNullable(last, ({ manager }) => manager),
          isAbrupt: sight._tag === "Gone" && Option.isNone(last),
          lost: yield* Waiting.lost(watch)
        }
      }))
      const { isAbrupt, lost } = yield* followed.pipe(
        // Whoever is told that it has stopped can unmount what it wrote to. The manager waits for those who watch it.
        Effect.tap(({ leaving }) => Effect.transposeMapOption(leaving, ManagerProcess.isGone)),
        Effect.catchTag("ManagerNotRunning", () => Effect.succeed({ isAbrupt: true, lost: Option.none() })),
        Waiting.withProgress("down"),
        Waiting.untilInterrupted
      )
      // One that was killed meanwhile may have left its program.
      if (isAbrupt) yield* endOrphans(session)
      yield* Answer.note({ outcome: "stopped" })
      yield* StandardStreams.print("\ndaemon process stopped")
      yield* Effect.transposeMapOption(lost, (reason) => Answer.complain(reason))
    })
  )
} satisfies Action

// ===== Internal

/** Ends what a manager that was killed has left running, writes that into its history, removes its socket, and answers with the pids. */
const endOrphans = (session: Session.Session) =>
  Effect.gen(function*() {
    const { settings, socket } = session
    const before = yield* Manager.unfinished(session)
    const left = yield* Orphans.end(Orphans.pipeName(socket), {
      stopTimeout: Duration.seconds(settings.stopTimeout),
      killMode: settings.killMode,
      recorded: Option.flatMap(before, ({ run }) => run)
    })
    const folder = Session.runHistory(session)
    if (left.length === 0) return left
    if (Option.isSome(before) && Option.isSome(folder)) {
      yield* Effect.ignore(HistoryFolder.finish(folder.value, before.value, left))
    }
    yield* SocketFile.removeLeft(socket)
    return left
  }).pipe(
    Logger.withMinimumLogLevel(LogLevel.None),
    Waiting.withProgress("down"),
    Waiting.untilInterrupted
  )

/** Looks whether the program is down for good, or was ordered up again: by somebody else, with an order after `orders`. */
const forEnd = (orders: number) => (sight: Watch.Sight): Waiting.Look<"Over" | "Ordered"> => {
  if (sight._tag !== "Seen") return sight._tag === "Gone" ? Waiting.done("Over") : Waiting.goesOn
  if (isOver(sight.report)) return Waiting.done("Over")
  return sight.report.shouldBeUp && sight.report.orders > orders ? Waiting.done("Ordered") : Waiting.goesOn
}

const isOver = (report: Report): boolean =>
  report.leaving !== undefined || (report.orders === 0 && report.pid === 0) ||
  (report.resting !== undefined && !report.shouldBeUp)
