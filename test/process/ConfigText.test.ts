// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as ConfigText from "../../src/process/ConfigText.ts"
import * as Live from "../support/Live.ts"

describe("ConfigText", () => {
  it.scopedLive("is the text of a file, its byte order mark and line ends included", () =>
    Effect.gen(function*() {
      const { path } = yield* file(Buffer.from("\uFEFF<runner>\r\n  program tr\u00e8s\n</runner>"))
      assert.strictEqual(yield* ConfigText.read(path), "\uFEFF<runner>\r\n  program tr\u00e8s\n</runner>")
    }))

  it.scopedLive("names the first line that is not UTF-8", () =>
    Effect.gen(function*() {
      for (
        const [line, bytes] of [
          [1, [0xff]],
          [2, [0x23, 0x0a, 0xe8, 0x0a, 0xe8]],
          // A character of two bytes that a line feed cuts.
          [3, [0x0a, 0x0a, 0xc3, 0x0a, 0xa8]],
          [3, [0x0d, 0x0a, 0xc3, 0xa8, 0x0a, 0xc3]]
        ] as const
      ) {
        const { fails, path } = yield* file(Buffer.from(bytes))
        assert.strictEqual(yield* fails, `error opening file ${path}: line ${line} is not UTF-8 text`)
      }
    }))

  it.scopedLive("is that of a regular file of some size, and of nothing that would never end", () =>
    Effect.gen(function*() {
      const { directory, fails, path } = yield* file(Buffer.alloc(0))
      FileSystem.truncateSync(path, 16 * 1024 * 1024 + 1)
      assert.strictEqual(
        yield* fails,
        `error opening file ${path}: it has 16777217 bytes, the limit is 16777216`
      )
      assert.strictEqual(
        yield* Effect.flip(ConfigText.read(directory)),
        `error opening file ${directory}: [Errno 21] Is a directory: '${directory}'`
      )
      assert.strictEqual(
        yield* Effect.flip(ConfigText.read("/dev/zero")),
        "error opening file /dev/zero: it is neither a regular file nor a pipe"
      )
      assert.strictEqual(
        yield* Effect.flip(ConfigText.read(`${path}x`)),
        `error opening file ${path}x: [Errno 2] No such file or directory: '${path}x'`
      )
    }))

  it.scopedLive("is what comes through a pipe until that ends, with the same limit", () =>
    Effect.gen(function*() {
      const { directory } = yield* file(Buffer.alloc(0))
      const pipe = `${directory}/pipe`
      ChildProcess.execFileSync("mkfifo", [pipe])
      const write = (script: string) =>
        Effect.acquireRelease(
          Effect.sync(() => ChildProcess.spawn("/bin/sh", ["-c", `exec > "$0"; ${script}`, pipe], { stdio: "ignore" })),
          (child) => Effect.sync(() => child.kill("SIGKILL"))
        )
      yield* write("echo one; sleep 0.1; echo two")
      assert.strictEqual(yield* ConfigText.read(pipe), "one\ntwo\n")
      yield* write("exec cat /dev/zero")
      assert.strictEqual(
        yield* Effect.flip(ConfigText.read(pipe)),
        `error opening file ${pipe}: it has more than 16777216 bytes, which is the limit`
      )
    }))
})

// ===== Internal

const file = Effect.fnUntraced(function*(bytes: Buffer) {
  const directory = yield* Live.directory
  const path = Path.join(directory, "x.conf")
  FileSystem.writeFileSync(path, bytes)
  return { directory, path, fails: Effect.flip(ConfigText.read(path)) }
})
