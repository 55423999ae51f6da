// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Crypto from "node:crypto"
import * as FileSystem from "node:fs"
import Process from "node:process"
import { ExitStatus } from "../../src/policy/Run.ts"
import { Transcript } from "../../src/transcript/Transcript.ts"
import { TranscriptError } from "../../src/transcript/TranscriptError.ts"
import * as Live from "../support/Live.ts"
import * as Proc from "../support/Proc.ts"
import * as Transcribing from "../support/Transcribing.ts"

describe("the copy", () => {
  it.scopedLive("keeps the order of standard output and standard error", () =>
    Effect.gen(function*() {
      const { path, run } = yield* Transcribing.opened()
      yield* run([Live.fixture("alternate.sh"), "2000"])
      const expected = Array.from({ length: 2000 }, (_, line) => `out ${line}\nerr ${line}\n`).join("")
      assert.strictEqual(Transcribing.read(path).toString(), expected)
    }), 30_000)

  it.scopedLive("changes no byte: NULs, invalid UTF-8, no newline at the end", () =>
    Effect.gen(function*() {
      const { directory, path, run } = yield* Transcribing.opened()
      const bytes = Buffer.concat([Crypto.randomBytes(3_000_000), Buffer.from([0, 0xff, 0xc3, 0])])
      FileSystem.writeFileSync(`${directory}/source`, bytes)
      yield* run(["/bin/cat", `${directory}/source`])
      assert.isTrue(Transcribing.read(path).equals(bytes))
    }))

  it.scopedLive("takes writes of one byte", () =>
    Effect.gen(function*() {
      const { directory, path, run } = yield* Transcribing.opened()
      const bytes = Crypto.randomBytes(20_000)
      FileSystem.writeFileSync(`${directory}/source`, bytes)
      yield* run(["/bin/dd", "bs=1", "status=none", `if=${directory}/source`])
      assert.isTrue(Transcribing.read(path).equals(bytes))
    }), 30_000)

  it.scopedLive("appends to what the file has", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      FileSystem.writeFileSync(`${directory}/transcript`, "before\n")
      const { path, run } = yield* Transcribing.opened({ path: `${directory}/transcript` })
      yield* run(["/bin/echo", "after"])
      assert.strictEqual(Transcribing.read(path).toString(), "before\nafter\n")
    }))

  it.scopedLive("takes 20 MB and holds none of it in memory", () =>
    Effect.gen(function*() {
      const { path, spawn } = yield* Transcribing.opened()
      const before = Process.memoryUsage().arrayBuffers
      let most = 0
      yield* spawn(["/usr/bin/head", "-c", "20000000", "/dev/zero"])
      yield* Live.until(() => {
        most = Math.max(most, Process.memoryUsage().arrayBuffers)
        return FileSystem.statSync(path).size === 20_000_000
      })
      assert.isBelow(most - before, 1_000_000)
    }), 60_000)

  it.scopedLive("never breaks the program's pipe: it closes its streams when it likes", () =>
    Effect.gen(function*() {
      const { path, run } = yield* Transcribing.opened()
      const status = yield* run(["/bin/sh", "-c", "exec 1>&-; echo one >&2; exec 2>&-; exit 3"])
      assert.deepStrictEqual(status, ExitStatus.Exited({ code: 3 }))
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(Transcribing.read(path).toString(), "one\ntwo\n")
    }))
})

