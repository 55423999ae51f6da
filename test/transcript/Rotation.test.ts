import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as FastCheck from "effect/FastCheck"
import * as Order from "effect/Order"
import * as Rotation from "../../src/transcript/Rotation.ts"

describe("fit", () => {
  const fit = (text: string, file: Partial<Parameters<typeof Rotation.fit>[1]>): string =>
    text.slice(0, Rotation.fit(Buffer.from(text), { size: 0, isInLine: false, limit: 10, slack: 4, ...file }))

  for (
    const [name, text, file, fits] of [
      ["all that there is room for", "one\ntwo\n", {}, "one\ntwo\n"],
      ["a part of a line, where there is room", "one\ntwo", {}, "one\ntwo"],
      ["whole lines, and no more than there is room for", "one\ntwo\nthree\n", {}, "one\ntwo\n"],
      ["nothing, where not even a line has room", "seven77\n", { size: 4 }, ""],
      ["nothing in a full file", "x\n", { size: 10 }, ""],
      [
        "the rest of a line that was begun, also beyond the limit",
        "rest\nnext\n",
        { size: 8, isInLine: true },
        "rest\n"
      ],
      ["a line that is a little too long, in a file of its own", "elevenelev\nnext\n", {}, "elevenelev\n"],
      ["a line that is far too long, up to the slack", "0123456789012345678\n", {}, "01234567890123"],
      ["the next part of such a line, likewise", "0123456789012345678\n", { isInLine: true }, "01234567890123"],
      ["nothing of it, when the slack is used up", "3456\n", { size: 14, isInLine: true }, ""],
      ["all of it, when the slack is not used up", "34", { size: 11, isInLine: true }, "34"]
    ] as const
  ) {
    it(`takes ${name}`, () => {
      assert.strictEqual(fit(text, file), fits)
    })
  }

  it.prop(
    "splits any output into files of bounded size, at ends of lines wherever lines are short enough",
    [FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom("a", "b", "\n"), maxLength: 40 }))],
    ([blocks]) => {
      const files = [""]
      for (const block of blocks) {
        for (let rest = block; rest.length > 0;) {
          const file = files.at(-1) ?? ""
          const taken = fit(rest, { size: file.length, isInLine: file.length > 0 ? !file.endsWith("\n") : false })
          if (taken.length === 0) files.push("")
          else files[files.length - 1] = file + taken
          rest = rest.slice(taken.length)
        }
      }
      assert.strictEqual(files.join(""), blocks.join(""))
      const longest = Math.max(...blocks.join("").split("\n").map((line) => line.length + 1))
      for (const file of files) assert.isAtMost(file.length, 14)
      if (longest <= 4) { for (const file of files.slice(0, -1)) assert.isTrue(file.endsWith("\n")) }
    }
  )
})

describe("nextName", () => {
  const noon = 1_795_608_000_000
  const next = (names: ReadonlyArray<string>, now = noon) => Rotation.nextName("log", names, now)

  it("has the time in UTC, to the second", () => {
    assert.strictEqual(next(["log", "log.1", "log.gz"]), "log.20261125T120000Z-0000")
  })

  it("counts within a second, whatever has become of the last file", () => {
    assert.strictEqual(next(["log.20261125T120000Z-0000"]), "log.20261125T120000Z-0001")
    assert.strictEqual(next(["log.20261125T120000Z-0041.gz", "log.20261125T120000Z-0007"]), "log.20261125T120000Z-0042")
  })

  it("goes on behind the last one when the clock was set back", () => {
    assert.strictEqual(next(["log.20270101T000000Z-0000"]), "log.20270101T000000Z-0001")
    assert.strictEqual(next(["log.20261125T235959Z-9999"]), "log.20261126T000000Z-0000")
  })

  it.prop(
    "is behind all the others, for any times",
    [FastCheck.array(FastCheck.integer({ min: 0, max: 100_000 }))],
    ([times]) => {
      const names: Array<string> = []
      for (const time of times) names.push(next(names, noon + time))
      assert.deepStrictEqual(names, Arr.sort(new Set(names), Order.string))
    }
  )
})

describe("oldFiles", () => {
  it("are those of this file only, the oldest first, once each", () => {
    const names = [
      "log",
      "log.1",
      "log.20261125T120000Z-0001",
      "log.20261125T120000Z-0001.gz",
      "log.20261125T120000Z-0000.gz",
      "log.20261125T120000Z-0002",
      "log.20261125T120000Z-0002.gz.part",
      "log.20261125T120000Z-0003.bz2",
      "error.log.20261125T120000Z-0000",
      "log.2026-11-25"
    ]
    assert.deepStrictEqual(Rotation.oldFiles("log", names), [
      { name: "log.20261125T120000Z-0000", isPlain: false, isCompressed: true },
      { name: "log.20261125T120000Z-0001", isPlain: true, isCompressed: true },
      { name: "log.20261125T120000Z-0002", isPlain: true, isCompressed: false }
    ])
    assert.deepStrictEqual(names.filter((name) => Rotation.isPart("log", name)), ["log.20261125T120000Z-0002.gz.part"])
  })
})
