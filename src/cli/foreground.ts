/**
 * The actions `foreground` and `fg`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Queue from "effect/Queue"
import { shellStatus } from "../policy/Run.ts"
import * as ProcessSpawner from "../process/ProcessSpawner.ts"
import * as SignalName from "../process/SignalName.ts"
import * as Signals from "../process/Signals.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action, Description } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { CliExit, Failure } from "./Ending.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

const description = {
  forms: [
    { synopsis: "foreground", summary: ["Run the program in the foreground."] },
    { synopsis: "fg", summary: ["an alias for foreground."] }
  ],
  options: [],
  examples: [
    { line: "zdaemon -C app.conf fg", description: "see what the program says, on this terminal" },
    { line: "zdaemon -C app.conf fg --debug", description: "with one more argument for the program" }
  ],
  words: "passed on"
} satisfies Description

/**
 * Runs a command with our terminal and standard streams, and answers how it ended.
 *
 * @category running
 * @since 0.1.0
 */
export const inherit = Effect.fnUntraced(function*(command: Parameters<typeof ProcessSpawner.foreground>[0]) {
  // The terminal sends these to the program as well; we stay until it has done with them.
  const signals = yield* Signals.listen(["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"])
  const process = yield* ProcessSpawner.foreground(command)
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.flatMap(
        Queue.take(signals),
        (name) =>
          name === "SIGINT" || name === "SIGQUIT"
            ? Effect.void
            : Effect.ignore(process.signal(SignalName.numberOf(name)))
      )
    )
  )
  return yield* process.exit
}, Effect.scoped)

/** Runs the program as it is, with our terminal, and ends as it does. */
const run = Effect.fn("cli.foreground")(function*({ words }: { readonly words: ReadonlyArray<string> }) {
  const session = yield* Session.open
  yield* Session.warnOfQuotes(session)
  const manager = yield* Manager.look(session)
  if (Either.isLeft(manager) && manager.left.orphan !== undefined) return yield* manager.left
  if (Either.isRight(manager) && manager.right.pid !== 0) {
    yield* Answer.refuse("To run the program in the foreground, please stop it first.")
    return yield* new CliExit({ code: 1 })
  }
  yield* StandardStreams.print([...session.words, ...words].join(" "))
  const command = yield* Effect.mapError(
    Session.program(session, words),
    ({ reason }) => new Failure({ reason, code: reason.startsWith("no permission") ? 126 : 127 })
  )
  const status = yield* Effect.catchTag(
    inherit({ ...command, environment: session.environment }),
    "SpawnError",
    (error) => new Failure({ reason: error.message, code: error.code === "ENOENT" ? 127 : 126 })
  )
  const code = shellStatus(status, SignalName.numberOf)
  if (code !== 0) return yield* new CliExit({ code })
})

/**
 * zdaemon [options] foreground [arguments of the program]
 *
 * @category commands
 * @since 0.1.0
 */
export const foreground = {
  name: "foreground",
  ...description,
  command: Command.make("foreground", { words: Words.any }, run)
} satisfies Action

/**
 * zdaemon [options] fg [arguments of the program]
 *
 * @category commands
 * @since 0.1.0
 */
export const fg = {
  name: "fg",
  ...description,
  command: Command.make("fg", { words: Words.any }, run)
} satisfies Action
