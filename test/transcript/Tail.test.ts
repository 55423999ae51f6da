// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { execFileSync } from "node:child_process"
import fs, * as Fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Tail from "../../src/transcript/Tail.ts"

describe("last lines", () => {
  it.scopedLive("shows the last lines, each with its newline", () =>
    Effect.gen(function*() {
      const path = yield* fileWith(numbered(1, 100))
      assert.strictEqual(yield* lastLines(path, 3), "98\n99\n100\n")
    }))

  it.scopedLive("counts a last line without a newline as a line", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\ntwo\nthree")
      assert.strictEqual(yield* lastLines(path, 2), "two\nthree")
      assert.strictEqual(yield* lastLines(path, 1), "three")
    }))

  it.scopedLive("shows the first line too when the file has no more lines than asked for", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\ntwo\n")
      assert.strictEqual(yield* lastLines(path, 2), "one\ntwo\n")
      assert.strictEqual(yield* lastLines(path, 10), "one\ntwo\n")
    }))

  it.scopedLive("counts empty lines", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\n\n\n")
      assert.strictEqual(yield* lastLines(path, 1), "\n")
      assert.strictEqual(yield* lastLines(path, 2), "\n\n")
      assert.strictEqual(yield* lastLines(path, 3), "one\n\n\n")
    }))

  it.scopedLive("shows nothing of zero lines and of an empty file", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* lastLines(yield* fileWith("one\ntwo\n"), 0), "")
      assert.strictEqual(yield* lastLines(yield* fileWith(""), 10), "")
    }))

  it.scopedLive("passes invalid UTF-8, NULs and carriage returns on unchanged", () =>
    Effect.gen(function*() {
      const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a, 0xc3, 0x28, 0x00, 0x0a, 0xf0, 0x9f, 0x92])
      const path = yield* fileWith(Buffer.concat([Buffer.from("left out\n"), bytes]))
      assert.deepStrictEqual(yield* lastBytes(path, 3), bytes)
    }))

  it.scopedLive("streams a line of 5 MB in small chunks", () =>
    Effect.gen(function*() {
      const line = Buffer.alloc(5_000_000, "0123456789")
      const path = yield* fileWith(Buffer.concat([Buffer.from("left out\n"), line, Buffer.from("\nend\n")]))
      const chunks = yield* Stream.runCollect(Tail.follow({ path, lines: 2, follow: false }))
      assert.isTrue(Buffer.concat([...chunks]).equals(Buffer.concat([line, Buffer.from("\nend\n")])))
      assert.isTrue(Chunk.every(chunks, (chunk) => chunk.length <= 65_536))
    }))

  it.scopedLive("finds lines across and at the borders of the blocks that it reads", () =>
    Effect.gen(function*() {
      for (const length of [65_534, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073]) {
        const line = "x".repeat(length - 1) + "\n"
        const path = yield* fileWith(`left out\n${line}`)
        assert.strictEqual(yield* lastLines(path, 1), line)
        assert.strictEqual(yield* lastLines(path, 2), `left out\n${line}`)
      }
    }))

  it.scopedLive("reads of a large file only what it shows", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("")
      Fs.truncateSync(path, 2 ** 42)
      Fs.appendFileSync(path, "\none\ntwo\n")
      assert.strictEqual(yield* lastLines(path, 2), "one\ntwo\n")
    }))
})

describe("what cannot be shown", () => {
  const failure = (path: string) =>
    Effect.map(Effect.flip(Stream.runDrain(Tail.follow({ path, lines: 10, follow: true }))), (error) => error.message)

  it.scopedLive("names a missing file as Python does", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* failure("/nope"), "[Errno 2] No such file or directory: '/nope'")
    }))

  it.scopedLive("refuses a directory, a path through a file, and a loop of links", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("")
      const loop = Path.join(Path.dirname(path), "loop")
      Fs.symlinkSync(loop, loop)
      assert.strictEqual(yield* failure(Path.dirname(path)), `[Errno 21] Is a directory: '${Path.dirname(path)}'`)
      assert.strictEqual(yield* failure(`${path}/x`), `[Errno 20] Not a directory: '${path}/x'`)
      assert.match(yield* failure(loop), /^\[Errno \d+\] Too many levels of symbolic links: '.*\/loop'$/)
    }))

  it.scopedLive("refuses a FIFO, a socket and a device without reading them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const fifo = Path.join(directory, "fifo")
      const socket = Path.join(directory, "socket")
      execFileSync("mkfifo", [fifo])
      yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer()
          server.listen(socket, () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
      )
      for (const path of [fifo, socket, "/dev/zero"]) {
        assert.strictEqual(yield* failure(path), `Not a regular file: '${path}'`)
      }
    }))
})

