import * as Either from "effect/Either"
import * as ConfigFile from "../../src/config/ConfigFile.ts"
import * as Mistake from "../../src/config/Mistake.ts"
import type { OwnSetting } from "../../src/config/OwnSetting.ts"
import type * as ZConfigTree from "../../src/config/ZConfigTree.ts"

/** What is told, each as `line: reason`. */
export const lines = (mistakes: ReadonlyArray<Mistake.Mistake>): ReadonlyArray<string> =>
  Mistake.tell(mistakes).map((told) => told.replace(/^(.*)[ \n]\(line (\d+),? in .*\)$/s, "$2: $1"))

/** A configuration, or all that is wrong with what was read, which begins at `/start`. */
export const decode = (
  { isReadable, mistakes, root }: ZConfigTree.Reading,
  own: ReadonlyArray<OwnSetting> = []
): Either.Either<ConfigFile.Configuration, ReadonlyArray<Mistake.Mistake>> => {
  const decoded = ConfigFile.decode(root, { directory: "/start", own })
  const all = [...mistakes, ...(isReadable ? decoded.mistakes : [])]
  return all.length === 0 ? Either.right(decoded.configuration) : Either.left(all)
}
