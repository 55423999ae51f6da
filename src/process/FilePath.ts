/**
 * Paths as an operator writes them.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import * as AppendFile from "./AppendFile.ts"
import * as Folder from "./Folder.ts"
import * as SystemError from "./SystemError.ts"
import type { User } from "./User.ts"

/**
 * A path cannot be used.
 *
 * @category errors
 * @since 0.1.0
 */
export class PathError extends Data.TaggedError("PathError")<{ readonly path: string; readonly message: string }> {}

/**
 * The working directory of this process.
 *
 * @category getters
 * @since 0.1.0
 */
export const here: Effect.Effect<string> = Effect.sync(() => Process.cwd())

/**
 * Whether this process has a working directory, which somebody may have removed. Without one {@link here} is a defect.
 *
 * @category getters
 * @since 0.1.0
 */
export const isSomewhere: Effect.Effect<boolean> = Effect.sync(() => {
  try {
    return Process.cwd() !== ""
  } catch {
    return false
  }
})

/**
 * Makes a path absolute: a leading `~` is the home directory, and what is relative begins at `base`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resolve = (base: string, path: string): string =>
  Path.resolve(
    base,
    path === "~" || path.startsWith("~/")
      ? Path.join(Process.env["HOME"] ?? OperatingSystem.homedir(), path.slice(1))
      : path
  )

/**
 * The folder that a path is in.
 *
 * @category combinators
 * @since 0.1.0
 */
export const folder = (path: string): string => Path.dirname(path)

/**
 * The last part of a path, without an extension.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stem = (path: string): string => Path.parse(path).name

/**
 * The longest path of a Unix socket in bytes: `sun_path` less its final NUL (unix(7)). Node cuts longer ones off without
 * a word.
 *
 * @category models
 * @since 0.1.0
 */
export const socketLimit = Process.platform === "linux" ? 107 : 103

/**
 * One spelling for all that lead to the same socket by way of linked folders: its folder without links, and its name there.
 * A path stays as it is where its folder cannot be looked at, and where a socket could not have the other spelling, which
 * the name of a file is made of ({@link socketLimit}).
 *
 * @category getters
 * @since 0.1.0
 */
export const withoutLinks = (socket: string): string => {
  try {
    const path = Path.join(FileSystem.realpathSync.native(Path.dirname(socket)), Path.basename(socket))
    return Buffer.byteLength(path) > socketLimit ? socket : path
  } catch {
    return socket
  }
}

/**
 * What is at a path, if it can be looked at.
 *
 * @category getters
 * @since 0.1.0
 */
export const stat = (path: string): FileSystem.Stats | undefined => {
  try {
    return FileSystem.statSync(path)
  } catch {
    // Node's throwIfNoEntry is about ENOENT only: a path through a file or a closed folder throws all the same.
    return undefined
  }
}

/**
 * Whether a directory is at a path.
 *
 * @category getters
 * @since 0.1.0
 */
export const isDirectory = (path: string): boolean => stat(path)?.isDirectory() === true

/**
 * Whether anything is at a path.
 *
 * @category getters
 * @since 0.1.0
 */
export const exists = (path: string): boolean => FileSystem.existsSync(path)

/**
 * Why this process could not open a file for appending, or create what is not there, in the system's words. Nothing is opened
 * or created. Links of somebody else's count unless the file will be opened by `"another user"`: only root minds them.
 *
 * @category getters
 * @since 0.1.0
 */
export const refusal = (path: string, opener: "another user" | "this user" = "this user"): Option.Option<string> => {
  const { W_OK, X_OK } = FileSystem.constants
  try {
    if (opener === "this user") AppendFile.judge(path)
    const stat = FileSystem.statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory() === true) throw SystemError.make("EISDIR", path)
    if (stat === undefined) FileSystem.accessSync(Path.dirname(path), W_OK | X_OK)
    else FileSystem.accessSync(path, W_OK)
    return Option.none()
  } catch (cause) {
    return Option.some(reasonOf(cause, path))
  }
}

/**
 * Why this process could not enter a directory that is there, or create files in it, in the system's words.
 *
 * @category getters
 * @since 0.1.0
 */
export const folderRefusal = (path: string, use: "create in" | "enter"): Option.Option<string> => {
  const { W_OK, X_OK } = FileSystem.constants
  try {
    FileSystem.accessSync(path, use === "enter" ? X_OK : W_OK | X_OK)
    return Option.none()
  } catch (cause) {
    return Option.some(SystemError.describe(SystemError.codeOf(cause)))
  }
}

