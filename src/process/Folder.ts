/**
 * The way to a folder, link by link.
 *
 * As root, where others than root may write a directory, whoever may could have root work somewhere else by a link in the
 * place of a file or folder. A link that only root can change is followed as ever, as `/var/run` is.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as SystemError from "./SystemError.ts"

/**
 * A folder, or whatever else is there, without a link in its path.
 *
 * - `isSafe`: nobody but root can put something in it.
 * - `isFirm`: nobody but root can take away what root has put there, as in a sticky `/tmp`.
 * - `isOpen`: everybody can put something in it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Folder {
  readonly path: string
  readonly isSafe: boolean
  readonly isFirm: boolean
  readonly isOpen: boolean
}

/**
 * Goes to an absolute path, and through links only in folders that are trusted: those that only root can write, unless
 * something else is said. Throws the system's error, or one of code `"ELINK"` that has the path of the link.
 *
 * @category getters
 * @since 0.1.0
 */
export const at = (path: string, isTrusted = ({ isSafe }: Folder): boolean => isSafe): Folder =>
  walk(path, isTrusted, linkLimit)

// ===== Internal

/** As many as Linux follows. */
const linkLimit = 40

const walk = (path: string, isTrusted: (folder: Folder) => boolean, links: number): Folder => {
  if (path === Path.dirname(path)) return judge(path, true)
  const parent = walk(Path.dirname(path), isTrusted, links)
  const here = Path.join(parent.path, Path.basename(path))
  if (!FileSystem.lstatSync(here).isSymbolicLink()) return judge(here, parent.isFirm)
  if (!isTrusted(parent)) throw SystemError.make("ELINK", here)
  if (links === 0) throw SystemError.make("ELOOP", path)
  return walk(Path.resolve(parent.path, FileSystem.readlinkSync(here)), isTrusted, links - 1)
}

const judge = (path: string, isFirmAbove: boolean): Folder => {
  const { mode, uid } = FileSystem.lstatSync(path)
  const isRoots = isFirmAbove && uid === 0
  const isSafe = isRoots && (mode & 0o022) === 0
  return { path, isSafe, isFirm: isSafe || (isRoots && (mode & 0o1000) !== 0), isOpen: (mode & 0o002) !== 0 }
}
