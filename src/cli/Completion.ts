/**
 * What the end of a line of the interactive mode could become.
 *
 * @since 0.1.0
 */
import * as WhiteSpace from "../config/WhiteSpace.ts"
import * as FilePath from "../process/FilePath.ts"
import * as SignalName from "../process/SignalName.ts"
import type { Described, Description } from "./Action.ts"

/**
 * Completes a line: its first word to an action, the ones behind to what that action takes. The answer is the whole words,
 * each with what follows it, and the part of the line that they replace.
 *
 * @category decoding
 * @since 0.1.0
 */
export const complete = (
  actions: ReadonlyArray<Described>,
  line: string,
  here: string
): readonly [ReadonlyArray<string>, string] => {
  const begun = line.slice(lastBlank(line) + 1)
  const said = WhiteSpace.trimStart(line.slice(0, line.length - begun.length))
  const names = actions.map(({ name }) => name)
  if (said === "") {
    return begun.startsWith("?")
      ? [beginning(names, begun.slice(1)), begun.slice(1)]
      : begun.startsWith("!")
      ? [FilePath.beginning(here, begun.slice(1)), begun.slice(1)]
      : [beginning(names, begun), begun]
  }
  const action = actions.find(({ name }) => said.startsWith(`${name} `))
  if (action === undefined) return [said.startsWith("!") ? FilePath.beginning(here, begun) : [], begun]
  if (begun.startsWith("-")) return [beginning(action.options.map(({ name }) => name), begun), begun]
  return [action.name === "shell" ? FilePath.beginning(here, begun) : words(action, begun, here, names), begun]
}

// ===== Internal

const lastBlank = (line: string): number => {
  let at = line.length - 1
  while (at >= 0 && !WhiteSpace.isWhite(line.charCodeAt(at))) at--
  return at
}

const beginning = (words: ReadonlyArray<string>, begun: string): ReadonlyArray<string> =>
  words.filter((word) => word.startsWith(begun)).map((word) => `${word} `)

const words = (
  { words }: Description,
  begun: string,
  here: string,
  actions: ReadonlyArray<string>
): ReadonlyArray<string> => {
  switch (words) {
    case "none":
    case "passed on":
      return []
    case "signal":
      return signals(begun)
    case "file":
      return FilePath.beginning(here, begun)
    case "action":
      return beginning(actions, begun)
    default:
      return beginning(words, begun)
  }
}

/** Signals, with and without `SIG`, in the case of what has been typed. */
const signals = (begun: string): ReadonlyArray<string> => {
  const full = SignalName.all().map(([, name]) => name)
  const short = full.map((name) => name.slice("SIG".length))
  const upper = begun.toUpperCase()
  const found = beginning(begun === "" ? short : [...short, ...full], upper)
  return upper === begun ? found : found.map((word) => word.toLowerCase())
}
