/**
 * Child processes as scoped resources: acquiring spawns one, closing the scope stops it. There is no other way to start
 * or to stop a process.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import Process from "node:process"
import { ExitStatus } from "../policy/Run.ts"
import * as FilePath from "./FilePath.ts"
import * as ProcessGroup from "./ProcessGroup.ts"
import * as SystemError from "./SystemError.ts"

/**
 * What is spawned.
 *
 * - `file`: the resolved executable; `words`: its argument vector, whose first word it sees as its own name.
 * - `directory`: absolute working directory; without one that of this process.
 * - `environment`: the whole environment, not an addition.
 * - `stdout`, `stderr`: our descriptors that become its standard output and standard error.
 * - `stopTimeout`: between SIGTERM and SIGKILL; zero never kills (zdaemon's `stop-timeout 0`).
 * - `killMode`: whether what it leaves in its process group is ended as well.
 *
 * @category models
 * @since 0.1.0
 */
export interface Command {
  readonly file: string
  readonly words: ReadonlyArray<string>
  readonly directory: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdout: number
  readonly stderr: number
  readonly stopTimeout: Duration.Duration
  readonly killMode: "group" | "process"
}

/**
 * A process that was spawned.
 *
 * `exit` waits until the kernel has reaped it. `signal` sends a signal by its number to exactly this process, never to
 * a successor with the same pid, and answers the name of the system's error when that failed (`"ESRCH"` when it has
 * ended).
 *
 * @category models
 * @since 0.1.0
 */
export interface ManagedProcess {
  readonly pid: number
  readonly exit: Effect.Effect<ExitStatus>
  readonly hasEnded: Effect.Effect<boolean>
  readonly signal: (number: number) => Effect.Effect<void, SignalError>
}

/**
 * A process could not be created: `code` is the name of the system's error (`"EACCES"`), `reason` a sentence about it.
 *
 * @category errors
 * @since 0.1.0
 */
export class SpawnError extends Data.TaggedError("SpawnError")<{
  readonly file: string
  readonly code: string
  readonly reason: string
}> {
  override get message(): string {
    return `can't exec '${this.file}': ${this.reason}`
  }
}

/**
 * A signal could not be sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class SignalError extends Data.TaggedError("SignalError")<{ readonly code: string }> {
  override get message(): string {
    return SystemError.describe(this.code)
  }
}

/**
 * The operating system's processes.
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessSpawner extends Context.Tag("zdaemon/process/ProcessSpawner")<ProcessSpawner, {
  /**
   * Spawns a process in a session and process group of its own, with standard input from /dev/null, default signal
   * dispositions and no other descriptor of ours. Closing the scope sends SIGTERM to it, SIGKILL after its stop timeout,
   * waits until it was reaped, and ends what is left of its group.
   */
  readonly spawn: (command: Command) => Effect.Effect<ManagedProcess, SpawnError, Scope.Scope>
}>() {
  static readonly layer: Layer.Layer<ProcessSpawner> = Layer.succeed(
    ProcessSpawner,
    ProcessSpawner.of({
      spawn: (command) => Effect.acquireRelease(start(command), (process) => stop(process, command))
    })
  )
}

/**
 * The processes of this machine: {@link ProcessSpawner}'s own layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<ProcessSpawner> = ProcessSpawner.layer

/**
 * Runs a command in the foreground: it shares our terminal, standard streams and process group, and the result is how it
 * ended. It is not stopped when the scope closes, since it is the terminal that stops it.
 *
 * @category running
 * @since 0.1.0
 */
export const foreground = (
  command: Pick<Command, "file" | "words" | "environment">
): Effect.Effect<ManagedProcess, SpawnError> =>
  create(command, { stdio: "inherit", env: command.environment, argv0: command.words[0] ?? command.file })

// ===== Internal

const start = (command: Command): Effect.Effect<ManagedProcess, SpawnError> =>
  create(command, {
    argv0: command.words[0] ?? command.file,
    cwd: command.directory,
    env: command.environment,
    detached: true,
    stdio: ["ignore", command.stdout, command.stderr]
  })

const create = (
  command: Pick<Command, "file" | "words">,
  options: ChildProcess.SpawnOptions
): Effect.Effect<ManagedProcess, SpawnError> =>
  Effect.suspend(() => {
    const fail = (code: string) =>
      new SpawnError({ file: command.file, code, reason: explain(command.file, options.cwd, code) })
    if (!hasKnownFormat(command.file)) return Effect.fail(fail("ENOEXEC"))
    const ended = Deferred.unsafeMake<ExitStatus>(FiberId.none)
    return Effect.async<ManagedProcess, SpawnError>((resume) => {
      let child: ChildProcess.ChildProcess
      try {
        child = ChildProcess.spawn(command.file, command.words.slice(1), options)
      } catch (cause) {
        return resume(Effect.fail(fail(SystemError.codeOf(cause))))
      }
      child.on("error", (cause) => resume(Effect.fail(fail(SystemError.codeOf(cause)))))
      child.once("exit", (code, signal) =>
        Deferred.unsafeDone(
          ended,
          Effect.succeed(signal === null ? ExitStatus.Exited({ code: code ?? 0 }) : ExitStatus.Signaled({ signal }))
        ))
      const pid = child.pid
      if (pid !== undefined) {
        resume(Effect.succeed({
          pid,
          exit: Deferred.await(ended),
          hasEnded: Deferred.isDone(ended),
          signal: (number) => send(child, pid, number)
        }))
      }
    })
  })

