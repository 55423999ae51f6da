/**
 * A program that is looked after inside this process: described as a value, had as a layer.
 *
 * Building the layer starts the program and waits until it is ready; releasing it stops the program and returns when
 * nothing of it is left. Nothing is shared between programs, and nothing of this process is changed for one: no signal is
 * handled, no directory entered, no global kept.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import { ProcessSpawner, Program, Readiness } from "zdaemon"
 *
 * class Server extends Program.Tag("app/Server")<Server>() {}
 *
 * const live = Server.layer({ command: ["sleep", "1000"], ready: Readiness.grace("10 millis") })
 *
 * const main = Effect.gen(function*() {
 *   const server = yield* Server
 *   console.log((yield* server.status).activity._tag)
 * })
 *
 * void Effect.runPromise(main.pipe(Effect.provide(Layer.provide(live, ProcessSpawner.layer))))
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import { History } from "../history/History.ts"
import type { ProgramState } from "../manager/ProgramState.ts"
import { Activity, isDown } from "../manager/ProgramState.ts"
import { Supervised } from "../manager/Supervised.ts"
import type { NotRunning } from "../manager/Supervision.ts"
import { Supervision } from "../manager/Supervision.ts"
import * as RestartPolicy from "../policy/RestartPolicy.ts"
import { Verdict } from "../policy/Verdict.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import type { ProcessSpawner, SignalError } from "../process/ProcessSpawner.ts"
import * as ProgramFile from "../process/ProgramFile.ts"
import * as SignalName from "../process/SignalName.ts"
import { Transcript } from "../transcript/Transcript.ts"
import * as Output from "./Output.ts"
import * as Readiness from "./Readiness.ts"

/**
 * What a program is, and how it is looked after.
 *
 * - `command`: the program and its arguments. A name without a slash is searched for on the program's `PATH`, a relative
 *   path in `directory` and then in this process's.
 * - `environment`: variables over those of this process; `undefined` takes one away.
 * - `directory`: where it runs; this process's directory when nothing is said.
 * - `policy`: when it is run again; {@link defaultPolicy} when nothing is said. `RestartPolicy.restartAfter` makes a
 *   policy of any `Schedule`.
 * - `ready`: when it counts as started: `Readiness.grace("1 second")` when nothing is said.
 * - `startTimeout`: how long a start may take (5 minutes).
 * - `stopTimeout`: the time between SIGTERM and SIGKILL (10 seconds); zero never kills.
 * - `killMode`: whether what it leaves in its process group is ended as well (`"group"`, the default) or left alone.
 * - `output`: where its output goes, `Output.stream` when nothing is said.
 *
 * @category models
 * @since 0.1.0
 */
export interface Definition {
  readonly command: readonly [file: string, ...words: ReadonlyArray<string>]
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  readonly directory?: string | undefined
  readonly policy?: RestartPolicy.RestartPolicy | undefined
  readonly ready?: Readiness.Readiness | undefined
  readonly startTimeout?: Duration.DurationInput | undefined
  readonly stopTimeout?: Duration.DurationInput | undefined
  readonly killMode?: "group" | "process" | undefined
  readonly output?: Output.Output | undefined
}

/**
 * The program did not start. `program` is the name of its tag, or its file. `failure` says why: of a run that ended it has the exit
 * status and the last output. `message` says it all in words.
 *
 * @category errors
 * @since 0.1.0
 */
export class StartError extends Data.TaggedError("StartError")<{
  readonly program: string
  readonly failure: Readiness.Failure
}> {
  override get message(): string {
    return `${this.program} did not start: ${Readiness.describeFailure(this.failure)}`
  }
}

/**
 * A name that no signal has.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownSignal extends Data.TaggedError("UnknownSignal")<{ readonly signal: string }> {
  override get message(): string {
    return `there is no signal ${this.signal}`
  }
}

/**
 * A program that is looked after.
 *
 * @category models
 * @since 0.1.0
 */
