// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const hasPython = Zdaemon.canRun("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))")

const fixture = (name: string) => Path.join(import.meta.dirname, "fixtures", name)

describe.skipIf(!hasPython)("the original's command", { concurrent: true }, () => {
  const send = (zdaemon: Zdaemon.Zdaemon, action: string) =>
    Effect.gen(function*() {
      const client = yield* zdaemon.begin([fixture("original-client.py"), zdaemon.socket, action], { file: "python3" })
      const { stderr, stdout } = yield* client.result
      assert.strictEqual(stderr, "")
      return JSON.parse(stdout)
    })

  it.scopedLive("controls our manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      assert.isNull(yield* send(zdaemon, "status"))
      const words = ["a b", "it's", "\"", "\\", "line\nbreak", "", "\u{e4}\u{1f600}"]
      const script = zdaemon.write("program", "#!/bin/sh\nexec sleep 1000\n", 0o755)
      const start = yield* zdaemon.run("-p", script, "--start-grace=0", "start", ...words)
      const pid = Zdaemon.pidOf(start.stdout)
      const args = [script, ...words]
      assert.deepStrictEqual(yield* send(zdaemon, "status"), { pid, should_be_up: 1, testing: 0, args })
      assert.strictEqual(yield* send(zdaemon, "start"), "Application already started\n")
      assert.strictEqual(yield* send(zdaemon, "reopen_transcript"), "")
      assert.strictEqual(yield* send(zdaemon, "kill 0"), "Signal 0 sent\n")
      assert.strictEqual(yield* send(zdaemon, "restart"), "Sent SIGTERM; will restart later\n")
      yield* Zdaemon.until(zdaemon.socket, /runs=2\n/)
      yield* Zdaemon.until(zdaemon.socket, /application=[1-9]/)
      assert.notStrictEqual((yield* send(zdaemon, "status")).pid, pid)
      assert.strictEqual(yield* send(zdaemon, "stop"), "Sent SIGTERM\n")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.isNull(yield* send(zdaemon, "status"))
    }))
})

describe.skipIf(!hasPython)("our command", { concurrent: true }, () => {
  for (const version of ["5.2", "2.0.0"]) {
    it.scopedLive(`controls a manager of the original, version ${version}`, () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const manager = yield* zdaemon.begin(
          [fixture("original-manager.py"), zdaemon.socket, version, "sleep", "1000"],
          { file: "python3" }
        )
        yield* manager.says("listening")
        const run = (...words: ReadonlyArray<string>) =>
          Effect.map(
            zdaemon.run("-p", "sleep 1000", "--start-grace=0.1", ...words),
            ({ code, stderr, stdout }) => ({ code, stderr, stdout, plain: Zdaemon.plain(stdout) })
          )
        const watching = yield* zdaemon.begin(["-p", "sleep 1000", "status", "--watch"])
        yield* watching.says("program running")
        const status = yield* run("status")
        assert.deepStrictEqual([status.code, status.plain], [0, "program running; pid=N\n"])
        const long = yield* run("status", "-l")
        assert.match(long.stdout, /^program running; pid=\d+\nstatus=running\nnow=[^]*args=\['sleep', '1000'\]\n\n$/)
        const start = yield* run("start")
        assert.deepStrictEqual([start.code, start.plain], [0, "daemon process already running; pid=N\n"])
        const pid = Zdaemon.pidOf(status.stdout)
        const kill = yield* run("kill", "0x", "ignored")
        assert.deepStrictEqual([kill.code, kill.stdout], [1, "invalid signal '0x ignored'\n"])
        const usr = yield* run("kill", "CONT")
        assert.deepStrictEqual([usr.code, usr.stdout], [0, `kill(${pid}, 18)\nsignal SIGCONT sent to process ${pid}\n`])
        const reopen = yield* run("reopen_transcript")
        assert.deepStrictEqual([reopen.code, reopen.stdout], [0, ""])
        watching.signal("SIGINT")
        const watched = yield* watching.result
        assert.deepStrictEqual(
          [watched.code, watched.stdout.match(/^program running/gm)?.length],
          [0, 1],
          watched.stdout
        )
        const restart = yield* run("restart")
        assert.deepStrictEqual([restart.code, restart.plain, restart.stderr], [
          0,
          "\ndaemon process restarted, pid=N\n",
          ""
        ])
        assert.notStrictEqual(Zdaemon.pidOf(restart.stdout), pid)
        const wait = yield* zdaemon.begin(["-p", "sleep 1000", "wait"])
        yield* wait.says(". ")
        const stop = yield* run("stop")
        assert.deepStrictEqual([stop.code, stop.plain, stop.stderr], [0, "\ndaemon process stopped\n", ""])
        const waited = yield* wait.result
        assert.strictEqual(waited.code, 0)
        assert.match(
          Zdaemon.plain(waited.stdout),
          /^\ndaemon process stopped\n(daemon manager not running|daemon manager running; daemon process not running)\n$/
        )
        yield* manager.result
        const none = yield* run("status")
        assert.strictEqual(none.code, 3)
      }))
  }

  it.scopedLive("takes what a hostile manager says as data, and gives up on a silent one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const serve = "import socket, sys, time\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen(5)\n" +
        "print('listening', flush=True)\nwhile True:\n  c = s.accept()[0]\n  c.recv(1000)\n  c.sendall(eval(sys.argv[2]))\n  " +
        "time.sleep(eval(sys.argv[3]))\n  c.close()\n"
      for (
        const [name, reply, pause, code, stdout, reason] of [
          ["a", "b'application=1\\nargs=__import__(\"os\").system(\"touch owned\")\\n'", "0", 0, "program running", ""],
          ["b", "b'nonsense\\n'", "0", 4, "", "it is no status"],
          ["c", "b'\\xff\\x00\\xfe'", "0", 4, "", "it is no status"],
          ["d", "b'x' * 3000000", "0", 4, "", "it has no end"],
          ["e", "b''", "30", 4, "", "nothing came for 5 seconds"]
        ] as const
      ) {
        const server = yield* zdaemon.begin(["-c", serve, zdaemon.at(name), reply, pause], { file: "python3" })
        yield* server.says("listening")
        const status = yield* zdaemon.run("-p", "sleep 1000", "-s", name, "status")
        assert.strictEqual(status.code, code, `${name}: ${status.stdout}${status.stderr}`)
        assert.include(status.stdout, stdout)
        assert.include(status.stderr, reason)
      }
      assert.isFalse(zdaemon.exists("owned"))
    }))
})
