import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as GivingUp from "../../src/policy/GivingUp.ts"
import * as RestartRule from "../../src/policy/RestartRule.ts"

const read = (rule: Either.Either<RestartRule.RestartRule, string>) => Either.map(rule, RestartRule.render)

describe("a rule", () => {
  it("for exit statuses is read in any of its forms, and shown in its shortest", () => {
    const rules: ReadonlyArray<readonly [string, string]> = [
      ["75 after 60s", "on-exit 75 after 1m"],
      [" 0, 2 ,7  STOP ", "on-exit 0,2,7 stop"],
      ["3 stay", "on-exit 3 stay"],
      ["255 At Most 3 in 90m", "on-exit 255 at most 3 in 1h30m"],
      ["1 at most 0 in 1d", "on-exit 1 at most 0 in 1d"]
    ]
    for (const [text, shown] of rules) assert.deepStrictEqual(read(RestartRule.onExit(text)), Either.right(shown))
  })

  it("for signals takes their names with and without SIG", () => {
    const rules: ReadonlyArray<readonly [string, string]> = [
      ["SEGV at most 3 in 1h", "on-signal SEGV at most 3 in 1h"],
      ["sigterm,Int stop", "on-signal TERM,INT stop"]
    ]
    for (const [text, shown] of rules) assert.deepStrictEqual(read(RestartRule.onSignal(text)), Either.right(shown))
  })

  it("that is none says which forms there are", () => {
    const forms = "a rule is '75 after 60s', '75 at most 3 in 1h', '0,2 stop' or '0,2 stay'"
    const wrong: ReadonlyArray<readonly [string, string]> = [
      ["", `'' is no rule: ${forms}`],
      ["75", `'75' is no rule: ${forms}`],
      ["75 afer 60s", `'75 afer 60s' is no rule: ${forms}`],
      ["75 at most 3 per 1h", `'75 at most 3 per 1h' is no rule: ${forms}`],
      ["75 stop now", `'75 stop now' is no rule: ${forms}`],
      ["75 after soon", "'soon': a length of time is written 90, 90s, 0.5s, 5m, 1h30m or 2d"],
      ["75 after 0s", "0s is no wait between 0.01s and 24d"],
      ["75 after 25d", "25d is no wait between 0.01s and 24d"],
      ["-1 stop", "'-1' is no exit status from 0 to 255"],
      ["256 stop", "'256' is no exit status from 0 to 255"],
      ["1,,2 stop", "'' is no exit status from 0 to 255"]
    ]
    for (const [text, reason] of wrong) assert.deepStrictEqual(read(RestartRule.onExit(text)), Either.left(reason))
    assert.deepStrictEqual(read(RestartRule.onSignal("11 stop")), Either.left("'11' is no signal's name"))
    assert.deepStrictEqual(
      read(RestartRule.onSignal("SEGV maybe")),
      Either.left(
        "'SEGV maybe' is no rule: a rule is 'SEGV after 60s', 'SEGV at most 3 in 1h', 'TERM,INT stop' or 'TERM,INT stay'"
      )
    )
  })
})

describe("giving up", () => {
  it("after a number of ends, or a number in a time, is read and shown", () => {
    for (const [text, shown] of [["5", "5"], [" 5  IN 600 ", "5 in 10m"], ["1 in 1d", "1 in 1d"]] as const) {
      assert.deepStrictEqual(Either.map(GivingUp.count(text), GivingUp.countText), Either.right(shown))
    }
    for (const text of ["", "0", "x", "5 in", "5 per 10m", "5 in 10m or so", "-1"]) {
      assert.deepStrictEqual(
        GivingUp.count(text),
        Either.left(`'${text}' is neither a number like '5' nor a window like '5 in 10m'`)
      )
    }
  })

  it("means to exit, to stay, or to try again", () => {
    for (const [text, shown] of [["EXIT", "exit"], ["stay", "stay"], ["retry after 600", "retry after 10m"]] as const) {
      assert.deepStrictEqual(Either.map(GivingUp.surrender(text), GivingUp.surrenderText), Either.right(shown))
    }
    for (const text of ["", "leave", "retry", "retry in 10m", "exit now"]) {
      assert.deepStrictEqual(
        GivingUp.surrender(text),
        Either.left(`'${text}' is none of 'exit', 'stay' and 'retry after 10m'`)
      )
    }
    assert.deepStrictEqual(GivingUp.surrender("retry after 0"), Either.left("0 is no wait between 0.01s and 24d"))
  })
})
