import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type * as ConfigDocument from "../../src/config/ConfigDocument.ts"
import * as ConfigFormats from "../../src/process/ConfigFormats.ts"

/** A value as one short text, with its line. */
const show = (value: ConfigDocument.Value): string => {
  switch (value._tag) {
    case "Text":
      return `'${value.text}'@${value.line}`
    case "Number":
      return `${value.source}=${value.value}@${value.line}`
    case "Boolean":
      return `${value.value}@${value.line}`
    case "Null":
      return `null@${value.line}`
    case "List":
      return `[${value.items.map(show).join(" ")}]@${value.line}`
    case "Table":
      return `{${value.entries.map(({ key, line, value }) => `${key}@${line}: ${show(value)}`).join(", ")}}@${
        value.line === value.end ? value.line : `${value.line}-${value.end}`
      }`
  }
}

const read = (format: ConfigDocument.Format, text: string): string => {
  const parsed = ConfigFormats.parse(format, text)
  return parsed._tag === "Document"
    ? show(parsed.table)
    : parsed.mistakes.map(({ line, reason }) => `${line}: ${reason}`).join("\n")
}

describe("ConfigFormats", () => {
  describe("TOML", () => {
    for (
      const [what, text, expected] of [
        ["an empty file", "", "{}@1"],
        ["tables", "# x\n[a]\nb = 1\n\n[c]\n", "{a@2: {b@3: 1=1@3}@2-3, c@5: {}@5}@1"],
        [
          "lists of tables, of which the last one goes on",
          "[[a.b]]\nx = 1\n[[a.b]]\n[a.b.c]\ny = 2",
          "{a@1: {b@1: [{x@2: 1=1@2}@1-2 {c@4: {y@5: 2=2@5}@4-5}@3]@1}@1}@1"
        ],
        [
          "dotted keys and inline tables",
          "a.b = { c = 1, d.e = 2 }",
          "{a@1: {b@1: {c@1: 1=1@1, d@1: {e@1: 2=2@1}@1}@1}@1}@1"
        ],
        [
          "numbers with their spelling",
          "a = [0o22, 0x1f, 1_000, 1.10, -0, inf]",
          "{a@1: [0o22=18@1 0x1f=31@1 1000=1000@1 1.10=1.1@1 -0=0@1 inf=Infinity@1]@1}@1"
        ],
        ["dates as they are written", "a = 2026-11-22 10:00:00", "{a@1: '2026-11-22 10:00:00'@1}@1"],
        ["strings of several lines", "a = \"\"\"\nx\ny\"\"\"\nb = 'z'", "{a@1: 'x\ny'@1, b@4: 'z'@4}@1-4"],
        [
          "names of objects",
          "__proto__.x = 1\nconstructor = 2",
          "{__proto__@1: {x@1: 1=1@1}@1, constructor@2: 2=2@2}@1-2"
        ]
      ] as const
    ) {
      it(`reads ${what}`, () => assert.strictEqual(read("TOML", text), expected))
    }

    for (
      const [text, expected] of [
        ["a = 1\n\na = 2", "3: Defining a key multiple times is invalid"],
        ["[a]\n[a]", "2: Defining a key multiple times is invalid"],
        ["a = 022", "1: Leading zeros are not allowed; write an octal number as text: \"022\""],
        [`a = ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "1: this is nested too deeply"],
        [`x = 1\n${"a.".repeat(100)}a = 1`, "2: this is nested too deeply"],
        [`x = 1\n[${"a.".repeat(100)}a]`, "2: this is nested too deeply"],
        [`a = ${"{a=".repeat(80)}1${"}".repeat(80)}`, "1: this is nested too deeply"]
      ] as const
    ) {
      it(`says about ${text.slice(0, 20).replaceAll("\n", " ")}: ${expected}`, () =>
        assert.strictEqual(read("TOML", text), expected))
    }
  })

  describe("YAML", () => {
    for (
      const [what, text, expected] of [
        ["an empty file", "", "{}@1"],
        ["a file of comments", "# x\n---\n# y\n", "{}@1"],
        ["mappings", "a:\n  b: 1\n\n  c: x\nd: {}\n", "{a@1: {b@2: 1=1@2, c@4: 'x'@4}@2-4, d@5: {}@5}@1-5"],
        ["lists", "a:\n  - x\n  - [1, true]\n", "{a@1: ['x'@2 [1=1@3 true@3]@3]@2}@1-3"],
        [
          "numbers with their spelling",
          "a: [022, 0o22, 0x1f, 1.10, 1_000]",
          "{a@1: [022=22@1 0o22=18@1 0x1f=31@1 1.10=1.1@1 '1_000'@1]@1}@1"
        ],
        [
          "words of YAML 1.1 as text",
          "a: [yes, no, on, off, 2026-11-22]",
          "{a@1: ['yes'@1 'no'@1 'on'@1 'off'@1 '2026-11-22'@1]@1}@1"
        ],
        ["quoted values and tags as text", "a: \"022\"\nb: !!str 022", "{a@1: '022'@1, b@2: '022'@2}@1-2"],
        ["no value", "a:\nb: ~", "{a@1: null@1, b@2: null@2}@1-2"],
        ["blocks", "a: |\n  x\n  y\nb: >-\n  z\n  z\n", "{a@1: 'x\ny\n'@1, b@4: 'z z'@4}@1-6"],
        ["keys as they are written", "1: a\ntrue: b\n\"c d\": e", "{1@1: 'a'@1, true@2: 'b'@2, c d@3: 'e'@3}@1-3"],
        [
          "names of objects",
          "__proto__: {x: 1}\nconstructor: 2",
          "{__proto__@1: {x@1: 1=1@1}@1, constructor@2: 2=2@2}@1-2"
        ]
      ] as const
    ) {
      it(`reads ${what}`, () => assert.strictEqual(read("YAML", text), expected))
    }

    for (
      const [text, expected] of [
        ["a: 1\nb: 2\na: 3", "3: the key \"a\" is here for the second time"],
        ["a: 1\n---\nb: 2", "2: a configuration is one document; --- begins another"],
        [
          "a: &x [1]\nb: *x\nc: *x",
          "2: aliases are not supported; write the value once more\n3: aliases are not supported; write the value once more"
        ],
        ["a: &x {c: 1}\nb:\n  <<: {c: 2}", "3: merge keys are not supported; write the values once more"],
        ["a: !foo x", "1: Unresolved tag: !foo"],
        ["a: !!binary eA==", "1: Unresolved tag: tag:yaml.org,2002:binary"],
        ["%YAML 1.1\n---\na: on", "1: this is read as YAML 1.2; remove %YAML 1.1"],
        ["[a]: 1", "1: a key must be plain text"],
        ["- a", "1: a configuration is a YAML mapping: runner: ..."],
        ["a: [", "1: Flow sequence in block collection must be sufficiently indented and end with a ]"],
        ["a:\n\tb: 1", "2: Tabs are not allowed as indentation"],
        [`a: ${"[".repeat(50_000)}`, "1: this is nested too deeply"],
        [`a: ${"[".repeat(80)}${"]".repeat(80)}`, "1: this is nested too deeply"],
        [`a:\n${"- ".repeat(50_000)}`, "2: this is nested too deeply"],
        [Array.from({ length: 70 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""), "66: this is nested too deeply"],
        [Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""), "201: this is nested too deeply"]
      ] as const
    ) {
      it(`says about ${text.slice(0, 20).replaceAll("\n", " ")}: ${expected}`, () =>
        assert.include(read("YAML", text), expected))
    }

    it("reads a hundred thousand keys in one go", () => {
      const text = Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join("")
      const parsed = ConfigFormats.parse("YAML", text)
      assert.strictEqual(parsed._tag === "Document" ? parsed.table.entries.length : 0, 100_000)
    }, 20_000)
  })

  it("skips a byte order mark", () => {
    for (const [format, text] of [["TOML", "a = 1"], ["YAML", "a: 1"], ["JSON", "{\"a\": 1}"]] as const) {
      assert.strictEqual(read(format, `\ufeff${text}`), "{a@1: 1=1@1}@1")
    }
  })

  for (const format of ["TOML", "YAML", "JSON"] as const) {
    it.prop(
      `never throws, whatever the ${format}`,
      [FastCheck.array(
        FastCheck.constantFrom(
          ..."{}[],:\"'=.#&*!|>-?%@`~<\\ \n\t0aé",
          "a: ",
          "a = ",
          "[[a]]\n",
          "\"a\"",
          "<<",
          "*a",
          "\0"
        ),
        { maxLength: 30 }
      )],
      ([parts]) => {
        assert.isString(read(format, parts.join("")))
      }
    )
  }
})
