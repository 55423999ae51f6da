/**
 * Renders the reference of all settings from the tables that the program itself reads.
 *
 * @since 0.1.0
 */
import * as ConfigSchema from "../../src/config/ConfigSchema.ts"
import type { Spelling } from "../../src/config/Setting.ts"
import * as Settings from "../../src/config/Settings.ts"

/**
 * The text of `docs/reference.md`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (): string =>
  [
    "# Reference",
    "",
    "Every setting, generated from the program's own tables. What configuration files look like, and what a value may be in each",
    "format, is in [Configuration files](configuration.md).",
    ...Array.from(ConfigSchema.sectionTypes).flatMap(([type, section]) => type === "" ? [] : describe(type, section)),
    ""
  ].join("\n")

// ===== Internal

const describe = (type: string, section: ConfigSchema.SectionType): ReadonlyArray<string> => [
  "",
  `## Section \`${type}\``,
  "",
  `${section.description}. ${containment(type)}`,
  ...(type === "runner" ? [...settings(), "", "Keys that only old files need:"] : []),
  ...keys(type, section)
]

const code = (text: string): string => `\`${text}\``

const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  const [first = [], ...rest] = cells
  return ["", line(first), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest.map(line)]
}

const often: Readonly<Record<ConfigSchema.Occurrence, string>> = {
  optional: "at most one",
  required: "exactly one",
  repeatable: "any number",
  several: "at least one"
}

const containment = (type: string): string => {
  const places = Array.from(ConfigSchema.sectionTypes).flatMap(([outer, { slots }]) =>
    slots.filter(({ types }) => types.includes(type)).map(({ occurrence }) =>
      `${often[occurrence]} ${outer === "" ? "in a file" : `in ${code(outer)}`}`
    )
  )
  return `${places.join(", ").replace(/^./, (letter) => letter.toUpperCase())}.`
}

const fallbackOf = (fallback: string | undefined): string =>
  fallback === undefined ? "" : fallback === "" ? "empty" : code(fallback)

const option = ({ key, short, value }: Spelling): string =>
  `${short === undefined ? "" : `${code(`-${short}`)}, `}${code(`--${key}${value === undefined ? "" : ` ${value}`}`)}`

const settings = (): ReadonlyArray<string> =>
  table(
    ["key", "option", "value", "default", "meaning"],
    Settings.spellings.map((spelling) => [
      code(spelling.key),
      option(spelling),
      spelling.type.name,
      fallbackOf(spelling.fallback),
      spelling.description
    ])
  )

const keys = (type: string, { keys }: ConfigSchema.SectionType): ReadonlyArray<string> => {
  if (keys === "any") return ["", "Every key is the name of a variable, and its case matters."]
  const known = new Set(type === "runner" ? Settings.spellings.map(({ key }) => key) : [])
  const rows = Array.from(keys).filter(([key]) => !known.has(key)).map((
    [key, { description, fallback, occurrence, type }]
  ) => [
    code(key),
    type.name,
    occurrence === "optional" ? fallbackOf(fallback) : `required${occurrence === "several" ? ", repeatable" : ""}`,
    description
  ])
  return table(["key", "value", "default", "meaning"], rows)
}
