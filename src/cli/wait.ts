/**
 * The action `wait`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Report } from "../control/Report.ts"
import * as Watch from "../control/Watch.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Waiting from "./Waiting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] wait
 *
 * @category commands
 * @since 0.1.0
 */
export const wait = {
  name: "wait",
  forms: [{ synopsis: "wait", summary: ["Wait for the daemon process to exit."] }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf wait && echo done", description: "say so when the program has ended" }
  ],
  words: "none",
  command: Command.make(
    "wait",
    { words: Words.any },
    Effect.fn("cli.wait")(function*({ words }) {
      yield* Words.refuseOptions(words)
      const session = yield* Session.open
      yield* Effect.scoped(Effect.gen(function*() {
        const watch = yield* Watch.fromSocket(session.socket)
        yield* Waiting.until(
          watch,
          (sight) =>
            sight._tag === "Seen" && (lasts(sight.report) || !isDecided(sight.report))
              ? Waiting.goesOn
              : Waiting.done(undefined)
        )
      })).pipe(
        Effect.catchTag("ManagerNotRunning", () => Effect.void),
        Waiting.withProgress("down"),
        Waiting.untilInterrupted
      )
      const manager = yield* Manager.look(session)
      if (Either.isLeft(manager) && manager.left.orphan !== undefined) {
        yield* StandardStreams.print("")
        return yield* manager.left
      }
      yield* Answer.note({ outcome: "stopped" })
      yield* StandardStreams.print("\ndaemon process stopped")
      yield* StandardStreams.print(Manager.sentence(Either.getRight(manager)))
    })
  )
} satisfies Action

// ===== Internal

/** Whether something of the run is left. */
const lasts = ({ activity, pid }: Report): boolean => pid !== 0 || activity === "Stopping"

/** Whether it is known what becomes of the manager; an original's does not say. */
const isDecided = ({ leaving, orders, resting, shouldBeUp }: Report): boolean =>
  shouldBeUp || orders === 0 || leaving !== undefined || resting !== undefined
