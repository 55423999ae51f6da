// @effect-diagnostics nodeBuiltinImport:off globalDate:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as TestClock from "effect/TestClock"
import { spawnSync } from "node:child_process"
import fs, * as Fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import type * as Settings from "../../src/config/EventLogSettings.ts"
import * as LogFile from "../../src/eventlog/LogFile.ts"

describe("LogFile", () => {
  it.scoped("appends records, each with a newline", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      Fs.writeFileSync(path, "before\n")
      const log = yield* open({ path })
      log.write("one")
      log.write("two")
      assert.strictEqual(read(path), "before\none\ntwo\n")
    }))

  it.scoped("is there from the start, or from the first record when delayed", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      yield* open({ path })
      assert.isTrue(Fs.existsSync(path))
      const late = yield* open({ path: `${path}.late`, delay: true })
      assert.isFalse(Fs.existsSync(`${path}.late`))
      late.write("one")
      assert.strictEqual(read(`${path}.late`), "one\n")
    }))

  it.scoped("writes no more once its scope is closed", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      const log = yield* Effect.scoped(open({ path }))
      log.write("late")
      assert.strictEqual(read(path), "")
    }))

  it.scoped("says like Python why a file cannot be opened", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* temporary, "event.log")
      const error = yield* Effect.flip(open({ path }))
      assert.strictEqual(error.path, path)
      assert.strictEqual(error.reason, `[Errno 2] No such file or directory: '${path}'`)
      assert.strictEqual(error.message, `can't use event log: ${error.reason}`)
    }))

  it.scoped("does not wait for somebody to read a FIFO", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      spawnSync("mkfifo", [path])
      const error = yield* Effect.flip(open({ path }))
      assert.strictEqual(error.reason, `[Errno 6] No such device or address: '${path}'`)
    }))

  it.scoped("refuses an encoding that it does not know", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      const error = yield* Effect.flip(open({ path, encoding: "klingon" }))
      assert.strictEqual(error.reason, "unknown encoding: klingon; use utf-8, latin-1 or ascii")
    }))

  it.scoped("encodes, and writes a question mark for what an encoding lacks", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      const written = (encoding: string) =>
        Effect.gen(function*() {
          const log = yield* open({ path: `${path}.${encoding}`, encoding })
          log.write("é€\u{1f40d}")
          return Fs.readFileSync(`${path}.${encoding}`).toString("hex")
        })
      assert.strictEqual(yield* written("UTF_8"), "c3a9e282acf09f908d0a")
      assert.strictEqual(yield* written("latin-1"), "e93f3f0a")
      assert.strictEqual(yield* written("ascii"), "3f3f3f0a")
    }))

  it("writes to the manager's own streams", () => {
    const script = `
      import * as Effect from "effect/Effect"
      import * as LogFile from "./src/eventlog/LogFile.ts"
      const common = { _tag: "LogFile", level: 0, format: "", dateFormat: "", style: "classic", arbitraryFields: false,
        oldFiles: 0, maxSize: 0, when: "", interval: 0, delay: false }
      const record = { date: new Date() }
      Effect.runSync(Effect.scoped(Effect.gen(function*() {
        const out = yield* LogFile.make({ ...common, path: "STDOUT" }, () => "out", () => {})
        const err = yield* LogFile.make({ ...common, path: "STDERR" }, () => "err", () => {})
        out.write(record)
        yield* out.reopen
        out.write(record)
        err.write(record)
      })))`
    const run = spawnSync("node", ["--import", "tsx", "--input-type=module", "-e", script], { encoding: "utf8" })
    assert.deepStrictEqual([run.stdout, run.stderr], ["out\nout\n", "err\n"])
  })

  describe("reopening", () => {
    it.scoped("lets a renamed file go", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path })
        log.write("one")
        Fs.renameSync(path, `${path}.old`)
        log.write("two")
        yield* log.reopen
        log.write("three")
        assert.strictEqual(read(`${path}.old`), "one\ntwo\n")
        assert.strictEqual(read(path), "three\n")
        assert.deepStrictEqual(log.told, [])
      }))

    it.scoped("rolls a rotated file over", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path, maxSize: 1000, oldFiles: 2 })
        log.write("one")
        yield* log.reopen
        log.write("two")
        yield* log.reopen
        assert.deepStrictEqual([read(path), read(`${path}.1`), read(`${path}.2`)], ["", "two\n", "one\n"])
      }))

    it.scoped("does not push out what there is with empty files", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path, maxSize: 1000, oldFiles: 2 })
        log.write("one")
        for (let i = 0; i < 5; i++) yield* log.reopen
        log.write("two")
        assert.deepStrictEqual([read(path), read(`${path}.1`), Fs.existsSync(`${path}.2`)], ["two\n", "one\n", false])
      }))

    it.scoped("leaves a delayed file alone that is not open yet", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path, delay: true })
        yield* log.reopen
        assert.isFalse(Fs.existsSync(path))
      }))
  })

  describe("rotation by size", () => {
    it.scoped("rolls over before a record that would reach the size, and keeps so many old files", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path, maxSize: 10, oldFiles: 2 })
        for (const text of ["aaa", "bbb", "ccc", "ddd", "eee", "fff", "ggg"]) log.write(text)
        assert.deepStrictEqual(list(Path.dirname(path)), ["event.log", "event.log.1", "event.log.2"])
        assert.deepStrictEqual([read(path), read(`${path}.1`), read(`${path}.2`)], [
          "ggg\n",
          "eee\nfff\n",
          "ccc\nddd\n"
        ])
      }))

    it.scoped("counts bytes, and what was in the file before", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        Fs.writeFileSync(path, "x".repeat(9))
        const log = yield* open({ path, maxSize: 20, oldFiles: 1 })
        log.write("€€€€")
        assert.strictEqual(read(`${path}.1`), "x".repeat(9))
        assert.strictEqual(read(path), "€€€€\n")
      }))

    it.scoped("writes a record that is larger than the size into a file of its own", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path, maxSize: 10, oldFiles: 3 })
        log.write("x".repeat(50))
        assert.isFalse(Fs.existsSync(`${path}.1`))
        log.write("y".repeat(50))
        assert.strictEqual(read(`${path}.1`), `${"x".repeat(50)}\n`)
      }))

    it.scoped("goes on in the same file when its name cannot be given away, and tells it once", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        Fs.mkdirSync(`${path}.1`)
        Fs.writeFileSync(Path.join(`${path}.1`, "in-the-way"), "")
        const log = yield* open({ path, maxSize: 10, oldFiles: 1 })
        for (const text of ["aaaaaaa", "bbb", "ccc"]) log.write(text)
        assert.strictEqual(read(path), "aaaaaaa\nbbb\nccc\n")
        assert.strictEqual(log.told.length, 1)
        assert.match(log.told[0] ?? "", /^can't write event log: \[Errno \d+\] .*event\.log'$/)
        Fs.rmSync(`${path}.1`, { recursive: true })
        log.write("ddd")
        assert.deepStrictEqual([read(path), read(`${path}.1`)], ["ddd\n", "aaaaaaa\nbbb\nccc\n"])
      }))
  })

  describe("rotation by time", () => {
    it.scoped("rolls over at the first record after the interval and removes the oldest files", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const start = new Date(2026, 10, 22, 11, 14, 27).getTime()
        yield* TestClock.setTime(start)
        const log = yield* open({ path, when: "S", interval: 10, oldFiles: 2 })
        for (const [seconds, text] of [[9, "a"], [10, "b"], [19, "c"], [20, "d"], [100, "e"], [200, "f"]] as const) {
          log.write(text, start + seconds * 1000)
        }
        assert.deepStrictEqual(list(Path.dirname(path)), [
          "event.log",
          "event.log.2026-11-22_11-14-47",
          "event.log.2026-11-22_11-16-07"
        ])
        assert.strictEqual(read(`${path}.2026-11-22_11-14-47`), "d\n")
        assert.strictEqual(read(`${path}.2026-11-22_11-16-07`), "e\n")
        assert.strictEqual(read(path), "f\n")
      }))

    it.scoped("counts from the last change of a file that was there before", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const yesterday = new Date(2026, 10, 21, 9, 30)
        Fs.writeFileSync(path, "old\n")
        Fs.utimesSync(path, yesterday, yesterday)
        const now = new Date(2026, 10, 22, 11, 14, 27).getTime()
        yield* TestClock.setTime(now)
        const log = yield* open({ path, when: "MIDNIGHT", oldFiles: 5 })
        log.write("new", now)
        assert.strictEqual(read(`${path}.2026-11-21`), "old\n")
        assert.strictEqual(read(path), "new\n")
      }))
  })

  describe("trouble", () => {
    it.scoped("survives a full disk and tells it once", () =>
      Effect.gen(function*() {
        const log = yield* open({ path: "/dev/full", maxSize: 5, oldFiles: 1 })
        log.write("one")
        log.write("two")
        assert.deepStrictEqual(log.told, [
          "can't write event log: [Errno 28] No space left on device: '/dev/full'"
        ])
      }))

    it.scoped("writes again when the file can be written, and tells of the next trouble", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        Fs.symlinkSync("/dev/full", path)
        const log = yield* open({ path })
        log.write("lost")
        Fs.rmSync(path)
        log.write("kept")
        log.write("kept too")
        assert.strictEqual(read(path), "kept\nkept too\n")
        assert.strictEqual(log.told.length, 1)
        Fs.rmSync(path)
        Fs.symlinkSync("/dev/full", path)
        yield* log.reopen
        log.write("lost")
        assert.strictEqual(log.told.length, 2)
      }))

    it.scoped("begins a new line after a record that was cut off", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const log = yield* open({ path })
        const write = vi.spyOn(fs, "writeSync")
        write.mockImplementationOnce((fd, bytes) => Fs.appendFileSync(fd, String(bytes).slice(0, 3)) ?? 3)
        write.mockImplementationOnce(() => {
          throw Object.assign(new Error("full"), { code: "ENOSPC" })
        })
        syncBuiltinESMExports()
        log.write("cut off")
        write.mockRestore()
        syncBuiltinESMExports()
        log.write("whole")
        log.write("whole")
        assert.strictEqual(read(path), "cut\nwhole\nwhole\n")
        assert.strictEqual(log.told.length, 1)
      }))

    it.scoped("keeps the old file while the directory is away, and opens the name as soon as it is back", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const directory = Path.dirname(path)
        const log = yield* open({ path })
        log.write("one")
        Fs.renameSync(directory, `${directory}.away`)
        yield* log.reopen
        log.write("two")
        log.write("three")
        assert.deepStrictEqual(log.told, [
          `can't write event log: [Errno 2] No such file or directory: '${path}'`
        ])
        assert.strictEqual(read(Path.join(`${directory}.away`, "event.log")), "one\ntwo\nthree\n")
        Fs.mkdirSync(directory)
        log.write("four")
        assert.strictEqual(read(path), "four\n")
        Fs.rmSync(`${directory}.away`, { recursive: true })
      }))

    it.scoped("does not shift the old files on and on while a new file cannot be opened", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const directory = Path.dirname(path)
        const log = yield* open({ path, maxSize: 10, oldFiles: 3 })
        log.write("aaaaaaaa")
        Fs.rmSync(directory, { recursive: true })
        for (const text of ["bbb", "ccc", "ddd"]) log.write(text)
        assert.strictEqual(log.told.length, 1)
        Fs.mkdirSync(directory)
        log.write("eee")
        assert.deepStrictEqual(Fs.readdirSync(directory), ["event.log"])
        assert.strictEqual(read(path), "eee\n")
      }))

    it.scoped("survives a delayed file that cannot be opened", () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const directory = Path.join(Path.dirname(path), "later")
        const log = yield* open({ path: Path.join(directory, "event.log"), delay: true, when: "H", oldFiles: 1 })
        log.write("lost")
        log.write("lost")
        assert.strictEqual(log.told.length, 1)
        Fs.mkdirSync(directory)
        log.write("kept")
        assert.strictEqual(read(Path.join(directory, "event.log")), "kept\n")
      }))
  })

  it.scoped.skipIf(process.geteuid?.() !== 0)(
    "as root follows no symbolic link where others may write, and does elsewhere (needs root)",
    () =>
      Effect.gen(function*() {
        const path = yield* temporary
        const target = `${path}.target`
        Fs.symlinkSync(target, path)
        Fs.chmodSync(Path.dirname(path), 0o1777)
        const error = yield* Effect.flip(open({ path }))
        assert.strictEqual(error.reason, `a link in a directory that others can write: '${path}'`)
        assert.isFalse(Fs.existsSync(target))
        Fs.chmodSync(Path.dirname(path), 0o755)
        const log = yield* open({ path })
        log.write("one")
        assert.strictEqual(read(target), "one\n")
      })
  )
})

// ===== Internal

const temporary = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "zdaemon-eventlog-"))),
    (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
  ),
  (directory) => Path.join(directory, "event.log")
)

const read = (path: string): string => Fs.readFileSync(path, "utf8")

const list = (directory: string): ReadonlyArray<string> => Arr.sort(Fs.readdirSync(directory), Order.string)

const open = Effect.fnUntraced(function*(settings: Partial<typeof Settings.LogFile.Type> & { readonly path: string }) {
  const told: Array<string> = []
  const handler = yield* LogFile.make(
    {
      _tag: "LogFile",
      level: 0,
      format: "",
      dateFormat: "",
      style: "classic",
      arbitraryFields: false,
      oldFiles: 0,
      maxSize: 0,
      when: "",
      interval: 0,
      delay: false,
      ...settings
    },
    ({ message }) => message,
    (line) => told.push(line)
  )
  return {
    told,
    reopen: handler.reopen,
    write: (message: string, time = 0) =>
      handler.write({
        level: 20,
        levelName: "INFO",
        message,
        trace: "",
        date: new Date(time),
        startedAt: 0,
        pid: 1
      })
  }
})
