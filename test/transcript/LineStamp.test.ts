import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as LineStamp from "../../src/transcript/LineStamp.ts"

const stamped = (
  format: LineStamp.Format,
  ...blocks: ReadonlyArray<readonly [number, string | Uint8Array]>
): Buffer => {
  const out: Array<Buffer> = []
  const { stamp } = LineStamp.make(format, (bytes) => out.push(Buffer.from(bytes)))
  for (const [now, text] of blocks) stamp(Buffer.from(text), now)
  return Buffer.concat(out)
}

describe("LineStamp", () => {
  it("puts the time of its first byte in front of each line", () => {
    const text = stamped("iso", [0, "one\ntw"], [1500, "o\n"], [2500, "\nthree"], [3500, " more"]).toString()
    assert.deepStrictEqual(text.split("\n"), [
      "1970-01-01T00:00:00.000Z one",
      "1970-01-01T00:00:00.000Z two",
      "1970-01-01T00:00:02.500Z ",
      "1970-01-01T00:00:02.500Z three more"
    ])
    assert.strictEqual(stamped("unix", [1_795_626_930_123, "a\n"]).toString(), "1795626930.123 a\n")
  })

  it("keeps nothing back, and begins a line when it is told to", () => {
    const out: Array<string> = []
    const { breakLine, stamp } = LineStamp.make("unix", (bytes) => out.push(bytes.toString()))
    stamp(Buffer.from("a"), 0)
    stamp(Buffer.from("b"), 0)
    breakLine()
    stamp(Buffer.from("c\n"), 0)
    assert.deepStrictEqual(out, ["0.000 a", "b", "0.000 c\n"])
  })

  it("passes a block of empty lines on in pieces", () => {
    const sizes: Array<number> = []
    const { stamp } = LineStamp.make("iso", (bytes) => sizes.push(bytes.length))
    stamp(Buffer.alloc(65_536, "\n"), 0)
    assert.isAtMost(Math.max(...sizes), 65_536)
    assert.strictEqual(sizes.reduce((sum, size) => sum + size), 65_536 * 26)
  })

  it.prop(
    "changes no byte of a line, however it is cut into blocks",
    [FastCheck.array(FastCheck.uint8Array({ maxLength: 50 })), FastCheck.boolean()],
    ([blocks, long]) => {
      const all = long ? [...blocks, Buffer.alloc(200_000, 0xff), ...blocks] : blocks
      const text = stamped("unix", ...all.map((block) => [0, block] as const)).toString("latin1")
      assert.strictEqual(text.replaceAll(/^0\.000 /gm, ""), Buffer.concat(all).toString("latin1"))
    }
  )
})
