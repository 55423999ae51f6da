// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const modeOf = (path: string) => (Fs.statSync(path).mode & 0o777).toString(8)

describe("an action", () => {
  it.scopedLive("cannot be carried out from a directory that was removed, and that is said", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("gone"))
      const script =
        "rmdir ../gone; for action in start status 'show all'; do $0 $1 -p 'sleep 1000' $action; echo $?; done"
      const { result } = yield* zdaemon.begin([
        "-c",
        `${script}; $0 $1 --version`,
        process.execPath,
        Zdaemon.executable
      ], {
        file: "/bin/sh",
        directory: zdaemon.at("gone")
      })
      const { stderr, stdout } = yield* result
      assert.match(stdout, /^1\n1\n1\n\d/)
      assert.strictEqual(stderr, "Error: the working directory was removed; go to another one\n".repeat(3))
    }))
})

describe.concurrent("an option", () => {
  it.scopedLive("umask is the program's, also when it is 0, and 022 without it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [words, mode] of [[[], "644"], [["-m", "0"], "666"], [["--umask=077"], "600"], [
          ["-m0o27"],
          "640"
        ]] as const
      ) {
        const name = `made-${mode}`
        yield* zdaemon.run("-p", `touch ${name}`, ...words, "start")
        assert.strictEqual(modeOf(zdaemon.at(name)), mode)
      }
    }))

  it.scopedLive("umask does not widen the transcript, whose mode is that of the starting shell", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.begin(
        ["-c", `umask 027; exec ${Zdaemon.executable} -p true -m 0 -t log start`],
        { file: "/bin/sh" }
      )
      yield* start.result
      assert.strictEqual(modeOf(zdaemon.at("log")), "640")
    }))

  it.scopedLive("directory is where the program runs and what the transcript is relative to, not the socket", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(
        "-p",
        "sh -c 'pwd; exec sleep 1000'",
        "-z",
        "new",
        "-t",
        "log",
        "-s",
        "control",
        "--start-grace=0.1",
        "start"
      )
      yield* Zdaemon.eventually("output", () => zdaemon.read("new/log") === `${zdaemon.at("new")}\n`)
      assert.isTrue(zdaemon.exists("control"))
    }))

  it.scopedLive("directory must exist, or the directory that it is in", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("file", "")
      Fs.symlinkSync("loop", zdaemon.at("loop"))
      for (const directory of ["no/where", "file", "file/x", "loop/x", `${"x".repeat(300)}/x`]) {
        const { code, stderr } = yield* zdaemon.run("-p", "true", "-z", directory, "start")
        assert.deepStrictEqual([code, stderr], [
          2,
          `Error: invalid value for -z '${directory}': ${directory} is not an existing directory\n` +
          "For help, use zdaemon -h\n"
        ])
      }
      const { code, stderr } = yield* zdaemon.run("-p", "true", "-z", "loop", "start")
      assert.deepStrictEqual([code, stderr.slice(0, 29)], [2, "Error: can't create directory"])
    }))

  it.scopedLive("socket-name lets another program be controlled beside the first, in a directory that is made", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sleep 1000", "-s", "run/a", "--start-grace=0", "start")
      yield* zdaemon.run("-p", "sleep 1001", "-s", "run/b", "--start-grace=0", "start")
      const a = yield* zdaemon.run("-p", "sleep 1000", "-s", zdaemon.at("run/a"), "status")
      const b = yield* zdaemon.run("-p", "sleep 1001", "-s", "run/b", "status")
      assert.notStrictEqual(Zdaemon.pidOf(a.stdout), Zdaemon.pidOf(b.stdout))
    }))

  it.scopedLive("exit-codes says which statuses end the manager: '' none, -1 any signal", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [codes, program, isOver] of [
          ["0,2", "true", true],
          ["0,2", "false", false],
          ["", "true", false],
          [" 1 , 5 ", "false", true],
          ["3", "true", false],
          ["-1", "sh -c 'kill -9 $$'", true],
          ["0", "sh -c 'kill -9 $$'", false]
        ] as const
      ) {
        const { code, stdout } = yield* zdaemon.run("-p", program, "-x", codes, "start")
        const end = isOver ? "daemon manager not running" : "daemon manager running; daemon process not running"
        assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [1, `\n${end}\n`], `${codes}: ${program}`)
        yield* zdaemon.run("-p", program, "stop")
      }
    }))

  it.scopedLive("backoff-limit bounds the runs, unless forever", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("count", "#!/bin/sh\necho run >> $1\nexit 1\n", 0o755)
      yield* zdaemon.run("-p", script, "-b2", "start", "runs")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.strictEqual(zdaemon.read("runs"), "run\nrun\n")
      yield* zdaemon.run("-p", script, "-b1", "-f", "start", "more")
      yield* Zdaemon.eventually("the third run", () => zdaemon.read("more") === "run\nrun\nrun\n")
    }))

  it.scopedLive("backoff-limit 0 means no limit, and does not spin", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("count", "#!/bin/sh\necho run >> runs\nexit 1\n", 0o755)
      yield* zdaemon.run("-p", script, "-b0", "start")
      yield* Zdaemon.eventually("some runs", () => zdaemon.read("runs").length >= 12)
      const status = yield* Zdaemon.ask(zdaemon.socket, "status\n")
      const spent = Fs.readFileSync(`/proc/${/manager=(\d+)/.exec(status)?.[1]}/stat`, "latin1").split(" ")
      assert.isBelow(Number(spent[13]) + Number(spent[14]), 200, "hundredths of a second")
      yield* zdaemon.run("-p", script, "stop")
      assert.isBelow(zdaemon.read("runs").length / 4, 100)
    }))

  it.scopedLive("transcript gets both streams in their order, and keeps what is there", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "before\n")
      yield* zdaemon.run("-p", "sh -c 'echo 1; echo 2 >&2; echo 3; echo 4 >/dev/stderr; exit 0'", "-t", "log", "start")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.strictEqual(zdaemon.read("log"), "before\n1\n2\n3\n4\n")
    }))

  it.scopedLive("a path is not empty", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const option of ["-s", "-t", "-z", "--transcript-stderr", "--run-history"]) {
        const { code, stderr } = yield* zdaemon.run("-p", "sleep 1000", option, "", "start")
        assert.strictEqual(
          stderr,
          `Error: invalid value for ${option} '': a path is not empty\nFor help, use zdaemon -h\n`
        )
        assert.strictEqual(code, 2)
      }
    }))

  it.scopedLive("logfile is what logtail shows", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "line\n")
      const tail = yield* zdaemon.begin(["-p", "true", "--logfile", "log", "logtail"])
      yield* tail.says("line\n")
    }))

  it.scopedLive("an empty logfile is none", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "line\n")
      const { code, stdout } = yield* zdaemon.run("-p", "true", "-l", "", "-t", "log", "logtail", "--no-follow")
      assert.strictEqual(stdout, "line\n")
      assert.strictEqual(code, 0)
    }))

  it.scopedLive("daemon may be given, and means what holds anyway", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code } = yield* zdaemon.run("-d", "-p", "sleep 1000", "--daemon", "--start-grace=0", "start")
      assert.strictEqual(code, 0)
    }))

  it.scopedLive("version and help act without a program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const version = yield* zdaemon.run("--version")
      assert.deepStrictEqual([version.code, version.stdout], [0, "0.1.0\n"])
      for (const word of ["-h", "--help", "--he"]) {
        const { code, stdout } = yield* zdaemon.run(word, "-p", "true", "nonsense")
        assert.strictEqual(code, 0)
        assert.include(stdout, "-b/--backoff-limit SECONDS -- ")
      }
    }))
})

