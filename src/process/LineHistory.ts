/**
 * The lines that an operator has typed, kept from session to session in a file of the operator's.
 *
 * The file is `zdaemon/history` in `$XDG_STATE_HOME`, or else in `~/.local/state`. It has mode 0600 and a limited length. Where
 * somebody else could put a link in the way, or the file is not the operator's own, nothing is read and nothing written.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import Process from "node:process"

/**
 * Earlier lines, the latest first, and what writes a new one down.
 *
 * @category models
 * @since 0.1.0
 */
export interface LineHistory {
  readonly lines: ReadonlyArray<string>
  readonly add: (line: string) => Effect.Effect<void>
}

/**
 * Opens the history of whoever this process runs as now: what is opened stays open when the user is changed. What cannot
 * be kept is not: a session goes on without.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open: Effect.Effect<LineHistory, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => attempt(place, undefined)),
    (opened) => Effect.sync(() => opened === undefined ? undefined : FileSystem.closeSync(opened.descriptor))
  ),
  (opened) =>
    opened === undefined ? { lines: [], add: () => Effect.void } : {
      lines: Arr.reverse(opened.lines),
      add: (line) =>
        Effect.sync(() => {
          if (isKept(line)) attempt(() => FileSystem.writeSync(opened.descriptor, `${line}\n`), 0)
        })
    }
)

// ===== Internal

interface Opened {
  readonly descriptor: number
  /** The latest last. */
  readonly lines: ReadonlyArray<string>
}

const mostLines = 1000

const mostBytes = 1024 * 1024

const longest = 4096

const attempt = <A>(action: () => A, otherwise: A): A => {
  try {
    return action()
  } catch {
    return otherwise
  }
}

/** As in a shell, a line that begins with a blank is not kept. What moves a cursor cannot have been typed. */
const isKept = (line: string): boolean =>
  // oxlint-disable-next-line eslint/no-control-regex
  line !== "" && !line.startsWith(" ") && line.length <= longest && !/[\u0000-\u001f\u007f-\u009f]/.test(line)

const place = (): Opened | undefined => {
  const home = Process.env["HOME"]
  const given = Process.env["XDG_STATE_HOME"]
  const state = given !== undefined && Path.isAbsolute(given)
    ? given
    : home !== undefined && Path.isAbsolute(home)
    ? Path.join(home, ".local", "state")
    : undefined
  if (state === undefined) return undefined
  const directory = Path.join(Path.resolve(state), "zdaemon")
  if (!leadsOnlyHere(directory)) return undefined
  FileSystem.mkdirSync(directory, { recursive: true, mode: 0o700 })
  // Somebody may have put something else there while it was missing.
  return leadsOnlyHere(directory) && !othersCanWrite(FileSystem.statSync(directory))
    ? bounded(Path.join(directory, "history"))
    : undefined
}

/** Opens the file, cut down to its latest lines when it has become too long. */
const bounded = (path: string): Opened | undefined => {
  const opened = openFile(path)
  if (opened === undefined || opened.lines.length <= 2 * mostLines && opened.size <= mostBytes) {
    return opened === undefined ? undefined : { ...opened, lines: opened.lines.slice(-mostLines) }
  }
  FileSystem.closeSync(opened.descriptor)
  const lines = opened.lines.slice(-mostLines)
  const temporary = `${path}.${Process.pid}`
  FileSystem.writeFileSync(temporary, lines.map((line) => `${line}\n`).join(""), { mode: 0o600, flag: "wx" })
  FileSystem.renameSync(temporary, path)
  return openFile(path)
}

const openFile = (path: string): (Opened & { readonly size: number }) | undefined => {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = FileSystem.constants
  const descriptor = FileSystem.openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    const { mode, nlink, size, uid } = FileSystem.fstatSync(descriptor)
    if ((mode & FileSystem.constants.S_IFMT) !== FileSystem.constants.S_IFREG || uid !== own() || nlink !== 1) {
      FileSystem.closeSync(descriptor)
      return undefined
    }
    if ((mode & 0o777) !== 0o600) FileSystem.fchmodSync(descriptor, 0o600)
    const from = Math.max(0, size - mostBytes)
    const bytes = Buffer.alloc(size - from)
    const count = FileSystem.readSync(descriptor, bytes, 0, bytes.length, from)
    const lines = bytes.subarray(0, count).toString().split("\n")
    return { descriptor, size, lines: (from === 0 ? lines : lines.slice(1)).filter(isKept) }
  } catch (cause) {
    FileSystem.closeSync(descriptor)
    throw cause
  }
}

const own = (): number => Process.geteuid?.() ?? -1

const isOurs = (uid: number): boolean => uid === 0 || uid === own()

const othersCanWrite = ({ mode, uid }: FileSystem.Stats): boolean => (mode & 0o022) !== 0 || !isOurs(uid)

/**
 * Whether a path leads where it seems to, and nobody else can change that: in a directory that others can write to, it
 * goes through no link, and through nothing that they could move out of the way.
 */
const leadsOnlyHere = (path: string, depth = 0): boolean => {
  let at = "/"
  for (const name of path.split("/").filter((name) => name !== "")) {
    const folder = FileSystem.statSync(at)
    at = Path.join(at, name)
    const found = FileSystem.lstatSync(at, { throwIfNoEntry: false })
    const isShared = othersCanWrite(folder)
    if (isShared && ((folder.mode & 0o1000) === 0 || !isOurs(folder.uid))) return false
    if (found === undefined) return true
    if (isShared && (found.isSymbolicLink() || !isOurs(found.uid))) return false
    if (found.isSymbolicLink()) {
      const target = Path.resolve(Path.dirname(at), FileSystem.readlinkSync(at))
      if (depth > mostLinks || !leadsOnlyHere(target, depth + 1)) return false
    }
  }
  return true
}

const mostLinks = 20
