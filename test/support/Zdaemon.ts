/**
 * The built executable, run in a temporary directory of its own. Every process that comes of it carries a mark in its
 * environment; when the scope closes the managers are told to end, whatever is left is killed, and the directory goes.
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import Process from "node:process"

/** The folder of the built executables. */
export const dist = Path.resolve(import.meta.dirname, "../../dist")

/** The built executable. */
export const executable = Path.join(dist, "zdaemon.cjs")

/** How a command ended; `code` is 128 + n when signal n ended it. */
export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A process that was begun and may still run. */
export interface Running {
  readonly pid: number
  /** What it has written until now, both streams. */
  readonly output: () => string
  /** Waits until its output has this text. */
  readonly says: (text: string) => Effect.Effect<void>
  readonly signal: (name: NodeJS.Signals) => void
  /** Writes to its standard input, where that is a pipe. */
  readonly type: (text: string) => Effect.Effect<void>
  /** Closes its standard input. */
  readonly hangUp: Effect.Effect<void>
  /** Waits until it has ended and nobody holds its output open. */
  readonly result: Effect.Effect<Result>
}

/** Other than usual: another file to run, another working directory, more environment. */
export interface Options {
  readonly environment?: Readonly<Record<string, string>>
  readonly file?: string
  readonly directory?: string
  /** Whether it leads a process group of its own. */
  readonly detached?: boolean
  /** Whether its standard input is a pipe, and not /dev/null. */
  readonly input?: boolean
}

/** One temporary directory, and what happens in it. */
export interface Zdaemon {
  readonly directory: string
  /** The default socket. */
  readonly socket: string
  readonly at: (name: string) => string
  readonly write: (name: string, text: string, mode?: number) => string
  /** The text of a file, empty when it is not there. */
  readonly read: (name: string) => string
  readonly exists: (name: string) => boolean
  /** Runs `zdaemon` with the given words to its end. */
  readonly run: (...words: ReadonlyArray<string>) => Effect.Effect<Result>
  /** Runs a copy of `zdaemon` as the user `nobody`. */
  readonly asNobody: (...words: ReadonlyArray<string>) => Effect.Effect<Result>
  /** Begins `zdaemon`, or another file. */
  readonly begin: (words: ReadonlyArray<string>, options?: Options) => Effect.Effect<Running>
  /** Begins `zdaemon` on a terminal of its own, which `type` types on; its output is what the terminal shows. */
  readonly onTerminal: (words: ReadonlyArray<string>, options?: Options) => Effect.Effect<Running>
  /** Begins a manager in the foreground, as `daemon off` does. */
  readonly foreground: (handover: object) => Effect.Effect<Running>
  /** The pids of all that came of this directory and is alive. */
  readonly processes: () => ReadonlyArray<number>
  /** Those among them that are managers. */
  readonly managers: () => ReadonlyArray<number>
}

/** A directory with nothing in it. */
export const make: Effect.Effect<Zdaemon, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), "zd-"))
      Fs.chmodSync(directory, 0o755)
      return directory
    }),
    cleanUp
  ),
  (directory) => {
    const at = (name: string) => Path.join(directory, name)
    const begin = (words: ReadonlyArray<string>, options: Options = {}) =>
      Effect.sync(() => {
        const file = options.file ?? Process.execPath
        const all = options.file === undefined ? [executable, ...words] : words
        return running(ChildProcess.spawn(file, all, {
          cwd: options.directory ?? directory,
          detached: options.detached ?? false,
          env: { ...Process.env, XDG_STATE_HOME: at("state"), [mark]: directory, ...options.environment },
          stdio: [options.input === true ? "pipe" : "ignore", "pipe", "pipe"]
        }))
      })
    return {
      directory,
      socket: at("zdsock"),
      at,
      write: (name, text, mode = 0o644) => {
        Fs.writeFileSync(at(name), text)
        Fs.chmodSync(at(name), mode)
        return at(name)
      },
      read: (name) => Fs.existsSync(at(name)) ? Fs.readFileSync(at(name), "utf8") : "",
      exists: (name) => Fs.existsSync(at(name)),
      run: (...words) => Effect.flatMap(begin(words), ({ result }) => result),
      asNobody: (...words) =>
        Effect.suspend(() => {
          // The checkout may be where nobody else can go.
          Fs.cpSync(dist, at("dist"), {
            recursive: true,
            filter: (path) => !path.includes("/lib") && !path.endsWith(".cache")
          })
          const copy = [Process.execPath, at("dist/zdaemon.cjs"), ...words]
          return begin([...asNobody, ...copy], { file: "setpriv" })
        }).pipe(Effect.flatMap(({ result }) => result)),
      begin,
      onTerminal: (words, options = {}) => {
        const quoted = [Process.execPath, executable, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
        // Without exec some shells stay between, and die of the Ctrl-C that the command takes.
        return begin(["-qfec", `exec ${quoted.join(" ")}`, "/dev/null"], { ...options, file: "script", input: true })
      },
      foreground: (handover) =>
        begin([
          "-e",
          "require(process.argv[1]).foreground(JSON.parse(process.argv[2]))",
          Path.join(dist, "manager.cjs"),
          JSON.stringify(withPolicy({ ...orders(directory), ...handover }))
        ], { file: Process.execPath }),
      processes: () => marked(directory),
      managers: () => marked(directory).filter(isManager)
    }
  }
)

