// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"]

describe.concurrent("stop", () => {
  it.scopedLive("answers when program, socket and manager are gone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (let i = 0; i < 4; i++) {
        yield* zdaemon.run(...sleep, "start")
        const { code, stderr, stdout } = yield* zdaemon.run(...sleep, "stop")
        assert.deepStrictEqual(zdaemon.processes(), [])
        assert.deepStrictEqual([code, Zdaemon.plain(stdout), stderr], [0, "\ndaemon process stopped\n", ""])
        assert.isFalse(zdaemon.exists("zdsock"))
      }
    }))

  it.scopedLive("is possible, as is all else, when a directory is gone that only a new manager needs", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("log"))
      const conf = zdaemon.write(
        "conf",
        "<runner>\n  program sleep 1000\n  start-grace 0\n  transcript log/transcript\n  logfile log/app.log\n</runner>\n"
      )
      yield* zdaemon.run("-C", "conf", "start")
      Fs.rmSync(zdaemon.at("log"), { recursive: true })
      const status = yield* zdaemon.run("-C", "conf", "status")
      assert.match(status.stdout, /^program running; pid=\d+\n$/)
      assert.strictEqual((yield* zdaemon.run("-C", "conf", "kill", "KILL")).code, 0)
      yield* Zdaemon.until(zdaemon.socket, /^runs=2$/m)
      // A manager that was killed leaves its socket, and a new one needs the directories.
      zdaemon.managers().forEach((pid) => process.kill(pid, "SIGKILL"))
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
      const wrong = (key: string, line: number) =>
        `Error: The directory named as part of the path log/${key} does not exist. (line ${line}, in file://${conf})\n`
      const start = yield* zdaemon.run("-C", "conf", "start")
      assert.deepStrictEqual([start.code, start.stderr], [
        2,
        `${wrong("transcript", 4)}${wrong("app.log", 5)}For help, use zdaemon -h\n`
      ])
      const stop = yield* zdaemon.run("-C", "conf", "stop")
      assert.deepStrictEqual([stop.code, Zdaemon.plain(stop.stdout), stop.stderr], [
        0,
        "\ndaemon process stopped\n",
        ""
      ])
      assert.deepStrictEqual(zdaemon.processes(), [])
    }))

  it.scopedLive("is ended by SIGUSR1 while it waits, and opens nothing for a debugger; what it ordered goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const slow = zdaemon.write(
        "slow",
        "#!/bin/sh\ntrap 'until [ -e end ]; do sleep 0.05; done; exit' TERM\necho up > up\nwhile :; do sleep 0.05; done\n",
        0o755
      )
      yield* zdaemon.run("-p", slow, "--start-grace=0", "start")
      yield* Zdaemon.eventually("the trap", () => zdaemon.exists("up"))
      const stop = yield* zdaemon.begin(["-p", slow, "stop"])
      yield* stop.says(".")
      stop.signal("SIGUSR1")
      const { code, stderr } = yield* stop.result
      assert.deepStrictEqual([code, stderr], [128 + 10, ""])
      zdaemon.write("end", "")
      yield* Zdaemon.eventually("the end", () => zdaemon.processes().length === 0)
    }))

  it.scopedLive("says when there is no manager, and ignores words after it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run(...sleep, "stop", "now", "please")
      assert.deepStrictEqual([code, stdout, stderr], [0, "daemon manager not running\n", ""])
    }))

  it.scopedLive("does nothing when an option is given that it has not, and neither do others without options", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      for (const action of ["stop", "wait", "reopen_transcript", "logreopen"]) {
        const { code, stderr, stdout } = yield* zdaemon.run(...sleep, action, "now", "--timeout", "5")
        assert.deepStrictEqual([code, stdout], [2, ""])
        assert.strictEqual(stderr, "Error: option --timeout not recognized\nFor help, use zdaemon -h\n")
      }
      const { stderr } = yield* zdaemon.run(...sleep, "stop", "--jsn")
      assert.include(stderr, "\nDid you mean --json?\n")
      assert.match((yield* zdaemon.run(...sleep, "status")).stdout, /^program running/)
    }))

  it.scopedLive("ends what a manager leaves that is killed meanwhile", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const stubborn = zdaemon.write(
        "stubborn",
        "#!/bin/sh\ntrap 'echo told >> said' TERM\nwhile :; do sleep 1000 & wait; done\n",
        0o755
      )
      const run = ["-p", stubborn, "--stop-timeout=2", "--start-grace=0"]
      yield* zdaemon.run(...run, "start")
      const stop = yield* zdaemon.begin([...run, "stop"])
      yield* Zdaemon.eventually("the program's trap", () => zdaemon.read("said") !== "")
      zdaemon.managers().forEach((pid) => process.kill(pid, "SIGKILL"))
      const { code, stderr, stdout } = yield* stop.result
      assert.deepStrictEqual([code, Zdaemon.plain(stdout), stderr], [0, "\ndaemon process stopped\n", ""])
      assert.deepStrictEqual(zdaemon.processes(), [])
    }))

  it.scopedLive("ends, as start does, what a killed manager has left also where its socket was removed", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const action of ["stop", "start"]) {
        const old = Zdaemon.pidOf((yield* zdaemon.run(...sleep, "start")).stdout)
        yield* Zdaemon.eventually("the run in the history", () => history(zdaemon).includes(`"pid":${old}`))
        zdaemon.managers().forEach((pid) => process.kill(pid, "SIGKILL"))
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
        Fs.rmSync(zdaemon.socket)
        assert.match((yield* zdaemon.run(...sleep, "status", "-v")).stdout, new RegExp(`its program \\(pid ${old}\\)`))
        assert.strictEqual((yield* zdaemon.run(...sleep, action)).code, 0)
        assert.isFalse(Zdaemon.isAlive(old))
        yield* zdaemon.run(...sleep, "stop")
      }
    }))

  it.scopedLive("leaves to the next manager, which leaves it alone, what kill-mode process is about", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const parent = zdaemon.write("parent", "#!/bin/sh\nsetsid sleep 1001 &\nexec sleep 1000\n", 0o755)
      const run = ["-p", parent, "--start-grace=0.5", "--kill-mode=process"]
      for (const left of [1, 2]) {
        yield* zdaemon.run(...run, "start")
        yield* zdaemon.run(...run, "stop")
        assert.strictEqual(zdaemon.processes().length, left)
      }
    }))

  it.scopedLive("kills a program that ignores SIGTERM after the stop timeout", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const stubborn = zdaemon.write(
        "stubborn",
        "#!/bin/sh\ntrap 'echo ignored >> said' TERM\necho up >> said\nwhile :; do sleep 1000 & wait; done\n",
        0o755
      )
      yield* zdaemon.run("-p", stubborn, "--stop-timeout=1", "--start-grace=0", "start")
      yield* Zdaemon.eventually("the program's trap", () => zdaemon.read("said") === "up\n")
      const { code, stdout } = yield* zdaemon.run("-p", stubborn, "stop")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process stopped\n"])
      assert.strictEqual(zdaemon.read("said"), "up\nignored\n")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
    }))

  it.scopedLive("leaves nothing of the program's process group, or all of it with kill-mode process", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const parent = zdaemon.write(
        "parent",
        "#!/bin/sh\nsleep 1001 &\n(trap '' TERM; echo up > up; while :; do sleep 1; done) &\nexec sleep 1000\n",
        0o755
      )
      for (const [mode, left] of [["group", 0], ["process", 3]] as const) {
        yield* zdaemon.run("-p", `rm -f up`, "fg")
        yield* zdaemon.run("-p", parent, "--start-grace=0", "--kill-mode", mode, "start")
        yield* Zdaemon.eventually("the helpers", () => zdaemon.exists("up"))
        const { code } = yield* zdaemon.run("-p", parent, "stop")
        assert.strictEqual(code, 0)
        assert.strictEqual(zdaemon.exists("zdsock"), false)
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
        assert.isTrue(left === 0 ? zdaemon.processes().length === 0 : zdaemon.processes().length >= 2, mode)
      }
    }))

  it.scopedLive("ends the wait for the next run", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "false", "-f", "start")
      yield* Zdaemon.until(zdaemon.socket, /backoff=2\n/)
      const { code, stdout } = yield* zdaemon.run("-p", "false", "stop")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process stopped\n"])
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
    }))

  it.scopedLive("says when somebody starts the program again before it has ended", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const slow = zdaemon.write(
        "slow",
        "#!/bin/sh\ntrap 'echo stopping > said; while ! test -e go; do sleep 0.05; done; exit 0' TERM\n" +
          "echo up > up\nwhile :; do sleep 0.05; done\n",
        0o755
      )
      yield* zdaemon.run("-p", slow, "--start-grace=0", "start")
      yield* Zdaemon.eventually("the program's trap", () => zdaemon.exists("up"))
      const stop = yield* zdaemon.begin(["-p", slow, "stop"])
      yield* Zdaemon.eventually("the stop", () => zdaemon.exists("said"))
      yield* Zdaemon.ask(zdaemon.socket, "start\n")
      const { code, stderr } = yield* stop.result
      assert.deepStrictEqual([code, stderr], [1, "Error: the program was told to start again meanwhile\n"])
      zdaemon.write("go", "")
      yield* zdaemon.run("-p", slow, "stop")
    }))

  it.scopedLive("is ended by Ctrl-C, while the program is still being stopped", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const slow = zdaemon.write(
        "slow",
        "#!/bin/sh\ntrap 'echo stopping > said; while ! test -e go; do sleep 0.05; done; exit 0' TERM\n" +
          "echo up > up\nwhile :; do sleep 0.05; done\n",
        0o755
      )
      yield* zdaemon.run("-p", slow, "--start-grace=0", "start")
      yield* Zdaemon.eventually("the program's trap", () => zdaemon.exists("up"))
      const stop = yield* zdaemon.begin(["-p", slow, "stop"])
      yield* Zdaemon.eventually("the stop", () => zdaemon.exists("said"))
      stop.signal("SIGINT")
      const { code, stdout } = yield* stop.result
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [130, "^C\n"])
      zdaemon.write("go", "")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
    }))
})

