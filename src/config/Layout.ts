/**
 * How Python's `%` operator and `str.format` lay out a value: digits, sign, precision, width.
 *
 * @since 0.1.0
 */

/**
 * What Python holds a number as: an int or a float.
 *
 * @category models
 * @since 0.1.0
 */
export type NumberKind = "integer" | "float"

/**
 * What a conversion asks for. `width` counts characters; a `precision` below zero is none; `type` is the letter of the
 * conversion (`d`, `g`, `%`), or empty for the shortest text. With `alternate` a prefix tells the base and a point always
 * stands.
 *
 * @category models
 * @since 0.1.0
 */
export interface Layout {
  readonly fill: string
  readonly align: "<" | ">" | "^" | "="
  readonly sign: "" | "+" | " "
  readonly alternate: boolean
  readonly width: number
  readonly grouping: "" | "," | "_"
  readonly precision: number
  readonly type: string
}

/**
 * Lays out a text: `precision` is how many of its characters are taken.
 *
 * @category formatting
 * @since 0.1.0
 */
export const text = (layout: Layout, value: string): string =>
  pad("", layout.precision < 0 ? value : Array.from(value).slice(0, layout.precision).join(""), layout)

/**
 * Lays out a number.
 *
 * @category formatting
 * @since 0.1.0
 */
export const number = (layout: Layout, kind: NumberKind, value: number): string => {
  if (layout.type === "c") return pad("", character(value), layout)
  const sign = value < 0 ? "-" : layout.sign
  const prefix = sign + (layout.alternate ? basePrefixes.get(layout.type) ?? "" : "")
  const body = digits(layout, kind, Math.abs(value))
  return pad(prefix, layout.grouping === "" ? body : grouped(layout, body, layout.width - prefix.length), layout)
}

/**
 * Writes a number as Python's `str` does: a float always has a point.
 *
 * @category formatting
 * @since 0.1.0
 */
export const numberText = (kind: NumberKind, value: number): string =>
  kind === "float" && Number.isInteger(value) ? `${value}.0` : String(value)

// ===== Internal

const basePrefixes = new Map([["x", "0x"], ["X", "0X"], ["o", "0o"], ["b", "0b"]])

/** Python fails for a number that no character has. */
const character = (value: number): string =>
  value >= 0 && value <= 0x10ffff ? String.fromCodePoint(Math.trunc(value)) : "\ufffd"

const pad = (prefix: string, body: string, layout: Layout): string => {
  const missing = Math.max(0, layout.width - Array.from(prefix + body).length)
  const before = layout.align === "^" ? Math.floor(missing / 2) : missing
  switch (layout.align) {
    case "<":
      return prefix + body + layout.fill.repeat(missing)
    case ">":
      return layout.fill.repeat(missing) + prefix + body
    case "^":
      return layout.fill.repeat(before) + prefix + body + layout.fill.repeat(missing - before)
    case "=":
      return prefix + layout.fill.repeat(missing) + body
  }
}

/** Zeros that fill up the width before the digits are grouped with them. */
const grouped = (layout: Layout, body: string, width: number): string => {
  const [whole = "", rest = ""] = body.match(/^([\da-f]+)(.*)$/i)?.slice(1) ?? []
  const size = "xXob".includes(layout.type) && layout.type !== "" ? 4 : 3
  const group = (digits: string): string =>
    digits.replace(new RegExp(`(?<=.)(?=(?:.{${size}})+$)`, "g"), layout.grouping)
  let written = whole
  if (layout.align === "=" && layout.fill === "0") {
    while (group(written).length + rest.length < width) written = `0${written}`
  }
  return group(written) + rest
}

const digits = (layout: Layout, kind: NumberKind, value: number): string => {
  const precision = layout.precision < 0 ? 6 : layout.precision
  const point = layout.alternate && precision === 0 ? "." : ""
  switch (layout.type) {
    case "d":
      return String(Math.trunc(value)).padStart(layout.precision, "0")
    case "x":
    case "X":
    case "o":
    case "b":
      return inBase(value, layout.type).padStart(layout.precision, "0")
    case "f":
    case "F":
      return fixed(value, precision) + point
    case "%":
      return `${fixed(value * 100, precision)}${point}%`
    case "e":
      return exponent(scientific(value, precision), point)
    case "E":
      return exponent(scientific(value, precision), point).toUpperCase()
    case "g":
      return general(value, precision, layout.alternate, 0)
    case "G":
      return general(value, precision, layout.alternate, 0).toUpperCase()
    default:
      if (layout.precision < 0) return numberText(kind, value)
      return withPoint(general(value, precision, layout.alternate, 1))
  }
}

const inBase = (value: number, type: "x" | "X" | "o" | "b"): string => {
  switch (type) {
    case "x":
      return value.toString(16)
    case "X":
      return value.toString(16).toUpperCase()
    case "o":
      return value.toString(8)
    case "b":
      return value.toString(2)
  }
}

/** As far as ECMAScript writes digits; no double between 1e-14 and 1e21 has more. */
const finest = 100

const fixed = (value: number, precision: number): string =>
  value.toFixed(Math.min(precision, finest)) + "0".repeat(Math.max(0, precision - finest))

const scientific = (value: number, precision: number): string =>
  value.toExponential(Math.min(precision, finest)).replace("e", `${"0".repeat(Math.max(0, precision - finest))}e`)

/** An exponent has two digits at least. */
const exponent = (text: string, point: string): string =>
  text.replace(/e([+-])(\d+)$/, (_match, sign: string, power: string) => `${point}e${sign}${power.padStart(2, "0")}`)

/** C's `%g`: the shorter of `%f` and `%e`, which begins `sooner` by that many digits, without zeros at the end. */
const general = (value: number, wanted: number, alternate: boolean, sooner: 0 | 1): string => {
  const precision = Math.max(1, wanted)
  const rounded = scientific(value, precision - 1)
  const power = value === 0 ? 0 : Number(rounded.slice(rounded.indexOf("e") + 1))
  const isFixed = power >= -4 && power < precision - sooner
  const [mantissa = "", tail] = (isFixed ? fixed(value, precision - 1 - power) : rounded).split("e")
  const shown = alternate
    ? mantissa.includes(".") ? mantissa : `${mantissa}.`
    : mantissa.includes(".")
    ? mantissa.replace(/\.?0+$/, "")
    : mantissa
  return tail === undefined ? shown : exponent(`${shown}e${tail}`, "")
}

const withPoint = (text: string): string => /[.e]/.test(text) ? text : `${text}.0`
