// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Crash, Event } from "../../src/history/Event.ts"
import * as HistoryFolder from "../../src/history/HistoryFolder.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

/** A directory that nobody else sees, and in it the folder of a history, which is not there yet. */
const place = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), "zd-history-"))),
    (root) => Effect.sync(() => Fs.rmSync(root, { recursive: true, force: true }))
  ),
  (root) => ({ root, path: Path.join(root, "state", "%2Frun%2Fapp") })
)

const time = DateTime.toDate(DateTime.unsafeMake(1795346238_500))

const ordered = (order: string): Event => ({ time, event: "ordered", order })

const crash: Omit<Crash, "number" | "limits"> = {
  time,
  run: 3,
  pid: 819,
  manager: 812,
  end: "exit status 1",
  uptime: 0.3,
  next: "restarts in 1 s",
  file: "/bin/sh",
  program: ["sh"],
  settings: { forever: "false" },
  environment: ["PATH"],
  output: "one\ntwo\n"
}

const mode = (path: string) => (Fs.statSync(path).mode & 0o777).toString(8)

const reason = <A>(effect: Effect.Effect<A, HistoryFolder.HistoryError>) =>
  Effect.map(Effect.either(effect), (result) => Either.isLeft(result) ? result.left.reason : "written")

describe("the events of a program", () => {
  it.scopedLive("are read as they were written, in files that nobody else can read", () =>
    Effect.gen(function*() {
      const { path, root } = yield* place
      assert.deepStrictEqual(yield* HistoryFolder.events(path), [])
      const told = [ordered("start"), ordered("kill \"15\"\n\u001b[2J"), {
        time,
        event: "over",
        reason: "stopped"
      }] as const
      yield* HistoryFolder.append(path, told.slice(0, 1))
      yield* HistoryFolder.append(path, told.slice(1))
      assert.deepStrictEqual(yield* HistoryFolder.events(path), told)
      assert.strictEqual(Fs.readFileSync(Path.join(path, "history.jsonl"), "utf8").split("\n").length, 4)
      assert.deepStrictEqual(
        [Path.join(root, "state"), path, Path.join(path, "history.jsonl")].map(mode),
        ["700", "700", "600"]
      )
    }))

  it.scopedLive("survive a writer that was killed in the middle of a line", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      yield* HistoryFolder.append(path, [ordered("start")])
      const file = Path.join(path, "history.jsonl")
      Fs.appendFileSync(file, Fs.readFileSync(file, "utf8").slice(0, -9))
      assert.deepStrictEqual(yield* HistoryFolder.events(path), [ordered("start")])
      yield* HistoryFolder.append(path, [ordered("stop")])
      assert.deepStrictEqual(yield* HistoryFolder.events(path), [ordered("start"), ordered("stop")])
    }))

  it.scopedLive("are bounded: the newest are kept", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      const long = "x".repeat(HistoryFolder.limits.bytes / 4)
      for (let i = 0; i < 20; i++) yield* HistoryFolder.append(path, [ordered(`${i} ${long}`)])
      const sizes = Fs.readdirSync(path).map((name) => Fs.statSync(Path.join(path, name)).size)
      assert.isTrue(sizes.length === 2 && sizes.every((size) => size <= HistoryFolder.limits.bytes))
      const last = (yield* HistoryFolder.events(path)).at(-1)
      assert.isTrue(last?.event === "ordered" && last.order.startsWith("19 "))
    }))

  it.scopedLive("tell what the last manager has left open, unless it has told of its end, or somebody for it", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      const left = Effect.map(HistoryFolder.unfinished(path), Option.getOrUndefined)
      const manager = (pid: number): Event => ({ time, event: "manager", pid })
      const began: Event = { time, event: "began", run: 1, pid: 819 }
      assert.isUndefined(yield* left)
      yield* HistoryFolder.append(path, [manager(811), { time, event: "over", reason: "stopped" }, ordered("stop")])
      assert.isUndefined(yield* left)
      yield* HistoryFolder.append(path, [manager(812)])
      assert.deepStrictEqual(yield* left, { manager: { pid: 812, began: time }, run: Option.none() })
      yield* HistoryFolder.append(path, [began, ordered("{\"event\":\"over\"}")])
      const open = yield* left
      assert.deepStrictEqual(open?.run, Option.some({ pid: 819, manager: 812, began: time }))
      yield* HistoryFolder.append(path, [{ time, event: "ended", run: 1, end: "exit status 1", uptime: 1, next: "" }])
      assert.deepStrictEqual(Option.getOrUndefined((yield* left)?.run ?? Option.none()), undefined)
      if (open !== undefined) yield* HistoryFolder.finish(path, open, [819, 820])
      assert.isUndefined(yield* left)
      assert.deepInclude((yield* HistoryFolder.events(path)).at(-1), {
        event: "over",
        reason: "killed; its run, pid=819 and pid=820, was left behind, and was ended",
        manager: 812,
        left: [819, 820]
      })
    }))

  it.scopedLive("are nothing where the file is something else", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      Fs.mkdirSync(path, { recursive: true })
      const file = Path.join(path, "history.jsonl")
      for (
        const text of [
          "",
          "\n\n",
          "{}\n",
          "[1]\nnull\n\"a\"",
          "{\"time\":\"x\",\"event\":\"over\",\"reason\":\"\"}",
          "\0\xff"
        ]
      ) {
        Fs.writeFileSync(file, text, "latin1")
        assert.deepStrictEqual(yield* HistoryFolder.events(path), [])
      }
      Fs.rmSync(file)
      Fs.mkdirSync(file)
      assert.deepStrictEqual(yield* HistoryFolder.events(path), [])
    }))
})