describe.concurrent("restart", () => {
  it.scopedLive("says the new pid", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const first = yield* zdaemon.run(...sleep, "start")
      const { code, stdout } = yield* zdaemon.run(...sleep, "restart")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process restarted, pid=N\n"])
      assert.notStrictEqual(Zdaemon.pidOf(first.stdout), Zdaemon.pidOf(stdout))
      assert.isFalse(Zdaemon.isAlive(Zdaemon.pidOf(first.stdout)))
      assert.isTrue(Zdaemon.isAlive(Zdaemon.pidOf(stdout)))
    }))

  it.scopedLive("starts when there is no manager, with the words after it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run("-p", "sleep", "--start-grace=0", "restart", "1002")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process started, pid=N\n"])
      assert.include(yield* Zdaemon.ask(zdaemon.socket, "status\n"), "args=['sleep', '1002']\n")
    }))

  it.scopedLive("keeps the words of the manager that is there", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sleep", "--start-grace=0", "start", "1003")
      yield* zdaemon.run("-p", "sleep", "--start-grace=0", "restart", "1004")
      assert.include(yield* Zdaemon.ask(zdaemon.socket, "status\n"), "args=['sleep', '1003']\n")
    }))

  it.scopedLive("fails when the program does not come back", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("once", "#!/bin/sh\ntest -e gone && exit 5\nexec sleep 1000\n", 0o755)
      yield* zdaemon.run("-p", script, "--start-grace=0", "start")
      zdaemon.write("gone", "")
      const { code, stderr, stdout } = yield* zdaemon.run("-p", script, "restart")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout), Zdaemon.plain(stderr)], [
        1,
        "\ndaemon manager running; daemon process not running\n",
        "Error: the program ended N s after its start: exit status 5; restarts in 1 s\nit wrote no output\n"
      ])
    }))

  it.scopedLive("that is overtaken by another one succeeds with the run of that", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const tested = ["-p", "sleep 1000", "--start-test-program", "test -e ready"] as const
      zdaemon.write("ready", "")
      const first = Zdaemon.pidOf((yield* zdaemon.run(...tested, "start")).stdout)
      Fs.rmSync(zdaemon.at("ready"))
      const testing = (before: number) =>
        Effect.map(
          Zdaemon.until(zdaemon.socket, new RegExp(`^(?=[^]*application=(?!0\\n|${before}\\n))[^]*testing=1`)),
          (status) => Number(/application=(\d+)/.exec(status)?.[1])
        )
      const earlier = yield* zdaemon.begin([...tested, "restart"])
      const second = yield* testing(first)
      const later = yield* zdaemon.begin([...tested, "restart"])
      const third = yield* testing(second)
      zdaemon.write("ready", "")
      for (const { result } of [earlier, later]) {
        const { code, stderr, stdout } = yield* result
        assert.deepStrictEqual([code, stderr, Zdaemon.pidOf(stdout)], [0, "", third])
      }
    }))

  it.scopedLive("starts a program that is waiting for its next run", () =>
    Effect.gen(function*() {
      const attempt = Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const script = zdaemon.write("sometimes", "#!/bin/sh\ntest -e go || exit 1\nexec sleep 1000\n", 0o755)
        yield* zdaemon.run("-p", script, "start")
        yield* Zdaemon.until(zdaemon.socket, /backoff=3\n/)
        zdaemon.write("go", "")
        return yield* zdaemon.run("-p", script, "--start-grace=0.1", "restart")
      })
      const { code, stdout } = yield* Zdaemon.inTime(attempt, ({ stdout }) => stdout.includes("restarted"))
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process started, pid=N\n"])
    }))

  it.scopedLive("says that the program took too long", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const { code, stdout } = yield* zdaemon.run("-p", "sleep 1000", "-T", "1", "--start-grace=99", "restart")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [1, "\nProgram took too long to start\n"])
    }))
})

