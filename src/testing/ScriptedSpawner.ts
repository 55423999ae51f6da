/**
 * A process spawner whose processes follow a script and live on the clock of the test.
 *
 * It stops a process as the real one does: SIGTERM, after the stop timeout SIGKILL, and the scope is closed when the
 * process has ended.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as TestClock from "effect/TestClock"
 * import * as TestContext from "effect/TestContext"
 * import { Output, Program, RestartPolicy } from "zdaemon"
 * import { ScriptedSpawner } from "zdaemon/testing"
 *
 * // A program that crashes after three seconds of each of its runs, on the clock of the test.
 * const main = Effect.gen(function*() {
 *   const spawner = yield* ScriptedSpawner.ScriptedSpawner
 *   yield* Program.make({
 *     command: ["/bin/sh"],
 *     policy: RestartPolicy.zdaemon({ backoffLimit: 10, forever: true, exitCodes: [0] }),
 *     output: Output.discard
 *   }).pipe(Effect.fork)
 *   yield* TestClock.adjust("1 second")
 *   console.log((yield* spawner.lives).length) // 1
 * }).pipe(Effect.scoped, Effect.provide(ScriptedSpawner.layer(() => ({ lifetime: "3 seconds" }))))
 *
 * void Effect.runPromise(Effect.provide(main, TestContext.TestContext))
 * ```
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import { ExitStatus } from "../policy/Run.ts"
import type { Command, ManagedProcess } from "../process/ProcessSpawner.ts"
import { ProcessSpawner, SignalError, SpawnError } from "../process/ProcessSpawner.ts"

/**
 * What one process does: it writes `output` when it begins, lives for `lifetime` (without one it never ends by itself) and
 * ends with `status` (exit code 0 when nothing is said). A SIGTERM ends it at once, or after `stopsIn`, or never
 * (`"ignored"`). With `refused`, the name of a system's error (`"EACCES"`), it cannot be spawned.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script {
  readonly output?: string
  readonly lifetime?: Duration.DurationInput
  readonly status?: ExitStatus
  readonly stopsIn?: Duration.DurationInput | "ignored"
  readonly refused?: string
}

/**
 * Tells what a process does, by the file that is run and how often that was spawned before.
 *
 * @category models
 * @since 0.1.0
 */
export type Play = (file: string, before: number) => Script

/**
 * A process that was spawned: when (milliseconds of the test's clock), the signals that it was sent, how and when it
 * ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Life {
  readonly pid: number
  readonly file: string
  readonly began: number
  readonly signals: ReadonlyArray<string>
  readonly ended: Option.Option<{ readonly at: number; readonly status: ExitStatus }>
  /** How many others of the same file were alive when this one was spawned. */
  readonly company: number
}

/**
 * What became of the processes.
 *
 * @category services
 * @since 0.1.0
 */
export class ScriptedSpawner extends Context.Tag("zdaemon/testing/ScriptedSpawner")<ScriptedSpawner, {
  /** The processes in the order in which they were spawned. Those that could not be spawned are left out. */
  readonly lives: Effect.Effect<ReadonlyArray<Life>>
  /** How often it was asked to spawn `file`, also in vain. */
  readonly attempts: (file: string) => Effect.Effect<number>
}>() {
  /** A spawner that asks `play` for each process. */
  static readonly layer = (play: Play): Layer.Layer<ProcessSpawner | ScriptedSpawner> =>
    Layer.scopedContext(Effect.map(Effect.scope, (scope) => {
      const processes: Array<Process> = []
      const attempts = new Map<string, number>()
      const spawn = Effect.fnUntraced(function*(command: Command) {
        const before = attempts.get(command.file) ?? 0
        attempts.set(command.file, before + 1)
        const { refused, ...script } = play(command.file, before)
        if (refused !== undefined) {
          return yield* new SpawnError({ file: command.file, code: refused, reason: refused })
        }
        const process = yield* begin(command, script, 101 + processes.length, processes, scope)
        processes.push(process)
        return process
      })
      const spawner = ProcessSpawner.of({
        spawn: (command): Effect.Effect<ManagedProcess, SpawnError, Scope.Scope> =>
          Effect.acquireRelease(spawn(command), (process) => stop(process, command))
      })
      return Context.make(ProcessSpawner, spawner).pipe(
        Context.add(ScriptedSpawner, {
          lives: Effect.sync(() => processes.map(({ life }) => life())),
          attempts: (file) => Effect.sync(() => attempts.get(file) ?? 0)
        })
      )
    }))
}

/**
 * As `ScriptedSpawner.layer`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: (play: Play) => Layer.Layer<ProcessSpawner | ScriptedSpawner> = ScriptedSpawner.layer

// ===== Internal

interface Process extends ManagedProcess {
  readonly life: () => Life
}

const names: ReadonlyMap<number, string> = new Map([[1, "SIGHUP"], [9, "SIGKILL"], [15, "SIGTERM"]])

const begin = Effect.fnUntraced(function*(
  command: Command,
  script: Script,
  pid: number,
  others: ReadonlyArray<Process>,
  scope: Scope.Scope
) {
  const began = yield* Clock.currentTimeMillis
  const ended = yield* Deferred.make<ExitStatus>()
  const company = others.filter((other) => other.life().file === command.file && Option.isNone(other.life().ended))
    .length
  let life: Life = { pid, file: command.file, began, signals: [], ended: Option.none(), company }
  const end = Effect.fnUntraced(function*(status: ExitStatus) {
    if (Option.isSome(life.ended)) return
    life = { ...life, ended: Option.some({ at: yield* Clock.currentTimeMillis, status }) }
    yield* Deferred.succeed(ended, status)
  })
  // A process goes on while whoever spawned it is interrupted.
  const endAfter = (wait: Duration.DurationInput, status: ExitStatus) =>
    Effect.forkIn(Effect.interruptible(Effect.delay(end(status), wait)), scope)
  if (script.output !== undefined) FileSystem.writeSync(command.stdout, script.output)
  if (script.lifetime !== undefined) {
    yield* endAfter(script.lifetime, script.status ?? ExitStatus.Exited({ code: 0 }))
  }
  const process: Process = {
    pid,
    life: () => life,
    exit: Deferred.await(ended),
    hasEnded: Deferred.isDone(ended),
    signal: Effect.fnUntraced(function*(number) {
      if (Option.isSome(life.ended)) return yield* new SignalError({ code: "ESRCH" })
      const signal = names.get(number) ?? `signal ${number}`
      life = { ...life, signals: [...life.signals, signal] }
      if (signal === "SIGKILL") return yield* end(ExitStatus.Signaled({ signal }))
      if (signal === "SIGTERM" && script.stopsIn !== "ignored") {
        const stopsIn = Duration.decode(script.stopsIn ?? 0)
        if (Duration.toMillis(stopsIn) === 0) yield* end(ExitStatus.Signaled({ signal }))
        else yield* endAfter(stopsIn, ExitStatus.Signaled({ signal }))
      }
    })
  }
  return process
})

const stop = Effect.fnUntraced(function*(process: Process, { stopTimeout }: Command) {
  yield* Effect.ignore(process.signal(15))
  if (Duration.toMillis(stopTimeout) > 0) {
    const outcome = yield* Effect.timeoutOption(Effect.interruptible(process.exit), stopTimeout)
    if (Option.isNone(outcome)) yield* Effect.ignore(process.signal(9))
  }
  yield* process.exit
})
