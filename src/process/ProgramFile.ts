/**
 * From the first word of a command to the file that is executed.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as FilePath from "./FilePath.ts"

/**
 * There is no such program; `message` is the original's sentence.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProgramError extends Data.TaggedError("ProgramError")<{ readonly message: string }> {}

/**
 * Finds the file of a program, as an absolute path.
 *
 * A word without a slash is searched for on `path`, the first file with any execute permission counts. A relative path
 * means the file in `directory`, where the program will run; a file that is only in `here`, where the operator is, is
 * taken as well (the original checked the one place and executed in the other).
 *
 * @category running
 * @since 0.1.0
 */
export const find = (
  word: string,
  where: { readonly here: string; readonly directory: string | undefined; readonly path: string | undefined }
): Effect.Effect<string, ProgramError> =>
  Effect.suspend(() => {
    const name = PythonLiteral.repr(word)
    if (!word.includes("/")) {
      const path = where.path === undefined || where.path.length === 0 ? fallbackPath : where.path
      const folders = path.split(":")
      const found = folders.map((folder) => Path.resolve(where.here, folder, word)).find(isExecutable)
      return found === undefined
        ? new ProgramError({ message: `can't find program ${name} on PATH ${PythonLiteral.reprList(folders)}` })
        : Effect.succeed(found)
    }
    const places = where.directory === undefined ? [where.here] : [where.directory, where.here]
    const found = places.map((place) => Path.resolve(place, word)).find((file) => FileSystem.existsSync(file))
    if (found === undefined) return new ProgramError({ message: `can't stat program ${name}` })
    return isExecutable(found)
      ? Effect.succeed(found)
      : new ProgramError({ message: `no permission to run program ${name}` })
  })

// ===== Internal

/** What the original searches when PATH is unset or empty. */
const fallbackPath = "/bin:/usr/bin:/usr/local/bin"

const isExecutable = (file: string): boolean => {
  const stat = FilePath.stat(file)
  return stat !== undefined && stat.isFile() && (stat.mode & 0o111) !== 0
}
