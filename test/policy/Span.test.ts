import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Span from "../../src/policy/Span.ts"

describe("a length of time", () => {
  it("is shown in seconds below a minute, and from a minute on in the units that it has, three at most", () => {
    const shown: ReadonlyArray<readonly [Duration.DurationInput, string]> = [
      [0, "0 s"],
      [0.4, "0 s"],
      [832, "0.832 s"],
      [1500, "1.5 s"],
      ["47 seconds", "47 s"],
      [59_999, "59.999 s"],
      [59_999.6, "1m"],
      ["182 seconds", "3m2s"],
      ["1 hours", "1h"],
      [3_661_400, "1h1m1s"],
      [86_400_000 + 7_261_000, "1d2h1m"],
      ["365 days", "365d"],
      [Infinity, "for ever"]
    ]
    for (const [span, text] of shown) assert.strictEqual(Span.render(span), text)
  })

  it("is read with units, several of them if need be, or as seconds", () => {
    const read: ReadonlyArray<readonly [string, number]> = [
      ["90", 90_000],
      ["0.5", 500],
      [".5", 500],
      ["250ms", 250],
      ["0.5s", 500],
      [" 5M ", 300_000],
      ["1h30m", 5_400_000],
      ["1d2h3m4.5s", 93_784_500],
      ["2w", 1_209_600_000]
    ]
    for (const [text, millis] of read) {
      assert.deepStrictEqual(Option.map(Span.parse(text), Duration.toMillis), Option.some(millis), text)
    }
    for (const text of ["", "s", "5 m", "-1", "1e3", "5y", "1.2.3", "1h x", "9".repeat(30), "1".repeat(100_000)]) {
      assert.isTrue(Option.isNone(Span.parse(text)), text.slice(0, 40))
    }
  })

  it("is read back to the millisecond from its text", () => {
    FastCheck.assert(FastCheck.property(FastCheck.nat({ max: 10_000_000_000 }), (millis) => {
      assert.deepStrictEqual(Option.map(Span.parse(Span.text(millis)), Duration.toMillis), Option.some(millis))
    }))
  })
})