describe("following", () => {
  it.scopedLive("shows what is appended, after the last lines", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\ntwo\nthr")
      const shown = yield* following(path, 2)
      yield* shown.until("two\nthr")
      Fs.appendFileSync(path, "ee\n")
      yield* shown.until("two\nthree\n")
      Fs.appendFileSync(path, Buffer.from([0xff, 0x00]))
      yield* shown.until(Buffer.concat([Buffer.from("two\nthree\n"), Buffer.from([0xff, 0x00])]))
    }))

  it.scopedLive("shows what is appended to a file that was empty", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith(""), 10)
      yield* shown.begun
      Fs.appendFileSync(shown.path, "one\n")
      yield* shown.until("one\n")
    }))

  it.scopedLive("shows only what is new when nothing old was asked for", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("old\n"), 0)
      yield* shown.begun
      Fs.appendFileSync(shown.path, "new\n")
      yield* shown.until("new\n")
    }))

  it.scopedLive("reads a renamed file to its end, then the new one from its beginning", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      Fs.renameSync(shown.path, `${shown.path}.1`)
      Fs.appendFileSync(`${shown.path}.1`, "two\n")
      Fs.writeFileSync(shown.path, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
      Fs.appendFileSync(shown.path, "four\n")
      yield* shown.until("one\ntwo\nthree\nfour\n")
    }))

  it.scopedLive("follows a renamed file into another directory until its name is taken again", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      const away = Path.join(yield* temporaryDirectory, "away")
      Fs.renameSync(shown.path, away)
      Fs.appendFileSync(away, "two\n")
      yield* shown.until("one\ntwo\n")
      Fs.appendFileSync(away, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
    }))

  it.scopedLive("notices that a name that was given up is taken again", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.begun
      const elsewhere = Path.join(yield* temporaryDirectory, "elsewhere")
      Fs.writeFileSync(elsewhere, "two\n")
      Fs.renameSync(elsewhere, shown.path)
      yield* shown.until("one\ntwo\n")
    }))

  it.scopedLive("stays with the old file while the new one was only created in advance", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      Fs.renameSync(shown.path, `${shown.path}.1`)
      Fs.writeFileSync(shown.path, "")
      yield* waitUntil(() => resources(shown.path).descriptors === 2)
      Fs.appendFileSync(`${shown.path}.1`, "two\n")
      yield* shown.until("one\ntwo\n")
      Fs.appendFileSync(`${shown.path}.1`, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
      Fs.appendFileSync(shown.path, "four\n")
      yield* shown.until("one\ntwo\nthree\nfour\n")
    }))

  it.scopedLive("loses nothing that is written to the old file just before the new one begins", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("begin\n"), 10)
      let expected = "begin\n"
      for (let round = 0; round < 100; round++) {
        yield* shown.until(expected)
        const old = `${shown.path}.${round}`
        Fs.renameSync(shown.path, old)
        Fs.writeFileSync(shown.path, "")
        yield* waitUntil(() => resources(shown.path).descriptors === 2)
        Fs.appendFileSync(old, `${round} old\n`)
        for (let turns = yield* Random.nextIntBetween(0, 12); turns > 0; turns--) {
          yield* tick
        }
        Fs.appendFileSync(old, `${round} end\n`)
        Fs.appendFileSync(shown.path, `${round} new\n`)
        expected += `${round} old\n${round} end\n${round} new\n`
      }
      yield* shown.until(expected)
    }).pipe(Effect.withRandom(Random.make("handover"))))

  it.scopedLive("goes past a file that stayed empty and was rotated away", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      Fs.renameSync(shown.path, `${shown.path}.1`)
      Fs.writeFileSync(shown.path, "")
      yield* waitUntil(() => resources(shown.path).descriptors === 2)
      Fs.renameSync(shown.path, `${shown.path}.2`)
      Fs.writeFileSync(shown.path, "two\n")
      yield* shown.until("one\ntwo\n")
    }))

  it.scopedLive("says that the file was truncated and starts over", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\ntwo\n"), 10)
      yield* shown.until("one\ntwo\n")
      Fs.truncateSync(shown.path, 0)
      yield* shown.until("one\ntwo\n==> File truncated <==\n")
      Fs.appendFileSync(shown.path, "new\n")
      yield* shown.until("one\ntwo\n==> File truncated <==\nnew\n")
    }))

  it.scopedLive("waits for a file that was removed", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      const fd = Fs.openSync(shown.path, "a")
      Fs.unlinkSync(shown.path)
      Fs.writeSync(fd, "two\n")
      Fs.closeSync(fd)
      yield* shown.until("one\ntwo\n")
      Fs.writeFileSync(shown.path, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
    }))

  it.scopedLive("passes over what is not a regular file in the meantime", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      Fs.renameSync(shown.path, `${shown.path}.1`)
      Fs.mkdirSync(shown.path)
      Fs.appendFileSync(`${shown.path}.1`, "two\n")
      yield* shown.until("one\ntwo\n")
      Fs.rmdirSync(shown.path)
      Fs.writeFileSync(shown.path, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
    }))

  it.scopedLive("follows a symbolic link: what is written to its target, the target's rotation, a new target", () =>
    Effect.gen(function*() {
      const target = yield* fileWith("one\n")
      const link = Path.join(yield* temporaryDirectory, "link")
      Fs.symlinkSync(target, link)
      const shown = yield* following(link, 10)
      yield* shown.until("one\n")
      Fs.appendFileSync(target, "two\n")
      yield* shown.until("one\ntwo\n")
      Fs.renameSync(target, `${target}.1`)
      Fs.writeFileSync(target, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
      Fs.writeFileSync(`${target}.new`, "four\n")
      Fs.symlinkSync(`${target}.new`, `${link}.new`)
      Fs.renameSync(`${link}.new`, link)
      yield* shown.until("one\ntwo\nthree\nfour\n")
    }))

  it.scopedLive("finds the file again when its whole directory was removed and made anew", () =>
    Effect.gen(function*() {
      const directory = Path.join(yield* temporaryDirectory, "logs")
      const path = Path.join(directory, "transcript")
      Fs.mkdirSync(directory)
      Fs.writeFileSync(path, "one\n")
      const shown = yield* following(path, 10)
      yield* shown.until("one\n")
      yield* shown.begun
      const fd = Fs.openSync(path, "a")
      Fs.rmSync(directory, { recursive: true })
      Fs.writeSync(fd, "two\n")
      Fs.closeSync(fd)
      yield* shown.until("one\ntwo\n")
      for (let turn = 0; turn < 100; turn++) {
        yield* tick
      }
      Fs.mkdirSync(directory)
      Fs.writeFileSync(path, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
      Fs.appendFileSync(path, "four\n")
      yield* shown.until("one\ntwo\nthree\nfour\n")
    }))

  it.scopedLive("looks at the file each second where watching is refused", () =>
    Effect.gen(function*() {
      const refusals = yield* watchingRefused
      const shown = yield* following(yield* fileWith("one\n"), 10)
      yield* shown.until("one\n")
      yield* waitUntil(() => refusals() === 4)
      Fs.appendFileSync(shown.path, "two\n")
      yield* shown.until("one\ntwo\n")
      Fs.renameSync(shown.path, `${shown.path}.1`)
      Fs.writeFileSync(shown.path, "three\n")
      yield* shown.until("one\ntwo\nthree\n")
    }))

  it.scopedLive("shows 10,000 lines once and in order, across 20 rotations with a writer that reopens late", () =>
    Effect.gen(function*() {
      const shown = yield* following(yield* fileWith(""), 10_000)
      const bytes = Buffer.from(numbered(1, 10_000))
      let fd = Fs.openSync(shown.path, "a")
      let written = 0
      const write = Effect.fnUntraced(function*(end: number) {
        while (written < end) {
          const length = yield* Random.nextIntBetween(1, 60)
          written += Fs.writeSync(fd, bytes, written, Math.min(length, end - written))
          yield* tick
        }
      })
      for (let rotation = 1; rotation <= 20; rotation++) {
        const share = Math.floor(bytes.length * rotation / 21)
        yield* write(share - 500)
        // A file that is rotated away before the follower saw it is lost to it, so let it see this one.
        yield* shown.atLeast(share - 1000)
        Fs.renameSync(shown.path, `${shown.path}.${rotation}`)
        if (rotation % 2 === 0) {
          Fs.writeFileSync(shown.path, "")
        }
        yield* write(share)
        Fs.closeSync(fd)
        fd = Fs.openSync(shown.path, "a")
      }
      yield* write(bytes.length)
      Fs.closeSync(fd)
      yield* shown.until(bytes)
    }).pipe(Effect.withRandom(Random.make("transcript"))))

  it.scopedLive("closes its descriptors and watches when it is interrupted", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\n")
      // The first watch of a process opens descriptors that libuv keeps.
      yield* Effect.scoped(Effect.flatMap(following(path, 10), (shown) => shown.until("one\n")))
      const before = resources(path)
      const during = yield* Effect.scoped(Effect.gen(function*() {
        const shown = yield* following(path, 10)
        yield* shown.begun
        Fs.renameSync(path, `${path}.1`)
        Fs.writeFileSync(path, "two\n")
        yield* shown.until("one\ntwo\n")
        Fs.appendFileSync(path, "three\n")
        yield* shown.until("one\ntwo\nthree\n")
        return resources(path)
      }))
      assert.deepStrictEqual(before, { descriptors: 0, watches: before.watches })
      assert.deepStrictEqual(during, { descriptors: 1, watches: before.watches + 2 })
      assert.deepStrictEqual(resources(path), before)
    }))

  it.scopedLive("closes the file when the reader takes no more", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\n")
      yield* Stream.runDrain(Stream.take(Tail.follow({ path, lines: 10, follow: true }), 1))
      yield* Stream.runDrain(Tail.follow({ path, lines: 10, follow: false }))
      assert.strictEqual(resources(path).descriptors, 0)
    }))
})

