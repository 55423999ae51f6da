/**
 * Files that are appended to, opened by their names, and not through what somebody else has put there.
 *
 * As root, where others than root may write the directory, whoever may could otherwise have root write into any file: by
 * a symbolic link, by another name of that file (a hard link), or by a link in the place of a folder further up. There no
 * link is followed, and a file with several names is refused. A link that only root can change is followed as ever, as
 * `/dev/stdout` is.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as Process from "node:process"
import * as Folder from "./Folder.ts"
import * as SystemError from "./SystemError.ts"

/**
 * Opens a file for appending, creates it when it is not there, and answers with its descriptor; `flags` are added to those
 * of open(2). Throws the system's error: one of code `"ELINK"` for a link, and of code `"EMLINK"` for a file with several
 * names.
 *
 * @category running
 * @since 0.1.0
 */
export const open = (path: string, flags = 0): number => {
  const { O_APPEND, O_CREAT, O_WRONLY } = FileSystem.constants
  const mode = O_APPEND | O_CREAT | O_WRONLY | flags
  const place = strangePlace(path)
  if (place === undefined) return FileSystem.openSync(path, mode, 0o666)
  const descriptor = openPlain(place, mode)
  try {
    const stat = FileSystem.fstatSync(descriptor)
    if (stat.isFile() && stat.nlink > 1) throw SystemError.make("EMLINK", path)
    // A folder may have become a link just now.
    if ((linkOf(`/proc/self/fd/${descriptor}`) ?? place) !== place) throw SystemError.make("ELINK", path)
    return descriptor
  } catch (cause) {
    FileSystem.closeSync(descriptor)
    throw cause
  }
}

/**
 * Throws what {@link open} would refuse, without opening anything: the link, or the several names.
 *
 * @category judging
 * @since 0.1.0
 */
export const judge = (path: string): void => {
  const place = strangePlace(path)
  const stat = place === undefined ? undefined : FileSystem.lstatSync(place, { throwIfNoEntry: false })
  if (place === undefined || stat === undefined) return
  if (stat.isSymbolicLink()) throw SystemError.make("ELINK", place)
  if (stat.isFile() && stat.nlink > 1) throw SystemError.make("EMLINK", path)
}

// ===== Internal

/** Where a file is, without a link on the way, when others than root may put something there and we are root. */
const strangePlace = (path: string): string | undefined => {
  if (Process.geteuid?.() !== 0) return undefined
  const folder = Folder.at(Path.dirname(Path.resolve(path)))
  return folder.isSafe ? undefined : Path.join(folder.path, Path.basename(path))
}

const openPlain = (place: string, mode: number): number => {
  const { O_NOFOLLOW, O_NONBLOCK } = FileSystem.constants
  try {
    // O_NONBLOCK is about a FIFO that was put there: root must not wait for somebody to read it.
    return FileSystem.openSync(place, mode | O_NOFOLLOW | O_NONBLOCK, 0o666)
  } catch (cause) {
    throw SystemError.codeOf(cause) === "ELOOP" ? SystemError.make("ELINK", place) : cause
  }
}

const linkOf = (path: string): string | undefined => {
  try {
    return FileSystem.readlinkSync(path)
  } catch {
    // There is no /proc.
    return undefined
  }
}
