/**
 * The command line: from the words of a shell to an exit status.
 *
 * @since 0.1.0
 */
import * as CliCommand from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodePath from "@effect/platform-node/NodePath"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Terminal from "@effect/platform/Terminal"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ActionLine from "../config/ActionLine.ts"
import type { OwnSetting } from "../config/OwnSetting.ts"
import * as Settings from "../config/Settings.ts"
import * as FilePath from "../process/FilePath.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Action from "./Action.ts"
import * as Answer from "./Answer.ts"
import { check } from "./check.ts"
import { completions } from "./completions.ts"
import { config } from "./config.ts"
import { crashes } from "./crashes.ts"
import { Failure } from "./Ending.ts"
import { explain } from "./explain.ts"
import { exporting } from "./export.ts"
import { Extension } from "./Extension.ts"
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
import * as Session from "./Session.ts"
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
import { root } from "./zdaemon.ts"

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
 * An action that somebody else's command adds, and what it does.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnAction extends Action.Described {
  readonly perform: (session: Session.Session, words: ReadonlyArray<string>) => Effect.Effect<void, Telling.NotDone>
}

/**
 * A command that is made of zdaemon's: its name and version, the configuration file that is read when none is named, and
 * the actions and settings that it adds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Command {
  readonly name: string
  readonly version: string
  readonly configuration: string | undefined
  readonly actions: ReadonlyArray<OwnAction>
  readonly settings: ReadonlyArray<OwnSetting>
}

/**
 * Makes what runs a command line, without the name of the command, and prints what it has to say. It never fails: every
 * mistake and mishap is told, and is an exit status.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (own: Command): (argv: ReadonlyArray<string>) => Effect.Effect<Telling.Ended> => {
  const all = [...actions, ...own.actions]
  const helping = Help.help(() => all)
  const completing = completions(() => all)
  const told = Telling.told(Help.hint(own.name))
  const commands = [
    ...Arr.map(actions, (action) => {
      switch (action.name) {
        case helping.name:
          return { name: action.name, command: helping.command }
        case completing.name:
          return { name: action.name, command: completing.command }
        default:
          return action
      }
    }),
    ...own.actions.map(({ name, perform }) => ({
      name,
      command: CliCommand.make(
        name,
        { words: Words.any },
        ({ words }) => Effect.flatMap(Session.open, (session) => perform(session, words))
      )
    })),
    { name: "opening", command: opening },
    quit,
    shell
  ]

  /** Carries out an action, with options that are spelled for the tree, which has the settings that they give and this action. */
  const perform: Interactive.Perform = (options, action, words) => {
    const settings = [...Settings.spellings, ...own.settings].filter(({ key }) => options.includes(`--${key}`))
    const asked = commands.find(({ name }) => name === action)
    if (asked === undefined) return Effect.dieMessage(`no action ${action}`)
    const tree = CliCommand.withSubcommands(root(settings), [asked.command])
    return CliCommand.run(tree, { name: "zdaemon", version: own.version })(
      ["node", "zdaemon", ...options, action, "--", ...words.map(Words.spell)]
    ).pipe(
      // The tree has been given nothing but what it knows.
      Effect.catchIf(ValidationError.isValidationError, Effect.die),
      Effect.provide(surroundings)
    )
  }

  const act = (
    { hasProgram, json, spelled, words }: Invocation.Request,
    line: string
  ): Effect.Effect<Telling.Ended> => {
    const said = ActionLine.split(words)
    const action = Option.flatMap(said, (said) => Arr.findFirst(all, ({ name }) => name === said.action))
    if (Option.isNone(said) || Option.isNone(action)) return asJson(json, told(Help.unknown(line, all)))
    const asked = { action: action.value, words: said.value.words, json }
    return Help.isWanted(asked.action, { hasProgram, words: asked.words })
      ? told(StandardStreams.print(Action.help(asked.action, own.name)))
      : Telling.answered(Help.hint(own.name), asked, (words) => perform(spelled, asked.action.name, words))
  }

  /** Does what the words say, and then reads lines where that is asked for, or where there are no words. */
  const carryOut = Effect.fn("cli.run")(function*(given: Invocation.Request) {
    // An action of nothing, `zdaemon "$ACTION"`, is the empty line of the interactive mode, as in the original.
    const request = given.words.length > 0 && given.words.join("").trim() === ""
      ? { ...given, words: ["status"] }
      : given
    const line = request.words.join(" ")
    return line.trim() === "" || request.isInteractive
      ? yield* Interactive.session({ actions: all, interactiveActions, perform }, request)
      : yield* act(request, line)
  })

  return (argv) =>
    Either.match(Invocation.read(argv, own), {
      // Which of its words are options is not known then.
      onLeft: (misuse) => asJson(argv.includes("--json"), told(misuse)),
      onRight: (invocation) => {
        switch (invocation._tag) {
          case "Help":
            return told(StandardStreams.print(Help.usageOf(own.name, own.settings)))
          case "Version":
            return told(StandardStreams.print(own.version))
          case "Request":
            return Effect.if(FilePath.isSomewhere, {
              onTrue: () => carryOut(invocation),
              onFalse: () =>
                asJson(
                  invocation.json,
                  told(new Failure({ reason: "the working directory was removed; go to another one", code: 1 }))
                )
            })
        }
      }
    }).pipe(Effect.provideService(Extension, { name: own.name, settings: own.settings }), Telling.written)
}

/**
 * Runs a command line of `zdaemon`.
 *
 * @category running
 * @since 0.1.0
 */
export const run: (argv: ReadonlyArray<string>) => Effect.Effect<Telling.Ended> = make({
  name: "zdaemon",
  version,
  configuration: undefined,
  actions: [],
  settings: []
})

// ===== Internal

/** Has a mistake answered with JSON where that is wanted, before an action is known. */
const asJson = (json: boolean, ended: Effect.Effect<Telling.Ended>): Effect.Effect<Telling.Ended> =>
  json ? Answer.inJson("")(ended) : ended

/** The tree asks for a terminal for prompts and for files of its own; it reads none, and Node's take a while to load. */
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

const surroundings = Layer.mergeAll(FileSystem.layerNoop({}), NodePath.layer, noTerminal)