/**
 * The link by way of which root would not use a directory: the message of {@link createDirectory}, where one is there.
 *
 * @category getters
 * @since 0.1.0
 */
export const linkRefusal = (path: string): Option.Option<string> => {
  if (Process.geteuid?.() !== 0) return Option.none()
  try {
    Folder.at(path, ({ isOpen }) => !isOpen)
    return Option.none()
  } catch (cause) {
    return SystemError.codeOf(cause) === "ELINK"
      ? Option.some(`can't use directory: ${reasonOf(cause, path)}`)
      : Option.none()
  }
}

/**
 * Why a path is not that of a socket, in the words of the system: nothing is there, or something else.
 *
 * @category getters
 * @since 0.1.0
 */
export const notSocket = (path: string): Option.Option<string> => {
  try {
    return FileSystem.statSync(path).isSocket() ? Option.none() : Option.some(SystemError.describe("ENOTSOCK", path))
  } catch (cause) {
    return Option.some(SystemError.describe(SystemError.codeOf(cause), path))
  }
}

/**
 * Creates a run directory, one level, when it is missing. When root does so for a user it is given to that user; then
 * nobody else may be able to put something in its place meanwhile, so that the folder that it is in has to belong to root
 * or to that user, and must not be writable by others unless it is sticky, as /tmp is.
 *
 * Root creates nothing by way of a link that somebody else can change, and uses no directory by way of one that everybody
 * can: a directory that is there is used with the rights of the user, who may have links of their own.
 *
 * @category running
 * @since 0.1.0
 */
export const createDirectory = (path: string, owner: User | undefined): Effect.Effect<void, PathError> =>
  Effect.suspend(() => {
    const isRoot = Process.geteuid?.() === 0
    const link = linkRefusal(path)
    if (Option.isSome(link)) return new PathError({ path, message: link.value })
    if (isDirectory(path)) return Effect.void
    return Effect.try({
      try: () => isRoot ? createAsRoot(path, owner) : FileSystem.mkdirSync(path),
      catch: (cause) =>
        cause instanceof PathError
          ? cause
          : new PathError({ path, message: `can't create directory: ${reasonOf(cause, path)}` })
    })
  })

/**
 * The paths that begin like this, which begins at `base` where it is relative; directories end with a slash.
 *
 * @category getters
 * @since 0.1.0
 */
export const beginning = (base: string, start: string): ReadonlyArray<string> => {
  const shown = start.slice(0, start.lastIndexOf("/") + 1)
  try {
    const paths = FileSystem.readdirSync(resolve(base, shown), { withFileTypes: true })
      .map((entry) => `${shown}${entry.name}${entry.isDirectory() ? "/" : ""}`)
      .filter((path) => path.startsWith(start) && (start !== shown || !path.startsWith(`${shown}.`)))
    return Arr.sort(paths, Order.string)
  } catch {
    return []
  }
}

// ===== Internal

const isSafe = ({ mode, uid }: FileSystem.Stats, heir: User): boolean =>
  (uid === 0 || uid === heir.uid) && ((mode & 0o1000) !== 0 || (mode & 0o022) === 0)

const reasonOf = (cause: unknown, path: string): string =>
  SystemError.describe(SystemError.codeOf(cause), SystemError.pathOf(cause, path))

const createAsRoot = (path: string, heir: User | undefined): void => {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = FileSystem.constants
  const open = <A>(path: string, use: (descriptor: number) => A): A => {
    const descriptor = FileSystem.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try {
      return use(descriptor)
    } finally {
      FileSystem.closeSync(descriptor)
    }
  }
  const parent = Folder.at(folder(path)).path
  open(parent, (descriptor) => {
    // Whatever the name of the folder leads to by now, this is the folder that was judged.
    const name = `/proc/self/fd/${descriptor}`
    const isNamed = FileSystem.existsSync(name)
    if (isNamed && FileSystem.readlinkSync(name) !== parent) throw SystemError.make("ELINK", parent)
    if (heir !== undefined && !isSafe(FileSystem.fstatSync(descriptor), heir)) {
      const message = `can't create directory '${path}' as root: others can write in ${folder(path)}`
      throw new PathError({ path, message })
    }
    const created = Path.join(isNamed ? name : parent, Path.basename(path))
    FileSystem.mkdirSync(created)
    if (heir !== undefined) open(created, (descriptor) => FileSystem.fchownSync(descriptor, heir.uid, heir.gid))
  })
}