describe("drain", () => {
  it.scopedLive("leaves no last line behind of 200 programs that die at once", () =>
    Effect.gen(function*() {
      const { path, run, transcript } = yield* Transcribing.opened()
      for (let number = 0; number < 200; number++) {
        yield* transcript.begin
        yield* run([Live.fixture("last-words.sh"), String(number)])
        const expected = `first words\nlast words of ${number}\n`
        assert.isTrue(Transcribing.read(path).toString().endsWith(expected))
        assert.strictEqual(Buffer.from(yield* transcript.lastOutput).toString(), expected)
      }
      assert.strictEqual(Transcribing.read(path).toString().split("\n").length, 401)
    }), 60_000)

  it.scopedLive("takes a pipe that is full to the brim", () =>
    Effect.gen(function*() {
      const { output, path, transcript } = yield* Transcribing.opened()
      const bytes = Crypto.randomBytes(65_536)
      FileSystem.writeSync(output, bytes)
      yield* transcript.drain
      assert.isTrue(Transcribing.read(path).equals(bytes))
    }))

  it.scopedLive("is at its end at once when there is nothing", () =>
    Effect.gen(function*() {
      const { path, transcript } = yield* Transcribing.opened()
      yield* transcript.drain
      yield* transcript.drain
      assert.strictEqual(Transcribing.read(path).length, 0)
    }))

  it.scopedLive(
    "waits two seconds for a file that cannot be written, and no longer, also in an interrupted fiber",
    () =>
      Effect.gen(function*() {
        const { output, transcript } = yield* Transcribing.opened({ target: "/dev/full" })
        FileSystem.writeSync(output, "bytes\n")
        const began = yield* Clock.currentTimeMillis
        const fiber = yield* Effect.fork(Effect.ensuring(Effect.never, transcript.drain))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        const took = (yield* Clock.currentTimeMillis) - began
        assert.isAtLeast(took, 1990)
        assert.isBelow(took, 20_000)
      }),
    30_000
  )

  it.scopedLive("goes on as soon as the file can be written", () =>
    Effect.gen(function*() {
      const { link, output, path, transcript } = yield* Transcribing.opened({ target: "/dev/full" })
      FileSystem.writeSync(output, "bytes\n")
      const draining = yield* Effect.fork(transcript.drain)
      yield* Live.until(() => Transcribing.isTroubled(transcript))
      link(`${path}.1`)
      yield* transcript.reopen
      yield* Fiber.join(draining)
      assert.strictEqual(Transcribing.read(`${path}.1`).toString(), "bytes\n")
    }))
})

describe("reopen", () => {
  it.scopedLive(
    "loses, doubles and mixes up no byte over 100 renames while output flows",
    () =>
      Effect.gen(function*() {
        const { path, spawn, transcript } = yield* Transcribing.opened()
        const enough = `${path}.enough`
        const { exit } = yield* spawn([Live.fixture("alternate.sh"), "60000", enough])
        for (let rotations = 1; rotations <= 100; rotations++) {
          const { size } = FileSystem.statSync(path)
          yield* Live.until(() => FileSystem.statSync(path).size > size)
          FileSystem.renameSync(path, `${path}.${rotations}`)
          // What is written between the rename and the reopening belongs to the old file.
          yield* Effect.sleep(0)
          yield* transcript.reopen
        }
        FileSystem.writeFileSync(enough, "")
        yield* exit
        yield* transcript.drain
        const files = [...Array.from({ length: 100 }, (_, index) => `${path}.${index + 1}`), path]
        assert.isTrue(files.slice(0, 100).every((file) => Transcribing.read(file).length > 0))
        const count = Number(FileSystem.readFileSync(enough, "latin1"))
        const expected = Array.from({ length: count }, (_, line) => `out ${line}\nerr ${line}\n`).join("")
        assert.isTrue(Buffer.concat(files.map(Transcribing.read)).equals(Buffer.from(expected)))
      }),
    60_000
  )

  it.scopedLive("that fails says why, and the old file stays", () =>
    Effect.gen(function*() {
      const { path, run, transcript } = yield* Transcribing.opened()
      yield* run(["/bin/echo", "one"])
      FileSystem.renameSync(path, `${path}.1`)
      FileSystem.mkdirSync(path)
      const error = yield* Effect.flip(transcript.reopen)
      assert.deepStrictEqual([error.code, error.message], [
        "EISDIR",
        `can't open transcript: [Errno 21] Is a directory: '${path}'`
      ])
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(Transcribing.read(`${path}.1`).toString(), "one\ntwo\n")
      FileSystem.rmdirSync(path)
      yield* transcript.reopen
      yield* run(["/bin/echo", "three"])
      assert.strictEqual(Transcribing.read(path).toString(), "three\n")
    }))

  it.scopedLive("refuses a FIFO, which would have to wait for a reader", () =>
    Effect.gen(function*() {
      const { path, transcript } = yield* Transcribing.opened()
      FileSystem.renameSync(path, `${path}.1`)
      ChildProcess.execFileSync("mkfifo", [path])
      const error = yield* Effect.flip(transcript.reopen)
      assert.strictEqual(error.message, `can't open transcript: [Errno 6] No such device or address: '${path}'`)
    }))

  it.scopedLive("leaves one descriptor open", () =>
    Effect.gen(function*() {
      const { transcript } = yield* Transcribing.opened()
      const before = Proc.descriptors("self").length
      yield* Effect.repeatN(transcript.reopen, 99)
      assert.strictEqual(Proc.descriptors("self").length, before)
    }))
})

