/**
 * The action `restart`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Action } from "./Action.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Starting from "./Starting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] restart [arguments of the program]
 *
 * The arguments count when there is no manager; one that is there keeps those that it has.
 *
 * @category commands
 * @since 0.1.0
 */
export const restart = {
  name: "restart",
  forms: [{ synopsis: "restart", summary: ["Stop and then start the daemon process."] }],
  options: [],
  examples: [
    { line: "zdaemon -C app.conf restart", description: "returns when the program is up again" }
  ],
  words: "passed on",
  command: Command.make(
    "restart",
    { words: Words.any },
    Effect.fn("cli.restart")(function*({ words }) {
      const session = yield* Session.open
      yield* Session.warnOfQuotes(session)
      const manager = yield* Manager.find(session)
      if (Option.isNone(manager)) return yield* Starting.withNewManager(session, words)
      yield* Starting.withManager(session, manager.value.pid === 0 ? "start" : "restart", words)
    })
  )
} satisfies Action
