// @effect-diagnostics nodeBuiltinImport:off
/** The five ways in which a manager cannot be asked, each on a real socket, and each with what to do about it. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { listening } from "../support/Impostor.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"]

/** What a person on a terminal sees, and the exit status. */
const seen = Effect.fnUntraced(function*(zdaemon: Zdaemon.Zdaemon, ...words: ReadonlyArray<string>) {
  const { code, stdout } = yield* (yield* zdaemon.onTerminal(words)).result
  // The line of waiting, which is taken away in the end, may have been there.
  return [code, stdout.replaceAll("\r\n", "\n").replaceAll("\r\u001b[J", "")]
})

/** Kills the manager, and waits for its end. */
const killed = (zdaemon: Zdaemon.Zdaemon) =>
  Effect.suspend(() => {
    for (const manager of zdaemon.managers()) process.kill(manager, "SIGKILL")
    return Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
  })

describe.concurrent("a manager that cannot be asked", () => {
  it.scopedLive("has no socket, where nothing was started", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const [action, code] of [["status", 3], ["stop", 0], ["reopen_transcript", 0]] as const) {
        const result = yield* zdaemon.run(...sleep, action)
        assert.deepStrictEqual([result.code, result.stdout, result.stderr], [code, "daemon manager not running\n", ""])
      }
    }))

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "has no socket: who sits at a terminal is told what to do",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const advice = `there is no socket ${zdaemon.socket}; "start" makes one, unless another name (-s) is meant\n`
        assert.deepStrictEqual(yield* seen(zdaemon, ...sleep, "stop"), [0, `daemon manager not running\n${advice}`])
      })
  )

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "was killed, and left its socket and perhaps its program behind",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run(...sleep, "start")
        for (const pid of [...zdaemon.managers(), ...zdaemon.processes()]) process.kill(pid, "SIGKILL")
        yield* Zdaemon.eventually("the end of both", () => zdaemon.processes().length === 0)
        assert.deepStrictEqual(yield* seen(zdaemon, ...sleep, "stop"), [
          0,
          `daemon manager not running\nthe manager of socket ${zdaemon.socket} was killed, and nothing of its program is found; ` +
          "\"start\" starts it anew\n"
        ])
      })
  )

  it.scopedLive.skipIf(!Fs.existsSync("/proc/self/fd"))(
    "was killed, and left its program running: who would rely on its being down is refused",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const pid = Zdaemon.pidOf((yield* zdaemon.run(...sleep, "start")).stdout)
        const waiting = yield* zdaemon.begin([...sleep, "wait"])
        yield* waiting.says(". ")
        yield* killed(zdaemon)
        const advice =
          `the manager of socket ${zdaemon.socket} was killed; its program (pid ${pid}) is running still: ` +
          "\"stop\" ends it, \"start\" replaces it\n"
        const refused = { code: 1, stdout: "daemon manager not running\n", stderr: `Error: ${advice}` }
        const afterDots = { ...refused, stdout: `\n${refused.stdout}` }
        const { stdout, ...waited } = yield* waiting.result
        assert.deepStrictEqual({ ...waited, stdout: stdout.replaceAll(". ", "") }, afterDots)
        assert.deepStrictEqual(yield* zdaemon.run(...sleep, "wait"), afterDots)
        for (const action of ["kill", "fg", "foreground", "reopen_transcript", "logreopen"]) {
          assert.deepStrictEqual(yield* zdaemon.run(...sleep, action), refused, action)
        }
        assert.deepStrictEqual(zdaemon.processes(), [pid])
        assert.strictEqual(
          (yield* zdaemon.run(...sleep, "status", "-v")).stdout,
          `daemon manager not running\n${advice}`
        )
        assert.deepInclude(JSON.parse((yield* zdaemon.run(...sleep, "status", "--json")).stdout), { orphan: pid })
        assert.deepInclude(JSON.parse((yield* zdaemon.run(...sleep, "kill", "--json")).stdout), {
          exitCode: 1,
          outcome: "manager-not-running",
          pid
        })
        if (Zdaemon.hasTerminals) {
          const told = `daemon manager not running\nError: ${advice}`
          assert.deepStrictEqual(yield* seen(zdaemon, ...sleep, "reopen_transcript"), [1, told])
        }
      })
  )

  it.scopedLive("was killed, and its program has ended since: then all is as without a manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const pid = Zdaemon.pidOf((yield* zdaemon.run(...sleep, "start")).stdout)
      yield* killed(zdaemon)
      process.kill(pid, "SIGKILL")
      yield* Zdaemon.eventually("the end of both", () => zdaemon.processes().length === 0)
      const before = [
        ["kill", "daemon process not running\n"],
        ["wait", "\ndaemon process stopped\ndaemon manager not running\n"],
        ["reopen_transcript", "daemon manager not running\n"],
        ["logreopen", "daemon manager not running\ndaemon process not running\n"]
      ] as const
      for (const [action, stdout] of before) {
        assert.deepStrictEqual(yield* zdaemon.run(...sleep, action), { code: 0, stdout, stderr: "" })
      }
      assert.deepStrictEqual(yield* zdaemon.run("-p", "true", "fg"), { code: 0, stdout: "true\n", stderr: "" })
      assert.notProperty(JSON.parse((yield* zdaemon.run(...sleep, "status", "--json")).stdout), "orphan")
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)("belongs to another user", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const { code, stderr, stdout } = yield* zdaemon.asNobody(...sleep, "-s", zdaemon.socket, "status")
      assert.deepStrictEqual([code, stdout, stderr], [
        4,
        "",
        `Error: permission denied for socket ${zdaemon.socket}\n` +
        "it belongs to user root; give the command as that user, or as root\n"
      ])
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)("is in a directory that is closed to us", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("closed/run"), { recursive: true })
      const socket = zdaemon.at("closed/run/zdsock")
      yield* zdaemon.run(...sleep, "-s", socket, "start")
      const status = yield* zdaemon.asNobody(...sleep, "-s", zdaemon.at("closed/run/zdsock"), "status")
      assert.include(status.stderr, "it belongs to user root")
      Fs.chmodSync(zdaemon.at("closed/run"), 0o600)
      const { code, stderr, stdout } = yield* zdaemon.asNobody(...sleep, "-s", socket, "status")
      assert.deepStrictEqual([code, stdout, stderr], [
        4,
        "",
        `Error: permission denied for socket ${socket}\n` +
        "a directory on its way is closed to you; give the command as the user that the manager runs as\n"
      ])
    }))

  it.scopedLive("is none: something else answers on the socket", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* listening(zdaemon.socket, (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
      const { code, stderr, stdout } = yield* zdaemon.run(...sleep, "status")
      assert.deepStrictEqual([code, stdout, stderr], [
        4,
        "",
        `Error: wrong answer on socket ${zdaemon.socket}: it is no status\n` +
        "another program listens there; give the manager a name of its own (-s)\n"
      ])
    }))

  it.scopedLive("has gone since it answered: status says so, and fails as without one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [["status", "-v"], ["status", "--watch"], ["status", "--json"]]) {
        const leaving = listening(zdaemon.socket, (socket) => {
          Fs.rmSync(zdaemon.socket, { force: true })
          socket.end("application=42\nargs=['sleep', '1000']\n")
        })
        const { code, stderr, stdout } = yield* Effect.scoped(Effect.zipRight(leaving, zdaemon.run(...sleep, ...words)))
        assert.deepStrictEqual([words, code, stderr], [words, 3, ""])
        assert.match(stdout, /^(daemon manager not running\n|\{\n {2}"schema": "zdaemon\/status\/1")/)
      }
    }))

  it.scopedLive("is about to end, and does not send a signal any more", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* listening(zdaemon.socket, (socket) =>
        socket.once("data", (request) => {
          socket.end(String(request).startsWith("kill") ? "" : "application=42\nargs=['sleep', '1000']\n")
        }))
      const { code, stderr, stdout } = yield* zdaemon.run(...sleep, "kill")
      assert.deepStrictEqual([code, stderr, stdout], [0, "", "kill(42, 15)\ndaemon manager not running\n"])
    }))

  it.scopedLive("says nothing within five seconds, whatever is asked", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* listening(zdaemon.socket, () => {})
      const actions = ["status", "start", "stop", "restart", "wait", "kill", "reopen_transcript", "status --watch"]
      yield* Effect.forEach(actions, (action) =>
        Effect.gen(function*() {
          const { code, stderr, stdout } = yield* zdaemon.run(...sleep, ...action.split(" "))
          assert.deepStrictEqual([action, code, stdout.replaceAll(". ", ""), stderr], [
            action,
            4,
            "",
            `Error: no answer from the daemon manager on socket ${zdaemon.socket}: nothing came for 5 seconds\n` +
            "it may be suspended, or the machine overloaded: look for its process, wake it with SIGCONT, or ask again\n"
          ])
        }), { concurrency: 4, discard: true })
    }))
})
