/**
 * A file that is appended to for a long time, while others may rename it, remove it, or put something else in its place.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as AppendFile from "../process/AppendFile.ts"
import * as SystemError from "../process/SystemError.ts"

/**
 * An open file. Only a regular one has a size, can be rotated, and is looked for by its name again; a device or a stream
 * is what it is.
 *
 * - `isInLine`: its last byte is no newline; what is appended continues a line.
 * - `born`: when it was made, in milliseconds of the epoch, as far as the file system knows.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenFile {
  readonly descriptor: number
  readonly isRegular: boolean
  readonly size: number
  readonly isInLine: boolean
  readonly born: number
}

/**
 * Opens the file that has the name, or makes it with the mode that `umask` leaves. Throws the system's error. A FIFO is
 * refused (`"ENXIO"`): opening it would wait for a reader, and so would every write to it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (path: string, umask: number): OpenFile => {
  if (statOf(path)?.isFIFO() === true) throw SystemError.make("ENXIO", path)
  const mask = Process.umask(umask)
  let descriptor: number
  try {
    descriptor = AppendFile.open(path)
  } finally {
    Process.umask(mask)
  }
  const stat = FileSystem.fstatSync(descriptor)
  const isRegular = stat.isFile()
  const size = isRegular ? stat.size : 0
  return { descriptor, isRegular, size, isInLine: size > 0 && !endsWithNewline(path, size), born: stat.birthtimeMs }
}

/**
 * What has become of the name of an open file.
 *
 * - `Same`: it still has it.
 * - `Other`: another file has it, nothing has it, or it cannot be told.
 * - `Device`: something has it that nobody puts there by mistake, nor can be rotated, as a device.
 *
 * @category getters
 * @since 0.1.0
 */
export const nameNow = (path: string, { descriptor }: OpenFile): "Device" | "Other" | "Same" => {
  const named = statOf(path)
  if (named === undefined || named.isDirectory()) return "Other"
  if (!named.isFile()) return "Device"
  const own = FileSystem.fstatSync(descriptor, { bigint: true })
  return named.dev === own.dev && named.ino === own.ino ? "Same" : "Other"
}

/**
 * How long the file is now, whoever has written to it or cut it.
 *
 * @category getters
 * @since 0.1.0
 */
export const sizeOf = ({ descriptor }: OpenFile): number => FileSystem.fstatSync(descriptor).size

/**
 * Whether no name leads to the file any more: what is written to it is lost.
 *
 * @category getters
 * @since 0.1.0
 */
export const isRemoved = ({ descriptor, isRegular }: OpenFile): boolean =>
  isRegular && FileSystem.fstatSync(descriptor).nlink === 0

/**
 * When it was last written, renamed or changed otherwise, in milliseconds of the epoch.
 *
 * @category getters
 * @since 0.1.0
 */
export const changedAt = ({ descriptor }: OpenFile): number => FileSystem.fstatSync(descriptor).ctimeMs

// ===== Internal

const statOf = (path: string): FileSystem.BigIntStats | undefined => {
  try {
    return FileSystem.statSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

/** Whoever may write a file may not be allowed to read it; then a line is taken to be whole. */
const endsWithNewline = (path: string, size: number): boolean => {
  let descriptor: number
  try {
    descriptor = FileSystem.openSync(path, FileSystem.constants.O_RDONLY | FileSystem.constants.O_NONBLOCK)
  } catch {
    return true
  }
  try {
    const last = Buffer.alloc(1)
    return FileSystem.readSync(descriptor, last, 0, 1, size - 1) === 0 || last[0] === 0x0a
  } catch {
    return true
  } finally {
    FileSystem.closeSync(descriptor)
  }
}