/** What a manager of this directory is handed when nothing else is said. */
export const orders = (directory: string) => ({
  program: { file: "/bin/sleep", words: ["sleep", "1000"] },
  environment: { ...Process.env, [mark]: directory },
  socket: Path.join(directory, "zdsock"),
  daemon: false,
  umask: 0o022,
  transcript: "/dev/null",
  transcribing: { onError: "block", timestamps: "off", marks: false },
  backoffLimit: 10,
  exitCodes: [0, 2],
  stopTimeout: 300,
  killMode: "group"
})

/** The orders with zdaemon's policy, as JSON can say it to a manager that does not decode: times are in milliseconds. */
export const withPolicy = <Orders extends { readonly backoffLimit: number; readonly exitCodes: ReadonlyArray<number> }>(
  orders: Orders
) => ({
  ...orders,
  policy: {
    backoff: { _tag: "Linear", base: 1000 },
    longest: orders.backoffLimit * 1000,
    jitter: 0,
    resetAfter: { _tag: "Some", value: orders.backoffLimit * 1000 },
    limit: { _tag: "InARow", count: orders.backoffLimit },
    surrender: { _tag: "Exit" },
    exitCodes: orders.exitCodes,
    rules: []
  }
})

/** Waits until something holds, by looking again and again; a test that waits in vain fails with `what`, and what is `seen`. */
export const eventually = (what: string, condition: () => boolean, seen = () => ""): Effect.Effect<void> =>
  Effect.sync(condition).pipe(
    Effect.repeat({ until: (holds) => holds, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new Error(`still waiting: ${what}\n${seen()}`) }),
    Effect.orDie,
    Effect.asVoid
  )

/** Tries a race against a timer of the manager again when the machine was so busy that the timer won. */
export const inTime = <A>(attempt: Effect.Effect<A, never, Scope.Scope>, isLate: (result: A) => boolean) =>
  Effect.repeat(Effect.scoped(attempt), { until: (result) => !isLate(result), times: 4 })

/** Whether there is a living process with this pid. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(Fs.readFileSync(`/proc/${pid}/stat`, "latin1"))
  } catch {
    return false
  }
}

/** The first pid that a text mentions. */
export const pidOf = (text: string): number => Number(/pid=(\d+)/.exec(text)?.[1] ?? NaN)

/** An output without what differs from run to run: dots of waiting, pids, the time of a short life. */
export const plain = (text: string): string =>
  text.replace(/^(\. )+/, "").replaceAll(/pid=\d+/g, "pid=N").replaceAll(/ended \d+\.\d s/g, "ended N s")

/** An output, of a terminal perhaps, without pids, times and spans. */
export const timeless = (text: string): string =>
  plain(text.replaceAll("\r\n", "\n"))
    .replaceAll(/\b(process:? +|manager |pid |kill\()\d+/g, "$1N")
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([,.]\d{3})?Z?/g, "T")
    .replaceAll(/\b\d+(\.\d+)? (s|min|h|d)\b( \d+ (s|min|h)\b)?/g, "N s")
    .replaceAll(/\bafter \d+(\.\d+)?s\b/g, "after Ns")

/** An output without what differs from machine to machine; `directory` becomes `DIR`. */
export const placeless = (text: string, directory: string): string =>
  text.replaceAll("\r\n", "\n")
    .replaceAll(directory, "DIR")
    .replaceAll(encodeURIComponent(directory), "DIR")
    .replaceAll(/on PATH \[[^\]]*\]/g, "on PATH [...]")
    .replaceAll(/^(limits|variables): .*$/gm, "$1: ...")
    // As many dots as seconds have passed, and perhaps none.
    .replaceAll(/(?<=^|> )(\. ?)+$/gm, "")
    .replaceAll(/^\n/gm, "")
    // Where a line is broken depends on the length of the directory's name.
    .replaceAll(/^# Made by .*\n(# [^-].*\n)*/gm, (lines) => `${lines.trimEnd().replaceAll("\n# ", " ")}\n`)

/** Connects to a socket, says some bytes, finishes writing, and reads to the end. */
export const ask = (path: string, bytes: string | Uint8Array): Effect.Effect<string, Unanswered> =>
  Effect.async<string, Unanswered>((resume) => {
    const socket = Net.connect({ path, allowHalfOpen: true })
    const pieces: Array<Buffer> = []
    socket.on("data", (piece: Buffer) => pieces.push(piece))
    socket.on("error", (cause) => resume(new Unanswered({ reason: cause.message })))
    socket.on("end", () => resume(Effect.succeed(Buffer.concat(pieces).toString("latin1"))))
    socket.end(bytes)
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new Unanswered({ reason: "ETIMEDOUT" }) })
  )

