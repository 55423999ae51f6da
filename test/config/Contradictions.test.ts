import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Contradictions from "../../src/config/Contradictions.ts"
import * as Settings from "../../src/config/Settings.ts"

const doubted = (texts: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Contradictions.find(Either.getOrThrow(Settings.decode(new Map(Object.entries(texts))))).map(({ key }) => key)

describe("Contradictions", () => {
  for (
    const [texts, keys] of [
      [{}, []],
      [{ "start-timeout": "0" }, ["start-timeout"]],
      [{ "start-timeout": "0", "start-test-program": "true" }, ["start-timeout"]],
      [{ "start-timeout": "1", "start-grace": "1.5" }, ["start-timeout"]],
      [{ "start-timeout": "1", "start-grace": "1" }, []],
      [{ "start-timeout": "1", "start-grace": "2", "start-test-program": "true" }, ["start-timeout"]],
      [{ "start-timeout": "2", "start-grace": "3", "start-test-program": "true" }, []],
      [{ "stop-timeout": "0" }, ["stop-timeout"]],
      [{ "transcript-keep": "10" }, ["transcript-keep"]],
      [{ "transcript-compress": "on" }, ["transcript-compress"]],
      [{ "transcript-max-size": "10MB", "transcript-compress": "on" }, ["transcript"]],
      [{
        "transcript": "log",
        "transcript-max-size": "10MB",
        "transcript-keep": "3",
        "transcript-compress": "on"
      }, []],
      [{ "transcript": "log", "transcript-max-age": "1d", "transcript-keep": "3" }, []],
      [{
        "transcript": "log",
        "transcript-max-size": "10MB",
        "transcript-keep": "0",
        "transcript-compress": "on"
      }, ["transcript-compress"]],
      [{ "transcript": "log", "transcript-max-size": "10" }, ["transcript-max-size"]],
      [{ "transcript": "log", "transcript-stderr": "log" }, ["transcript-stderr"]],
      [{ "transcript": "log", "transcript-stderr": "err" }, []]
    ] as const
  ) {
    const given = Object.entries(texts).map((setting) => setting.join(" ")).join(", ")
    it(`doubts ${keys.length === 0 ? "nothing" : keys.join()} in ${given || "the defaults"}`, () => {
      assert.deepStrictEqual(doubted(texts), keys)
    })
  }
})
