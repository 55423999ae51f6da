// @effect-diagnostics globalDate:off
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Format from "../../src/eventlog/Format.ts"
import type { LogRecord } from "../../src/eventlog/Record.ts"

const date = new Date(2026, 10, 22, 11, 14, 27, 250)

const record: LogRecord = {
  level: 20,
  levelName: "INFO",
  message: "spawned process pid=13607",
  trace: "",
  date,
  startedAt: date.getTime() - 1500,
  pid: 13600
}

const compile = (format: string) =>
  Format.compile({ style: "classic", format, dateFormat: "%Y-%m-%dT%H:%M:%S", arbitraryFields: false })

describe("Format", () => {
  it("renders the default format of a log file", () => {
    const text = Either.map(
      compile("------\n%(asctime)s %(levelname)s %(name)s %(message)s"),
      (format) => format(record)
    )
    assert.deepStrictEqual(text, Either.right("------\n2026-11-22T11:14:27 INFO root spawned process pid=13607"))
  })

  it("says what is wrong with a format", () => {
    assert.deepStrictEqual(
      Either.map(compile("%(bogus)s"), () => ""),
      Either.left("invalid log format: unknown field 'bogus'")
    )
  })

  it("puts a trace on lines of its own", () => {
    const format = Either.getOrThrow(compile("%(message)s"))
    assert.strictEqual(format({ ...record, message: "m", trace: "Error: x\n  at y" }), "m\nError: x\n  at y")
  })
})
