/**
 * Reading the text of a configuration file.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import { isUtf8 } from "node:buffer"
import * as FileSystem from "node:fs"
import * as SystemError from "./SystemError.ts"

/**
 * Reads a regular file, or a pipe to its end, of UTF-8 text, 16 MiB at most. Fails with a sentence that names the file, in the original's form
 * (`error opening file /x: [Errno 2] No such file or directory: '/x'`).
 *
 * @category running
 * @since 0.1.0
 */
export const read = (path: string): Effect.Effect<string, string> =>
  Effect.gen(function*() {
    const stat = yield* attempt(path, () => FileSystem.statSync(path))
    if (stat.isDirectory()) return yield* fail(path, SystemError.describe("EISDIR", path))
    if (!stat.isFile() && !stat.isFIFO()) return yield* fail(path, "it is neither a regular file nor a pipe")
    if (stat.size > limit) return yield* fail(path, `it has ${stat.size} bytes, the limit is ${limit}`)
    const bytes = yield* attempt(path, () => stat.isFile() ? FileSystem.readFileSync(path) : readPipe(path))
    if (bytes.length > limit) return yield* fail(path, `it has more than ${limit} bytes, which is the limit`)
    return isUtf8(bytes)
      ? bytes.toString("utf8")
      : yield* fail(path, `line ${firstForeignLine(bytes)} is not UTF-8 text`)
  })

// ===== Internal

const limit = 16 * 1024 * 1024

/** What comes through a pipe, and one piece more than the limit at most. */
const readPipe = (path: string): Buffer => {
  const descriptor = FileSystem.openSync(path, "r")
  try {
    const pieces: Array<Buffer> = []
    for (let length = 0; length <= limit;) {
      const piece = Buffer.alloc(64 * 1024)
      const count = FileSystem.readSync(descriptor, piece)
      if (count === 0) break
      pieces.push(piece.subarray(0, count))
      length += count
    }
    return Buffer.concat(pieces)
  } finally {
    FileSystem.closeSync(descriptor)
  }
}

/** The first line that is not UTF-8; no character of several bytes has a line feed among them. */
const firstForeignLine = (bytes: Buffer): number => {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed === -1 ? bytes.length : feed + 1
    if (!isUtf8(bytes.subarray(start, end))) break
    start = end
  }
  return line
}

const fail = (path: string, reason: string) => Effect.fail(`error opening file ${path}: ${reason}`)

const attempt = <A>(path: string, action: () => A): Effect.Effect<A, string> =>
  Effect.try({
    try: action,
    catch: (cause) => `error opening file ${path}: ${SystemError.describe(SystemError.codeOf(cause), path)}`
  })
