/**
 * The action `logreopen`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SignalName from "../process/SignalName.ts"
import type { Action } from "./Action.ts"
import { json } from "./JsonOption.ts"
import * as Kill from "./kill.ts"
import * as Manager from "./Manager.ts"
import { reopen } from "./reopenTranscript.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] logreopen
 *
 * @category commands
 * @since 0.1.0
 */
export const logreopen = {
  name: "logreopen",
  forms: [{
    synopsis: "logreopen",
    summary: [
      "Send a SIGUSR2 signal to the daemon process.",
      "This is designed to reopen the log file.",
      "Also reopens the transcript log file."
    ]
  }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf logreopen", description: "after the logs were renamed" }
  ],
  words: "none",
  command: Command.make(
    "logreopen",
    { words: Words.any },
    Effect.fn("cli.logreopen")(function*({ words }) {
      yield* Words.refuseOptions(words)
      const session = yield* Session.open
      yield* Effect.catchTag(
        reopen(session),
        "ManagerNotRunning",
        (error) => error.orphan === undefined ? Manager.sayAbsent(error) : error
      )
      yield* Kill.send(session, Option.getOrThrow(SignalName.parse("USR2")))
    })
  )
} satisfies Action