describe("the reports on crashes", () => {
  it.scopedLive("have the limits that the program started with", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      assert.strictEqual(yield* HistoryFolder.report(path, crash), 1)
      const [report] = yield* HistoryFolder.crashes(path)
      assert.deepInclude(report, { ...crash, number: 1 })
      if (Fs.existsSync("/proc/self/limits")) {
        assert.isTrue(report?.limits.some(({ name }) => name === "open files"))
      }
      assert.deepStrictEqual(Fs.readdirSync(path), ["crash-1.json"])
      assert.strictEqual(mode(Path.join(path, "crash-1.json")), "600")
    }))

  it.scopedLive("are the newest ones, and keep their numbers", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      const most = HistoryFolder.limits.crashes
      for (let i = 0; i < most + 3; i++) yield* HistoryFolder.report(path, crash)
      const numbers = (yield* HistoryFolder.crashes(path)).map(({ number }) => number)
      assert.deepStrictEqual(numbers, Array.from({ length: most }, (_, i) => i + 4))
    }))

  it.scopedLive("are left out when they are broken, and a half written one is written over", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      yield* HistoryFolder.report(path, crash)
      Fs.writeFileSync(Path.join(path, "crash-2.json"), "{\"number\":2")
      Fs.writeFileSync(Path.join(path, "crash.tmp"), "{\"numb")
      assert.strictEqual(yield* HistoryFolder.report(path, crash), 3)
      assert.deepStrictEqual((yield* HistoryFolder.crashes(path)).map(({ number }) => number), [1, 3])
      assert.isFalse(Fs.existsSync(Path.join(path, "crash.tmp")))
    }))
})

describe("a folder that is not ours alone", () => {
  it.scopedLive("is not used: a link, one that others can write in, another kind of file", () =>
    Effect.gen(function*() {
      const { path, root } = yield* place
      Fs.mkdirSync(Path.dirname(path))
      Fs.mkdirSync(Path.join(root, "elsewhere"))
      Fs.symlinkSync(Path.join(root, "elsewhere"), path)
      const write = reason(HistoryFolder.append(path, [ordered("start")]))
      assert.notStrictEqual(yield* write, "written")
      Fs.rmSync(path)
      Fs.mkdirSync(path)
      Fs.chmodSync(path, 0o777)
      assert.strictEqual(yield* write, "others can write in it")
      Fs.rmdirSync(path)
      Fs.writeFileSync(path, "")
      assert.notStrictEqual(yield* write, "written")
      assert.deepStrictEqual(Fs.readdirSync(Path.join(root, "elsewhere")), [])
    }))

  it.scopedLive.skipIf(!Zdaemon.isRoot)("is not used: another user's", () =>
    Effect.gen(function*() {
      const { path } = yield* place
      Fs.mkdirSync(path, { recursive: true })
      Fs.chownSync(path, 65534, 65534)
      assert.strictEqual(yield* reason(HistoryFolder.report(path, crash)), "it belongs to another user")
    }))

  it.scopedLive("has no link in it that is followed", () =>
    Effect.gen(function*() {
      const { path, root } = yield* place
      const victim = Path.join(root, "victim")
      Fs.writeFileSync(victim, "precious")
      Fs.mkdirSync(path, { recursive: true, mode: 0o700 })
      for (const link of [Fs.symlinkSync, Fs.linkSync]) {
        for (const name of ["history.jsonl", "crash.tmp", "crash-1.json"]) {
          Fs.rmSync(Path.join(path, name), { force: true })
          link(victim, Path.join(path, name))
        }
        assert.notStrictEqual(yield* reason(HistoryFolder.append(path, [ordered("start")])), "written")
        yield* HistoryFolder.report(path, crash)
        assert.strictEqual(Fs.readFileSync(victim, "utf8"), "precious")
      }
    }))
})

describe("a place with the histories of many programs", () => {
  it.scopedLive("keeps those that run, and of the others the newest", () =>
    Effect.gen(function*() {
      const { root } = yield* place
      const state = Path.join(root, "state")
      const socket = (name: string) => Path.join(root, `${name}.sock`)
      const folder = (name: string) => Path.join(state, encodeURIComponent(socket(name)))
      const most = HistoryFolder.limits.programs
      Fs.mkdirSync(Path.join(state, "not ours"), { recursive: true, mode: 0o700 })
      for (let i = 0; i < most + 5; i++) {
        const path = folder(String(i))
        yield* HistoryFolder.append(path, [ordered("start")])
        Fs.utimesSync(Path.join(path, "history.jsonl"), 1000 + i, 1000 + i)
        // A program that is running is never too old.
        if (i === 0) Fs.writeFileSync(socket("0"), "")
      }
      const left = Fs.readdirSync(state)
      assert.strictEqual(left.length, most + 1)
      assert.include(left, "not ours")
      assert.isTrue(Fs.existsSync(folder("0")))
      assert.isFalse(Fs.existsSync(folder("1")))
      assert.isTrue(Fs.existsSync(folder("10")))
    }))
})