const send = (child: ChildProcess.ChildProcess, pid: number, number: number): Effect.Effect<void, SignalError> =>
  Effect.suspend(() => {
    // Until it is reaped, which happens on this thread, the pid cannot belong to anybody else.
    if (child.exitCode !== null || child.signalCode !== null) return Effect.fail(new SignalError({ code: "ESRCH" }))
    try {
      Process.kill(pid, number)
      return Effect.void
    } catch (cause) {
      const code = SystemError.codeOf(cause)
      // Node does not ask the system about a number that is no 32-bit integer.
      return Effect.fail(new SignalError({ code: code === "ERR_UNKNOWN_SIGNAL" ? "EINVAL" : code }))
    }
  })

const stop = Effect.fnUntraced(function*(process: ManagedProcess, command: Command) {
  const kill = (number: number) => Effect.ignore(process.signal(number))
  const { SIGCONT, SIGKILL, SIGTERM } = OperatingSystem.constants.signals
  if (!(yield* process.hasEnded)) {
    yield* kill(SIGTERM)
    // A stopped process takes no SIGTERM until it goes on.
    yield* kill(SIGCONT)
    if (Duration.toMillis(command.stopTimeout) === 0) yield* process.exit
    else {
      // Finalizers are uninterruptible, and a timeout has to interrupt what it waits for.
      yield* Effect.timeoutTo(Effect.interruptible(process.exit), {
        duration: command.stopTimeout,
        onSuccess: () => Effect.void,
        onTimeout: () => Effect.zipRight(kill(SIGKILL), process.exit)
      }).pipe(Effect.flatten)
    }
  }
  if (command.killMode === "group") yield* ProcessGroup.end(process.pid)
})

/** Why the system refused, where its own word leaves the operator guessing. */
const explain = (file: string, directory: string | URL | undefined, code: string): string => {
  const text = SystemError.describe(code)
  if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") return text
  if (typeof directory === "string" && !FilePath.isDirectory(directory)) {
    return `${text} (its working directory ${directory})`
  }
  const interpreter = head(file, 256)?.match(/^#![ \t]*([^ \t\n]+)/)?.[1]
  return interpreter !== undefined && !FileSystem.existsSync(interpreter)
    ? `${text} (its interpreter ${interpreter})`
    : text
}

/**
 * libuv executes with execvp(3), which gives a file that the kernel does not know to /bin/sh: a truncated binary would
 * run as a script. Formats registered with binfmt_misc and Mach-O begin with other bytes, and are left to the kernel.
 */
const hasKnownFormat = (file: string): boolean => {
  if (Process.platform !== "linux") return true
  const start = head(file, 64)
  return start === undefined || start.startsWith("#!") || isWholeElf(start, file) || hasOtherFormats()
}

/** Whether an ELF file is for this machine and goes on at least to the end of its program headers (elf(5)). */
const isWholeElf = (start: string, file: string): boolean => {
  const header = Buffer.from(start, "latin1")
  const is64 = header[4] === 2
  if (!start.startsWith("\x7fELF") || header.length < (is64 ? 64 : 52)) return false
  const machines = elfMachines.get(Process.arch)
  if (machines === undefined) return true
  const begin = is64 ? Number(header.readBigUInt64LE(32)) : header.readUInt32LE(28)
  const end = begin + header.readUInt16LE(is64 ? 54 : 42) * header.readUInt16LE(is64 ? 56 : 44)
  // One that goes while it is looked at is left to the kernel as well.
  const size = FileSystem.statSync(file, { throwIfNoEntry: false })?.size ?? Infinity
  return machines.includes(header.readUInt16LE(18)) && end <= size
}

/** The machines whose programs a kernel for Node's architecture can run. */
const elfMachines: ReadonlyMap<string, ReadonlyArray<number>> = new Map([["x64", [62, 3]], ["arm64", [183, 40]]])

const hasOtherFormats = (): boolean => {
  try {
    return FileSystem.readdirSync("/proc/sys/fs/binfmt_misc").some((name) => name !== "register" && name !== "status")
  } catch {
    return false
  }
}

const head = (file: string, length: number): string | undefined => {
  let descriptor: number
  try {
    // Only a regular file is read: opening a FIFO would hang.
    if (FileSystem.statSync(file).isFile() === false) return undefined
    descriptor = FileSystem.openSync(file, "r")
  } catch {
    return undefined
  }
  try {
    const buffer = Buffer.alloc(length)
    return buffer.toString("latin1", 0, FileSystem.readSync(descriptor, buffer, 0, length, 0))
  } catch {
    return undefined
  } finally {
    FileSystem.closeSync(descriptor)
  }
}
