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
import * as SystemError from "./SystemError.ts"

/**
 * Opens a file for appending, creates it when it is not there, and answers with its descriptor; `flags` are added to those
 * of open(2). Throws the system's error: one of code `"ELOOP"` for a link, and of code `"EMLINK"` for a file with several
 * names.
 *
 * @category running
 * @since 0.1.0
 */
export const open = (path: string, flags = 0): number => {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = FileSystem.constants
  const mode = O_APPEND | O_CREAT | O_WRONLY | flags
  const folder = Process.geteuid?.() === 0 ? folderAt(Path.dirname(Path.resolve(path))) : undefined
  if (folder === undefined || folder.isSafe) return FileSystem.openSync(path, mode, 0o666)
  const place = Path.join(folder.path, Path.basename(path))
  // O_NONBLOCK is about a FIFO that was put there: root must not wait for somebody to read it.
  const descriptor = FileSystem.openSync(place, mode | O_NOFOLLOW | O_NONBLOCK, 0o666)
  try {
    const stat = FileSystem.fstatSync(descriptor)
    if (stat.isFile() && stat.nlink > 1) throw SystemError.make("EMLINK", path)
    // A folder may have become a link just now.
    if ((linkOf(`/proc/self/fd/${descriptor}`) ?? place) !== place) throw SystemError.make("ELOOP", path)
    return descriptor
  } catch (cause) {
    FileSystem.closeSync(descriptor)
    throw cause
  }
}

// ===== Internal

/**
 * A folder without a link in its path. It is `safe` when nobody but root can put something in it, and `firm` when nobody
 * but root can take away what root has put there, as in a sticky `/tmp`.
 */
interface Folder {
  readonly path: string
  readonly isSafe: boolean
  readonly isFirm: boolean
}

const folderAt = (path: string): Folder => {
  // Links that lead nowhere, or in a circle.
  const stat = FileSystem.statSync(path)
  if (path === Path.dirname(path)) return { path, ...judge(stat, true) }
  const parent = folderAt(Path.dirname(path))
  const here = Path.join(parent.path, Path.basename(path))
  if (!FileSystem.lstatSync(here).isSymbolicLink()) return { path: here, ...judge(stat, parent.isFirm) }
  if (!parent.isSafe) throw SystemError.make("ELOOP", path)
  return folderAt(Path.resolve(parent.path, FileSystem.readlinkSync(here)))
}

const judge = ({ mode, uid }: FileSystem.Stats, isFirmAbove: boolean) => {
  const isRoots = isFirmAbove && uid === 0
  const isSafe = isRoots && (mode & 0o022) === 0
  return { isSafe, isFirm: isSafe || (isRoots && (mode & 0o1000) !== 0) }
}

const linkOf = (path: string): string | undefined => {
  try {
    return FileSystem.readlinkSync(path)
  } catch {
    // There is no /proc.
    return undefined
  }
}
