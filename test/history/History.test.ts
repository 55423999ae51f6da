// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import { type EndedRun, isCrash } from "../../src/history/EndedRun.ts"
import { History } from "../../src/history/History.ts"
import * as HistoryFolder from "../../src/history/HistoryFolder.ts"
import { ExitStatus } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"
import * as ProcessStat from "../../src/process/ProcessStat.ts"

const root = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), "zd-history-"))),
  (root) => Effect.sync(() => Fs.rmSync(root, { recursive: true, force: true }))
)

const subject = (path: string) => ({
  path,
  manager: 812,
  program: { file: "/bin/app", words: ["app", "--token", "hunter2"] },
  settings: { forever: "false" },
  environment: ["PATH", "API_TOKEN"]
})

const ended: EndedRun = {
  number: 1,
  pid: Option.some(819),
  status: ExitStatus.Signaled({ signal: "SIGSEGV" }),
  uptime: Duration.millis(1500),
  output: Buffer.from("last words\n\xff", "latin1"),
  next: Option.some(Verdict.Restart({ backoff: Duration.seconds(1) }))
}

describe("a history", () => {
  it.scopedLive("is on disk when its layer is released, with a report on each crash", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* root, "history")
      yield* Effect.gen(function*() {
        const history = yield* History
        yield* history.began({ number: 1, pid: Process.pid })
        yield* history.ended(ended)
        yield* history.ordered("stop")
        yield* history.ended({ ...ended, number: 2, next: Option.none() })
        yield* history.over("stopped")
      }).pipe(Effect.provide(History.layer(subject(path))))
      const events = yield* HistoryFolder.events(path)
      assert.deepStrictEqual(events.map(({ event }) => event), [
        "manager",
        "began",
        "ended",
        "ordered",
        "ended",
        "over"
      ])
      assert.strictEqual(events[1]?.event === "began" ? events[1].birth : "", ProcessStat.birth(Process.pid))
      assert.deepInclude(events[2], { end: "terminated by SIGSEGV", uptime: 1.5, next: "restarts in 1 s", crash: 1 })
      assert.notProperty(events[4], "crash")
      const crashes = yield* HistoryFolder.crashes(path)
      assert.strictEqual(crashes.length, 1)
      assert.deepInclude(crashes[0], {
        run: 1,
        pid: 819,
        manager: 812,
        program: ["app", "--token", "<redacted>"],
        environment: ["PATH", "API_TOKEN"],
        output: "last words\n\u{fffd}"
      })
    }))

  it.scopedLive("says once that its reports cannot be written, also where its events can", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* root, "history")
      // The name under which a report is written.
      Fs.mkdirSync(Path.join(path, "crash.tmp"), { recursive: true, mode: 0o700 })
      const log: Array<string> = []
      yield* Effect.gen(function*() {
        const history = yield* History
        for (let number = 1; number < 4; number++) {
          yield* history.ended({ ...ended, number })
          yield* history.settled
        }
      }).pipe(
        Effect.provide(History.layer(subject(path))),
        Effect.provide(Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => {
            log.push(String(message))
          })
        ))
      )
      assert.strictEqual((yield* HistoryFolder.events(path)).filter(({ event }) => event === "ended").length, 3)
      assert.strictEqual(log.length, 1)
      assert.match(log[0] ?? "", /^can't write history: /)
    }))

  it.scopedLive("leaves nothing where nothing happened", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* root, "history")
      yield* Effect.void.pipe(Effect.provide(History.layer(subject(path))))
      assert.isFalse(Fs.existsSync(path))
    }))

  it.scopedLive("costs a line in the log where it cannot be written, and begins when it can", () =>
    Effect.gen(function*() {
      const place = yield* root
      const path = Path.join(place, "file", "history")
      Fs.writeFileSync(Path.join(place, "file"), "")
      const lines: Array<string> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void lines.push(String(message)))
      )
      yield* Effect.gen(function*() {
        const history = yield* History
        yield* history.ended(ended)
        yield* history.settled
        yield* history.ended(ended)
        yield* history.settled
        assert.deepStrictEqual(lines, [`can't write history: [Errno 20] Not a directory: '${path}'`])
        Fs.rmSync(Path.join(place, "file"))
        yield* history.ended(ended)
        yield* history.settled
        assert.strictEqual((yield* HistoryFolder.crashes(path)).length, 1)
      }).pipe(Effect.provide(Layer.provide(History.layer(subject(path)), logger)))
    }))
})

describe("a crash", () => {
  const restart = Option.some(Verdict.Restart({ backoff: Duration.zero }))
  const ends: ReadonlyArray<readonly [string, ExitStatus, EndedRun["next"], boolean]> = [
    ["a death by a signal", ExitStatus.Signaled({ signal: "SIGKILL" }), restart, true],
    ["another exit status than 0", ExitStatus.Exited({ code: 1 }), restart, true],
    [
      "also one after which it is left alone",
      ExitStatus.Exited({ code: 2 }),
      Option.some(Verdict.Exit({ code: 2 })),
      true
    ],
    ["a program that cannot be started", ExitStatus.NotSpawned({ reason: "no" }), restart, true],
    ["giving up, however it ended", ExitStatus.Exited({ code: 0 }), Option.some(Verdict.GiveUp()), true],
    ["not success", ExitStatus.Exited({ code: 0 }), Option.some(Verdict.Exit({ code: 0 })), false],
    ["not success that is followed by another run", ExitStatus.Exited({ code: 0 }), restart, false],
    ["not what was ordered", ExitStatus.Signaled({ signal: "SIGTERM" }), Option.none(), false]
  ]
  for (const [name, status, next, expected] of ends) {
    it(`is ${name}`, () => assert.strictEqual(isCrash({ status, next }), expected))
  }
})
