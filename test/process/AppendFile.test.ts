// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as AppendFile from "../../src/process/AppendFile.ts"
import * as SystemError from "../../src/process/SystemError.ts"
import * as Live from "../support/Live.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

/** What opening comes to: the name of the system's error, or `opened`. */
const opening = (path: string): string => {
  try {
    FileSystem.closeSync(AppendFile.open(path))
    return "opened"
  } catch (cause) {
    return SystemError.codeOf(cause)
  }
}

/** A directory that others may write, with a file of root's beside it. */
const shared = Effect.map(Live.directory, (directory) => {
  FileSystem.chmodSync(directory, 0o755)
  FileSystem.mkdirSync(`${directory}/shared`)
  FileSystem.chmodSync(`${directory}/shared`, 0o1777)
  FileSystem.writeFileSync(`${directory}/target`, "root's")
  return { directory, at: (name: string) => `${directory}/shared/${name}`, target: `${directory}/target` }
})

describe.runIf(Zdaemon.isRoot)("a file that root appends to, where others may write", () => {
  it.scopedLive("is no link to another one, whether that is there or not", () =>
    Effect.gen(function*() {
      const { at, directory, target } = yield* shared
      for (const to of [target, `${directory}/nothing`]) {
        FileSystem.rmSync(at("log"), { force: true })
        FileSystem.symlinkSync(to, at("log"))
        assert.strictEqual(opening(at("log")), "ELINK")
      }
      assert.isFalse(FileSystem.existsSync(`${directory}/nothing`))
    }))

  it.scopedLive("is no second name of another one", () =>
    Effect.gen(function*() {
      const { at, target } = yield* shared
      FileSystem.linkSync(target, at("log"))
      assert.strictEqual(opening(at("log")), "EMLINK")
    }))

  it.scopedLive("is not reached through a folder that is a link, nor through one that somebody else owns", () =>
    Effect.gen(function*() {
      const { at, directory, target } = yield* shared
      FileSystem.symlinkSync(directory, at("folder"))
      assert.strictEqual(opening(`${at("folder")}/log`), "ELINK")
      FileSystem.mkdirSync(at("theirs"))
      FileSystem.chownSync(at("theirs"), 65534, 65534)
      FileSystem.symlinkSync(target, `${at("theirs")}/log`)
      assert.strictEqual(opening(`${at("theirs")}/log`), "ELINK")
      assert.isFalse(FileSystem.existsSync(`${directory}/log`))
    }))

  it.scopedLive("is no FIFO that would be waited for", () =>
    Effect.gen(function*() {
      const { at } = yield* shared
      ChildProcess.execFileSync("mkfifo", [at("log")])
      assert.strictEqual(opening(at("log")), "ENXIO")
    }))

  it.scopedLive("is a plain one, new or old, also in a folder of root's", () =>
    Effect.gen(function*() {
      const { at } = yield* shared
      FileSystem.mkdirSync(at("roots"))
      FileSystem.symlinkSync(at("log"), `${at("roots")}/link`)
      for (const path of [at("log"), at("log"), `${at("roots")}/log`, `${at("roots")}/link`, "/dev/null"]) {
        assert.strictEqual(opening(path), "opened", path)
      }
    }))
})

describe("a file that is appended to", () => {
  it.scopedLive("may be a link where nobody else can put one", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      FileSystem.symlinkSync(`${directory}/log`, `${directory}/link`)
      assert.strictEqual(opening(`${directory}/link`), "opened")
      assert.isTrue(FileSystem.existsSync(`${directory}/log`))
    }))
})
