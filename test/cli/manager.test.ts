// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"]

const hangUp = Path.join(import.meta.dirname, "fixtures/hang-up.py")

const managerOf = (status: string) => Number(/manager=(\d+)/.exec(status)?.[1] ?? NaN)

/** What is written down of all runs in a directory. A manager writes behind the back of those who started it. */
const historyOf = (zdaemon: Zdaemon.Zdaemon) => {
  const names = zdaemon.exists("state")
    ? Fs.readdirSync(zdaemon.at("state"), { recursive: true, encoding: "utf8" })
    : []
  return names.filter((name) => name.endsWith("history.jsonl")).map((name) => zdaemon.read(`state/${name}`)).join("")
}

/** What runs the words behind it in a mount namespace of their own that has no /proc. */
const withoutProc = ["-m", "sh", "-c", "umount -l /proc && exec \"$@\"", "sh"]

describe.skipIf(!Zdaemon.isRoot || !Zdaemon.canRun("unshare", ...withoutProc, "true"))(
  "where there is no /proc",
  () => {
    it.scopedLive("a program is started all the same, and stopped", () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const run = (...words: ReadonlyArray<string>) =>
          Effect.flatMap(
            zdaemon.begin([...withoutProc, Process.execPath, Zdaemon.executable, "-p", "sleep 1000", ...words], {
              file: "unshare"
            }),
            ({ result }) => result
          )
        const { stderr, stdout } = yield* run("-t", "log", "start")
        assert.match(stdout, /daemon process started, pid=\d+/, stderr)
        assert.match((yield* run("stop")).stdout, /daemon process stopped/)
      }))
  }
)

