/**
 * The action `status`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Suggestion from "../config/Suggestion.ts"
import type { ManagerNotRunning } from "../control/ControlClient.ts"
import * as ControlProtocol from "../control/ControlProtocol.ts"
import type { Report } from "../control/Report.ts"
import * as Watch from "../control/Watch.ts"
import * as Screen from "../process/Screen.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { CliExit } from "./Ending.ts"
import * as Explanation from "./Explanation.ts"
import * as Hint from "./Hint.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Past from "./Past.ts"
import * as Session from "./Session.ts"
import * as StatusDocument from "./StatusDocument.ts"
import * as Waiting from "./Waiting.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] status [-l] [-v] [--watch]
 *
 * A script, which is whoever reads no terminal, gets the one line that the original prints. Exit status 0 when a manager
 * is there, 3 when there is none, 4 when that cannot be told, as the LSB has it.
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
    { name: "-v", description: "say what is and why also where the output is no terminal" },
    { name: "--watch", description: "go on, and say it again after each change, until Ctrl-C or the manager's end" },
    json
  ],
  examples: [
    { line: "zdaemon -C app.conf status", description: "is it running?" },
    { line: "zdaemon -C app.conf status -l", description: "and everything that the manager knows" },
    { line: "zdaemon -C app.conf status --watch", description: "see it come back" },
    { line: "zdaemon -C app.conf status > /dev/null || echo down", description: "in a script" }
  ],
  words: "none",
  command: Command.make(
    "status",
    { words: Words.any },
    Effect.fn("cli.status")(function*({ words }) {
      const options = words.join(" ").split(" ").filter((word) => word !== "")
      const isKnown = options.every((option, i) => known.has(option) && options.indexOf(option) === i)
      if (!isKnown || (options.includes("-l") && options.includes("--watch"))) {
        yield* Answer.refuse("status argument must be absent or -l")
        const unknown = options.find((option) => !known.has(option))
        yield* Hint.meant(Suggestion.find(unknown ?? "", known), "\"help status\" lists the options")
        return yield* new CliExit({ code: 1 })
      }
      const session = yield* Session.open
      if (options.includes("--watch")) return yield* watch(session)
      const { isJson } = yield* Answer.Answer
      const isRaw = options.includes("-l")
      const isExplained = isJson || options.includes("-v") || (StandardStreams.isTerminal() && !isRaw)
      const manager = yield* Manager.look(session)
      if (Either.isLeft(manager)) return yield* sayAbsent(session, manager.left, { isExplained, give: Answer.give })
      if (isExplained) yield* explain(session, manager.right)
      else yield* StandardStreams.print(Manager.sentence(Option.some(manager.right)))
      if (isRaw) yield* StandardStreams.print(manager.right.reply)
    })
  )
} satisfies Action

// ===== Internal

const known: ReadonlySet<string> = new Set(["-l", "-v", "--watch"])

const sayAbsent = Effect.fnUntraced(function*(
  session: Session.Session,
  { advice, message, orphan }: ManagerNotRunning,
  { give, history, isExplained }: {
    readonly isExplained: boolean
    readonly give: typeof Answer.give
    readonly history?: string | undefined
  }
) {
  const explanation = isExplained ? [advice, ...(yield* Past.lines(session, history))] : []
  yield* give(
    StatusDocument.document,
    StatusDocument.absent({ message, explanation, socket: session.socket, program: session.words }, orphan)
  )
  yield* StandardStreams.print([coloured(message, "red"), ...explanation].join("\n"))
  return yield* new CliExit({ code: 3 })
})

/** Says what the manager reports, once. */
const explain = Effect.fnUntraced(function*(session: Session.Session, manager: ControlProtocol.Status) {
  const watch = yield* watching(session)
  const sight = yield* Effect.transposeMapOption(watch, ({ now }) => now)
  if (Option.isNone(sight) || sight.value._tag !== "Seen") return yield* gone(session, manager, Answer.give)
  yield* show(session, { program: manager.words, isDrawn: false, give: Answer.give }, sight.value)
}, Effect.scoped)

