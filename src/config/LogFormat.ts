/**
 * The formats of event log records: `%(levelname)-8s`, `{levelname:<8}`, `${levelname}`.
 *
 * The rules are those of Python's `%` operator on a mapping, `str.format` and `string.Template`, applied to the fields of
 * a record. Left out are forms that take a width from another value (`*`, `{message:{x}}`), an item or an attribute, and
 * widths and precisions of more than four digits. A format is taken apart once; rendering a record cannot fail.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Layout from "./Layout.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as Suggestion from "./Suggestion.ts"

/**
 * The language of a format: classic is `%`, format is `{}`, the others are `$`.
 *
 * @category models
 * @since 0.1.0
 */
export type Style = "classic" | "format" | "template" | "safe-template"

/**
 * Reads the name of a style, in any case.
 *
 * @category decoding
 * @since 0.1.0
 */
export const style = (text: string): Either.Either<Style, string> => {
  const name = text.toLowerCase()
  switch (name) {
    case "classic":
    case "format":
    case "template":
    case "safe-template":
      return Either.right(name)
    default:
      return Either.left(
        "log_format_style must be one of 'classic', 'format', 'safe-template', 'template'; " +
          `found ${PythonLiteral.repr(text)}`
      )
  }
}

/**
 * Replaces the escapes `\n`, `\t`, `\b`, `\f` and `\r`; there is no escape for a backslash.
 *
 * @category decoding
 * @since 0.1.0
 */
export const unescape = (text: string): string =>
  text.replace(/\\[ntbfr]/g, (escape) => escapes.get(escape.charAt(1)) ?? escape)

/**
 * A format as it is configured, its escapes already replaced.
 *
 * @category models
 * @since 0.1.0
 */
export interface Format {
  readonly style: Style
  readonly format: string
  readonly arbitraryFields: boolean
}

/**
 * The fields of one record, by the names that Python's logging gives them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fields {
  readonly name: string
  readonly levelno: number
  readonly levelname: string
  readonly pathname: string
  readonly filename: string
  readonly module: string
  readonly lineno: number
  readonly funcName: string
  readonly created: number
  readonly asctime: string
  readonly msecs: number
  readonly relativeCreated: number
  readonly thread: number
  readonly threadName: string
  readonly process: number
  readonly processName: string
  readonly message: string
}

/**
 * Makes of a format what renders the fields of a record, or says what is wrong with it, beginning with `invalid log
 * format: `.
 *
 * There is at least one field, its name is known and the conversion suits it. With `arbitraryFields` other names are
 * accepted and stay in the text as they are written. A `safe-template` is never wrong: all that it does not know stays.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile = (
  { arbitraryFields, format, style }: Format
): Either.Either<(fields: Fields) => string, string> => {
  const { pattern, read } = languages[style]
  const isSafe = style === "safe-template"
  const mayBeAny = (name: string): boolean =>
    isSafe || (arbitraryFields && (style !== "format" || /^[^\W\d]\w*$/.test(name)))
  const parts: Array<Part> = []
  let end = 0
  let places = 0
  for (const match of format.matchAll(pattern)) {
    parts.push(format.slice(end, match.index))
    end = match.index + match[0].length
    if (match[0].length === 1 && !isSafe) {
      const [piece] = format.slice(match.index).match(/^\S{1,20}/u) ?? match
      return invalid(`${PythonLiteral.repr(piece)} is not understood`)
    }
    const place = read(match)
    if (typeof place === "string") {
      parts.push(place)
    } else {
      const part = fill(place, match[0], mayBeAny(place.name))
      if (Either.isLeft(part)) return invalid(part.left)
      parts.push(part.right)
      places++
    }
  }
  if (places === 0 && !isSafe) return invalid("there is no field in it")
  parts.push(format.slice(end))
  return Either.right((fields) => parts.map((part) => typeof part === "string" ? part : part(fields)).join(""))
}

// ===== Internal

const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["b", "\b"],
  ["f", "\f"],
  ["r", "\r"]
])

type Kind = "text" | Layout.NumberKind

const kinds: Readonly<Record<keyof Fields, Kind>> = {
  name: "text",
  levelno: "integer",
  levelname: "text",
  pathname: "text",
  filename: "text",
  module: "text",
  lineno: "integer",
  funcName: "text",
  created: "float",
  asctime: "text",
  msecs: "float",
  relativeCreated: "float",
  thread: "integer",
  threadName: "text",
  process: "integer",
  processName: "text",
  message: "text"
}

const isField = (name: string): name is keyof Fields => Object.hasOwn(kinds, name)

type Part = string | ((fields: Fields) => string)

type Renderer = (value: string | number) => string

/** Where a field stands in a format. `rendererFor` answers with nothing where the conversion does not suit the kind. */
interface Place {
  readonly name: string
  readonly rendererFor: (kind: Kind) => Renderer | undefined
}

/** How a style writes fields. A match of one character is none of its forms. */
interface Language {
  readonly pattern: RegExp
  /** The place of a field, or a text. */
  readonly read: (match: RegExpExecArray) => Place | string
}

const invalid = (reason: string): Either.Either<never, string> => Either.left(`invalid log format: ${reason}`)

const fill = ({ name, rendererFor }: Place, written: string, mayBeAny: boolean): Either.Either<Part, string> => {
  const unsuitable = Either.left(`${PythonLiteral.repr(written)} does not suit the field`)
  if (isField(name)) {
    const render = rendererFor(kinds[name])
    return render === undefined ? unsuitable : Either.right((fields) => render(fields[name]))
  }
  if (!mayBeAny) return Either.left(unknown(name))
  return rendererFor("integer") === undefined && rendererFor("text") === undefined ? unsuitable : Either.right(written)
}

