/**
 * The command line: from the words of a shell to an exit status.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Terminal from "@effect/platform/Terminal"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ActionLine from "../config/ActionLine.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Action from "./Action.ts"
import { check } from "./check.ts"
import { completions } from "./completions.ts"
import { config } from "./config.ts"
import { crashes } from "./crashes.ts"
import { explain } from "./explain.ts"
import { exporting } from "./export.ts"
import { fg, foreground } from "./foreground.ts"
import * as Help from "./help.ts"
import { history } from "./history.ts"
import * as Interactive from "./Interactive.ts"
import * as Invocation from "./Invocation.ts"
import { kill } from "./kill.ts"
import { logreopen } from "./logreopen.ts"
import { logtail } from "./logtail.ts"
import { opening } from "./opening.ts"
import { endOfFile, quit } from "./quit.ts"
import { reload } from "./reload.ts"
import { reopenTranscript } from "./reopenTranscript.ts"
import { restart } from "./restart.ts"
import { shell } from "./shell.ts"
import { show } from "./show.ts"
import { simulate } from "./simulate.ts"
import { start } from "./start.ts"
import { status } from "./status.ts"
import { stop } from "./stop.ts"
import * as Telling from "./Telling.ts"
import { version } from "./Version.ts"
import { wait } from "./wait.ts"
import * as Words from "./words.ts"
import { zdaemon } from "./zdaemon.ts"

const helping = Help.help(() => actions)

const completing = completions(() => actions)

/**
 * Every action, in the order in which the man page has them.
 *
 * @category commands
 * @since 0.1.0
 */
export const actions = Arr.make(
  start,
  stop,
  restart,
  status,
  wait,
  kill,
  foreground,
  fg,
  reopenTranscript,
  logreopen,
  logtail,
  crashes,
  history,
  show,
  check,
  config,
  exporting,
  explain,
  simulate,
  completing,
  helping
)

/**
 * The actions that only the interactive mode has.
 *
 * @category commands
 * @since 0.1.0
 */
export const interactiveActions = Arr.make(quit, endOfFile, reload, shell)

/**
 * The command tree.
 *
 * @category commands
 * @since 0.1.0
 */
export const tree = zdaemon.pipe(
  Command.withSubcommands([...Arr.map(actions, ({ command }) => command), opening, quit.command, shell.command])
)

/**
 * Runs a command line, without the name of the command, and prints what it has to say. It never fails: every mistake and
 * mishap is told, and is an exit status.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (argv: ReadonlyArray<string>): Effect.Effect<Telling.Ended> =>
  Either.match(Invocation.read(argv), {
    onLeft: (misuse) => told(misuse),
    onRight: (invocation) => {
      switch (invocation._tag) {
        case "Help":
          return told(StandardStreams.print(Help.usage))
        case "Version":
          return told(StandardStreams.print(version))
        case "Request":
          return carryOut(invocation)
      }
    }
  })

// ===== Internal

const hint = "For help, use zdaemon -h"

const told = Telling.told(hint)

/** Does what the words say, and then reads lines where that is asked for, or where there are no words. */
const carryOut = Effect.fn("cli.run")(function*(request: Invocation.Request) {
  const line = request.words.join(" ")
  return line.trim() === "" || request.isInteractive
    ? yield* Interactive.session({ actions, interactiveActions, perform }, request)
    : yield* act(request, line)
})

const act = ({ hasProgram, json, spelled, words }: Invocation.Request, line: string): Effect.Effect<Telling.Ended> => {
  const said = ActionLine.split(words)
  const action = Option.flatMap(said, (said) => Arr.findFirst(actions, ({ name }) => name === said.action))
  if (Option.isNone(said) || Option.isNone(action)) return told(Help.unknown(line, actions))
  const own = { action: action.value, words: said.value.words, json }
  return Help.isWanted(own.action, { hasProgram, words: own.words })
    ? told(StandardStreams.print(Action.help(own.action)))
    : Telling.answered(hint, own, (words) => perform(spelled, own.action.name, words))
}

const runTree = Command.run(tree, { name: "zdaemon", version })

/** Carries out an action of the tree, with options that are spelled for it. */
const perform: Interactive.Perform = (options, action, words) =>
  runTree(["node", "zdaemon", ...options, action, "--", ...words.map(Words.spell)]).pipe(
    // The tree has been given nothing but what it knows.
    Effect.catchIf(ValidationError.isValidationError, Effect.die),
    Effect.provide(surroundings)
  )

/** The tree asks for a terminal for prompts; it has none, and Node's takes a while to load. */
const noTerminal = Layer.succeed(
  Terminal.Terminal,
  Terminal.Terminal.of({
    columns: Effect.succeed(80),
    rows: Effect.succeed(24),
    isTTY: Effect.succeed(false),
    readInput: Effect.dieMessage("no prompts"),
    readLine: Effect.dieMessage("no prompts"),
    display: () => Effect.void
  })
)

const surroundings = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, noTerminal)
