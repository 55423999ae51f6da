/**
 * The actions `quit` and `EOF` of the interactive mode.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ControlClient from "../control/ControlClient.ts"
import * as Watch from "../control/Watch.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action, Described } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Waiting from "./Waiting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon> quit
 *
 * A manager that has nothing to look after, since the program was stopped and `hang-around` is on, is told to end. One
 * that waits to start the program again goes on: leaving a shell must not take a program down.
 *
 * @category commands
 * @since 0.1.0
 */
export const quit = {
  name: "quit",
  forms: [{
    synopsis: "quit",
    summary: ["Exit the zdctl shell.", "If the daemon process is not running,", "stop the daemon manager."]
  }],
  options: [],
  examples: [{ line: "zdaemon> quit", description: "leave; a program that is running goes on" }],
  words: "none",
  command: Command.make(
    "quit",
    { words: Words.any },
    Effect.fn("cli.quit")(function*() {
      const session = yield* Session.open
      const manager = yield* Manager.look(session)
      if (Either.isLeft(manager)) return yield* Manager.sayAbsent(manager.left)
      const { pid, shouldBeUp } = manager.right
      if (pid !== 0) return yield* StandardStreams.print("daemon process and daemon manager still running")
      if (shouldBeUp) return yield* StandardStreams.print("daemon manager running; daemon process not running")
      yield* StandardStreams.print("daemon process not running; stopping daemon manager")
      const lost = yield* Effect.scoped(Effect.gen(function*() {
        const watch = yield* Watch.fromSocket(session.socket)
        yield* ControlClient.request(session.socket, "exit")
        yield* Waiting.until(watch, (sight) => sight._tag === "Gone" ? Waiting.done(undefined) : Waiting.goesOn)
        return yield* Waiting.lost(watch)
      })).pipe(
        // It has gone meanwhile.
        Effect.catchTag("ManagerNotRunning", () => Effect.succeedNone),
        Waiting.withProgress("down"),
        Waiting.untilInterrupted
      )
      yield* StandardStreams.print("\ndaemon manager stopped")
      yield* Effect.transposeMapOption(lost, (reason) => Answer.complain(reason))
    })
  )
} satisfies Action

/**
 * zdaemon> EOF
 *
 * @category commands
 * @since 0.1.0
 */
export const endOfFile = {
  name: "EOF",
  forms: [{ synopsis: "EOF", summary: ["To quit, type ^D or use the quit command."] }],
  options: [],
  examples: [{ line: "zdaemon> ^D", description: "leave" }],
  words: "none"
} satisfies Described
