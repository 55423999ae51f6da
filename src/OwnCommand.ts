/**
 * A command of your own that is made of `zdaemon`'s: all its actions and settings, and more of them.
 *
 * The same script is the command and, run again in the background, its manager; so it must do nothing but call
 * {@link main}.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import Process from "node:process"
import type { Example } from "./cli/Action.ts"
import * as Cli from "./cli/Cli.ts"
import { Failure } from "./cli/Ending.ts"
import * as Manager from "./cli/Manager.ts"
import * as OwnOption from "./cli/OwnOption.ts"
import type { Session } from "./cli/Session.ts"
import * as Settings from "./config/Settings.ts"
import type { ControlError } from "./control/ControlClient.ts"
import * as ControlClient from "./control/ControlClient.ts"
import type { Requests } from "./manage.ts"
import type { ProgramState } from "./manager/ProgramState.ts"
import * as Main from "./process/Main.ts"
import * as ManagerProcess from "./process/ManagerProcess.ts"
import * as StandardStreams from "./process/StandardStreams.ts"

/**
 * How a setting of your own is written: as option `--key`, with `short` as `-s`, and as `key` in section `runner` of the
 * configuration file. `value` stands for its value in the help, `fallback` is its text when nobody says anything.
 *
 * @category models
 * @since 0.1.0
 */
export interface Spelling {
  readonly short?: string
  readonly value: string
  readonly fallback: string
  readonly description: string
}

/**
 * What an action works with.
 *
 * - `settings`: the values of your own settings; `program`: the words of the program; `environment`: its environment.
 * - `ask`: sends a request to the manager and answers with its reply; `print`: writes a line.
 *
 * @category models
 * @since 0.1.0
 */
export interface Context<A> {
  readonly settings: A
  readonly program: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly ask: (request: string) => Effect.Effect<string, ControlError>
  readonly print: (line: string) => Effect.Effect<void>
}

/**
 * An action of your own. Its help is made of `synopsis` (its name when nothing is said), `summary` and `examples`. It fails
 * with {@link Failure}, which is printed and is an exit status.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnAction<A> {
  readonly name: string
  readonly synopsis?: string
  readonly summary: string
  readonly examples: NonEmptyReadonlyArray<Example>
  readonly run: (context: Context<A>, words: ReadonlyArray<string>) => Effect.Effect<void, ControlError | Failure>
}

/**
 * A request of your own to the manager's socket: the answer is made in the manager, from your settings as they were when it
 * was started, the words behind the name of the request, and the state of the program.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnRequest<A> {
  readonly name: string
  readonly description: string
  readonly answer: (
    context: { readonly settings: A; readonly state: ProgramState },
    words: ReadonlyArray<string>
  ) => Effect.Effect<string>
}

/**
 * A command.
 *
 * - `configuration`: the configuration file that is read when none is named.
 * - `settings`: a Schema of your own settings, from their texts by key; `spellings`: how each is written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Definition<A> {
  readonly name: string
  readonly version: string
  readonly configuration?: string
  readonly settings: Schema.Schema<A, { readonly [Key in keyof A]: string }>
  readonly spellings: { readonly [Key in keyof A]: Spelling }
  readonly actions: ReadonlyArray<OwnAction<A>>
  readonly requests: ReadonlyArray<OwnRequest<A>>
}

export {
  /**
   * Something went wrong: said on standard error, with an exit status.
   *
   * @category errors
   * @since 0.1.0
   */
  Failure
}

/**
 * Runs the command line of this process and exits with its status; or, where the command has run its own script again for
 * that, the manager. An action or option that zdaemon itself has cannot be added: that is a bug, and ends the process
 * with a message. Of two requests of one name zdaemon's own is answered.
 *
 * @category running
 * @since 0.1.0
 */
