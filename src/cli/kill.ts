/**
 * The action `kill`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Suggestion from "../config/Suggestion.ts"
import * as ControlClient from "../control/ControlClient.ts"
import * as SignalName from "../process/SignalName.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { CliExit, Failure } from "./Ending.ts"
import * as Hint from "./Hint.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] kill [signal]
 *
 * The manager sends the signal, to the process that it owns: a pid that was read earlier may be somebody else's by now.
 *
 * @category commands
 * @since 0.1.0
 */
export const kill = {
  name: "kill",
  forms: [{
    synopsis: "kill [sig]",
    summary: ["Send signal sig to the daemon process.", "The default signal is SIGTERM."]
  }],
  options: [{ name: "-l", description: "list the signals, and send none" }, json],
  examples: [
    { line: "zdaemon -C app.conf kill", description: "send SIGTERM" },
    {
      line: "zdaemon -C app.conf kill HUP",
      description: "send SIGHUP, with which many programs read their configuration again"
    },
    { line: "zdaemon -C app.conf kill 9", description: "send SIGKILL" },
    { line: "zdaemon kill -l", description: "which signals there are" }
  ],
  words: "signal",
  command: Command.make(
    "kill",
    { words: Words.any },
    Effect.fn("cli.kill")(function*({ words }) {
      const text = words.length === 0 ? "TERM" : words.join(" ")
      if (text === "-l") return yield* StandardStreams.print(list())
      const signal = SignalName.parse(text)
      if (Option.isNone(signal)) {
        yield* Answer.refuse(`invalid signal '${text}'`)
        yield* Hint.meant(nearest(text), "\"kill -l\" lists the signals")
        return yield* new CliExit({ code: 1 })
      }
      yield* send(yield* Session.open, signal.value)
    })
  )
} satisfies Action

/**
 * Sends a signal to the program, and says so in the original's words.
 *
 * @category running
 * @since 0.1.0
 */
export const send = Effect.fnUntraced(function*(
  session: Session.Session,
  { name, number }: { readonly name: string; readonly number: number }
) {
  const manager = yield* Manager.look(session)
  if (Either.isLeft(manager) && manager.left.orphan !== undefined) return yield* manager.left
  if (Either.isLeft(manager) || manager.right.pid === 0) {
    yield* Answer.note({ outcome: Either.isLeft(manager) ? "manager-not-running" : "process-not-running" })
    return yield* StandardStreams.print("daemon process not running")
  }
  yield* StandardStreams.print(`kill(${manager.right.pid}, ${number})`)
  const reply = (yield* ControlClient.request(session.socket, `kill ${number}`)).trim()
  // A manager that is about to end answers with nothing.
  if (reply === "") return yield* new ControlClient.ManagerNotRunning({ path: session.socket, code: "EOF" })
  if (reply !== `Signal ${number} sent`) return yield* new Failure({ reason: reply, code: 1 })
  yield* Answer.note({ outcome: "signal-sent", pid: manager.right.pid, signal: number })
  yield* StandardStreams.print(`signal ${name} sent to process ${manager.right.pid}`)
})

// ===== Internal

const list = (): string => SignalName.all().map(([number, name]) => `${String(number).padStart(2)} ${name}`).join("\n")

/** What was probably meant: a dash before the name, as kill(1) has it, or a slip in it. */
const nearest = (text: string): Option.Option<string> =>
  Option.orElse(
    Option.map(SignalName.parse(text.replace(/^-(s\s+)?/, "")), ({ name }) => name),
    () => Suggestion.find(text, SignalName.all().flatMap(([, name]) => [name, name.slice("SIG".length)]))
  )
