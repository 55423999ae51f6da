// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import type * as Scope from "effect/Scope"
import fs, * as FileSystem from "node:fs"
import fsPromises from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import * as Zlib from "node:zlib"
import * as Live from "../support/Live.ts"
import * as Transcribing from "../support/Transcribing.ts"

const rotation = { maxSize: 0, maxAge: 0, keep: 1000, compress: false }

/** The old files of a transcript and itself, as they were written. */
const files = (directory: string): ReadonlyArray<string> =>
  Arr.sortWith(
    FileSystem.readdirSync(directory),
    (name) => name === "transcript" ? "transcript.z" : name,
    Order.string
  )

const text = (directory: string, name: string): string => {
  const bytes = Transcribing.read(`${directory}/${name}`)
  return (name.endsWith(".gz") ? Zlib.gunzipSync(bytes) : bytes).toString()
}

/** Has functions of a module of Node's replaced until the scope closes. */
const replaced = <A extends object>(module: A, by: Partial<A>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = Object.keys(by).map((key) => [key, Reflect.get(module, key)] as const)
      Object.assign(module, by)
      syncBuiltinESMExports()
      return before
    }),
    (before) =>
      Effect.sync(() => {
        Object.assign(module, Object.fromEntries(before))
        syncBuiltinESMExports()
      })
  )

describe("a transcript that is full", () => {
  it.scopedLive("by its size, goes on in a new file, with whole lines in each and nothing lost", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* Transcribing.opened({ rotation: { ...rotation, maxSize: 5000 } })
      yield* run(["/bin/sh", "-c", "seq 1 60000"])
      const names = files(directory)
      assert.isAbove(names.length, 60)
      for (const name of names) {
        assert.isTrue(text(directory, name).endsWith("\n"))
        assert.isAtMost(text(directory, name).length, 5000)
      }
      assert.strictEqual(names.map((name) => text(directory, name)).join(""), Transcribing.seq(60_000))
    }))

  it.scopedLive("splits a line that is longer than two files", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* Transcribing.opened({ rotation: { ...rotation, maxSize: 5000 } })
      yield* run(["/bin/sh", "-c", "head -c 1000000 /dev/zero; echo; echo end"])
      const names = files(directory)
      for (const name of names) assert.isAtMost(text(directory, name).length, 10_000)
      assert.strictEqual(names.map((name) => text(directory, name)).join(""), `${"\0".repeat(1_000_000)}\nend\n`)
    }))

  it.scopedLive("keeps as many old files as it is to", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* Transcribing.opened({ rotation: { ...rotation, maxSize: 5000, keep: 3 } })
      yield* run(["/bin/sh", "-c", "seq 1 60000"])
      const names = files(directory)
      assert.strictEqual(names.length, 4)
      assert.isTrue(Transcribing.seq(60_000).endsWith(names.map((name) => text(directory, name)).join("")))
    }))

  it.scopedLive("has an old file removed only when the new one is there", () =>
    Effect.gen(function*() {
      const { directory, path, run } = yield* Transcribing.opened({
        rotation: { ...rotation, maxSize: 5000, keep: 0 }
      })
      const wasThere: Array<boolean> = []
      const { rmSync } = fs
      yield* replaced(fs, {
        rmSync: (file, options) => {
          if (String(file).startsWith(`${path}.`)) wasThere.push(FileSystem.existsSync(path))
          rmSync(file, options)
        }
      })
      yield* run(["/bin/sh", "-c", "seq 1 6000"])
      assert.isAbove(wasThere.length, 3)
      assert.notInclude(wasThere, false)
      assert.deepStrictEqual(files(directory), ["transcript"])
    }))

  it.scopedLive("by its age, is left at the next output, also by the next manager", () =>
    Effect.gen(function*() {
      const options = { rotation: { ...rotation, maxAge: 1 } }
      const { directory, output, path, transcript } = yield* Transcribing.opened(options)
      const put = (text: string) =>
        Effect.zipRight(Effect.sync(() => FileSystem.writeSync(output, text)), transcript.drain)
      yield* put("one\ntw")
      yield* Effect.sleep("1100 millis")
      yield* put("o\nthree\n")
      assert.deepStrictEqual(files(directory).map((name) => text(directory, name)), ["one\ntwo\n", "three\n"])
      yield* Effect.sleep("1100 millis")
      const { run } = yield* Transcribing.opened({ ...options, path })
      yield* run(["/bin/echo", "four"])
      assert.deepStrictEqual(files(directory).map((name) => text(directory, name)), [
        "one\ntwo\n",
        "three\n",
        "four\n"
      ])
    }))

  it.scopedLive("is compressed when it is old, with the mode that it had", () =>
    Effect.gen(function*() {
      const { directory, path, run } = yield* Transcribing.opened({
        umask: 0o027,
        rotation: { ...rotation, maxSize: 50_000, compress: true }
      })
      yield* run(["/bin/sh", "-c", "seq 1 60000"])
      const others = () => files(directory).filter((name) => name !== "transcript")
      yield* Live.until(() => others().every((name) => name.endsWith(".gz")))
      assert.isAbove(others().length, 5)
      assert.strictEqual(files(directory).map((name) => text(directory, name)).join(""), Transcribing.seq(60_000))
      for (const name of others()) assert.strictEqual(FileSystem.statSync(`${directory}/${name}`).mode & 0o777, 0o640)
      assert.strictEqual(FileSystem.statSync(path).mode & 0o777, 0o640)
    }))

  it.scopedLive("does not keep output waiting while it is compressed", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* Transcribing.opened({
        rotation: { ...rotation, maxSize: 50_000, compress: true }
      })
      const { open } = fsPromises
      const disk = yield* Effect.makeLatch(false)
      let opened = 0
      yield* replaced(fsPromises, {
        open: (...of) => {
          opened++
          return Effect.runPromise(disk.whenOpen(Effect.promise(() => open(...of))))
        }
      })
      yield* run(["/bin/sh", "-c", "seq 1 60000"])
      yield* Live.until(() => opened > 0)
      yield* run(["/bin/sh", "-c", "seq 60001 70000"])
      const others = () => files(directory).filter((name) => name !== "transcript")
      const all = () => files(directory).map((name) => text(directory, name)).join("")
      assert.deepStrictEqual(others().filter((name) => name.includes(".gz")), [])
      assert.strictEqual(all(), Transcribing.seq(70_000))
      yield* disk.open
      yield* Live.until(() => others().every((name) => name.endsWith(".gz")))
      assert.strictEqual(all(), Transcribing.seq(70_000))
    }))

  it.scopedLive("was left half done by a manager that was killed: nothing of it is lost or trusted", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      const old = (number: number) => `${directory}/transcript.20261125T120000Z-000${number}`
      // Renamed, and no new file yet; compressed, and the plain file still there; half compressed.
      FileSystem.writeFileSync(old(0), "zero\n")
      FileSystem.writeFileSync(`${old(0)}.gz`, "no gzip")
      FileSystem.writeFileSync(old(1), "one\n")
      FileSystem.writeFileSync(`${old(1)}.gz.part`, "half")
      FileSystem.writeFileSync(old(2), "two\n")
      const { run } = yield* Transcribing.opened({
        path: `${directory}/transcript`,
        rotation: { ...rotation, maxSize: 1000, compress: true }
      })
      yield* run(["/bin/echo", "three"])
      yield* Live.until(() =>
        files(directory).length === 4 && files(directory).slice(0, 3).every((n) => n.endsWith(".gz"))
      )
      assert.deepStrictEqual(files(directory).map((name) => text(directory, name)), [
        "zero\n",
        "one\n",
        "two\n",
        "three\n"
      ])
    }))

  it.scopedLive("is written on when it cannot be renamed, and that is told", () =>
    Effect.gen(function*() {
      const { directory, log, path, run, transcript } = yield* Transcribing.opened({
        rotation: { ...rotation, maxSize: 1000 }
      })
      const long = "x".repeat(240)
      yield* run(["/bin/echo", "one"])
      // No name that is longer can be had, which holds for root as well.
      const narrow = `${directory}/${long}`
      const other = yield* Transcribing.opened({ path: narrow, rotation: { ...rotation, maxSize: 1000 } })
      yield* other.run(["/bin/sh", "-c", "seq 1 1000"])
      assert.strictEqual(Transcribing.read(narrow).toString(), Transcribing.seq(1000))
      const { error, output } = Option.getOrThrow(Arr.head(yield* other.transcript.troubles))
      assert.deepStrictEqual([error.operation, error.code, output], ["rotate", "ENAMETOOLONG", "written"])
      assert.deepStrictEqual(other.log, [
        `ERROR can't rotate transcript: [Errno 36] File name too long: '${narrow}'`
      ])
      assert.deepStrictEqual(yield* transcript.troubles, [])
      assert.deepStrictEqual([log, FileSystem.existsSync(path)], [[], true])
    }))
})