export interface Program {
  /** Starts it if it is not up, a pending restart included, and waits until it is ready. */
  readonly start: Effect.Effect<void, StartError>
  /** Stops it, and waits until nothing of it is left. It stays down until it is started. */
  readonly stop: Effect.Effect<void>
  /** Ends the process that is up, if there is one, and waits until a new one is ready. */
  readonly restart: Effect.Effect<void, StartError>
  /**
   * Has the policy forget earlier ends, so that its backoff begins anew with the next one. A process that is up stays, and so
   * does a wait that has begun.
   */
  readonly resetBackoff: Effect.Effect<void>
  /** What it does now. */
  readonly status: Effect.Effect<ProgramState>
  /** What it does now, and after each change, until it is released. */
  readonly changes: Stream.Stream<ProgramState>
  /** Sends a signal (`"SIGHUP"`, `"HUP"`) to the process that is up. */
  readonly signal: (name: string) => Effect.Effect<void, NotRunning | SignalError | UnknownSignal>
  /**
   * Waits until the policy has ended it, and answers with that verdict: `GiveUp`, `Stay` or `Exit`. It is `Stay` as well when
   * the program is released before.
   */
  readonly ended: Effect.Effect<Verdict>
  /**
   * What it writes, in blocks of bytes: the last of the present run, and from then on everything, through restarts, until
   * the program is released. Empty unless its output is `Output.stream`.
   */
  readonly output: Stream.Stream<Uint8Array>
  /** The last of what the present or last run wrote, at most 8 KiB. */
  readonly lastOutput: Effect.Effect<string>
  /** Opens the file of its output again by name, where there is one. */
  readonly reopen: Transcript["Type"]["reopen"]
}

/**
 * The policy of the command `zdaemon` with its default settings: a second more of backoff for each quick end, ten quick
 * ends are too many, exit codes 0 and 2 end it.
 *
 * @category models
 * @since 0.1.0
 */
export const defaultPolicy: RestartPolicy.RestartPolicy = RestartPolicy.zdaemon({
  backoffLimit: 10,
  forever: false,
  exitCodes: [0, 2]
})

/**
 * Starts a program, waits until it is ready, and looks after it until the scope closes: for programs whose number is not
 * known beforehand. {@link Tag} is for those that have a name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  definition: Definition,
  name: string = definition.command[0] ?? "the program"
): Effect.Effect<Program, Output.OutputError | StartError, ProcessSpawner | Scope.Scope> =>
  Effect.gen(function*() {
    const mistake = mistakeIn(definition)
    if (mistake !== undefined) {
      return yield* new StartError({ program: name, failure: Readiness.Failure.Invalid({ reason: mistake }) })
    }
    const ready = definition.ready ?? Readiness.grace("1 second")
    const startTimeout = Duration.decode(definition.startTimeout ?? "5 minutes")
    const here = yield* FilePath.here
    const directory = definition.directory === undefined ? undefined : FilePath.resolve(here, definition.directory)
    const environment = { ...(yield* Daemon.environment), ...definition.environment }
    const output = yield* (definition.output ?? Output.stream).open
    const command = (words: readonly [string, ...ReadonlyArray<string>], stopTimeout: Duration.DurationInput) =>
      ProgramFile.find(words[0], { here, directory, path: environment["PATH"] }).pipe(
        Effect.map((file) => ({
          file,
          words,
          directory,
          environment,
          stdout: output.stdout,
          stderr: output.stderr,
          stopTimeout: Duration.decode(stopTimeout),
          killMode: definition.killMode ?? "group"
        })),
        Effect.mapError(({ message }) =>
          new StartError({ program: name, failure: Readiness.Failure.NotFound({ reason: message }) })
        )
      )
    const program = {
      command: yield* command(definition.command, definition.stopTimeout ?? "10 seconds"),
      policy: definition.policy ?? defaultPolicy,
      // A test is asked anew every second: one that does not end is not worth waiting for.
      startTest: Readiness.Readiness.$is("Test")(ready)
        ? Option.some(yield* command(ready.command, "1 second"))
        : Option.none(),
      hangsAround: "down" as const
    }
    const services = yield* Layer.build(
      Supervision.layer(program).pipe(
        Layer.provideMerge(copying),
        Layer.provideMerge(Supervised.layer),
        Layer.provide(Layer.merge(History.layerNone, Layer.succeed(Transcript, output.transcript)))
      )
    )
    const { failed } = Context.get(services, Supervised)
    const supervision = Context.get(services, Supervision)
    const lastOutput = Effect.map(output.transcript.lastOutput, (bytes) => new TextDecoder().decode(bytes))

    const when = <A>(look: (state: ProgramState) => Option.Option<A>): Effect.Effect<A> =>
      supervision.changes.pipe(
        Stream.filterMap(look),
        Stream.runHead,
        Effect.flatMap(Effect.orDie),
        Effect.raceFirst(failed)
      )

    const awaitReady = (order: { readonly before: ProgramState; readonly counts: boolean }) =>
      Readiness.wait(supervision.changes, ready, order).pipe(
        Effect.raceFirst(failed),
        Effect.timeoutOption(startTimeout),
        Effect.flatMap(Option.match({
          onNone: () =>
            Effect.flatMap(lastOutput, (output) =>
              Effect.fail(Readiness.Failure.TookTooLong({ after: startTimeout, output }))),
          onSome: () =>
            Effect.void
        })),
        Effect.mapError((failure) => new StartError({ program: name, failure }))
      )

    const handle: Program = {
      start: Effect.flatMap(supervision.start, (before) =>
        awaitReady({ before, counts: before.shouldBeUp && isUp(before.activity) })),
      stop: Effect.zipRight(
        supervision.stop,
        when(({ activity, shouldBeUp }) =>
          Option.liftPredicate(undefined, () =>
            shouldBeUp || isDown(activity))
        )
      ),
      restart: Effect.flatMap(supervision.restart, (before) => awaitReady({ before, counts: false })),
      resetBackoff: supervision.reset,
      status: supervision.state,
      changes: supervision.changes,
      signal: (name) =>
        Option.match(SignalName.parse(name), {
          onNone: () => Effect.fail(new UnknownSignal({ signal: name })),
          onSome: ({ number }) => supervision.signal(number)
        }),
      ended: when(({ activity, lastRun, outcome, shouldBeUp }) =>
        Option.orElse(
          shouldBeUp && isDown(activity)
            ? Option.flatMap(lastRun, ({ next }) => Option.filter(next, (verdict) => !Verdict.$is("Restart")(verdict)))
            : Option.none(),
          () => Option.as(outcome, Verdict.Stay({ reason: "released" }))
        )
      ),
      output: output.stream,
      lastOutput,
      reopen: output.transcript.reopen
    }
    // The first start was ordered when the supervision began.
    yield* awaitReady({ before: { ...(yield* supervision.state), runs: 0, orders: 0 }, counts: false })
    return handle
  }).pipe(Effect.annotateLogs("program", name))

/**
 * The layer of a program that a tag stands for.
 *
 * @category models
 * @since 0.1.0
 */
