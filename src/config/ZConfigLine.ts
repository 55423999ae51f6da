/**
 * What one line of a ZConfig file says by itself, without regard to the lines around it.
 *
 * A line is a comment, a key, the start or the end of a section, or a directive; there is no continuation and no quoting.
 * Time is linear in the line.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as WhiteSpace from "./WhiteSpace.ts"

/**
 * A line, before substitution.
 *
 * - `Blank`: nothing, or a comment.
 * - `Key`: a key as written and its value.
 * - `SectionStart`: `<type name>`, or `<type name/>` if `empty`; type and name in lower case.
 * - `SectionEnd`: `</type>`, in lower case.
 * - `Define`: `%define`, with the name in lower case.
 * - `Include`, `Import`: `%include` and `%import`.
 * - `Malformed`: none of these, for the `reason` that the original gives; `likely` is the section start or end that was
 *   probably meant, so that the lines after it can still be understood.
 *
 * @category models
 * @since 0.1.0
 */
export type Line = Data.TaggedEnum<{
  Blank: {}
  Key: { readonly key: string; readonly value: string }
  SectionStart: { readonly type: string; readonly name: string | undefined; readonly empty: boolean }
  SectionEnd: { readonly type: string }
  Define: { readonly name: string; readonly value: string }
  Include: { readonly reference: string }
  Import: { readonly component: string }
  Malformed: { readonly reason: string; readonly likely: Likely }
}>

/**
 * What a malformed line was probably meant to be.
 *
 * @category models
 * @since 0.1.0
 */
export type Likely = Data.TaggedEnum.Value<Line, "Blank" | "SectionStart" | "SectionEnd">

/**
 * Constructors, `$is` and `$match` of {@link Line}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Line = Data.taggedEnum<Line>()

/**
 * Reads one line, with or without white space around it.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (text: string): Line => {
  const line = WhiteSpace.trim(text)
  switch (line.charAt(0)) {
    case "":
    case "#": {
      return Line.Blank()
    }
    case "%": {
      return readDirective(line.slice(1))
    }
    case "<": {
      return line.startsWith("</") ? readSectionEnd(line) : readSectionStart(line)
    }
    default: {
      const [key, value] = splitName(line)
      return key.length > 0 ? Line.Key({ key, value }) : malformed("malformed configuration data")
    }
  }
}

// ===== Internal

const malformed = (reason: string, likely: Likely = Line.Blank()): Line => Line.Malformed({ reason, likely })

/** The longest run of what may be in a name (no white space, no parentheses), and what follows the white space after it. */
const splitName = (text: string): readonly [name: string, rest: string] => {
  let end = 0
  while (end < text.length && isNameCharacter(text.charCodeAt(end))) {
    end++
  }
  return [text.slice(0, end), WhiteSpace.trimStart(text.slice(end))]
}

const isNameCharacter = (code: number): boolean => code !== 0x28 && code !== 0x29 && !WhiteSpace.isWhite(code)

const readSectionStart = (line: string): Line => {
  const complete = line.endsWith(">")
  const inside = line.slice(1, complete ? -1 : undefined)
  const empty = inside.endsWith("/")
  const [type, afterType] = splitName(WhiteSpace.trimEnd(empty ? inside.slice(0, -1) : inside))
  const [name, afterName] = splitName(afterType)
  const start = Line.SectionStart({
    type: type.toLowerCase(),
    name: name.length > 0 ? name.toLowerCase() : undefined,
    empty
  })
  const likely = type.length > 0 ? start : Line.Blank()
  if (!complete) {
    return malformed("malformed section start", likely)
  }
  const wellFormed = type.length > 0 && (name.length > 0 || afterType.length === 0) && afterName.length === 0
  return wellFormed ? start : malformed("malformed section header", likely)
}

const readSectionEnd = (line: string): Line => {
  const complete = line.endsWith(">")
  const type = WhiteSpace.trimEnd(line.slice(2, complete ? -1 : undefined)).toLowerCase()
  const end = Line.SectionEnd({ type })
  return complete ? end : malformed("malformed section end", end)
}

const readDirective = (rest: string): Line => {
  const [directive, argument] = splitName(rest)
  if (directive.length === 0) {
    return malformed("missing or unrecognized directive")
  }
  if (directive !== "define" && directive !== "include" && directive !== "import") {
    return malformed(`unknown directive: ${PythonLiteral.repr(directive)}`)
  }
  if (argument.length === 0) {
    return malformed(`missing argument to %${directive} directive`)
  }
  switch (directive) {
    case "define": {
      const [name, value] = splitWord(argument)
      return Line.Define({ name: name.toLowerCase(), value })
    }
    case "include": {
      return Line.Include({ reference: argument })
    }
    case "import": {
      return Line.Import({ component: argument })
    }
  }
}

const splitWord = (text: string): readonly [word: string, rest: string] => {
  let end = 0
  while (end < text.length && !WhiteSpace.isWhite(text.charCodeAt(end))) {
    end++
  }
  return [text.slice(0, end), WhiteSpace.trimStart(text.slice(end))]
}
