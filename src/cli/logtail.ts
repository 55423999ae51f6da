/**
 * The action `logtail`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as FilePath from "../process/FilePath.ts"
import * as Signals from "../process/Signals.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Tail from "../transcript/Tail.ts"
import type { Action } from "./Action.ts"
import { Failure } from "./Ending.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] logtail [logfile]
 *
 * It ends at Ctrl-C, or when it has something to show that nobody reads any more (`zdaemon logtail | head`).
 *
 * @category commands
 * @since 0.1.0
 */
export const logtail = {
  name: "logtail",
  forms: [{
    synopsis: "logtail [logfile]",
    summary: ["Run tail -f on the given logfile.", "A default file may exist.", "Hit ^C to exit this mode."]
  }],
  options: [],
  examples: [
    { line: "zdaemon -C app.conf logtail", description: "follow the logfile of the configuration" },
    { line: "zdaemon -C app.conf logtail app.log", description: "follow this file" }
  ],
  words: "file",
  command: Command.make(
    "logtail",
    { words: Words.any },
    Effect.fn("cli.logtail")(function*({ words }) {
      const session = yield* Session.open
      const file = words.length > 0 ? Option.some(words.join(" ")) : session.settings.logfile
      if (Option.isNone(file)) {
        yield* StandardStreams.print("No default log file specified; use logtail <logfile>")
        return
      }
      const path = FilePath.resolve(session.here, file.value)
      yield* Effect.scoped(Effect.gen(function*() {
        const signals = yield* Signals.listen(["SIGINT"])
        const shown = Tail.follow({ path, lines: 10, follow: true }).pipe(Stream.runForEachWhile(StandardStreams.offer))
        yield* Effect.raceFirst(shown, Effect.zipRight(Queue.take(signals), StandardStreams.print("")))
      })).pipe(Effect.catchTag("TailError", ({ message }) => new Failure({ reason: message, code: 1 })))
    })
  )
} satisfies Action
