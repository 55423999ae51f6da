/**
 * The pipe that the program's output comes through.
 *
 * It is one real pipe for standard output and standard error, so that their order is kept and `/dev/stderr` can be
 * opened by the program (Node's own `stdio: "pipe"` is a pair of socket pairs, where neither holds). It outlives runs:
 * nothing in flight is lost at a restart, and there is nothing to set up for a run.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import * as SystemError from "./SystemError.ts"

/**
 * The two descriptors of the pipe. `output` is given to each run as its standard output and standard error and is
 * blocking; `input` is non-blocking, and whoever reads from it owns it and closes it.
 *
 * @category models
 * @since 0.1.0
 */
export interface OutputPipe {
  readonly input: number
  readonly output: number
}

/**
 * The pipe could not be made.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutputPipeError extends Data.TaggedError("OutputPipeError")<{ readonly reason: string }> {
  override get message(): string {
    return `can't make a pipe for the program's output: ${this.reason}`
  }
}

/**
 * Makes the pipe with mkfifo(1) in a private directory and takes its name away again at once. Closing the scope closes
 * the output end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<OutputPipe, OutputPipeError, Scope.Scope> = Effect.suspend(() => named("output"))

/**
 * As {@link make}, with a name by which the kernel goes on knowing the pipe when the name is gone (`/proc/PID/fd`), so
 * that whoever holds it can be found (`process/Orphans`). Where there is no directory for temporary files that can be
 * written, it is made in `elsewhere`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (
  name: string,
  elsewhere: string = OperatingSystem.tmpdir()
): Effect.Effect<OutputPipe, OutputPipeError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const directory = privateDirectory(elsewhere)
        const path = Path.join(directory, name)
        try {
          makeFifo(path)
          const { O_NONBLOCK, O_RDONLY, O_WRONLY } = FileSystem.constants
          const input = FileSystem.openSync(path, O_RDONLY | O_NONBLOCK)
          return { input, output: FileSystem.openSync(path, O_WRONLY) }
        } finally {
          FileSystem.rmSync(directory, { recursive: true, force: true })
        }
      },
      catch: (cause) =>
        new OutputPipeError({
          reason: complaint(cause) ?? SystemError.describe(SystemError.codeOf(cause), pathOf(cause))
        })
    }),
    ({ output }) => Effect.sync(() => FileSystem.closeSync(output))
  )

/**
 * Opens /dev/null for writing, until the scope closes: the output of a program that nobody wants.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nowhere: Effect.Effect<number, OutputPipeError, Scope.Scope> = Effect.acquireRelease(
  Effect.try({
    try: () => FileSystem.openSync("/dev/null", "w"),
    catch: (cause) => new OutputPipeError({ reason: SystemError.describe(SystemError.codeOf(cause), "/dev/null") })
  }),
  (descriptor) => Effect.sync(() => FileSystem.closeSync(descriptor))
)

// ===== Internal

const privateDirectory = (elsewhere: string): string => {
  const make = (folder: string) => FileSystem.mkdtempSync(Path.join(folder, "zdaemon-"))
  try {
    return make(OperatingSystem.tmpdir())
  } catch (cause) {
    try {
      return make(elsewhere)
    } catch {
      throw cause
    }
  }
}

/** The mode is what the umask leaves: option -m of mkfifo(1) needs a /proc. */
const makeFifo = (path: string): void => {
  const umask = Process.umask(0o177)
  try {
    ChildProcess.execFileSync("mkfifo", [path], { stdio: ["ignore", "ignore", "pipe"] })
  } finally {
    Process.umask(umask)
  }
}

/** What mkfifo(1) itself complained of. */
const complaint = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null || !("stderr" in cause)) return undefined
  const text = String(cause.stderr ?? "").trim()
  return text === "" ? undefined : text
}

/** What the system was asked for: the directory, or the program `mkfifo`. */
const pathOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "path" in cause && typeof cause.path === "string"
    ? cause.path
    : undefined