describe("a file that cannot be written", () => {
  it.scopedLive("makes the output wait, and the program live, until it can", () =>
    Effect.gen(function*() {
      const { link, path, spawn, transcript } = yield* Transcribing.opened({ target: "/dev/full" })
      const { exit, hasEnded, pid } = yield* spawn(["/bin/sh", "-c", "seq 1 100000; exit 5"])
      yield* Live.until(() => Transcribing.isTroubled(transcript))
      assert.deepStrictEqual(
        yield* transcript.troubles,
        [{
          error: new TranscriptError({ path, operation: "write", code: "ENOSPC" }),
          output: "waits",
          dropped: Option.none()
        }]
      )
      assert.isFalse(yield* hasEnded)
      assert.isTrue(Proc.isAlive(pid))
      link(`${path}.1`)
      yield* transcript.reopen
      assert.deepStrictEqual(yield* exit, ExitStatus.Exited({ code: 5 }))
      yield* transcript.drain
      assert.strictEqual(Transcribing.read(`${path}.1`).toString(), Transcribing.seq(100_000))
      assert.deepStrictEqual(yield* transcript.troubles, [])
    }), 30_000)

  it.scopedLive("takes all of it, once, when a full disk has space again", (test) =>
    Effect.gen(function*() {
      const directory = yield* Transcribing.smallDisk
      if (Option.isNone(directory)) return test.skip("mounting a tmpfs is not permitted here")
      const { log, path, spawn, transcript } = yield* Transcribing.opened({ path: `${directory.value}/transcript` })
      yield* transcript.begin
      const { exit, hasEnded } = yield* spawn(["/bin/sh", "-c", "seq 1 200000"])
      for (const size of ["512k", "8m"]) {
        yield* Live.until(() => Transcribing.isTroubled(transcript))
        assert.isFalse(yield* hasEnded)
        transcript.note(`note ${size}`)
        ChildProcess.execFileSync("mount", ["-o", `remount,size=${size}`, directory.value])
        yield* Live.until(() => !Transcribing.isTroubled(transcript) || size === "512k")
        if (size === "512k") yield* Live.until(() => Transcribing.read(path).length >= 500_000)
      }
      assert.deepStrictEqual(yield* exit, ExitStatus.Exited({ code: 0 }))
      yield* transcript.drain
      const text = Transcribing.read(path).toString()
      assert.strictEqual(text.replace(/note \w+\n/g, ""), Transcribing.seq(200_000))
      assert.deepStrictEqual(text.match(/note \w+\n/g), ["note 512k\n", "note 8m\n"])
      assert.include(log, `ERROR can't write transcript: [Errno 28] No space left on device: '${path}'`)
      assert.include(log, `WARN transcript '${path}' is written again`)
    }), 60_000)

  it.scopedLive("takes no memory for the output that waits", () =>
    Effect.gen(function*() {
      const { spawn, transcript } = yield* Transcribing.opened({ target: "/dev/full" })
      const before = Process.memoryUsage().arrayBuffers
      yield* spawn(["/usr/bin/head", "-c", "20000000", "/dev/zero"])
      yield* Live.until(() => Transcribing.isTroubled(transcript))
      for (let drains = 0; drains < 2; drains++) {
        yield* transcript.drain
        assert.isBelow(Process.memoryUsage().arrayBuffers - before, 1_000_000)
      }
    }), 30_000)
})

describe("a new file", () => {
  it.scopedLive("has the mode that the given umask leaves, whatever that of the process is, also when reopened", () =>
    Effect.gen(function*() {
      const before = Process.umask(0o077)
      yield* Effect.addFinalizer(() => Effect.sync(() => Process.umask(before)))
      const { path, transcript } = yield* Transcribing.opened({ umask: 0o026 })
      assert.strictEqual(FileSystem.statSync(path).mode & 0o777, 0o640)
      FileSystem.rmSync(path)
      yield* transcript.reopen
      assert.strictEqual(FileSystem.statSync(path).mode & 0o777, 0o640)
      assert.strictEqual(Process.umask(), 0o077)
    }))

  it.scopedLive("cannot be made: the reason is told, and the pipe is let go", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      const before = Proc.descriptors("self").length
      for (const [path, code] of [[`${directory}/a/b`, "ENOENT"], [directory, "EISDIR"]] as const) {
        const error = yield* Effect.flip(Effect.scoped(Transcribing.opened({ path })))
        assert.deepStrictEqual(error, new TranscriptError({ path, operation: "open", code }))
      }
      assert.strictEqual(Proc.descriptors("self").length, before)
    }))
})