describe("a transcript that is rotated", () => {
  /** Makes the present file the given old one, and begins a new one. */
  const rotate = (path: string, number: number, text: string) => {
    Fs.renameSync(path, `${path}.20261125T120000Z-000${number}`)
    Fs.writeFileSync(path, text)
  }
  const compress = (path: string, number: number) => {
    const old = `${path}.20261125T120000Z-000${number}`
    Fs.writeFileSync(`${old}.gz`, Zlib.gzipSync(Fs.readFileSync(old)))
    Fs.rmSync(old)
  }

  it.scopedLive("has last lines in its old files too, compressed or not", () =>
    Effect.gen(function*() {
      const path = yield* fileWith(numbered(1, 3))
      for (const number of [1, 2, 3, 4]) rotate(path, number, numbered(3 * number + 1, 3 * number + 3))
      rotate(path, 5, "")
      for (const mark of ["plain", "compressed"]) {
        for (let lines = 0; lines <= 20; lines++) {
          const shown = lines === 0 ? "" : numbered(Math.max(1, 16 - lines), 15)
          assert.strictEqual(yield* lastLines(path, lines), shown, `${lines} lines, ${mark}`)
        }
        for (const number of mark === "plain" ? [1, 2, 4, 5] : []) compress(path, number)
      }
      Fs.appendFileSync(path, "16")
      assert.strictEqual(yield* lastLines(path, 6), `${numbered(11, 15)}16`)
    }))

  it.scopedLive("has a last line in two files where one was cut", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\ntw")
      rotate(path, 1, "o\nthree\n")
      for (const show of [Effect.void, Effect.sync(() => compress(path, 1))]) {
        yield* show
        assert.strictEqual(yield* lastLines(path, 1), "three\n")
        assert.strictEqual(yield* lastLines(path, 2), "two\nthree\n")
        assert.strictEqual(yield* lastLines(path, 3), "one\ntwo\nthree\n")
      }
    }))

  it.scopedLive("has last lines in a compressed file of many blocks", () =>
    Effect.gen(function*() {
      const path = yield* fileWith(numbered(1, 50_000))
      rotate(path, 1, numbered(50_001, 50_010))
      compress(path, 1)
      assert.strictEqual(yield* lastLines(path, 40_000), numbered(10_011, 50_010))
      assert.strictEqual(yield* lastLines(path, 60_000), numbered(1, 50_010))
    }))

  it.scopedLive("is read no further back than to an old file that cannot be read", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("0\n")
      rotate(path, 1, "one\n")
      rotate(path, 2, "two\nthree\n")
      rotate(path, 3, "four\n")
      assert.strictEqual(yield* lastLines(path, 3), "two\nthree\nfour\n")
      Fs.writeFileSync(`${path}.20261125T120000Z-0002.gz`, "no gzip")
      Fs.rmSync(`${path}.20261125T120000Z-0002`)
      assert.strictEqual(yield* lastLines(path, 10), "two\nthree\nfour\n")
      const follower = yield* following(path, 10)
      yield* follower.until("two\nthree\nfour\n")
      Fs.appendFileSync(path, "five\n")
      yield* follower.until("two\nthree\nfour\nfive\n")
    }))

  it.scopedLive("is followed through files that come and go between two looks, in their order", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("0\n")
      rotate(path, 0, "one\n")
      const follower = yield* following(path, 1)
      yield* follower.begun
      yield* follower.until("one\n")
      rotate(path, 1, "two\n")
      rotate(path, 2, "three\n")
      rotate(path, 3, "four\n")
      yield* follower.until("one\ntwo\nthree\nfour\n")
      Fs.appendFileSync(path, "five\n")
      yield* follower.until("one\ntwo\nthree\nfour\nfive\n")
    }))

  it.scopedLive("is followed through files that were compressed meanwhile", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("one\n")
      const follower = yield* following(path, 10)
      yield* follower.begun
      yield* follower.until("one\n")
      const long = numbered(1, 50_000)
      rotate(path, 1, long)
      rotate(path, 2, "three\n")
      rotate(path, 3, "four\n")
      compress(path, 1)
      compress(path, 2)
      yield* follower.until(`one\n${long}three\nfour\n`)
      compress(path, 3)
      Fs.appendFileSync(path, "five\n")
      yield* follower.until(`one\n${long}three\nfour\nfive\n`)
    }))

  it.scopedLive("and by somebody else afterwards is followed as any other file", () =>
    Effect.gen(function*() {
      const path = yield* fileWith("0\n")
      rotate(path, 0, "one\n")
      const follower = yield* following(path, 1)
      yield* follower.begun
      Fs.renameSync(path, `${path}.1`)
      Fs.writeFileSync(path, "two\n")
      yield* follower.until("one\ntwo\n")
    }))
})