describe.concurrent("the daemon manager", () => {
  it.scopedLive("stops the program and removes the socket when it is told to end", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
        yield* zdaemon.run(...sleep, "-t", "log", "start")
        process.kill(managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n")), signal)
        yield* Zdaemon.eventually(`the end after ${signal}`, () => zdaemon.processes().length === 0)
        assert.isFalse(zdaemon.exists("zdsock"))
        assert.isTrue(zdaemon.read("log").endsWith(`daemon manager killed by ${signal}\n`), zdaemon.read("log"))
      }
    }))

  it.scopedLive("leaves nothing behind when it is told to end while it makes its pipe, and start says so", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("bin"))
      Fs.mkdirSync(zdaemon.at("temporary"))
      zdaemon.write("bin/mkfifo", `#!/bin/sh\nPATH=$REST\nkill -TERM $PPID\nexec mkfifo "$@"\n`, 0o755)
      const start = yield* zdaemon.begin(["-p", "sleep 1000", "--start-grace=20", "start"], {
        environment: {
          PATH: `${zdaemon.at("bin")}:${process.env["PATH"]}`,
          REST: process.env["PATH"] ?? "",
          TMPDIR: zdaemon.at("temporary")
        }
      })
      const { code, stderr, stdout } = yield* start.result
      assert.deepStrictEqual([code, Zdaemon.plain(stdout), Zdaemon.plain(stderr)], [
        1,
        "\ndaemon manager not running\n",
        "Error: the program was told to stop meanwhile: daemon manager killed by SIGTERM\n"
      ])
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.at("temporary")), [])
      assert.isFalse(zdaemon.exists("zdsock"))
    }))

  it.scopedLive("needs no directory for temporary files beside that of its socket", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const words = ["-s", "run/zdsock", "-t", "log", "-p", "sh -c 'echo up; exec sleep 1000'", "start"]
      const start = yield* zdaemon.begin(words, { environment: { TMPDIR: "/no/such" } })
      assert.strictEqual((yield* start.result).code, 0)
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.at("run")), ["zdsock"])
      yield* Zdaemon.eventually("output", () => zdaemon.read("log") === "up\n")
    }))

  it.scopedLive("has its socket again when that is removed, so that it can be asked and stopped", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.run(...sleep, "-t", "log", "start")
      Fs.rmSync(zdaemon.socket)
      yield* Zdaemon.eventually("the socket", () => zdaemon.exists("zdsock"))
      const status = yield* zdaemon.run(...sleep, "status")
      assert.strictEqual(status.stdout, `program running; pid=${Zdaemon.pidOf(start.stdout)}\n`)
      assert.include(
        zdaemon.read("log"),
        `socket '${zdaemon.socket}' was removed; it is made again as soon as it can be\n`
      )
      assert.strictEqual((yield* zdaemon.run(...sleep, "stop")).code, 0)
      yield* Zdaemon.eventually("the end", () => zdaemon.processes().length === 0)
      assert.isFalse(zdaemon.exists("zdsock"))
    }))

  it.scopedLive("has its socket again, and no second copy beside it, when the folder has become another one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("run"))
      const words = [...sleep, "-s", "run/zdsock"]
      const pid = Zdaemon.pidOf((yield* zdaemon.run(...words, "start")).stdout)
      yield* Zdaemon.eventually("the history", () => historyOf(zdaemon).includes("began"))
      for (const [action, told] of [["status", "program"], ["start", "daemon process already"]]) {
        Fs.renameSync(zdaemon.at("run"), zdaemon.at(`run.${action}`))
        Fs.mkdirSync(zdaemon.at("run"))
        assert.strictEqual((yield* zdaemon.run(...words, `${action}`)).stdout, `${told} running; pid=${pid}\n`)
      }
      assert.strictEqual(zdaemon.managers().length, 1)
      Fs.renameSync(zdaemon.at("run"), zdaemon.at("run.stop"))
      Fs.mkdirSync(zdaemon.at("run"))
      assert.include((yield* zdaemon.run(...words, "stop")).stdout, "daemon process stopped")
      yield* Zdaemon.eventually("the end", () => zdaemon.processes().length === 0)
    }))

  it.scopedLive("is not ended by SIGUSR1, SIGUSR2 and SIGPIPE", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.run(...sleep, "start")
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE"] as const) {
        for (let i = 0; i < 20; i++) process.kill(manager, signal)
        const status = yield* Zdaemon.ask(zdaemon.socket, "status\n")
        assert.include(status, `application=${Zdaemon.pidOf(start.stdout)}\n`)
      }
    }))

  it.scopedLive("reopens the transcript at SIGUSR2, and goes on when that cannot be", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("chat", "#!/bin/sh\nwhile :; do echo line; sleep 0.02; done\n", 0o755)
      yield* zdaemon.run("-p", script, "--start-grace=0", "-t", "log", "start")
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      Fs.renameSync(zdaemon.at("log"), zdaemon.at("log.1"))
      Fs.mkdirSync(zdaemon.at("log"))
      process.kill(manager, "SIGUSR2")
      yield* Zdaemon.eventually("the complaint", () => zdaemon.read("log.1").includes("[Errno 21]"))
      Fs.rmdirSync(zdaemon.at("log"))
      process.kill(manager, "SIGUSR2")
      yield* Zdaemon.eventually("output in the new file", () => zdaemon.read("log").startsWith("line\n"))
    }))

  it.scopedLive("ends after kill -9 a program that has closed its output, and none that only has its number", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const silent = ["-p", "sh -c 'exec sleep 1000 > own.log 2>&1'", "-z", zdaemon.directory, "--start-grace=0.1"]
      const file = `state/zdaemon/${encodeURIComponent(zdaemon.socket)}/history.jsonl`
      const begun = Effect.gen(function*() {
        const pid = Zdaemon.pidOf((yield* zdaemon.run(...silent, "start")).stdout)
        yield* Zdaemon.eventually("the history", () => zdaemon.read(file).includes(`"pid":${pid},`))
        return pid
      })
      const first = yield* begun
      const kill = Effect.gen(function*() {
        process.kill(managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n")), "SIGKILL")
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
      })
      yield* kill
      const second = yield* begun
      assert.deepStrictEqual([first, second].map(Zdaemon.isAlive), [false, true])
      yield* kill
      // As if the run that is written down had been another one, before the machine was last started.
      zdaemon.write(file, zdaemon.read(file).replaceAll(/"birth":"/g, "$&0"))
      const third = yield* begun
      assert.deepStrictEqual([second, third].map(Zdaemon.isAlive), [true, true])
      process.kill(second, "SIGKILL")
    }))

  it.scopedLive("is replaced after kill -9, and the program that it left behind is ended before the next run", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const first = Zdaemon.pidOf((yield* zdaemon.run(...sleep, "start")).stdout)
      process.kill(managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n")), "SIGKILL")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
      assert.isTrue(zdaemon.exists("zdsock"))
      const status = yield* zdaemon.run(...sleep, "status")
      assert.deepStrictEqual([status.code, status.stdout], [3, "daemon manager not running\n"])
      assert.isTrue(Zdaemon.isAlive(first))
      const { code, stdout } = yield* zdaemon.run(...sleep, "-t", "log", "start")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process started, pid=N\n"])
      assert.isFalse(Zdaemon.isAlive(first))
      assert.include(zdaemon.read("log"), `ending process ${first}, which a killed daemon manager has left running\n`)
      assert.strictEqual(zdaemon.processes().length, 2)
      const left = Fs.readdirSync(zdaemon.directory).filter((name) => name !== "state")
      assert.deepStrictEqual(new Set(left), new Set(["log", "zdsock"]))
    }))

  it.scopedLive("is found killed where a linked folder leads to its socket, also when its program has closed the output", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("real"))
      Fs.symlinkSync("real", zdaemon.at("linked"))
      const silent = ["-p", "sh -c 'exec sleep 1000 > own.log 2>&1'", "-z", zdaemon.directory, "--start-grace=0.1"]
      for (const program of [sleep, silent]) {
        const { stdout } = yield* zdaemon.run(...program, "-s", "linked/zdsock", "start")
        const left = Zdaemon.pidOf(stdout)
        // It is written behind the back of whoever waits for the start.
        yield* Zdaemon.eventually("the history", () => historyOf(zdaemon).includes(`"pid":${left},`))
        process.kill(managerOf(yield* Zdaemon.ask(zdaemon.at("real/zdsock"), "status\n")), "SIGKILL")
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
        yield* zdaemon.run(...program, "-s", "real/zdsock", "start")
        assert.isFalse(Zdaemon.isAlive(left), program.join(" "))
        yield* zdaemon.run(...program, "-s", "linked/zdsock", "stop")
        yield* Zdaemon.eventually("the end", () => zdaemon.processes().length === 0)
      }
    }))

  it.scopedLive("is found killed by the next one, or by stop, and the history has it, and what was left behind", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const file = `state/zdaemon/${encodeURIComponent(zdaemon.socket)}/history.jsonl`
      const begun = Effect.gen(function*() {
        const pid = Zdaemon.pidOf((yield* zdaemon.run(...sleep, "start")).stdout)
        // It is written behind the back of whoever waits for the start.
        yield* Zdaemon.eventually("the history", () => zdaemon.read(file).includes(`"run":1,"pid":${pid},`))
        return { manager: managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n")), pid }
      })
      const kill = (...pids: ReadonlyArray<number>) =>
        Effect.suspend(() => {
          for (const pid of pids) process.kill(pid, "SIGKILL")
          return Zdaemon.eventually("their end", () => !pids.some(Zdaemon.isAlive))
        })
      const first = yield* begun
      yield* kill(first.manager)
      const second = yield* begun
      yield* kill(second.manager)
      assert.strictEqual((yield* zdaemon.run(...sleep, "stop")).code, 0)
      const third = yield* begun
      yield* kill(third.manager, third.pid)
      const fourth = yield* begun
      yield* kill(fourth.manager, fourth.pid)
      // As after a boot, where sockets are gone.
      Fs.rmSync(zdaemon.socket)
      yield* begun
      const { events } = JSON.parse((yield* zdaemon.run(...sleep, "history", "--json")).stdout)
      const overs = events.filter(({ event }: { readonly event: string }) => event === "over")
      const left = ({ manager, pid }: typeof first) => ({
        event: "over",
        reason: `killed; its run, pid=${pid}, was left behind, and was ended`,
        manager,
        left: [pid]
      })
      const ended = ({ manager }: typeof first) => ({
        event: "over",
        reason: "killed, or the machine went down",
        manager
      })
      assert.deepStrictEqual(
        overs.map(({ time: _time, ...over }: { readonly time: string }) => over),
        [left(first), left(second), ended(third), ended(fourth)]
      )
      const told = Zdaemon.timeless((yield* zdaemon.run(...sleep, "history")).stdout).split("\n")
      assert.deepStrictEqual(told.slice(0, 4), [
        "T  manager N began",
        "T  run 1 began, pid=N",
        "T  manager N ended without a word: killed; its run, pid=N, was left behind, and was ended",
        "T  manager N began"
      ])
    }))

  it.scopedLive("is not taken for a killed one where it is there, and only its socket is gone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      // No second manager has the same socket; one that has the same folder stands for it.
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      const folder = (name: string) => `state/zdaemon/${encodeURIComponent(zdaemon.at(name))}`
      const file = `${folder("zdsock")}/history.jsonl`
      yield* Zdaemon.eventually("the history", () => zdaemon.read(file).includes("began"))
      Fs.cpSync(zdaemon.at(folder("zdsock")), zdaemon.at(folder("other")), { recursive: true })
      yield* zdaemon.run(...sleep, "-s", "other", "start")
      const { stdout } = yield* zdaemon.run(...sleep, "-s", "other", "history")
      assert.include(stdout, `manager ${manager} began\n`)
      assert.notInclude(stdout, "without a word")
    }))

  it.scopedLive("is replaced after kill -9, and helpers of a program that has died since are ended as well", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("app", "#!/bin/sh\nsleep 1000 &\necho $! > helper\nwait\n", 0o755)
      const program = ["-p", script, "--start-grace=0"]
      const first = Zdaemon.pidOf((yield* zdaemon.run(...program, "start")).stdout)
      yield* Zdaemon.eventually("the helper", () => zdaemon.read("helper").endsWith("\n"))
      const helper = Number(zdaemon.read("helper"))
      process.kill(managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n")), "SIGKILL")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
      process.kill(first, "SIGKILL")
      yield* Zdaemon.eventually("the program's end", () => !Zdaemon.isAlive(first))
      assert.isTrue(Zdaemon.isAlive(helper))
      yield* zdaemon.run(...program, "start")
      assert.isFalse(Zdaemon.isAlive(helper))
    }))

  it.scopedLive("does not keep the caller's pipes open, nor give descriptors to the program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("start", `exec 4>four 20>file 99>other\n"$@" | cat\necho over\n`)
      const start = yield* zdaemon.begin(
        ["start", Zdaemon.executable, "-p", "sleep 1000", "-t", "log", "--start-grace=0.1", "start"],
        { file: "/bin/bash" }
      )
      const { stdout } = yield* start.result
      assert.isTrue(stdout.endsWith("\nover\n"))
      const open = (pid: number) =>
        new Map(Fs.readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, Fs.readlinkSync(`/proc/${pid}/fd/${fd}`)]))
      const program = open(Zdaemon.pidOf(stdout))
      assert.deepStrictEqual([...program.keys()], ["0", "1", "2"])
      assert.strictEqual(program.get("0"), "/dev/null")
      assert.strictEqual(program.get("1"), program.get("2"))
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      const ours = [...open(manager).values()].filter((target) => target.startsWith(zdaemon.directory))
      assert.deepStrictEqual([...new Set(ours)], [zdaemon.at("log")])
      const sockets = () => [...open(manager).values()].filter((target) => target.startsWith("socket:")).length
      yield* Zdaemon.eventually("the socket that it listens on is the only one", () => sockets() === 1)
    }))

  it.scopedLive("has its standard streams also when the transcript is one of them", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code } = yield* zdaemon.run(...sleep, "-t", "/dev/stdout", "start")
      assert.strictEqual(code, 0)
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      const [out, err] = [1, 2].map((fd) => Fs.readlinkSync(`/proc/${manager}/fd/${fd}`))
      assert.deepStrictEqual([out, err], ["/dev/null", "/dev/null"])
    }))

  it.scopedLive("leads a session of its own, and so does the program; nothing of ours is in its environment", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.run(...sleep, "start")
      const program = Zdaemon.pidOf(start.stdout)
      const manager = managerOf(yield* Zdaemon.ask(zdaemon.socket, "status\n"))
      for (const pid of [program, manager]) {
        const [, , group, session] = Fs.readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ")
        assert.deepStrictEqual([group, session], [String(pid), String(pid)])
      }
      const names = Fs.readFileSync(`/proc/${program}/environ`, "latin1").split("\0").map((entry) =>
        entry.split("=")[0]
      )
      assert.deepStrictEqual(
        names.filter((name) =>
          name !== "" && name !== "XDG_STATE_HOME" && name !== "ZDAEMON_TEST_DIRECTORY" &&
          process.env[name ?? ""] === undefined
        ),
        []
      )
      const signals = Fs.readFileSync(`/proc/${program}/status`, "utf8")
      assert.include(signals, "\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }))

  it.scopedLive("keeps the last words of the program, however it ends", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (let i = 0; i < 5; i++) {
        yield* zdaemon.run("-p", "sh -c 'seq 1 20000; exit 0'", "-t", `log${i}`, "start")
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
        assert.isTrue(zdaemon.read(`log${i}`).endsWith("\n19999\n20000\n"))
      }
    }))
})