export const main = <A>(definition: Definition<A>): void => {
  const decode = Schema.decodeUnknownEither(definition.settings)
  const requests: Requests = ({ own }) => {
    const settings = decoded(decode(own ?? {}))
    return definition.requests.map(({ answer, description, name }) => ({
      name,
      description,
      answer: (supervision, words) => Effect.flatMap(supervision.state, (state) => answer({ settings, state }, words))
    }))
  }
  const [, , mark] = Process.argv
  const conflicts = conflictsOf(definition)
  if (conflicts.length > 0) {
    Main.run(Effect.dieMessage(`${definition.name}: zdaemon itself has ${conflicts.join(", ")}`))
  } else if (mark === managerMark) {
    Main.run(Effect.zipRight(
      Effect.promise(() => import("./manage.ts").then(({ background }) => background(requests))),
      Effect.never
    ))
  } else {
    Main.run(runCommand(definition, requests))
  }
}

// ===== Internal

const managerMark = "--manager"

const runCommand = <A>(definition: Definition<A>, requests: Requests): Effect.Effect<number> => {
  const decode = Schema.decodeUnknownEither(definition.settings)
  const spellings: ReadonlyArray<readonly [key: string, Spelling]> = Object.entries(definition.spellings)
  const fallbacks = Object.fromEntries(spellings.map(([key, { fallback }]) => [key, fallback]))
  const context = (session: Session): Context<A> => ({
    settings: decoded(decode(Object.fromEntries(session.own))),
    program: session.words,
    environment: session.environment,
    ask: (request) =>
      Effect.map(
        Manager.withOrphan(session)(ControlClient.request(session.socket, request)),
        (reply) => reply.trimEnd()
      ),
    print: StandardStreams.print
  })
  const run = Cli.make({
    name: definition.name,
    version: definition.version,
    configuration: definition.configuration,
    actions: definition.actions.map(({ examples, name, run, summary, synopsis }) => ({
      name,
      forms: [{ synopsis: synopsis ?? name, summary: [summary] }],
      options: [],
      examples,
      words: "none",
      perform: (session, words) => run(context(session), words)
    })),
    settings: spellings.map(([key, spelling]) =>
      Object.assign(
        { key, datatype: (text: string) => Either.mapLeft(decode({ ...fallbacks, [key]: text }), reason) },
        spelling
      )
    )
  })
  return run(Process.argv.slice(2)).pipe(
    Effect.flatMap((ended) =>
      ended._tag === "Exit"
        ? Effect.succeed(ended.code)
        : Effect.zipRight(
          Effect.promise(() => import("./manage.ts").then(({ foreground }) => foreground(ended.handover, requests))),
          Effect.never
        )
    ),
    Effect.provideService(ManagerProcess.Code, ManagerProcess.again(managerMark))
  )
}

/** What would never be reached, since zdaemon has one of the same name. */
const conflictsOf = <A>({ actions, spellings }: Definition<A>): ReadonlyArray<string> => {
  const own: ReadonlyArray<readonly [key: string, Spelling]> = Object.entries(spellings)
  const keys = new Set([
    ...Settings.spellings.map(({ key }) => key),
    ...OwnOption.all.flatMap(({ long }) => long ?? [])
  ])
  const letters = new Set([...Settings.spellings, ...OwnOption.all].flatMap(({ short }) => short ?? []))
  return [
    ...actions.filter(({ name }) => Cli.actions.some((action) => action.name === name)).map(({ name }) =>
      `the action ${name}`
    ),
    ...own.filter(([key]) => keys.has(key)).map(([key]) => `the option --${key}`),
    ...own.filter(([, { short }]) => short !== undefined && letters.has(short)).map((
      [, { short }]
    ) => `the option -${short}`)
  ]
}

/** Every text was checked by the command line or the configuration file that it comes from, or is a fallback. */
const decoded = <A>(settings: Either.Either<A, ParseResult.ParseError>): A =>
  Either.getOrThrowWith(settings, (error) => new Error(`a fallback is no value: ${reason(error)}`))

const reason = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? error.message
