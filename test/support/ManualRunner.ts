// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * Runs the shell sessions of a document, so that what it shows is what happens.
 *
 * A session is a fenced block marked `console`: a line that begins with `$ ` is a command, `> ` continues it, and what
 * follows is its output, standard output and standard error together. A block marked `sh session`, for copying, is one
 * command as a whole, and the block marked `text` behind it is its output. The sessions of one section (a heading of
 * level two) share one temporary directory and one shell.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"

/**
 * A command, which may have several lines, and its output.
 *
 * @category models
 * @since 0.1.0
 */
export interface Command {
  readonly text: string
  readonly output: string
}

/**
 * A section of a document that has sessions, and their commands one after the other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Section {
  readonly title: string
  readonly commands: ReadonlyArray<Command>
}

/**
 * What came of running a section: the same commands with the output that they had, and the processes that they left
 * behind, which were ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Result {
  readonly commands: ReadonlyArray<Command>
  readonly leftBehind: ReadonlyArray<string>
}

/**
 * The sessions of a section did not end in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class TookTooLong extends Data.TaggedError("TookTooLong")<{ readonly output: string }> {
  override get message(): string {
    return `the session did not end; so far:\n${this.output}`
  }
}

/**
 * Finds the sections of a document in Markdown that have sessions. What stands before the first heading of level two
 * belongs to a section that has the name of the document's title.
 *
 * @category decoding
 * @since 0.1.0
 */
export const sections = (markdown: string): ReadonlyArray<Section> => {
  const found: Array<{ readonly title: string; readonly commands: Array<Command> }> = []
  let fence = ""
  for (const line of markdown.split("\n")) {
    if (fence.length > 0) {
      if (line.trimEnd() === "```") fence = ""
      else found.at(-1)?.commands.push(...read(fence, line))
      continue
    }
    const heading = /^##? (.*)$/.exec(line)?.[1]
    if (heading !== undefined) found.push({ title: heading, commands: [] })
    fence = /^```(.*)$/.exec(line)?.[1] ?? ""
    if (fence === "sh session") found.at(-1)?.commands.push({ text: ":", output: "" })
  }
  return found
    .map(({ commands, title }) => ({ title, commands: joined(commands) }))
    .filter(({ commands }) => commands.length > 0)
}

/**
 * Writes commands as they stand in a document, without what differs from run to run: pids, dots, and the temporary
 * directory, which becomes `/home/me`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const transcript = (commands: ReadonlyArray<Command>): string =>
  commands.map(({ output, text }) => `$ ${text.replaceAll("\n", "\n> ")}\n${normalise(output)}`).join("\n")

/**
 * Runs the commands of a section in a new directory, with the executable as `zdaemon` on the PATH. When the scope closes
 * the directory is removed. Every process of the section is ended before this returns.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function*(
  section: Section,
  options: { readonly executable: string; readonly timeout: Duration.DurationInput }
): Effect.fn.Return<Result, TookTooLong, Scope.Scope> {
  const root = yield* Effect.acquireRelease(
    Effect.sync(() =>
      FileSystem.realpathSync(FileSystem.mkdtempSync(Path.join(OperatingSystem.tmpdir(), "zdaemon-manual-")))
    ),
    (path) => Effect.sync(() => FileSystem.rmSync(path, { recursive: true, force: true }))
  )
  const place = prepare(root, section, options.executable)
  yield* Effect.acquireRelease(Effect.void, () => Effect.sync(() => processesOf(root).forEach(kill)))
  const output = () => FileSystem.readFileSync(place.output, "utf8").replaceAll(root, "/home/me")
  yield* Effect.timeoutFail(shell(place, environment(root)), {
    duration: options.timeout,
    onTimeout: () => new TookTooLong({ output: output() })
  })
  // A process that is about to end may still be there.
  const left = yield* Effect.sync(() => processesOf(root)).pipe(
    Effect.repeat({ until: (pids) => pids.length === 0, schedule: Schedule.spaced("50 millis") }),
    Effect.timeoutTo({ duration: "5 seconds", onSuccess: () => [], onTimeout: () => processesOf(root) })
  )
  const leftBehind = left.map(describe)
  left.forEach(kill)
  const outputs = output().split(mark)
  return { commands: section.commands.map(({ text }, i) => ({ text, output: outputs[i + 1] ?? "" })), leftBehind }
})

// ===== Internal

const mark = "\u001e"

/** One line of a session. An empty text stands for a line of output, which belongs to the command before. */
const read = (fence: string, line: string): ReadonlyArray<Command> => {
  switch (fence) {
    case "console":
      return line.startsWith("$ ") ? [{ text: line.slice(2), output: "" }] : [{ text: "", output: `${line}\n` }]
    case "sh session":
      return [{ text: "", output: `> ${line}\n` }]
    case "text":
      return [{ text: "", output: `${line}\n` }]
    default:
      return []
  }
}

const joined = (lines: ReadonlyArray<Command>): ReadonlyArray<Command> => {
  const commands: Array<Command> = []
  for (const { output, text } of lines) {
    const last = commands.at(-1)
    if (text.length > 0) commands.push({ text, output })
    else if (last !== undefined) {
      commands[commands.length - 1] = last.output.length === 0 && output.startsWith("> ")
        ? { text: `${last.text}\n${output.slice(2).trimEnd()}`, output: "" }
        : { text: last.text, output: last.output + output }
    }
  }
  return commands
}

const normalise = (output: string): string =>
  output
    .replaceAll(/pid=\d+/g, "pid=NNN")
    .replaceAll(/"pid": \d+/g, "\"pid\": NNN")
    .replaceAll(/kill\(\d+, /g, "kill(NNN, ")
    .replaceAll(/process \d+/g, "process NNN")
    .replaceAll(/ended \d+\.\d s after/g, "ended N.N s after")
    // One run more or less, as the machine is quick or slow.
    .replaceAll(/^run \d+/gm, "run N")
    .replaceAll(/^gives up after \d+ more quick ends$/gm, "gives up after N more quick ends")
    .replaceAll(/\b(in|after|ended|for|killed in) (\d+(\.\d)?|N) s\b/g, "$1 N s")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")
    // As many dots as seconds have passed, and none is a number as well.
    .replaceAll(/^(zdaemon> )?(\. ?)+$/gm, "$1")
    .replaceAll(/[ \t]+$/gm, "")
    .replace(/\n+$/, "")

interface Place {
  readonly directory: string
  readonly script: string
  readonly output: string
}

const prepare = (root: string, section: Section, executable: string): Place => {
  if (!FileSystem.existsSync(executable)) throw new Error(`${executable} is missing: npm run build makes it`)
  const place = {
    directory: Path.join(root, "demo"),
    script: Path.join(root, "session"),
    output: Path.join(root, "output")
  }
  for (const name of ["demo", "bin", "tmp"]) FileSystem.mkdirSync(Path.join(root, name))
  FileSystem.writeFileSync(
    Path.join(root, "bin", "zdaemon"),
    `#!/bin/sh\nexec '${Process.execPath}' '${executable}' "$@"\n`,
    { mode: 0o755 }
  )
  FileSystem.writeFileSync(
    place.script,
    // The mark leaves the status of the command before to the one behind.
    [`next() { next_status=$?; printf '\\036'; return $next_status; }`]
      .concat(section.commands.map(({ text }) => `next\n${text}`))
      .join("\n") + "\n"
  )
  return place
}

