/**
 * What a process does to itself to be a daemon, as far as Node lets it: its session is made by whoever spawns it.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off globalTimers:off
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as AppendFile from "./AppendFile.ts"
import * as SystemError from "./SystemError.ts"

/**
 * The directory of a daemon cannot be changed to.
 *
 * @category errors
 * @since 0.1.0
 */
export class DirectoryError extends Data.TaggedError("DirectoryError")<{
  readonly path: string
  readonly code: string
}> {
  override get message(): string {
    return `can't chdir into '${this.path}': ${SystemError.describe(this.code)}`
  }
}

/**
 * Changes to a directory.
 *
 * @category running
 * @since 0.1.0
 */
export const changeDirectory = (path: string): Effect.Effect<void, DirectoryError> =>
  Effect.try({
    try: () => Process.chdir(path),
    catch: (cause) => new DirectoryError({ path, code: SystemError.codeOf(cause) })
  })

/**
 * Sets the file mode creation mask for this process and what it spawns, and answers with the one before.
 *
 * @category running
 * @since 0.1.0
 */
export const setUmask = (mask: number): Effect.Effect<number> => Effect.sync(() => Process.umask(mask))

/**
 * The file mode creation mask of this process.
 *
 * @category getters
 * @since 0.1.0
 */
export const umask: Effect.Effect<number> = Effect.sync(() => Process.umask())

/**
 * Closes descriptors that were inherited without close-on-exec, so that the program does not get them. Node marks only
 * the first sixteen (measured). `keep` lists what stays open beside the standard streams. Does nothing where there is no
 * /proc.
 *
 * @category running
 * @since 0.1.0
 */
export const closeInherited = (keep: ReadonlyArray<number>): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const entry of directoryEntries("/proc/self/fdinfo")) {
      const descriptor = Number(entry)
      if (descriptor > 2 && !keep.includes(descriptor) && !closesOnExec(entry)) {
        ignoreFailure(() => FileSystem.closeSync(descriptor))
      }
    }
  })

/**
 * Makes standard output and standard error of this process append to a file, so that a message of the runtime itself (it
 * runs out of memory, say) ends up where the operator looks. What could not be opened before a daemon does this can be told
 * to whoever started it.
 *
 * For a moment the number is free, and a file that one of Node's threads opens just then would get it, and after that
 * file a socket, at whose end libuv aborts. So this happens at once only while no thread is at work, and else as soon as
 * none is.
 *
 * @category running
 * @since 0.1.0
 */
export const redirectOutput = (path: string): void => {
  clearTimeout(redirecting)
  if (Process.getActiveResourcesInfo().some((name) => threadWork.has(name))) {
    redirecting = setTimeout(() => redirectOutput(path), 5).unref()
    return
  }
  for (const descriptor of [1, 2]) {
    // open(2) answers with the lowest free number, which is the one just closed.
    ignoreFailure(() => FileSystem.closeSync(descriptor))
    try {
      AppendFile.open(path)
    } catch {
      // As /dev/stdout, which was just closed. The number must not fall to a socket or a pipe.
      ignoreFailure(() => FileSystem.openSync("/dev/null", "a"))
    }
  }
}

/**
 * Whether this process has a controlling terminal, which sends SIGHUP when it goes.
 *
 * @category getters
 * @since 0.1.0
 */
export const hasTerminal = (): boolean => {
  try {
    FileSystem.closeSync(FileSystem.openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}

/**
 * The name of the command that this process runs, without an extension.
 *
 * @category getters
 * @since 0.1.0
 */
export const commandName = (): string => Path.parse(Process.argv[1] ?? "zdaemon").name

/**
 * The words that ran this command, which options and an action may follow.
 *
 * @category getters
 * @since 0.1.0
 */
export const commandWords = (): readonly [file: string, ...ReadonlyArray<string>] => [
  Process.execPath,
  ...Process.argv.slice(1, 2)
]

/**
 * The environment of this process, copied.
 *
 * @category getters
 * @since 0.1.0
 */
export const environment: Effect.Effect<Readonly<Record<string, string | undefined>>> = Effect.sync(() => ({
  ...Process.env
}))

/**
 * Facts of the runtime, for the operator.
 *
 * @category getters
 * @since 0.1.0
 */
export const runtime: Effect.Effect<Readonly<Record<string, string>>> = Effect.sync(() => ({
  version: Process.version,
  platform: `${Process.platform} ${Process.arch}`,
  executable: Process.execPath,
  arguments: Process.argv.slice(1).join(" "),
  directory: Process.cwd(),
  path: Process.env["PATH"] ?? ""
}))

/**
 * The pid of this process.
 *
 * @category getters
 * @since 0.1.0
 */
export const pid: number = Process.pid

/**
 * Writes a line to standard error, at once.
 *
 * @category running
 * @since 0.1.0
 */
export const complain = (line: string): void => ignoreFailure(() => void FileSystem.writeSync(2, `${line}\n`))

// ===== Internal

/** The one redirection that waits: a newer one takes its place, however many rotations a long compression sees. */
let redirecting: NodeJS.Timeout | undefined

/** What Node calls the requests that its threads work on and that open descriptors: those of files, and names of hosts. */
const threadWork: ReadonlySet<string> = new Set([
  "FSReqCallback",
  "FSReqPromise",
  "GetAddrInfoReqWrap",
  "GetNameInfoReqWrap"
])

const closeOnExec = 0o2000000

const closesOnExec = (descriptor: string): boolean => {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(FileSystem.readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"))
    return flags === null || (Number.parseInt(flags[1] ?? "0", 8) & closeOnExec) !== 0
  } catch {
    return true
  }
}

const directoryEntries = (path: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(path)
  } catch {
    return []
  }
}

const ignoreFailure = (action: () => void): void => {
  try {
    action()
  } catch {
    // Nothing can be done about it here, and nothing depends on it.
  }
}
