/**
 * The action `logtail`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Datatypes from "../config/Datatypes.ts"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Suggestion from "../config/Suggestion.ts"
import * as FilePath from "../process/FilePath.ts"
import * as Signals from "../process/Signals.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Tail from "../transcript/Tail.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import { Failure, Misuse } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] logtail [-n LINES] [-f] [--no-follow] [FILE]
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
  options: [
    { name: "-n", value: "LINES", description: "how many of the last lines are shown first, 10 when nothing is said" },
    { name: "-f", description: "show what is added to the file, which is the default" },
    { name: "--no-follow", description: "show the last lines only" }
  ],
  examples: [
    { line: "zdaemon -C app.conf logtail", description: "follow the logfile of the configuration, or the transcript" },
    { line: "zdaemon -C app.conf logtail -n 100 --no-follow", description: "the last hundred lines" },
    { line: "zdaemon -C app.conf logtail app.log", description: "follow this file" }
  ],
  words: "file",
  command: Command.make(
    "logtail",
    { words: Words.any },
    Effect.fn("cli.logtail")(function*({ words }) {
      const { file, follow, lines } = yield* read(words)
      // One document is the answer, and what is followed has no end.
      if (follow && (yield* Answer.Answer).isJson) {
        return yield* new Misuse({ reason: "with --json logtail shows the last lines only; add --no-follow" })
      }
      const { settings } = yield* Configuration.load
      // A program says who reads; to look at a file none is needed.
      if (Option.exists(settings.program, (words) => words.length > 0)) yield* Session.open
      const here = yield* FilePath.here
      // An empty one is none, as in the original.
      const logfile = Option.filter(settings.logfile, (path) => path !== "")
      const path = Option.match(Option.orElse(file, () => logfile), {
        onNone: () => settings.transcript === "/dev/null" ? undefined : Session.transcript({ here, settings }),
        onSome: (file) => FilePath.resolve(here, file)
      })
      if (path === undefined) {
        yield* StandardStreams.print("No default log file specified; use logtail <logfile>")
        return
      }
      yield* Effect.scoped(Effect.gen(function*() {
        const signals = yield* Signals.listen(["SIGINT"])
        const shown = Tail.follow({ path, lines, follow }).pipe(Stream.runForEachWhile(StandardStreams.offer))
        yield* Effect.raceFirst(shown, Effect.zipRight(Queue.take(signals), StandardStreams.print("")))
      })).pipe(Effect.catchTag("TailError", ({ message }) => new Failure({ reason: message, code: 1 })))
    })
  )
} satisfies Action

// ===== Internal

interface Request {
  readonly lines: number
  readonly follow: boolean
  readonly file: Option.Option<string>
}

/** Reads options, on either side of the file, until `--`; what is left is the name of the file. */
const read = (words: ReadonlyArray<string>): Either.Either<Request, Misuse> => {
  const file: Array<string> = []
  let lines = 10
  let follow = true
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (word === "--") {
      file.push(...words.slice(at + 1))
      break
    }
    if (word === "-f" || word === "--follow") follow = true
    else if (word === "--no-follow") follow = false
    else if (word.startsWith("-n")) {
      const text = word === "-n" ? words[++at] : word.slice("-n".length)
      if (text === undefined) return Either.left(new Misuse({ reason: "option -n requires argument" }))
      const count = Datatypes.natural(text)
      if (Either.isLeft(count)) {
        return Either.left(new Misuse({ reason: `invalid value for -n ${PythonLiteral.repr(text)}: ${count.left}` }))
      }
      lines = count.right
    } else if (word.startsWith("-") && word !== "-") {
      return Either.left(Misuse.fromUsage({ reason: `option ${word} not recognized`, nearest: nearest(word) }))
    } else file.push(word)
  }
  return Either.right({ lines, follow, file: file.length === 0 ? Option.none() : Option.some(file.join(" ")) })
}

/** What was probably meant: the number alone, as tail(1) has it, or a slip. */
const nearest = (word: string): Option.Option<string> =>
  /^-\d+$/.test(word)
    ? Option.some(`-n ${word.slice(1)}`)
    : Suggestion.find(word, ["--follow", "--no-follow", json.name])
