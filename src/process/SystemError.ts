/**
 * The system's errors by name and in words: `[Errno 2] No such file or directory`, as zdaemon prints them.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import { constants } from "node:os"
import { getSystemErrorMap } from "node:util"

/** Where libuv has no text, or another than the C library's, which is what people know and search for. */
const ownTexts = new Map([
  ["EBUSY", "Device or resource busy"],
  ["EDQUOT", "Disk quota exceeded"],
  ["EEXIST", "File exists"],
  ["EIO", "Input/output error"],
  ["EISDIR", "Is a directory"],
  ["ELOOP", "Too many levels of symbolic links"],
  ["EMLINK", "Too many links"],
  ["ENAMETOOLONG", "File name too long"],
  ["ENFILE", "Too many open files in system"],
  ["ENOEXEC", "Exec format error"],
  ["ENOMEM", "Cannot allocate memory"],
  ["ETXTBSY", "Text file busy"]
])

/**
 * The name of the system's error behind an unknown cause: `"ENOENT"`. What is no error of the system is `"EUNKNOWN"`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "EUNKNOWN"

/**
 * An error as the system would throw it, for what is refused before the system is asked. Code `"ELINK"` is ours: a link that
 * somebody else may have put there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (code: string, path: string): Error => new Refusal({ code, path })

/**
 * Where the fault is: what was refused before the system was asked has a path of its own, that of a link on the way perhaps.
 *
 * @category decoding
 * @since 0.1.0
 */
export const pathOf = (cause: unknown, path: string): string => cause instanceof Refusal ? cause.path : path

/**
 * Renders a named error of the system the way Python does, which is how it stands in zdaemon's messages:
 * `[Errno 13] Permission denied`, with the path in quotes behind it when one is given.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe = (code: string, path?: string): string => {
  const number = Object.entries(constants.errno).find(([name]) => name === code)?.[1]
  const text = ownTexts.get(code) ?? [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1]
  const sentence = code === "ELINK"
    ? "a link in a directory that others can write"
    : number === undefined || text === undefined
    ? code
    : `[Errno ${number}] ${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return path === undefined ? sentence : `${sentence}: '${path}'`
}

// ===== Internal

class Refusal extends Data.TaggedError("Refusal")<{ readonly code: string; readonly path: string }> {
  override get message(): string {
    return describe(this.code, this.path)
  }
}