describe.concurrent("user", () => {
  it.scopedLive("must be known", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [user, reason] of [
          ["no-such-user", "username 'no-such-user' not found"],
          ["99999", "uid '99999' not found"]
        ] as const
      ) {
        const { code, stderr } = yield* zdaemon.run("-p", "true", "-u", user, "status")
        assert.deepStrictEqual([code, stderr], [2, `Error: ${reason}\nFor help, use zdaemon -h\n`])
      }
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "is who the program, the manager and the socket belong to",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const words = [
          "-p",
          "sh -c 'id -u; id -G; exec sleep 1000'",
          "-u",
          "nobody",
          "-s",
          "run/zdsock",
          "-t",
          "run/log"
        ]
        const { code, stderr } = yield* zdaemon.run(...words, "--start-grace=0.1", "start")
        assert.deepStrictEqual([code, stderr], [0, ""])
        yield* Zdaemon.eventually("output", () => zdaemon.read("run/log").split("\n").length === 3)
        assert.match(zdaemon.read("run/log"), /^(\d+)\n\d+\n$/)
        const uid = Number(zdaemon.read("run/log").split("\n")[0])
        assert.notStrictEqual(uid, 0)
        for (const pid of zdaemon.processes()) {
          const status = Fs.readFileSync(`/proc/${pid}/status`, "utf8")
          assert.match(status, new RegExp(`\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t(\\d+)\t\\1\t\\1\t\\1\n`))
        }
        assert.strictEqual(Fs.statSync(zdaemon.at("run/zdsock")).uid, uid)
        const stop = yield* zdaemon.run(...words, "stop")
        assert.strictEqual(stop.code, 0)
      })
  )

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)("can be changed by root alone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr } = yield* zdaemon.asNobody("-p", "true", "-u", "root", "status")
      assert.deepStrictEqual([code, stderr], [
        2,
        "Error: only root can use -u USER to change users\nFor help, use zdaemon -h\n"
      ])
      const same = yield* zdaemon.asNobody("-p", "true", "-u", "nobody", "status")
      assert.deepStrictEqual([same.code, same.stdout], [3, "daemon manager not running\n"])
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "who may not ask the socket is told so, exit status 4, and leaves it alone",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run("-p", "sleep 1000", "--start-grace=0", "start")
        Fs.chmodSync(zdaemon.directory, 0o777)
        const advice = "it belongs to user root; give the command as that user, or as root"
        for (const action of ["status", "stop", "start", "restart", "kill", "wait", "logreopen", "reopen_transcript"]) {
          const { code, stderr } = yield* zdaemon.asNobody("-p", "sleep 1000", action)
          assert.deepStrictEqual([code, stderr], [
            4,
            `Error: permission denied for socket ${zdaemon.socket}\n${advice}\n`
          ], action)
        }
        const { stdout } = yield* zdaemon.run("-p", "sleep 1000", "status")
        assert.strictEqual(Zdaemon.plain(stdout), "program running; pid=N\n")
        assert.strictEqual(zdaemon.processes().length, 2)
      })
  )
})
