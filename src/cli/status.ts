/**
 * The action `status`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import { CliExit } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] status [-l]
 *
 * Exit status 0 when a manager is there, 3 when there is none, 4 when that cannot be told, as the LSB has it.
 *
 * @category commands
 * @since 0.1.0
 */
export const status = {
  name: "status",
  forms: [{
    synopsis: "status [-l]",
    summary: ["Print status for the daemon process.", "With -l, show raw status output as well."]
  }],
  options: [
    { name: "-l", description: "show the manager's raw reply as well" },
    json
  ],
  examples: [
    { line: "zdaemon -C app.conf status", description: "is it running?" },
    { line: "zdaemon -C app.conf status -l", description: "and everything that the manager knows" },
    { line: "zdaemon -C app.conf status > /dev/null || echo down", description: "in a script" }
  ],
  words: "none",
  command: Command.make(
    "status",
    { words: Words.any },
    Effect.fn("cli.status")(function*({ words }) {
      const option = words.join(" ").trim()
      if (option !== "" && option !== "-l") {
        yield* StandardStreams.print("status argument must be absent or -l")
        return yield* new CliExit({ code: 1 })
      }
      const manager = yield* Manager.find(yield* Session.open)
      yield* StandardStreams.print(Manager.sentence(manager))
      if (Option.isNone(manager)) return yield* new CliExit({ code: 3 })
      if (option === "-l") yield* StandardStreams.print(manager.value.reply)
    })
  )
} satisfies Action
