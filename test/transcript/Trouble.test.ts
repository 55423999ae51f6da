// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import fs, * as FileSystem from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { ExitStatus } from "../../src/policy/Run.ts"
import * as Live from "../support/Live.ts"
import * as Transcribing from "../support/Transcribing.ts"

/** The marker of dropped bytes: how many, and between which times. */
const marker = /^-- zdaemon: (\d+) bytes dropped from (\S+Z) to (\S+Z): (.*)$/gm

describe("transcript-on-error drop", () => {
  it.scopedLive("lets the program go on, and says in one line what was dropped", (test) =>
    Effect.gen(function*() {
      const directory = yield* Transcribing.smallDisk
      if (Option.isNone(directory)) return test.skip("mounting a tmpfs is not permitted here")
      const began = FileSystem.statSync(directory.value).ctimeMs
      const path = `${directory.value}/transcript`
      const { log, run, transcript } = yield* Transcribing.opened({ path, onError: "drop" })
      const text = Transcribing.seq(200_000)
      assert.deepStrictEqual(
        yield* run(["/bin/sh", "-c", "seq 1 200000; exit 5"]),
        ExitStatus.Exited({ code: 5 })
      )
      const { dropped, error } = Option.getOrThrow(Arr.head(yield* transcript.troubles))
      assert.deepStrictEqual([error.operation, error.code], ["write", "ENOSPC"])
      transcript.note("the manager's")
      ChildProcess.execFileSync("mount", ["-o", "remount,size=8m", directory.value])
      yield* Live.until(() => !Transcribing.isTroubled(transcript))
      yield* run(["/bin/echo", "after"])
      const written = Transcribing.read(path).toString()
      const [first, ...more] = Array.from(written.matchAll(marker))
      assert.strictEqual(more.length, 0)
      const [line = "", count, from = "", to = "", reason] = first ?? []
      const [before = "", after] = written.split(`${line}\n`)
      const kept = text.startsWith(before) ? before : before.slice(0, -1)
      assert.isTrue(text.startsWith(kept))
      assert.strictEqual(kept.length + Number(count), text.length)
      assert.deepStrictEqual(dropped, Option.some(Number(count)))
      assert.strictEqual(after, "the manager's\nafter\n")
      assert.include(reason, "[Errno 28] No space left on device")
      assert.isTrue(began - 1000 <= Date.parse(from) && Date.parse(from) <= Date.parse(to))
      assert.deepStrictEqual(log, [
        `ERROR can't write transcript: [Errno 28] No space left on device: '${path}'`,
        `WARN transcript '${path}' is written again; ${count} bytes were dropped`
      ])
    }), 30_000)

  it.scopedLive("keeps no restart waiting", () =>
    Effect.gen(function*() {
      const { run, transcript } = yield* Transcribing.opened({ target: "/dev/full", onError: "drop" })
      yield* run(["/bin/echo", "one"])
      yield* transcript.drain.pipe(Effect.timeoutFail({ duration: "1 second", onTimeout: () => "waited" }))
    }))
})

describe("a write that the system refuses", () => {
  for (
    const [code, reason] of [
      ["EIO", "[Errno 5] Input/output error"],
      ["EROFS", "[Errno 30] Read-only file system"],
      ["EDQUOT", "[Errno 122] Disk quota exceeded"]
    ] as const
  ) {
    it.scopedLive(`with ${code} makes output wait, of which nothing is lost`, () =>
      Effect.gen(function*() {
        const { log, path, spawn, transcript } = yield* Transcribing.opened()
        const permit = yield* refusal(path, code, 1001)
        const { exit, hasEnded } = yield* spawn(["/bin/sh", "-c", "seq 1 100000"])
        yield* Live.until(() => Transcribing.isTroubled(transcript))
        const { dropped, error: { message } } = Option.getOrThrow(Arr.head(yield* transcript.troubles))
        assert.deepStrictEqual(dropped, Option.none())
        assert.strictEqual(message, `can't write transcript: ${reason}: '${path}'`)
        assert.isFalse(yield* hasEnded)
        assert.strictEqual(Transcribing.read(path).toString(), Transcribing.seq(1000).slice(0, 1001))
        permit()
        assert.deepStrictEqual(yield* exit, ExitStatus.Exited({ code: 0 }))
        yield* transcript.drain
        assert.strictEqual(Transcribing.read(path).toString(), Transcribing.seq(100_000))
        assert.deepStrictEqual(log, [`ERROR ${message}`, `WARN transcript '${path}' is written again`])
      }))

    it.scopedLive(`with ${code} has output dropped, where that is wanted, and counted to the byte`, () =>
      Effect.gen(function*() {
        const { log, path, run, transcript } = yield* Transcribing.opened({ onError: "drop" })
        const permit = yield* refusal(path, code, 1001)
        yield* run(["/bin/sh", "-c", "seq 1 100000"])
        const { dropped, error: { message } } = Option.getOrThrow(Arr.head(yield* transcript.troubles))
        assert.deepStrictEqual(dropped, Option.some(Transcribing.seq(100_000).length - 1001))
        assert.strictEqual(message, `can't write transcript: ${reason}: '${path}'`)
        permit()
        yield* Live.until(() => !Transcribing.isTroubled(transcript))
        yield* run(["/bin/echo", "after"])
        const text = Transcribing.seq(100_000)
        const written = Transcribing.read(path).toString()
        const [line = "", count, , , why] = Array.from(written.matchAll(marker))[0] ?? []
        assert.deepStrictEqual([Number(count), why], [text.length - 1001, message])
        assert.strictEqual(written, `${text.slice(0, 1001)}\n${line}\nafter\n`)
        assert.deepStrictEqual(log, [
          `ERROR ${message}`,
          `WARN transcript '${path}' is written again; ${count} bytes were dropped`
        ])
      }))
  }
})

