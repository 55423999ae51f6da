import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as os from "node:os"
import * as SignalName from "../../src/process/SignalName.ts"

const linux = os.platform() === "linux"

const everywhere: ReadonlyArray<readonly [string, string, number]> = [
  ["TERM", "SIGTERM", 15],
  ["SIGTERM", "SIGTERM", 15],
  ["sigterm", "SIGTERM", 15],
  ["tErM", "SIGTERM", 15],
  ["Signals.SIGTERM", "SIGTERM", 15],
  ["15", "SIGTERM", 15],
  [" 15 ", "SIGTERM", 15],
  ["015", "SIGTERM", 15],
  ["+15", "SIGTERM", 15],
  ["hup", "SIGHUP", 1],
  ["9", "SIGKILL", 9],
  ["6", "SIGABRT", 6],
  ["IOT", "SIGABRT", 6]
]

const onLinux: ReadonlyArray<readonly [string, string, number]> = [
  ["USR1", "SIGUSR1", 10],
  ["USR2", "SIGUSR2", 12],
  ["17", "SIGCHLD", 17],
  ["CLD", "SIGCHLD", 17],
  ["29", "SIGIO", 29],
  ["POLL", "SIGIO", 29],
  ["34", "SIGRTMIN", 34],
  ["rtmin", "SIGRTMIN", 34],
  ["64", "SIGRTMAX", 64],
  ["SIGRTMAX", "SIGRTMAX", 64]
]

const invalid = [
  "",
  "ded",
  "0",
  "-1",
  "-15",
  "32",
  "33",
  "35",
  "63",
  "65",
  "1000",
  "15.0",
  "0xf",
  "SIG",
  "SIG_DFL",
  "_DFL",
  "SIG_IGN",
  "SIGSIGTERM",
  "Signals.",
  "Signals.15",
  "SIGTERM ",
  "RTMIN+1",
  "__proto__",
  "constructor"
]

describe("SignalName", () => {
  for (const [text, name, number] of everywhere) {
    it(`reads "${text}" as ${name}`, () => {
      assert.deepStrictEqual(SignalName.parse(text), Option.some({ name, number }))
    })
  }

  for (const [text, name, number] of onLinux) {
    it.runIf(linux)(`reads "${text}" as ${name} on Linux`, () => {
      assert.deepStrictEqual(SignalName.parse(text), Option.some({ name, number }))
    })
  }

  for (const text of invalid) {
    it(`knows no signal "${text}"`, () => {
      assert.deepStrictEqual(SignalName.parse(text), Option.none())
    })
  }

  it.runIf(linux)("knows the numbers 1 to 31, 34 and 64 on Linux", () => {
    const numbers = Array.from({ length: 200 }, (_, index) => index - 50)
    assert.deepStrictEqual(
      numbers.filter((number) => Option.isSome(SignalName.parse(`${number}`))),
      [...Array.from({ length: 31 }, (_, index) => index + 1), 34, 64]
    )
  })

  it("uses the system's own numbers", () => {
    assert.deepStrictEqual(
      SignalName.parse("USR1"),
      Option.some({ name: "SIGUSR1", number: os.constants.signals.SIGUSR1 })
    )
  })

  it("names a number, and writes the number of a signal without a name", () => {
    assert.strictEqual(SignalName.nameOf(15), "SIGTERM")
    assert.strictEqual(SignalName.nameOf(6), "SIGABRT")
    assert.strictEqual(SignalName.nameOf(0), "signal 0")
    assert.strictEqual(SignalName.nameOf(35), "signal 35")
  })

  it.prop("reads back the name that it gives", [FastCheck.integer({ min: -5, max: 130 })], ([number]) => {
    const parsed = SignalName.parse(SignalName.nameOf(number))
    assert.deepStrictEqual(parsed, SignalName.parse(`${number}`))
  })

  it.prop("answers any text", [FastCheck.string()], ([text]) => {
    assert.isBoolean(Option.isSome(SignalName.parse(text)))
  })
})
