// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import Process from "node:process"
import * as FilePath from "../../src/process/FilePath.ts"
import * as Live from "../support/Live.ts"

const home = Process.env["HOME"] ?? OperatingSystem.homedir()

describe("resolve", () => {
  it("takes a leading tilde for the home directory", () => {
    assert.strictEqual(FilePath.resolve("/base", "~"), home)
    assert.strictEqual(FilePath.resolve("/base", "~/a/b"), `${home}/a/b`)
  })

  it("leaves every other tilde alone", () => {
    assert.strictEqual(FilePath.resolve("/base", "~user/a"), "/base/~user/a")
    assert.strictEqual(FilePath.resolve("/base", "a/~"), "/base/a/~")
    assert.strictEqual(FilePath.resolve("/base", "a~"), "/base/a~")
  })

  it("begins at the base where the path is relative", () => {
    assert.strictEqual(FilePath.resolve("/base", "a"), "/base/a")
    assert.strictEqual(FilePath.resolve("/base", "./a/../b"), "/base/b")
    assert.strictEqual(FilePath.resolve("/base", "../a"), "/a")
    assert.strictEqual(FilePath.resolve("/base", "/a"), "/a")
    assert.strictEqual(FilePath.resolve("/base", ""), "/base")
  })
})

describe("folder", () => {
  it("is what a path is in", () => {
    assert.strictEqual(FilePath.folder("/a/b"), "/a")
    assert.strictEqual(FilePath.folder("/a"), "/")
    assert.strictEqual(FilePath.folder("a"), ".")
  })
})

describe("isDirectory", () => {
  it("tells a directory from a file and from nothing, without failing", () => {
    assert.isTrue(FilePath.isDirectory("/"))
    assert.isFalse(FilePath.isDirectory("/etc/passwd"))
    assert.isFalse(FilePath.isDirectory("/no/such"))
    assert.isFalse(FilePath.isDirectory("/etc/passwd/below"))
  })
})

describe("here", () => {
  it.effect("is the working directory", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* FilePath.here, Process.cwd())
    }))
})

describe("createDirectory", () => {
  it.scopedLive("creates one level, for the user where root does it", () =>
    Effect.gen(function*() {
      const path = `${yield* Live.directory}/run`
      yield* FilePath.createDirectory(path, { name: "somebody", uid: 12345, gid: 23456 })
      const { gid, uid } = FileSystem.statSync(path)
      const isRoot = Process.geteuid?.() === 0
      assert.deepStrictEqual([uid, gid], isRoot ? [12345, 23456] : [Process.getuid?.(), Process.getgid?.()])
      assert.isTrue(FilePath.isDirectory(path))
    }))

  it.scopedLive("leaves what is there as it is", () =>
    Effect.gen(function*() {
      const path = yield* Live.directory
      const before = FileSystem.statSync(path)
      yield* FilePath.createDirectory(path, { name: "somebody", uid: 12345, gid: 23456 })
      const after = FileSystem.statSync(path)
      assert.deepStrictEqual([after.uid, after.gid, after.mode], [before.uid, before.gid, before.mode])
    }))

  it.scopedLive("does not create the levels above, and says why it cannot", () =>
    Effect.gen(function*() {
      const path = `${yield* Live.directory}/a/b`
      const error = yield* Effect.flip(FilePath.createDirectory(path, undefined))
      assert.strictEqual(error.message, `can't create directory: [Errno 2] No such file or directory: '${path}'`)
    }))

  it.scopedLive("gives away nothing that a link in its place points to", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      FileSystem.symlinkSync("/no/such", `${directory}/run`)
      const path = `${directory}/run`
      const error = yield* Effect.flip(FilePath.createDirectory(path, { name: "somebody", uid: 12345, gid: 23456 }))
      assert.strictEqual(error.message, `can't create directory: [Errno 17] File exists: '${path}'`)
      assert.isTrue(FileSystem.lstatSync(path).isSymbolicLink())
    }))

  it.scopedLive.skipIf(Process.geteuid?.() !== 0)(
    "creates nothing for a user where others could swap it",
    () =>
      Effect.gen(function*() {
        const directory = yield* Live.directory
        const user = { name: "somebody", uid: 12345, gid: 23456 }
        FileSystem.chmodSync(directory, 0o777)
        const error = yield* Effect.flip(FilePath.createDirectory(`${directory}/run`, user))
        assert.include(error.message, `others can write in ${directory}`)
        FileSystem.chmodSync(directory, 0o1777)
        yield* FilePath.createDirectory(`${directory}/run`, user)
        FileSystem.chmodSync(directory, 0o755)
        FileSystem.chownSync(directory, 999, 999)
        yield* Effect.flip(FilePath.createDirectory(`${directory}/other`, user))
        assert.deepStrictEqual(FileSystem.readdirSync(directory), ["run"])
      })
  )

  it.scopedLive.skipIf(Process.geteuid?.() !== 0)(
    "as root goes through no link that others can change",
    () =>
      Effect.gen(function*() {
        const directory = yield* Live.directory
        const user = { name: "somebody", uid: 12345, gid: 23456 }
        FileSystem.chmodSync(directory, 0o755)
        for (const [name, mode] of [["secret", 0o755], ["theirs", 0o755], ["shared", 0o1777]] as const) {
          FileSystem.mkdirSync(`${directory}/${name}`)
          FileSystem.chmodSync(`${directory}/${name}`, mode)
          FileSystem.symlinkSync(`${directory}/secret`, `${directory}/${name}/link`)
        }
        FileSystem.chownSync(`${directory}/theirs`, user.uid, user.gid)
        const refused = (path: string, owner: typeof user | undefined) =>
          Effect.map(Effect.flip(FilePath.createDirectory(path, owner)), ({ message }) => message)
        const because = (link: string) => `a link in a directory that others can write: '${link}'`
        const shared = `${directory}/shared/link`
        for (const owner of [user, undefined]) {
          for (const path of [shared, `${shared}/run`, `${shared}/a/b`]) {
            assert.strictEqual(yield* refused(path, owner), `can't use directory: ${because(shared)}`)
          }
          const theirs = `${directory}/theirs/link`
          assert.strictEqual(yield* refused(`${theirs}/run`, owner), `can't create directory: ${because(theirs)}`)
          yield* FilePath.createDirectory(theirs, owner)
        }
        assert.deepStrictEqual(FileSystem.readdirSync(`${directory}/secret`), ["link"])
        FileSystem.symlinkSync(`${directory}/theirs`, `${directory}/link`)
        yield* FilePath.createDirectory(`${directory}/link/run`, user)
        assert.strictEqual(FileSystem.statSync(`${directory}/theirs/run`).uid, user.uid)
      })
  )
})