describe("output that still waits", () => {
  // Less than the pipe holds: the program can end.
  const text = Transcribing.seq(10_000)
  const program = ["/bin/sh", "-c", "seq 1 10000"] as const

  it.scopedLive("at the end of a run is written when the file takes it, though the next run has begun", () =>
    Effect.gen(function*() {
      const { log, path, run, transcript } = yield* Transcribing.opened()
      const permit = yield* refusal(path, "ENOSPC", 1001)
      yield* transcript.begin
      yield* run(program)
      yield* transcript.begin
      permit()
      yield* Live.until(() => !Transcribing.isTroubled(transcript))
      yield* run(["/bin/echo", "after"])
      assert.strictEqual(Transcribing.read(path).toString(), `${text}after\n`)
      assert.deepStrictEqual(log, [
        `ERROR can't write transcript: [Errno 28] No space left on device: '${path}'`,
        `WARN transcript '${path}' is written again`
      ])
    }))

  for (const onError of ["block", "drop"] as const) {
    it.scopedLive(`or is dropped when the copy ends is counted to the byte, in one line: ${onError}`, () =>
      Effect.gen(function*() {
        const path = `${yield* Live.directory}/transcript`
        FileSystem.writeFileSync(path, "")
        yield* refusal(path, "ENOSPC", 5)
        const log = yield* Effect.scoped(Effect.gen(function*() {
          const { log, run, transcript } = yield* Transcribing.opened({ onError, path })
          transcript.note("a line of the manager's own, which is none of the output")
          yield* run(program)
          yield* transcript.giveUp
          assert.deepStrictEqual(
            Option.flatMap(Arr.head(yield* transcript.troubles), ({ dropped }) => dropped),
            Option.some(text.length)
          )
          return log
        }))
        const reason = `can't write transcript: [Errno 28] No space left on device: '${path}'`
        assert.deepStrictEqual(log, [
          `ERROR ${reason}`,
          `ERROR ${text.length} bytes of output were dropped: ${reason}`
        ])
      }))

    it.scopedLive(`is not lost when the file takes it in the last moment: ${onError}`, () =>
      Effect.gen(function*() {
        const directory = yield* Live.directory
        const { log, path } = yield* Effect.scoped(Effect.gen(function*() {
          const opened = yield* Transcribing.opened({ onError, path: `${directory}/transcript` })
          const permit = yield* refusal(opened.path, "ENOSPC", 1001)
          yield* opened.run(program)
          permit()
          return opened
        }))
        const written = Transcribing.read(path).toString()
        const count = text.length - 1001
        const lost = onError === "block" ? "" : `; ${count} bytes were dropped`
        if (onError === "block") assert.strictEqual(written, text)
        else assert.strictEqual(Array.from(written.matchAll(marker))[0]?.[1], String(count))
        assert.deepStrictEqual(log, [
          `ERROR can't write transcript: [Errno 28] No space left on device: '${path}'`,
          `WARN transcript '${path}' is written again${lost}`
        ])
      }))
  }
})