const unknown = (name: string): string =>
  /^\d*$/.test(name)
    ? "positional placeholders cannot be used"
    : `unknown field ${PythonLiteral.repr(name)}${Suggestion.render({ name, known: Object.keys(kinds) })}`

/** With a `conversion` of `s`, `r` or `a` a number is laid out as a text. */
const renderer = (kind: Kind, conversion: string | undefined, layout: Layout.Layout): Renderer => (value) =>
  typeof value === "number" && conversion === undefined
    ? Layout.number(layout, numberKind(kind), value)
    : Layout.text(layout, converted(conversion, plainly(kind, value), typeof value === "string"))

const numberKind = (kind: Kind): Layout.NumberKind => kind === "float" ? kind : "integer"

const plainly = (kind: Kind, value: string | number): string =>
  typeof value === "string" ? value : Layout.numberText(numberKind(kind), value)

const converted = (conversion: string | undefined, text: string, isText: boolean): string =>
  !isText || conversion === undefined || conversion === "s"
    ? text
    : conversion === "r"
    ? PythonLiteral.repr(text)
    : PythonLiteral.repr(text).replace(/[^\0-\x7f]/gu, escaped)

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return code < 0x100 ? `\\x${hex}` : code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}

// ===== Classic

const classicConversions: Readonly<Record<Kind, RegExp>> = {
  text: /^[rsa]$/,
  integer: /^[diouxXeEfFgGcrsa]$/,
  float: /^[diueEfFgGrsa]$/
}

const classic: Language = {
  pattern: /%(?:%|\(([^()]*)\)([-#0 +]*)(\d{0,4})(\.\d{0,4})?[hlL]?([a-zA-Z]))?/g,
  read: ([written, name, flags = "", width = "", precision, type = ""]) =>
    name === undefined ? written.slice(1) : {
      name,
      rendererFor: (kind) => {
        if (!classicConversions[kind].test(type)) return undefined
        const isText = /[rsa]/.test(type)
        const isLeft = flags.includes("-")
        const hasZeros = flags.includes("0") && !isLeft && !isText && type !== "c"
        return renderer(kind, isText ? type : undefined, {
          fill: hasZeros ? "0" : " ",
          align: isLeft ? "<" : hasZeros ? "=" : ">",
          sign: flags.includes("+") ? "+" : flags.includes(" ") ? " " : "",
          alternate: flags.includes("#"),
          width: Number(width),
          grouping: "",
          precision: precision === undefined ? -1 : Number(precision.slice(1)),
          type: /[iu]/.test(type) ? "d" : type
        })
      }
    }
}

// ===== Format

const specificationPattern = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d{0,4})([,_])?(?:\.(\d{1,4}))?([bcdeEfFgGnosxX%])?$/su

const braces: Language = {
  pattern: /\{\{|\}\}|\{([^{}!:]*)(?:!([^{}:]*))?(?::([^{}]*))?\}|[{}]/g,
  read: ([written, name, conversion, specification = ""]) =>
    name === undefined ? written.slice(1) : {
      name,
      rendererFor: (kind) => {
        if (conversion !== undefined && !/^[rsa]$/.test(conversion)) return undefined
        const laidOut = conversion === undefined ? kind : "text"
        const layout = specified(specification, laidOut)
        return layout === undefined
          ? undefined
          : renderer(kind, laidOut === "text" ? conversion ?? "s" : undefined, layout)
      }
    }
}

const specified = (specification: string, kind: Kind): Layout.Layout | undefined => {
  const match = specificationPattern.exec(specification)
  if (match === null) return undefined
  const [, fill, align, sign, alternate, zero, width = "", grouping, precision, type = ""] = match
  const layout: Layout.Layout = {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: align === "<" || align === ">" || align === "^" || align === "="
      ? align
      : kind === "text"
      ? "<"
      : zero === undefined
      ? ">"
      : "=",
    sign: sign === "+" || sign === " " ? sign : "",
    alternate: alternate !== undefined,
    width: Number(width),
    grouping: grouping === "," || grouping === "_" ? grouping : "",
    precision: precision === undefined ? -1 : Number(precision),
    type: type === "n" ? (kind === "integer" ? "d" : "g") : type
  }
  return suits(layout, kind, sign !== undefined, type) ? layout : undefined
}

const suits = (layout: Layout.Layout, kind: Kind, isSigned: boolean, type: string): boolean => {
  const { align, alternate, grouping, precision } = layout
  if (kind === "text") {
    return /^s?$/.test(type) && align !== "=" && !isSigned && !alternate && grouping === ""
  }
  const groupable = grouping === "" || (grouping === "," ? /^[deEfFgG%]?$/ : /^[bdeEfFgGoxX%]?$/).test(type)
  return groupable && (
    kind === "float"
      ? /^[eEfFgGn%]?$/.test(type)
      : /^[eEfFgG%]$/.test(type) || (precision < 0 && (type === "c" ? !isSigned && !alternate : type !== "s"))
  )
}

// ===== Template

const template: Language = {
  pattern: /\$(?:\$|([a-z_][a-z0-9_]*)|\{([a-z_][a-z0-9_]*)\})?/gi,
  read: ([, plain, braced]) => {
    const name = plain ?? braced
    return name === undefined ? "$" : { name, rendererFor: (kind) => (value) => plainly(kind, value) }
  }
}

// ===== Styles

const languages: Readonly<Record<Style, Language>> = { classic, format: braces, template, "safe-template": template }
