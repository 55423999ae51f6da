/**
 * The words after the options, or a line of the interactive shell, as an action and its arguments.
 *
 * The rules are those of Python's `cmd` module, which zdaemon uses. Whether there is such an action is for the caller
 * to say; names are case-sensitive and have no abbreviations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as WhiteSpace from "./WhiteSpace.ts"
import * as Words from "./Words.ts"

/**
 * Finds the action, which is the identifier (`[A-Za-z0-9_]+`) that the line begins with; the line is the words joined
 * with blanks, without the white space around it. `?x` is `help x`, `!x` is `shell x`, and `status-l` is `status` with
 * the argument `-l`. `None` if the line does not begin with an identifier, as when there are no words.
 *
 * If the first word is exactly the action, the words after it are the arguments unchanged, so that white space in them
 * is kept: `start "a b"` has one argument. Otherwise the rest of the line is split on white space.
 *
 * @category decoding
 * @since 0.1.0
 */
export const split = (
  words: ReadonlyArray<string>
): Option.Option<{ readonly action: string; readonly words: ReadonlyArray<string> }> => {
  const [word] = words
  if (word !== undefined && leadingIdentifier(word) === word && word.length > 0) {
    return Option.some({ action: word, words: words.slice(1) })
  }
  const [first, ...rest] = Words.literal(expandMark(words.join(" ")))
  if (first === undefined) {
    return Option.none()
  }
  const action = leadingIdentifier(first)
  if (action.length === 0) {
    return Option.none()
  }
  return Option.some({ action, words: first === action ? rest : [first.slice(action.length), ...rest] })
}

/**
 * Takes a line of the interactive shell apart: the action, and what follows it as it was typed. The rules are those of
 * {@link split}.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (line: string): Option.Option<{ readonly action: string; readonly rest: string }> => {
  const text = expandMark(line)
  const action = leadingIdentifier(text)
  return action.length === 0 ? Option.none() : Option.some({ action, rest: WhiteSpace.trim(text.slice(action.length)) })
}

// =====================================================================================================================
// Internal
// =====================================================================================================================

const leadingIdentifier = (text: string): string => text.slice(0, text.search(/[^A-Za-z0-9_]|$/))

const marks: ReadonlyMap<string, string> = new Map([["?", "help "], ["!", "shell "]])

const expandMark = (line: string): string => {
  const text = WhiteSpace.trimStart(line)
  const name = marks.get(text.charAt(0))
  return name === undefined ? text : name + text.slice(1)
}
