import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ConfigJsonSchema from "../../src/config/ConfigJsonSchema.ts"
import * as ConfigSchema from "../../src/config/ConfigSchema.ts"
import * as Settings from "../../src/config/Settings.ts"
import type * as ValueType from "../../src/config/ValueType.ts"
import * as ZConfig from "../../src/config/ZConfig.ts"
import * as Mistakes from "../support/Mistakes.ts"

const at = (value: ValueType.Json | undefined, ...path: ReadonlyArray<string>): ValueType.Json | undefined =>
  path.reduce<ValueType.Json | undefined>(
    (value, key) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? new Map(Object.entries(value)).get(key)
        : undefined,
    value
  )

const schema = ConfigJsonSchema.make()

const inRunner = (key: string, ...path: ReadonlyArray<string>) =>
  at(schema, "$defs", "runner", "properties", key, ...path)

describe("ConfigJsonSchema", () => {
  it("has every section and key, each with a description", () => {
    for (const [type, { keys }] of ConfigSchema.sectionTypes) {
      if (type !== "") assert.isString(at(schema, "$defs", type, "description"), type)
      for (const key of keys === "any" ? [] : keys.keys()) {
        assert.isString(at(schema, "$defs", type, "properties", key, "description"), `${type}/${key}`)
      }
    }
  })

  it("has the defaults as values of their types", () => {
    assert.strictEqual(inRunner("backoff-limit", "default"), 10)
    assert.strictEqual(inRunner("daemon", "default"), true)
    assert.deepStrictEqual(inRunner("exit-codes", "default"), [0, 2])
    assert.strictEqual(inRunner("umask", "default"), "022")
    assert.strictEqual(inRunner("user", "default"), undefined)
  })

  it("has the settings that somebody else's command adds", () => {
    const own = ConfigJsonSchema.make("appctl", [{
      key: "pool-size",
      value: "NUMBER",
      fallback: "5",
      description: "how many",
      datatype: Either.right
    }])
    assert.strictEqual(at(own, "title"), "appctl")
    assert.deepStrictEqual(at(own, "$defs", "runner", "properties", "pool-size"), {
      description: "how many",
      type: ["string", "number"],
      default: "5"
    })
  })

  it("asks for the program, and allows nothing unknown", () => {
    assert.deepStrictEqual(at(schema, "required"), ["runner"])
    assert.strictEqual(at(schema, "additionalProperties"), false)
    assert.deepStrictEqual(at(schema, "$defs", "runner", "required"), ["program"])
    assert.strictEqual(at(schema, "$defs", "runner", "additionalProperties"), false)
    assert.deepStrictEqual(at(schema, "$defs", "email-notifier", "required"), ["from", "to"])
  })

  it("takes one section of a handler or many", () => {
    const handler = { $ref: "#/$defs/logfile" }
    assert.deepStrictEqual(at(schema, "$defs", "eventlog", "properties", "logfile", "anyOf"), [
      handler,
      { type: "array", items: handler }
    ])
  })

  it("says umask with an octal text only", () => assert.strictEqual(inRunner("umask", "type"), "string"))
})

describe("ConfigSchema", () => {
  const decode = (text: string) =>
    Either.getOrThrow(Mistakes.decode(
      Effect.runSync(
        ZConfig.parse({ file: "/x", text }, { environment: new Map(), include: () => Effect.succeed("") })
      )
    ))

  it("has for defaults of the event log what holds without them", () => {
    const required = new Map([["path", "/x"], ["from", "a"], ["to", "b"]])
    for (const [type, { keys }] of ConfigSchema.sectionTypes) {
      if (keys === "any" || !keys.has("format") || type === "win32-eventlog") continue
      const section = (lines: ReadonlyArray<string>) =>
        ["<runner>", "program x", "</runner>", "<eventlog>", `<${type}>`, ...lines, `</${type}>`, "</eventlog>"].join(
          "\n"
        )
      const needed = [...keys].flatMap(([key]) => required.has(key) ? [`${key} ${required.get(key)}`] : [])
      const spelled = [...keys].flatMap(([key, { fallback }]) => fallback === undefined ? [] : [`${key} ${fallback}`])
      assert.deepStrictEqual(decode(section([...needed, ...spelled])).eventLog, decode(section(needed)).eventLog, type)
    }
  })

  it("has for the type of each setting one that reads the default back", () => {
    for (const { fallback, key, type } of Settings.spellings) {
      if (fallback === undefined) continue
      const natural = type.natural(fallback)
      const text = typeof natural === "boolean"
        ? type.read({ _tag: "Boolean", value: natural, line: 1 })
        : typeof natural === "number"
        ? type.read({ _tag: "Number", value: natural, source: String(natural), line: 1 })
        : type.read({ _tag: "Text", text: fallback, line: 1 })
      const settings = Either.flatMap(text, (text) => Settings.decode(new Map([[key, text]])))
      assert.deepStrictEqual(
        Settings.texts(Either.getOrThrow(settings)),
        Settings.texts(Either.getOrThrow(Settings.decode(new Map())))
      )
    }
  })
})