export interface TagClass<Self, Id extends string> extends Context.TagClass<Self, Id, Program> {
  /** Starts the program when it is built, and is built when the program is ready; releasing it stops the program. */
  readonly layer: (definition: Definition) => Layer.Layer<Self, Output.OutputError | StartError, ProcessSpawner>
}

/**
 * A tag for a program that is part of the application, to be extended by a class:
 * `class Database extends Program.Tag("app/Database")<Database>() {}`. Its layer is `Database.layer({ command: [...] })`.
 *
 * What needs the program to be up says so by needing the tag, so that it is started after, and stopped before, the
 * program; where another program's definition depends on it, `Layer.unwrapEffect(Effect.map(Database, (database) =>
 * Worker.layer({ ... })))` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Tag = <const Id extends string>(id: Id) => <Self>(): TagClass<Self, Id> => {
  const tag = Context.Tag(id)<Self, Program>()
  return Object.assign(tag, { layer: (definition: Definition) => Layer.scoped(tag, make(definition, id)) })
}

// ===== Internal

/** What a definition says that cannot be done, some of which only JavaScript lets it say. */
const mistakeIn = (
  { command, directory = "", environment = {}, ready, startTimeout = 0, stopTimeout = 0 }: Definition
): string | undefined => {
  const commands = ready?._tag === "Test" ? [command, ready.command] : [command]
  if (commands.some(({ length }) => length === 0)) return "no program specified"
  if (commands.flat().some(hasNul)) return "an argument has a NUL character in it"
  const variable = Object.entries(environment).find(([name, value = ""]) => hasNul(name + value))
  if (variable !== undefined) return `the variable ${PythonLiteral.repr(variable[0])} has a NUL character in it`
  if (hasNul(directory)) return "the directory has a NUL character in it"
  if (!isLength(startTimeout)) return `the startTimeout ${String(startTimeout)} is no length of time`
  return isLength(stopTimeout) ? undefined : `the stopTimeout ${String(stopTimeout)} is no length of time`
}

const hasNul = (text: string): boolean => text.includes("\0")

/** Duration makes zero of what is negative, or no number, and a stop timeout of zero never kills. */
const isLength = (given: Duration.DurationInput): boolean =>
  Option.isSome(Duration.decodeUnknown(given)) && !/^-|NaN/.test(String(given))

const copying = Layer.scopedDiscard(
  Effect.flatMap(
    Effect.all([Supervised, Transcript]),
    ([supervised, transcript]) => supervised.fork("output", transcript.copy)
  )
)

const isUp = (activity: Activity): boolean => Activity.$is("Running")(activity) || Activity.$is("Starting")(activity)