describe("a file that has lost its name", () => {
  /** A transcript with a line in it, a second after it was looked for. */
  const written = Effect.gen(function*() {
    const opened = yield* Transcribing.opened()
    yield* opened.run(["/bin/echo", "one"])
    yield* Effect.sleep("1100 millis")
    return opened
  })

  it.scopedLive("by renaming, is let go without a command, a second later", () =>
    Effect.gen(function*() {
      const { path, run } = yield* written
      FileSystem.renameSync(path, `${path}.1`)
      // Whoever renames a file to have it reopened expects this in the old one, as it always was.
      yield* run(["/bin/echo", "two"])
      yield* Effect.sleep("1100 millis")
      yield* run(["/bin/echo", "three"])
      assert.strictEqual(Transcribing.read(`${path}.1`).toString(), "one\ntwo\n")
      assert.strictEqual(Transcribing.read(path).toString(), "three\n")
    }))

  it.scopedLive("by removal, or to another file, is as well", () =>
    Effect.gen(function*() {
      const { path, run } = yield* written
      FileSystem.rmSync(path)
      FileSystem.writeFileSync(path, "another's\n")
      yield* run(["/bin/echo", "two"])
      assert.strictEqual(Transcribing.read(path).toString(), "another's\ntwo\n")
    }))

  it.scopedLive(
    "makes output wait while nothing can have that name, tells that once, and goes on by itself",
    () =>
      Effect.gen(function*() {
        const { directory, log, path, spawn, transcript } = yield* written
        for (
          const [damage, mend, reason] of [
            [
              () => FileSystem.renameSync(directory, `${directory}.away`),
              () => FileSystem.mkdirSync(directory),
              "[Errno 2] No such file or directory"
            ],
            [
              () => {
                FileSystem.rmSync(path)
                FileSystem.mkdirSync(path)
              },
              () => FileSystem.rmdirSync(path),
              "[Errno 21] Is a directory"
            ]
          ] as const
        ) {
          damage()
          FileSystem.rmSync(`${directory}.away`, { recursive: true, force: true })
          const { exit, hasEnded } = yield* spawn(["/bin/sh", "-c", "seq 1 100000"])
          yield* Live.until(() => Transcribing.isTroubled(transcript))
          assert.isFalse(yield* hasEnded)
          mend()
          yield* exit
          yield* transcript.drain
          assert.strictEqual(Transcribing.read(path).toString(), Transcribing.seq(100_000))
          assert.deepStrictEqual(yield* transcript.troubles, [])
          assert.deepStrictEqual(log.splice(0), [
            `ERROR can't open transcript: ${reason}: '${path}'`,
            `WARN transcript '${path}' is written again`
          ])
          yield* Effect.sleep("1100 millis")
        }
      }),
    30_000
  )

  it.scopedLive("is written on where it still has another one, and that is told", () =>
    Effect.gen(function*() {
      const { log, path, run, transcript } = yield* written
      FileSystem.renameSync(path, `${path}.1`)
      FileSystem.mkdirSync(path)
      yield* run(["/bin/echo", "two"])
      yield* Effect.sleep("1100 millis")
      yield* run(["/bin/echo", "three"])
      assert.strictEqual(Transcribing.read(`${path}.1`).toString(), "one\ntwo\nthree\n")
      assert.strictEqual(Option.getOrThrow(Arr.head(yield* transcript.troubles)).error.code, "EISDIR")
      FileSystem.rmdirSync(path)
      yield* Effect.sleep("1100 millis")
      yield* run(["/bin/echo", "four"])
      assert.strictEqual(Transcribing.read(path).toString(), "four\n")
      assert.deepStrictEqual(yield* transcript.troubles, [])
      assert.deepStrictEqual(log, [`ERROR can't open transcript: [Errno 21] Is a directory: '${path}'`])
    }))

  it.scopedLive("is left alone when it is a device", () =>
    Effect.gen(function*() {
      const { link, path, run } = yield* Transcribing.opened({ target: "/dev/null" })
      yield* Effect.sleep("1100 millis")
      link(`${path}.1`)
      yield* run(["/bin/echo", "one"])
      assert.isFalse(FileSystem.existsSync(`${path}.1`))
    }))
})

describe("a line of the manager's own", () => {
  it.scopedLive("comes between whole lines while a run lasts, and ends the last one when it is over", () =>
    Effect.gen(function*() {
      const { output, path, transcript } = yield* Transcribing.opened()
      const written = (text: string) =>
        Effect.sync(() => FileSystem.writeSync(output, text)).pipe(
          Effect.zipRight(Live.until(() => Transcribing.read(path).toString().endsWith(text)))
        )
      yield* transcript.begin
      yield* written("on")
      transcript.note("first note")
      yield* written("e")
      FileSystem.writeSync(output, "\ntwo")
      yield* Live.until(() => Transcribing.read(path).toString().endsWith("two"))
      assert.strictEqual(Transcribing.read(path).toString(), "one\nfirst note\ntwo")
      transcript.note("second note")
      yield* transcript.drain
      transcript.note("third note")
      yield* transcript.begin
      FileSystem.writeSync(output, "three\n")
      yield* transcript.drain
      assert.strictEqual(
        Transcribing.read(path).toString(),
        "one\nfirst note\ntwo\nsecond note\nthird note\nthree\n"
      )
    }))
})

/** Has a file take some bytes more and then none, until it is permitted again or the scope closes. */
const refusal = (path: string, code: string, bytes: number): Effect.Effect<() => void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const write = fs.writeSync
      const { ino } = FileSystem.statSync(path)
      let room = bytes
      const refusing = (descriptor: number, buffer: Buffer, offset: number, length: number): number => {
        if (FileSystem.fstatSync(descriptor).ino !== ino) return write(descriptor, buffer, offset, length)
        if (room === 0) throw Object.assign(new Error(code), { code })
        const written = write(descriptor, buffer, offset, Math.min(room, length))
        room -= written
        return written
      }
      Object.assign(fs, { writeSync: refusing })
      syncBuiltinESMExports()
      return () => {
        fs.writeSync = write
        syncBuiltinESMExports()
      }
    }),
    (permit) => Effect.sync(permit)
  )