describe.concurrent("the environment in a configuration file", () => {
  const configuration = (...settings: ReadonlyArray<string>) =>
    `<runner>\n  program sh -c 'echo "$$ANSWER $$NODE_OPTIONS $$__proto__"; exit 0'\n  backoff-limit 1\n  transcript log\n${
      settings.map((setting) => `  ${setting}\n`).join("")
    }</runner>\n<environment>\n  ANSWER 42\n  NODE_OPTIONS --require /nowhere/of-the-program.js\n  __proto__ 43\n</environment>\n`

  it.scopedLive("is the program's, and not its manager's", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", configuration("start-grace 0"))
      yield* zdaemon.run("-C", "conf", "start")
      yield* Zdaemon.eventually("the program's output", () => zdaemon.read("log").endsWith("\n"))
      assert.strictEqual(zdaemon.read("log"), "42 --require /nowhere/of-the-program.js 43\n")
    }))

  it.scopedLive("is the program's in the foreground, too", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", configuration("daemon off"))
      const { code, stdout } = yield* zdaemon.run("-C", "conf", "start")
      assert.deepStrictEqual([code, stdout], [0, "42 --require /nowhere/of-the-program.js 43\n"])
    }))
})

describe.concurrent("the manager in the foreground", () => {
  const shell = (script: string) => ({ file: "/bin/sh", words: ["sh", "-c", script] })

  it.scopedLive("exits with the program's status, and never with 0 when it gave up", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [handover, code] of [
          [{ program: shell("exit 0") }, 0],
          [{ program: shell("exit 2") }, 2],
          [{ program: shell("exit 7"), exitCodes: [7] }, 7],
          [{ program: shell("exit 7"), backoffLimit: 1 }, 7],
          [{ program: shell("exit 0"), backoffLimit: 1, exitCodes: [] }, 1],
          [{ program: shell("kill -9 $$"), backoffLimit: 1 }, 137],
          [{ program: { file: "/nowhere", words: ["x"] }, backoffLimit: 1 }, 127]
        ] as const
      ) {
        const { code: actual } = yield* (yield* zdaemon.foreground(handover)).result
        assert.strictEqual(actual, code, JSON.stringify(handover))
      }
    }))

  it.scopedLive.skipIf(!Zdaemon.canRun("python3", "-c", "import pty, os; os.waitstatus_to_exitcode"))(
    "exits with the program's status also when its terminal hangs up, as fg does",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const program = "trap 'exit 7' TERM\necho ready\nwhile :; do sleep 0.02; done\n"
        zdaemon.write("program", `#!/bin/sh\n${program}`, 0o755)
        zdaemon.write("conf", "<runner>\n  program ./program\n  daemon off\n</runner>\n")
        for (const [action, code] of [["start", "7\n"], ["fg", "129\n"]] as const) {
          const words = [hangUp, process.execPath, Zdaemon.executable, "-C", "conf", action]
          const ended = yield* (yield* zdaemon.begin(words, { file: "python3" })).result
          assert.strictEqual(ended.stdout, code, action)
        }
      })
  )

  it.scopedLive("gives the program no descriptors but its standard streams", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", "<runner>\n  program ls /proc/self/fd\n  daemon off\n</runner>\n")
      zdaemon.write("start", `exec 4>four 20>file 99>other\n"$@"\n`)
      const start = yield* zdaemon.begin(["start", Zdaemon.executable, "-C", "conf", "start"], { file: "/bin/bash" })
      const { code, stdout } = yield* start.result
      // ls has the directory that it lists open.
      assert.deepStrictEqual([code, stdout], [0, "0\n1\n2\n3\n"])
    }))

  it.scopedLive("stops the program at SIGTERM and SIGINT, and exits with its status", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        const died = yield* zdaemon.foreground({})
        yield* Zdaemon.until(zdaemon.socket, /status=running/)
        died.signal(signal)
        assert.strictEqual((yield* died.result).code, 143)
        const clean = yield* zdaemon.foreground({
          program: shell("trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.02; done")
        })
        yield* clean.says("up\n")
        clean.signal(signal)
        const { code, stdout } = yield* clean.result
        assert.deepStrictEqual([code, stdout], [0, "up\ncleaned\n"])
        assert.isFalse(zdaemon.exists("zdsock"))
      }
    }))

  it.scopedLive(
    "leaves neither socket nor program behind when it is ended at any moment of its start",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        for (let millis = 0; millis <= 200; millis += 10) {
          const manager = yield* zdaemon.foreground({})
          yield* Effect.sleep(millis)
          manager.signal("SIGTERM")
          yield* manager.result
          assert.isFalse(zdaemon.exists("zdsock"), `after ${millis} ms`)
          yield* Zdaemon.eventually("no process", () => zdaemon.processes().length === 0)
        }
      }),
    120_000
  )

  it.scopedLive("is controlled by other commands, and exits with 0 after stop", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const manager = yield* zdaemon.foreground({})
      yield* Zdaemon.until(zdaemon.socket, /status=running/)
      const restart = yield* zdaemon.run(...sleep, "restart")
      assert.strictEqual(Zdaemon.plain(restart.stdout), "\ndaemon process restarted, pid=N\n")
      const stop = yield* zdaemon.run(...sleep, "stop")
      assert.strictEqual(stop.code, 0)
      assert.strictEqual((yield* manager.result).code, 0)
    }))

  it.scopedLive("says why it cannot be, exit status 1", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const { code, stderr } = yield* (yield* zdaemon.foreground({})).result
      assert.strictEqual(code, 1)
      assert.match(stderr, /^Another zrdun is already up using socket '.*zdsock':\nstatus=running\n/)
    }))

  it.scopedLive("is `daemon off` of a configuration file, and -d overrides that", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", "<runner>\n  program sh -c 'echo said; exit 7'\n  exit-codes 7\n  daemon off\n</runner>\n")
      const off = yield* zdaemon.run("-C", "conf", "start")
      assert.deepStrictEqual([off.code, off.stdout, off.stderr], [7, "said\n", ""])
      const on = yield* zdaemon.run("-Cconf", "-d", "start")
      assert.deepStrictEqual([on.code, Zdaemon.plain(on.stdout)], [1, "\ndaemon manager not running\n"])
      assert.include(
        on.stderr,
        "exit status 7; exit code 7 is in exit-codes; not restarted\nits last output:\n  said\n"
      )
    }))
})
