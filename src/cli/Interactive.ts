/**
 * The interactive mode: a session of actions, one a line, from a terminal or from whatever standard input is.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as ActionLine from "../config/ActionLine.ts"
import * as Datatypes from "../config/Datatypes.ts"
import * as CommandWords from "../config/Words.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import * as Signals from "../process/Signals.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Action from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Completion from "./Completion.ts"
import * as Configuration from "./Configuration.ts"
import { CliExit, Failure, Misuse } from "./Ending.ts"
import { Extension } from "./Extension.ts"
import * as Foreground from "./foreground.ts"
import * as Help from "./help.ts"
import type * as Invocation from "./Invocation.ts"
import * as Prompt from "./Prompt.ts"
import * as Reload from "./reload.ts"
import * as Telling from "./Telling.ts"

/**
 * Carries out an action with options as the tree spells them.
 *
 * @category models
 * @since 0.1.0
 */
export type Perform = (
  options: ReadonlyArray<string>,
  action: string,
  words: ReadonlyArray<string>
) => Effect.Effect<void, Telling.NotDone>

/**
 * What a session is made of: the actions of the command line, those of the interactive mode, and how one is carried out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parts {
  readonly actions: ReadonlyArray<Action.Described>
  readonly interactiveActions: ReadonlyArray<Action.Described>
  readonly perform: Perform
}

/**
 * Holds a session: carries out what the command line says, if anything, shows the status, and then obeys line after line
 * until the end of standard input or `quit`. Nothing that goes wrong in a line ends it, and its exit status is 0.
 *
 * @category running
 * @since 0.1.0
 */
export const session = Effect.fn("cli.interactive")(function*(parts: Parts, request: Invocation.Request) {
  const kept = yield* Ref.make(Option.none<Configuration.Configuration>())
  // Before another user is become: it is the history of whoever types.
  const history = yield* Prompt.history
  const told = Telling.told(Help.hint((yield* Extension).name))
  const opened = yield* Effect.either(open(parts, { request, kept }))
  if (Either.isLeft(opened)) {
    const ended = told(Effect.fail(opened.left))
    return yield* request.json ? Answer.inJson("")(ended) : ended
  }
  const state = yield* Ref.make<State>({ request, kept })
  const obey = obeying(parts, request, state)
  const line = request.words.join(" ")
  if (line.trim() !== "") yield* obey(ActionLine.split(request.words), line)
  const { json } = request
  if (!json) yield* StandardStreams.print(`program: ${programWords(yield* configuration(state)).join(" ")}`)
  yield* obey(Option.some({ action: "status", words: [] }), "status")
  const here = yield* FilePath.here
  const all = [...parts.actions, ...parts.interactiveActions]
  const prompt = json
    ? Prompt.silent
    : yield* Prompt.make((line) => Completion.complete(all, line, here), history)
  const goesOn = Effect.gen(function*() {
    const line = yield* prompt.ask(promptOf(yield* configuration(state)))
    if (Option.isSome(line)) return yield* obey(read(line.value), line.value)
    if (!json) yield* StandardStreams.print("")
    return false
  })
  yield* Effect.repeat(goesOn, { while: (goesOn) => goesOn })
  return yield* told(Effect.void)
}, Effect.scoped)

// ===== Internal

/** The command line that holds, and where its configuration is kept. */
interface State {
  readonly request: Invocation.Request
  readonly kept: Ref.Ref<Option.Option<Configuration.Configuration>>
}

interface Said {
  readonly action: string
  readonly words: ReadonlyArray<string>
}

/** What a line says: an empty one asks for the status, and a shell gets its command as it was typed. */
const read = (line: string): Option.Option<Said> =>
  line.trim() === ""
    ? Option.some({ action: "status", words: [] })
    : Option.map(ActionLine.read(line), ({ action, rest }) => ({
      action,
      words: action === "shell" ? rest === "" ? [] : [rest] : CommandWords.split(rest).words
    }))

const configuration = (state: Ref.Ref<State>): Effect.Effect<Option.Option<Configuration.Configuration>> =>
  Effect.flatMap(Ref.get(state), ({ kept }) => Ref.get(kept))

const programWords = (configuration: Option.Option<Configuration.Configuration>): ReadonlyArray<string> =>
  Option.getOrElse(Option.flatMap(configuration, ({ settings }) => settings.program), () => [])

const legacy = (configuration: Option.Option<Configuration.Configuration>, key: string): Option.Option<string> =>
  Option.flatMap(configuration, ({ legacy }) => Option.map(Option.fromNullable(legacy.get(key)), ({ text }) => text))

const promptOf = (configuration: Option.Option<Configuration.Configuration>): string =>
  Option.getOrElse(legacy(configuration, "prompt"), () => `${Daemon.commandName()}>`)

