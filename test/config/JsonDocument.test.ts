import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import type * as ConfigDocument from "../../src/config/ConfigDocument.ts"
import * as JsonDocument from "../../src/config/JsonDocument.ts"

const parseJson = Schema.decodeSync(Schema.parseJson())

/** What the runtime makes of the text, undefined if it refuses it. */
const native = (text: string): unknown => {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

const plain = (value: ConfigDocument.Value): unknown => {
  switch (value._tag) {
    case "Text":
      return value.text
    case "Number":
    case "Boolean":
      return value.value
    case "Null":
      return null
    case "List":
      return value.items.map(plain)
    case "Table":
      return Object.fromEntries(value.entries.map(({ key, value }) => [key, plain(value)]))
  }
}

const parsed = (text: string): unknown => {
  const document = JsonDocument.parse(text)
  return document._tag === "Document" ? plain(document.table) : undefined
}

const mistake = (text: string): string => {
  const document = JsonDocument.parse(text)
  return document._tag === "Mistakes" ? document.mistakes.map(({ line, reason }) => `${line}: ${reason}`).join() : ""
}

describe("JsonDocument", () => {
  it.prop(
    "reads what JSON says as the runtime does",
    [FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()), FastCheck.integer({ min: 0, max: 3 })],
    ([value, space]) => {
      const text = Schema.encodeSync(Schema.parseJson(Schema.Unknown, { space }))(value)
      assert.deepStrictEqual(parsed(text), native(text))
    }
  )

  it.prop(
    "refuses what the runtime refuses",
    [FastCheck.array(
      FastCheck.constantFrom(..."{}[],:\"\\ \n\t01.e+-/u", "\"a\"", "\"\\u00e9\"", "true", "null", "1", "\u00a0"),
      { maxLength: 12 }
    )],
    ([parts]) => {
      for (const text of [`{"a":${parts.join("")}}`, parts.join("")]) {
        const value = native(text)
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
        if (isObject || mistake(text) === "") assert.deepStrictEqual(parsed(text), value)
      }
    }
  )

  it("tells the lines of keys, values and ends", () => {
    assert.deepStrictEqual(JsonDocument.parse("\n{\"a\": [1,\n true],\r\n \"b\":\n{} \n}\n"), {
      _tag: "Document",
      table: {
        _tag: "Table",
        line: 2,
        end: 6,
        entries: [
          {
            key: "a",
            line: 2,
            value: {
              _tag: "List",
              line: 2,
              items: [{ _tag: "Number", value: 1, source: "1", line: 2 }, { _tag: "Boolean", value: true, line: 3 }]
            }
          },
          { key: "b", line: 4, value: { _tag: "Table", entries: [], line: 5, end: 5 } }
        ]
      }
    })
  })

  for (
    const [text, reason] of [
      ["", "1: expected a value, found the end"],
      ["[]", "1: a configuration is a JSON object: { \"runner\": ... }"],
      ["{\n// x\n}", "2: expected a key in double quotes, found / (JSON has no comments)"],
      ["{\"a\": 1,\n}", "2: expected a key in double quotes, found }"],
      ["{\"a\": 1\n\"b\": 2}", "2: expected a comma or }, found \""],
      ["{\"a\" 1}", "1: expected a colon, found 1"],
      ["{\"a\": [1 2]}", "1: expected a comma or ], found 2"],
      ["{\"a\": 022}", "1: 022 is no value of JSON; write text in double quotes"],
      ["{\"a\": yes}", "1: yes is no value of JSON; write text in double quotes"],
      ["{\"a\": \"\n\"}", "1: a string ends on the line that it begins on; write \\n for a new line"],
      ["{\"a\": \"\\x41\"}", "1: \\x is no escape of JSON"],
      ["{\"a\": \"x", "1: a string does not end"],
      ["{} {}", "1: expected the end, found {"],
      ["{\"a\": 1,\n\"a\": 2}", "2: the key \"a\" is here for the second time"],
      [`{"a":\n${"[".repeat(100_000)}`, "2: this is nested too deeply"]
    ] as const
  ) {
    it(`says about ${text.slice(0, 20).replaceAll("\n", " ")}: ${reason}`, () =>
      assert.strictEqual(mistake(text), reason))
  }

  it("takes __proto__ for a key like any other", () => {
    const document = JsonDocument.parse("{\"__proto__\": 1, \"constructor\": 2}")
    assert.deepStrictEqual(
      document._tag === "Document" ? document.table.entries.map(({ key }) => key) : [],
      ["__proto__", "constructor"]
    )
  })
})