// ===== Internal

const numbered = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join("")

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), "zdaemon-tail-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

const fileWith = (content: string | Uint8Array) =>
  Effect.map(temporaryDirectory, (directory) => {
    const path = Path.join(directory, "transcript")
    Fs.writeFileSync(path, content)
    return path
  })

const lastBytes = (path: string, lines: number) =>
  Effect.map(Stream.runCollect(Tail.follow({ path, lines, follow: false })), (chunks) => Buffer.concat([...chunks]))

const lastLines = (path: string, lines: number) =>
  Effect.map(lastBytes(path, lines), (bytes) => bytes.toString("latin1"))

/** A follower in the background, and ways to wait for what it has shown. */
const following = Effect.fnUntraced(function*(path: string, lines: number) {
  const { watches } = resources(path)
  const shown = yield* SubscriptionRef.make(Buffer.alloc(0))
  const fiber = yield* Tail.follow({ path, lines, follow: true }).pipe(
    Stream.runForEach((bytes) => SubscriptionRef.update(shown, (before) => Buffer.concat([before, bytes]))),
    Effect.forkScoped
  )
  const atLeast = (length: number) =>
    shown.changes.pipe(
      Stream.filter((bytes) => bytes.length >= length),
      Stream.runHead,
      Effect.flatten,
      Effect.raceFirst(Effect.zipRight(Fiber.join(fiber), Effect.dieMessage("the follower ended")))
    )
  return {
    path,
    atLeast,
    /** Waits for as many bytes as expected and compares them all. */
    until: Effect.fnUntraced(function*(expected: string | Uint8Array) {
      const bytes = Buffer.from(expected)
      const actual = yield* atLeast(bytes.length)
      assert.strictEqual(actual.toString("latin1"), bytes.toString("latin1"))
    }),
    /** Waits until the file is open and watched, as is its directory. */
    begun: waitUntil(() => resources(path).watches === watches + 2)
  }
})

/** One turn of the event loop. */
const tick = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const waitUntil = (condition: () => boolean) => Effect.repeat(tick, { until: condition })

const resources = (path: string): { readonly descriptors: number; readonly watches: number } => {
  const fds = Fs.readdirSync("/proc/self/fd").filter((fd) => Fs.existsSync(`/proc/self/fdinfo/${fd}`))
  return {
    descriptors: fds.filter((fd) => Fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(path)).length,
    watches: fds.map((fd) => Fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").split("inotify wd:").length - 1)
      .reduce((sum, count) => sum + count, 0)
  }
}

/** Makes `fs.watch` fail as it does when the user has no inotify watches left, and counts how often it was asked. */
const watchingRefused = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const { watch } = fs
      let refusals = 0
      fs.watch = () => {
        refusals++
        throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), { code: "ENOSPC" })
      }
      syncBuiltinESMExports()
      return { watch, refusals: () => refusals }
    }),
    ({ watch }) =>
      Effect.sync(() => {
        fs.watch = watch
        syncBuiltinESMExports()
      })
  ),
  ({ refusals }) => refusals
)