describe.skipIf(!Fs.existsSync("/proc/self/fd"))("stop, when the manager was killed,", () => {
  it.scopedLive("ends what that has left running, and else has nothing to do", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const program = "sh -c 'sleep 1001 & exec sleep 1000'"
      yield* zdaemon.run("-p", program, "--start-grace=0", "start")
      for (const manager of zdaemon.managers()) process.kill(manager, "SIGKILL")
      yield* Zdaemon.eventually("its end", () => zdaemon.managers().length === 0)
      assert.strictEqual(zdaemon.processes().length, 2)
      const stop = yield* zdaemon.run("-p", program, "stop")
      assert.deepStrictEqual([stop.code, Zdaemon.plain(stop.stdout), stop.stderr], [
        0,
        "\ndaemon process stopped\n",
        ""
      ])
      assert.deepStrictEqual(zdaemon.processes(), [])
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory).filter((name) => /zd/.test(name)), [])
      const again = yield* zdaemon.run("-p", program, "stop")
      assert.deepStrictEqual([again.code, again.stdout], [0, "daemon manager not running\n"])
    }))
})

describe.concurrent("wait", () => {
  it.scopedLive("waits for the end of the program, then says the status", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sh -c 'while ! test -e go; do sleep 0.05; done'", "--start-grace=0", "start")
      const wait = yield* zdaemon.begin(["-p", "sh -c 'while ! test -e go; do sleep 0.05; done'", "wait"])
      yield* wait.says(". ")
      zdaemon.write("go", "")
      const { code, stdout } = yield* wait.result
      assert.strictEqual(code, 0)
      assert.match(Zdaemon.plain(stdout), /^\ndaemon process stopped\ndaemon manager not running\n$/)
    }))

  it.scopedLive("is over at once without a manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run(...sleep, "wait")
      assert.deepStrictEqual([code, stdout], [0, "\ndaemon process stopped\ndaemon manager not running\n"])
    }))

  it.scopedLive("says that the manager is there when the program waits for its next run", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const patient = ["-p", "false", "--backoff", "constant", "--backoff-base", "10s"] as const
      yield* zdaemon.run(...patient, "start")
      yield* Zdaemon.until(zdaemon.socket, /backoff=10\n/)
      const { code, stdout } = yield* zdaemon.run(...patient, "wait")
      assert.deepStrictEqual([code, stdout], [
        0,
        "\ndaemon process stopped\ndaemon manager running; daemon process not running\n"
      ])
    }))

  it.scopedLive("is ended by Ctrl-C without a message of success", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const wait = yield* zdaemon.begin([...sleep, "wait"])
      yield* wait.says(". ")
      wait.signal("SIGINT")
      const { code, stdout } = yield* wait.result
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [130, "^C\n"])
      assert.include(yield* Zdaemon.ask(zdaemon.socket, "status\n"), "status=running\n")
    }))
})

// ===== Internal

const history = (zdaemon: Zdaemon.Zdaemon): string => {
  const state = zdaemon.at("state/zdaemon")
  const [folder = ""] = Fs.existsSync(state) ? Fs.readdirSync(state) : []
  return folder === "" ? "" : zdaemon.read(`state/zdaemon/${folder}/history.jsonl`)
}
