/**
 * The action `start`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Starting from "./Starting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] start [arguments of the program]
 *
 * @category commands
 * @since 0.1.0
 */
export const start = {
  name: "start",
  forms: [{ synopsis: "start", summary: ["Start the daemon process.", "If it is already running, do nothing."] }],
  options: [],
  examples: [
    { line: "zdaemon -p 'sleep 100' start", description: "run sleep as a daemon" },
    { line: "zdaemon -C app.conf start", description: "run the program of a configuration file" },
    { line: "zdaemon -C app.conf start --verbose", description: "with one more argument for the program" }
  ],
  words: "passed on",
  command: Command.make(
    "start",
    { words: Words.any },
    Effect.fn("cli.start")(function*({ words }) {
      const session = yield* Session.open
      yield* Session.warnOfQuotes(session)
      const manager = yield* Manager.find(session)
      if (Option.isNone(manager)) return yield* Starting.withNewManager(session, words)
      if (manager.value.pid !== 0 && manager.value.shouldBeUp) {
        yield* Answer.note({ outcome: "already-running", pid: manager.value.pid })
        return yield* StandardStreams.print(`daemon process already running; pid=${manager.value.pid}`)
      }
      yield* Starting.withManager(session, "start", words)
    })
  )
} satisfies Action
