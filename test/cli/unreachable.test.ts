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
          `daemon manager not running\nthe manager of socket ${zdaemon.socket} was killed; its program may be running still: ` +
          "\"stop\" ends it\n"
        ])
      })
  )

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