/** Asks a manager for its status until that matches, and answers with it. */
export const until = (path: string, pattern: RegExp): Effect.Effect<string> =>
  ask(path, "status\n").pipe(
    Effect.repeat({ until: (status) => pattern.test(status), schedule: Schedule.spaced("10 millis") }),
    Effect.retry(Schedule.spaced("10 millis")),
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new Error(`status never matched ${pattern}`) }),
    Effect.orDie,
    Effect.zipRight(Effect.orDie(ask(path, "status\n")))
  )

/** Nobody answered. */
export class Unanswered extends Data.TaggedError("Unanswered")<{ readonly reason: string }> {}

/** Whether this can be run here: `python3`, say. */
export const canRun = (file: string, ...words: ReadonlyArray<string>): boolean =>
  ChildProcess.spawnSync(file, words, { stdio: "ignore" }).status === 0

/** Whether there is script(1), which makes a terminal. */
export const hasTerminals = canRun("script", "-qec", "true", "/dev/null")

/** Whether we are root, who alone can become somebody else. */
export const isRoot = Process.getuid?.() === 0

const asNobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]

/** Whether a command can be run as the user `nobody`, Node among others. */
export const canBeNobody = isRoot && canRun("setpriv", ...asNobody, Process.execPath, "--version")

// ===== Internal

const mark = "ZDAEMON_TEST_DIRECTORY"

const running = (child: ChildProcess.ChildProcess): Running => {
  const ended = Deferred.unsafeMake<Result>(FiberId.none)
  const stdout: Array<Buffer> = []
  const stderr: Array<Buffer> = []
  child.stdout?.on("data", (piece: Buffer) => stdout.push(piece))
  child.stderr?.on("data", (piece: Buffer) => stderr.push(piece))
  child.once("error", (error) => Deferred.unsafeDone(ended, Effect.die(error)))
  child.once("close", (code, signal) =>
    Deferred.unsafeDone(
      ended,
      Effect.succeed({
        code: code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal]),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString()
      })
    ))
  const output = () => Buffer.concat([...stdout, ...stderr]).toString()
  return {
    pid: child.pid ?? NaN,
    output,
    says: (text) => eventually(`output ${JSON.stringify(text)}`, () => output().includes(text), output),
    signal: (name) => child.kill(name),
    type: (text) => Effect.sync(() => void child.stdin?.write(text)),
    hangUp: Effect.sync(() => void child.stdin?.end()),
    result: Deferred.await(ended).pipe(
      Effect.timeoutFail({
        duration: "50 seconds",
        onTimeout: () => new Error(`has not ended: ${child.spawnargs.join(" ")}\n${output()}`)
      }),
      Effect.orDie
    )
  }
}

const pids = (): ReadonlyArray<number> => Fs.readdirSync("/proc").map(Number).filter((pid) => pid > 0)

const readProc = (pid: number, name: string): string => {
  try {
    return Fs.readFileSync(`/proc/${pid}/${name}`, "utf8")
  } catch {
    return ""
  }
}

const marked = (directory: string): ReadonlyArray<number> =>
  pids().filter((pid) => readProc(pid, "environ").includes(`${mark}=${directory}\0`) && isAlive(pid))

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    Process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

const isManager = (pid: number): boolean => /zdaemon-manager\.cjs|manager\.cjs/.test(readProc(pid, "cmdline"))

function cleanUp(directory: string): Effect.Effect<void> {
  return Effect.gen(function*() {
    for (const pid of marked(directory).filter(isManager)) send(pid, "SIGTERM")
    yield* Effect.sync(() => marked(directory).some(isManager)).pipe(
      Effect.repeat({ while: (some) => some, schedule: Schedule.spaced("10 millis") }),
      Effect.interruptible,
      Effect.timeoutOption("2 seconds")
    )
    for (const pid of marked(directory)) send(pid, "SIGKILL")
    yield* Effect.interruptible(eventually("the end of what was killed", () => marked(directory).length === 0))
    Fs.rmSync(directory, { recursive: true, force: true })
  })
}
