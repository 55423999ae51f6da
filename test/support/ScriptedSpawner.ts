/**
 * A process spawner whose processes follow a script and live on the clock of the test.
 *
 * It stops a process as the real one does: SIGTERM, after the stop timeout SIGKILL, and the scope is closed when the
 * process has ended.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { ExitStatus } from "../../src/policy/Run.ts"
import type { Command, ManagedProcess } from "../../src/process/ProcessSpawner.ts"
import { ProcessSpawner, SignalError, SpawnError } from "../../src/process/ProcessSpawner.ts"

/**
 * What one process does: it lives for `lifetime` (without one it never ends by itself) and ends with `status`. A SIGTERM
 * ends it after `stopsIn`, or never (`"ignored"`). With `refused`, the name of a system's error, it cannot be spawned.
 */
export interface Script {
  readonly lifetime?: Duration.DurationInput
  readonly status?: ExitStatus
  readonly stopsIn?: Duration.DurationInput | "ignored"
  readonly refused?: string
}

/**
 * A process that was spawned, or was to be: when (milliseconds of the test's clock), how it ended, what it was sent.
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
 * What became of the processes, in the order in which they were spawned. Those that could not be spawned are left out.
 */
export class ScriptedSpawner extends Context.Tag("zdaemon/test/support/ScriptedSpawner")<ScriptedSpawner, {
  readonly lives: Effect.Effect<ReadonlyArray<Life>>
  /** How often it was asked to spawn `file`, also in vain. */
  readonly attempts: (file: string) => Effect.Effect<number>
}>() {
  /**
   * Asks `script` for each process, with the file and how many of that file were asked for before.
   */
  static readonly layer = (
    script: (file: string, before: number) => Script
  ): Layer.Layer<ProcessSpawner | ScriptedSpawner> =>
    Layer.effectContext(Effect.sync(() => {
      const processes: Array<Process> = []
      const attempts = new Map<string, number>()
      const spawn = Effect.fnUntraced(function*(command: Command) {
        const before = attempts.get(command.file) ?? 0
        attempts.set(command.file, before + 1)
        const { refused, ...play } = script(command.file, before)
        if (refused !== undefined) {
          return yield* new SpawnError({ file: command.file, code: refused, reason: refused })
        }
        const process = yield* begin(command, play, 101 + processes.length, processes)
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

// ===== Internal

interface Process extends ManagedProcess {
  readonly life: () => Life
}

const names: ReadonlyMap<number, string> = new Map([[1, "SIGHUP"], [9, "SIGKILL"], [15, "SIGTERM"]])

const begin = Effect.fnUntraced(function*(
  command: Command,
  script: Script,
  pid: number,
  others: ReadonlyArray<Process>
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
  // A process goes on while its spawner is interrupted: its fibers belong to nobody.
  const endAfter = (wait: Duration.DurationInput, status: ExitStatus) =>
    Effect.forkDaemon(Effect.interruptible(Effect.delay(end(status), wait)))
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