/** Loads what a command line names, and looks whether there may be a session. */
const open = Effect.fnUntraced(function*({ perform }: Parts, { kept, request }: State) {
  yield* Effect.provideService(perform(request.spelled, "opening", []), Configuration.Kept, Option.some(kept))
  const byDefault = Option.flatMap(
    legacy(yield* Ref.get(kept), "default-to-interactive"),
    (text) => Either.getRight(Datatypes.boolean(text))
  )
  if (!request.isInteractive && Option.contains(byDefault, false)) {
    return yield* new Misuse({ reason: "either -i or an action argument is required" })
  }
})

/** Obeys a line, and answers whether the session goes on. */
const obeying = (parts: Parts, first: Invocation.Request, state: Ref.Ref<State>) => {
  const all = [...parts.actions, ...parts.interactiveActions]
  const answered = (action: string) =>
    first.json ? Answer.inJson(action) : (ended: Effect.Effect<Telling.Ended>) => ended
  return Effect.fnUntraced(function*(said: Option.Option<Said>, line: string) {
    const action = Option.flatMap(said, (said) => Option.fromNullable(all.find(({ name }) => name === said.action)))
    if (Option.isNone(said) || Option.isNone(action)) {
      yield* answered("")(told(Help.unknown(line, all)))
      return true
    }
    const { words } = said.value
    if (Help.isWanted(action.value, { hasProgram: true, words })) {
      yield* StandardStreams.print(Action.help(action.value, (yield* Extension).name))
      return true
    }
    switch (said.value.action) {
      case "EOF":
        if (!first.json) yield* StandardStreams.print("")
        return false
      case "quit":
        yield* carryOut(parts, yield* Ref.get(state), action.value, words)
        return false
      case "help":
        yield* answered("help")(told(Help.tell(words.join(" "), all)))
        return true
      case "reload":
        yield* answered("reload")(Effect.tap(
          told(reload(parts, first, state, words)),
          (ended) => hasFailed(ended) ? StandardStreams.print("Configuration not reloaded") : Effect.void
        ))
        return true
      default:
        yield* carryOut(parts, yield* Ref.get(state), action.value, [...words, ...remembered(first, said.value)])
        return true
    }
  })
}

/** The arguments of the program that the command line has, for a line that has none. */
const remembered = (first: Invocation.Request, said: Said): ReadonlyArray<string> => {
  const starting = new Set(["start", "restart", "fg", "foreground"])
  return said.words.length > 0 || !starting.has(said.action)
    ? []
    : Option.match(ActionLine.split(first.words), {
      onNone: () => [],
      onSome: ({ action, words }) => starting.has(action) ? words : []
    })
}

const hasFailed = (ended: Telling.Ended): boolean => ended._tag === "Exit" && ended.code !== 0

const hint = "For help, type help"

const told = Telling.told(hint)

const carryOut = Effect.fnUntraced(
  function*({ perform }: Parts, { kept, request }: State, action: Action.Described, words: ReadonlyArray<string>) {
    const ended = yield* Telling.answered(
      hint,
      { action, words, json: request.json },
      (words) =>
        perform(request.spelled, action.name, words).pipe(
          Effect.provideService(Configuration.Kept, Option.some(kept)),
          untilInterrupted
        )
    )
    if (ended._tag === "ManageHere") yield* told(manageInChild(request, words))
  }
)

/** Ctrl-C ends what is being done, unless that has its own way of ending. */
const untilInterrupted = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, CliExit | E> =>
  Effect.raceFirst(
    effect,
    Signals.unheard("SIGINT").pipe(
      Effect.zipRight(StandardStreams.print("^C")),
      Effect.zipRight(Effect.fail(new CliExit({ code: 130 })))
    )
  )

/** With `daemon off` a manager needs a process of its own, so that the session outlives it. */
const manageInChild = Effect.fnUntraced(
  function*(request: Invocation.Request, words: ReadonlyArray<string>) {
    const [file, ...script] = Daemon.commandWords()
    yield* Foreground.inherit({
      file,
      words: [file, ...script, ...request.options, "start", ...words],
      environment: yield* Daemon.environment
    })
  },
  Effect.catchTag("SpawnError", ({ message }) => new Failure({ reason: message, code: 1 }))
)

const reload = Effect.fnUntraced(
  function*(parts: Parts, first: Invocation.Request, state: Ref.Ref<State>, options: ReadonlyArray<string>) {
    const last = yield* Ref.get(state)
    const { settings } = yield* Extension
    const request = yield* Reload.request(options, first, last.request, settings)
    const kept = yield* Ref.make(Option.none<Configuration.Configuration>())
    yield* open(parts, { request: { ...request, isInteractive: true }, kept })
    yield* Ref.set(state, { request, kept })
    yield* StandardStreams.print(
      Option.match(request.file, {
        onNone: () => "Configuration reloaded without a config file",
        onSome: (file) => `Configuration reloaded from ${file}`
      })
    )
  }
)
