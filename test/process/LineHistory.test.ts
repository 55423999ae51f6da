// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as LineHistory from "../../src/process/LineHistory.ts"
import * as Live from "../support/Live.ts"

/** A state directory of its own, which the history finds. */
const state = Effect.gen(function*() {
  const directory = yield* Live.directory
  yield* Effect.acquireRelease(
    Effect.sync(() => vi.stubEnv("XDG_STATE_HOME", Path.join(directory, "state"))),
    () => Effect.sync(() => vi.unstubAllEnvs())
  )
  const folder = Path.join(directory, "state", "zdaemon")
  return { directory, folder, file: Path.join(folder, "history") }
})

/** One session that adds lines, and the lines that it found. */
const session = (...lines: ReadonlyArray<string>) =>
  Effect.scoped(Effect.gen(function*() {
    const history = yield* LineHistory.open
    for (const line of lines) yield* history.add(line)
    return history.lines
  }))

const modeOf = (path: string): number => FileSystem.statSync(path).mode & 0o777

describe("the history of lines", () => {
  it.scopedLive("is there again in the next session, the latest line first, for nobody else to read", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* state
      assert.deepStrictEqual(yield* session("status", "kill HUP"), [])
      assert.deepStrictEqual(yield* session("stop"), ["kill HUP", "status"])
      assert.deepStrictEqual(yield* session(), ["stop", "kill HUP", "status"])
      assert.deepStrictEqual([modeOf(folder), modeOf(file)], [0o700, 0o600])
      FileSystem.chmodSync(file, 0o644)
      yield* session()
      assert.strictEqual(modeOf(file), 0o600)
    }))

  it.scopedLive("has nothing of what begins with a blank, is too long, or moves the cursor", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* state
      yield* session(" !export TOKEN=x", "x".repeat(5000), "a\u001b[2Jb", "status")
      assert.strictEqual(FileSystem.readFileSync(file, "utf8"), "status\n")
      FileSystem.writeFileSync(file, "\u001b]0;title\u0007\nstop\n")
      assert.deepStrictEqual(yield* session(), ["stop"])
      assert.deepStrictEqual(FileSystem.readdirSync(folder), ["history"])
    }))

  it.scopedLive("keeps a thousand lines when it has become too long", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* state
      FileSystem.mkdirSync(folder, { recursive: true, mode: 0o700 })
      FileSystem.writeFileSync(file, Array.from({ length: 2001 }, (_, i) => `kill ${i}\n`).join(""))
      const found = yield* session("stop")
      assert.deepStrictEqual([found.length, found[0], found[999]], [1000, "kill 2000", "kill 1001"])
      assert.strictEqual(FileSystem.readFileSync(file, "utf8").split("\n").length, 1002)
      FileSystem.writeFileSync(file, `${"x".repeat(3_000_000)}\nstart\n`)
      assert.deepStrictEqual(yield* session(), ["start"])
      assert.isBelow(FileSystem.statSync(file).size, 100)
      assert.strictEqual(modeOf(file), 0o600)
    }))

  it.scopedLive("is not kept where a link leads elsewhere, or another kind of file is in its place", () =>
    Effect.gen(function*() {
      const { directory, file, folder } = yield* state
      const victim = Path.join(directory, "victim")
      FileSystem.writeFileSync(victim, "precious\n", { mode: 0o644 })
      FileSystem.mkdirSync(folder, { recursive: true, mode: 0o700 })
      for (
        const put of [
          () => FileSystem.symlinkSync(victim, file),
          () => FileSystem.linkSync(victim, file),
          () => FileSystem.mkdirSync(file)
        ]
      ) {
        put()
        assert.deepStrictEqual(yield* session("stop"), [])
        assert.deepStrictEqual([FileSystem.readFileSync(victim, "utf8"), modeOf(victim)], ["precious\n", 0o644])
        FileSystem.rmSync(file, { recursive: true })
      }
    }))

  it.scopedLive("is not kept in a directory that others can write to, nor through a link in one", () =>
    Effect.gen(function*() {
      const { directory, file, folder } = yield* state
      FileSystem.mkdirSync(folder, { recursive: true, mode: 0o700 })
      FileSystem.chmodSync(folder, 0o777)
      assert.deepStrictEqual(yield* session("stop"), [])
      assert.isFalse(FileSystem.existsSync(file))
      FileSystem.rmSync(folder, { recursive: true })
      const elsewhere = Path.join(directory, "elsewhere")
      FileSystem.mkdirSync(elsewhere, { mode: 0o700 })
      FileSystem.chmodSync(Path.dirname(folder), 0o1777)
      FileSystem.symlinkSync(elsewhere, folder)
      yield* session("stop")
      assert.deepStrictEqual(FileSystem.readdirSync(elsewhere), [])
      // In a directory of one's own a link is one's own doing.
      FileSystem.chmodSync(Path.dirname(folder), 0o755)
      yield* session("stop")
      assert.deepStrictEqual(FileSystem.readdirSync(elsewhere), ["history"])
    }))

  it.scopedLive("is not kept where there is no place for it", () =>
    Effect.gen(function*() {
      const { directory } = yield* state
      FileSystem.writeFileSync(Path.join(directory, "state"), "")
      assert.deepStrictEqual(yield* session("stop"), [])
      vi.stubEnv("XDG_STATE_HOME", "relative")
      vi.stubEnv("HOME", undefined)
      assert.deepStrictEqual(yield* session("stop"), [])
      vi.stubEnv("HOME", directory)
      yield* session("stop")
      assert.strictEqual(
        FileSystem.readFileSync(Path.join(directory, ".local/state/zdaemon/history"), "utf8"),
        "stop\n"
      )
    }))
})