describe("the last output", () => {
  it.scopedLive("is all of a short one, from the present run only", () =>
    Effect.gen(function*() {
      const { run, transcript } = yield* Transcribing.opened()
      const lastOutput = Effect.map(transcript.lastOutput, (bytes) => Buffer.from(bytes).toString())
      assert.strictEqual(yield* lastOutput, "")
      yield* run(["/bin/echo", "one"])
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(yield* lastOutput, "one\ntwo\n")
      yield* transcript.begin
      assert.strictEqual(yield* lastOutput, "")
      yield* run(["/bin/echo", "three"])
      assert.strictEqual(yield* lastOutput, "three\n")
    }))

  it.scopedLive("is the last 8 KiB of a longer one, however it was written", () =>
    Effect.gen(function*() {
      const { output, run, transcript } = yield* Transcribing.opened()
      const last = Effect.map(transcript.lastOutput, (bytes) => Buffer.from(bytes))
      let all = Buffer.alloc(0)
      for (const length of [1, 8190, 1, 1, 100, 8191, 8192, 8193, 5000, 5000, 60_000, 0, 7]) {
        const bytes = Crypto.randomBytes(length)
        all = Buffer.concat([all, bytes])
        FileSystem.writeSync(output, bytes)
        yield* transcript.drain
        assert.isTrue((yield* last).equals(all.subarray(-8192)))
      }
      yield* run(["/bin/sh", "-c", "seq 1 100000"])
      assert.strictEqual((yield* last).toString(), Transcribing.seq(100_000).slice(-8192))
    }))

  it.scopedLive("is a copy that later output does not change", () =>
    Effect.gen(function*() {
      const { run, transcript } = yield* Transcribing.opened()
      yield* run(["/bin/echo", "one"])
      const bytes = yield* transcript.lastOutput
      yield* transcript.begin
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(Buffer.from(bytes).toString(), "one\n")
    }))
})

describe("a note", () => {
  it.scopedLive("is a line of its own behind the output so far, and is not the program's", () =>
    Effect.gen(function*() {
      const { path, run, transcript } = yield* Transcribing.opened()
      yield* run(["/bin/echo", "one"])
      transcript.note("the manager's")
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(Transcribing.read(path).toString(), "one\nthe manager's\ntwo\n")
      assert.strictEqual(Buffer.from(yield* transcript.lastOutput).toString(), "one\ntwo\n")
    }))
})

describe("closing the scope", () => {
  it.scopedLive("closes each descriptor once", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      const before = Proc.descriptors("self").length
      for (let round = 0; round < 20; round++) {
        const scope = yield* Scope.make()
        const { run } = yield* Scope.extend(Transcribing.opened({ path: `${directory}/transcript` }), scope)
        yield* run(["/bin/echo", "one"])
        yield* Scope.close(scope, Exit.void)
        // They get the numbers that have just become free: a second close would hit them.
        const files = Array.from({ length: 8 }, () => FileSystem.openSync("/dev/null", "r"))
        yield* Effect.sleep("5 millis")
        for (const file of files) FileSystem.closeSync(file)
      }
      assert.strictEqual(Proc.descriptors("self").length, before)
    }))
})

describe("no transcript", () => {
  it.effect("knows no output, has no trouble, and hands notes on", () =>
    Effect.gen(function*() {
      const notes: Array<string> = []
      const transcript = yield* Effect.provide(Transcript, Transcript.layerNone((line) => notes.push(line)))
      yield* transcript.begin
      yield* transcript.drain
      yield* transcript.reopen
      transcript.note("a line")
      assert.strictEqual((yield* transcript.lastOutput).length, 0)
      assert.deepStrictEqual(yield* transcript.troubles, [])
      assert.deepStrictEqual(notes, ["a line"])
    }))
})