const environment = (root: string): NodeJS.ProcessEnv => ({
  ...Process.env,
  PATH: `${Path.join(root, "bin")}:${Process.env["PATH"] ?? "/usr/bin:/bin"}`,
  HOME: root,
  XDG_CACHE_HOME: root,
  XDG_STATE_HOME: Path.join(root, "state"),
  TMPDIR: Path.join(root, "tmp"),
  LC_ALL: "C",
  ZDAEMON_MANUAL: root
})

const shell = (place: Place, env: NodeJS.ProcessEnv): Effect.Effect<void> =>
  Effect.async((resume) => {
    // A file, since a pipe would be open as long as anything that was started has it.
    const output = FileSystem.openSync(place.output, "a")
    const child = ChildProcess.spawn("sh", [place.script], {
      cwd: place.directory,
      env,
      stdio: ["ignore", output, output]
    })
    FileSystem.closeSync(output)
    child.once("error", (cause) => resume(Effect.die(cause)))
    child.once("exit", () => resume(Effect.void))
  })

/** The processes that have our mark in their environment, on systems that show it. */
const processesOf = (root: string): ReadonlyArray<number> =>
  entriesOf("/proc").flatMap((entry) =>
    /^\d+$/.test(entry) && contentOf(`/proc/${entry}/environ`).split("\0").includes(`ZDAEMON_MANUAL=${root}`)
      ? [Number(entry)]
      : []
  )

const describe = (pid: number): string => contentOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()

const kill = (pid: number): void => {
  try {
    Process.kill(pid, "SIGKILL")
  } catch {
    // It has ended meanwhile.
  }
}

const entriesOf = (path: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(path)
  } catch {
    return []
  }
}

const contentOf = (path: string): string => {
  try {
    return FileSystem.readFileSync(path, "latin1")
  } catch {
    return ""
  }
}