/** Begins to watch a manager that has answered, unless it has gone meanwhile. */
const watching = (session: Session.Session) =>
  Watch.fromSocket(session.socket).pipe(
    Effect.asSome,
    Effect.catchTag("ManagerNotRunning", () => Effect.succeedNone)
  )

/** Says what the manager reports, and again whenever that changes, until it goes, or nobody reads that any more. */
const watch = Effect.fnUntraced(
  function*(session: Session.Session) {
    const manager = yield* Manager.look(session)
    if (Either.isLeft(manager)) {
      return yield* sayAbsent(session, manager.left, { isExplained: true, give: Answer.giveLine })
    }
    const begun = yield* watching(session)
    if (Option.isNone(begun)) return yield* gone(session, manager.right, Answer.giveLine)
    const watch = begun.value
    // Seconds pass on a screen that shows them.
    const isClock = Screen.canRedraw() && !(yield* Answer.Answer).isJson
    let drawn = 0
    while (true) {
      yield* isClock ? Effect.raceFirst(watch.news, Effect.sleep("1 second")) : watch.news
      const sight = yield* watch.now
      if (isClock && drawn > 0) yield* StandardStreams.write(Screen.over(drawn + 1, ""))
      if (sight._tag !== "Seen") return yield* gone(session, manager.right, Answer.giveLine)
      const shown = yield* show(
        session,
        { program: manager.right.words, isDrawn: isClock, give: Answer.giveLine },
        sight
      )
      if (!shown.isRead) return
      drawn = shown.lines
    }
  },
  Effect.scoped,
  Waiting.untilInterrupted,
  // Whoever ends the watching has seen enough.
  Effect.catchIf((error) => error._tag === "CliExit" && error.code === 130, () => Effect.void)
)

const gone = Effect.fnUntraced(function*(
  session: Session.Session,
  { history }: ControlProtocol.Status,
  give: typeof Answer.give
) {
  const now = yield* Manager.look(session)
  if (Either.isLeft(now)) return yield* sayAbsent(session, now.left, { isExplained: true, give, history })
  // Another one is there already, which the next command can ask.
  const sight = { report: ControlProtocol.reportOfStatus(now.right), at: yield* Clock.currentTimeNanos }
  yield* show(session, { program: now.right.words, isDrawn: false, give }, sight)
})

/** Says one report, and answers with the number of lines that took, and whether anybody reads them. */
const show = Effect.fnUntraced(function*(
  session: Session.Session,
  way: { readonly program: ReadonlyArray<string>; readonly isDrawn: boolean; readonly give: typeof Answer.give },
  sight: { readonly report: Report; readonly at: bigint }
) {
  const { report } = sight
  const age = Number((yield* Clock.currentTimeNanos) - sight.at) / 1e6
  const now = yield* Clock.currentTimeMillis
  const message = Manager.sentence(Option.some(report))
  const explanation = Explanation.lines(report, { age, now })
  const said = { message, explanation, socket: session.socket, program: way.program }
  const isRead = yield* way.give(StatusDocument.document, StatusDocument.present(report, { age, now, ...said }))
  // A line that is longer than the screen is wide would take more than one, and the wrong ones would be drawn over.
  const shown = (line: string) => way.isDrawn ? line.slice(0, Screen.columns() - 1) : line
  const lines = [coloured(shown(message), report.pid === 0 ? "yellow" : "green"), ...explanation.map(shown)]
  if ((yield* Answer.Answer).isJson) return { lines: lines.length, isRead }
  return { lines: lines.length, isRead: yield* StandardStreams.offer(`${lines.join("\n")}\n`) }
})

const colours = { red: 31, green: 32, yellow: 33 } as const

const coloured = (text: string, colour: keyof typeof colours): string =>
  Screen.hasColors() ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text
