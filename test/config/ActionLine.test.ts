import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as ActionLine from "../../src/config/ActionLine.ts"

const table: ReadonlyArray<readonly [ReadonlyArray<string>, string, ReadonlyArray<string>]> = [
  [["start"], "start", []],
  [["status", "-l"], "status", ["-l"]],
  [["status-l"], "status", ["-l"]],
  [["status -l"], "status", ["-l"]],
  [["status-l", "a b"], "status", ["-l", "a", "b"]],
  [["start", "a  b", "", "-c"], "start", ["a  b", "", "-c"]],
  [["start a", "b  c"], "start", ["a", "b", "c"]],
  [["  start ", " a"], "start", ["a"]],
  [["", "start", "a  b"], "start", ["a", "b"]],
  [["Start"], "Start", []],
  [["reopen_transcript"], "reopen_transcript", []],
  [["2fa"], "2fa", []],
  [["kill=9"], "kill", ["=9"]],
  [["?"], "help", []],
  [["?start"], "help", ["start"]],
  [["?", "start"], "help", ["start"]],
  [[" ? start "], "help", ["start"]],
  [["!ls", "-l"], "shell", ["ls", "-l"]],
  [["!"], "shell", []],
  [["! ls | wc"], "shell", ["ls", "|", "wc"]],
  [["help", "?x"], "help", ["?x"]]
]

const none: ReadonlyArray<ReadonlyArray<string>> = [[], [""], ["  ", "\t"], ["-l"], ["-l", "status"], ["."], ["état"]]

const identifier = FastCheck.stringMatching(/^[A-Za-z0-9_]+$/)

describe("ActionLine", () => {
  for (const [words, action, rest] of table) {
    it(`reads ${JSON.stringify(words)} as ${action} ${JSON.stringify(rest)}`, () => {
      assert.deepStrictEqual(ActionLine.split(words), Option.some({ action, words: rest }))
    })
  }

  for (const words of none) {
    it(`finds no action in ${JSON.stringify(words)}`, () => {
      assert.deepStrictEqual(ActionLine.split(words), Option.none())
    })
  }

  it.prop(
    "leaves the words after an action that stands alone as they are",
    [identifier, FastCheck.array(FastCheck.string())],
    ([action, words]) => {
      assert.deepStrictEqual(ActionLine.split([action, ...words]), Option.some({ action, words }))
    }
  )

  it.prop(
    "finds an identifier or nothing in any words",
    [FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom("a", "_", "?", "!", " ", "-", "é", "\ud800") }))],
    ([words]) => {
      const found = ActionLine.split(words)
      if (Option.isSome(found)) {
        assert.match(found.value.action, /^[A-Za-z0-9_]+$/)
      }
    }
  )

  it("splits a million characters of any kind", () => {
    for (const unit of [" ", "a", "a ", "?", "-", "é "]) {
      const line = unit.repeat(1_000_000 / unit.length)
      assert.strictEqual(Option.isSome(ActionLine.split([line])), unit.startsWith("a") || unit === "?")
    }
  })
})