describe("standard error that is kept apart", () => {
  it.scopedLive("is in trouble of its own, beside that of the other file", () =>
    Effect.gen(function*() {
      const place = yield* Live.directory
      const { path, run, transcript } = yield* Transcribing.opened({ stderr: `${place}/transcript` })
      yield* run(["/bin/sh", "-c", "echo one; echo two >&2"])
      for (const name of [path, `${place}/transcript`]) {
        FileSystem.renameSync(name, `${name}.1`)
        FileSystem.mkdirSync(name)
      }
      yield* Effect.ignore(transcript.reopen)
      const told = (yield* transcript.troubles).map(({ error, output }) => [error.message, output])
      const reason = "can't open transcript: [Errno 21] Is a directory"
      assert.deepStrictEqual(told, [
        [`${reason}: '${path}'`, "written"],
        [`${reason}: '${place}/transcript'`, "written"]
      ])
      yield* run(["/bin/sh", "-c", "echo three; echo four >&2"])
      assert.strictEqual(text(place, "transcript.1"), "two\nfour\n")
    }))

  it.scopedLive("has a file of its own, with the same rules", () =>
    Effect.gen(function*() {
      const place = yield* Live.directory
      const { directory, path, run, transcript } = yield* Transcribing.opened({
        stderr: `${place}/transcript`,
        rotation: { ...rotation, maxSize: 5000 },
        timestamps: "unix"
      })
      yield* transcript.begin
      yield* run(["/bin/sh", "-c", "seq 1 1000; seq 1001 2000 >&2"])
      const all = (directory: string) =>
        files(directory).map((name) => text(directory, name)).join("").replaceAll(/^\d+\.\d{3} /gm, "")
      assert.strictEqual(all(directory), Transcribing.seq(1000))
      assert.strictEqual(Transcribing.seq(1000) + all(place), Transcribing.seq(2000))
      assert.isAbove(files(place).length, 2)
      assert.isTrue(Buffer.from(yield* transcript.lastOutput).toString().endsWith("2000\n"))
      FileSystem.renameSync(path, `${directory}/a`)
      FileSystem.renameSync(`${place}/transcript`, `${place}/b`)
      yield* transcript.reopen
      assert.deepStrictEqual([path, `${place}/transcript`].map((file) => FileSystem.statSync(file).size), [0, 0])
    }))
})
