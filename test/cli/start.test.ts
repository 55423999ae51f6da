import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

describe.concurrent("start", () => {
  it.scopedLive("says the pid of a program that has been up for a second", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("-p", "sleep 1000", "start")
      assert.match(stdout, /^\. (\. )*\ndaemon process started, pid=\d+\n$/)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.isTrue(Zdaemon.isAlive(Zdaemon.pidOf(stdout)))
    }))

  it.scopedLive("does nothing when the program is up", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const first = yield* zdaemon.run("-p", "sleep 1000", "--start-grace", "0", "start")
      const { code, stdout } = yield* zdaemon.run("-p", "sleep 1000", "start")
      assert.deepStrictEqual([code, stdout], [
        0,
        `daemon process already running; pid=${Zdaemon.pidOf(first.stdout)}\n`
      ])
    }))

  it.scopedLive("says so when there are too few descriptors for a manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      // How many Node needs for itself, with fewer of which it says nothing sensible, differs.
      for (let limit = 18; limit < 40; limit++) {
        const begun = yield* zdaemon.begin([
          "-c",
          `ulimit -n ${limit}; exec "$@"`,
          "sh",
          process.execPath,
          Zdaemon.executable,
          "-p",
          "sleep 1000",
          "start"
        ], { file: "/bin/sh" })
        const { code, stderr } = yield* begun.result
        assert.notInclude(stderr, "TypeError")
        if (stderr !== `Error: can't exec '${process.execPath}': [Errno 24] Too many open files\n`) continue
        return assert.strictEqual(code, 1)
      }
      assert.fail("it never said so")
    }))

  it.scopedLive("warns when the manager looks after another program, and goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sleep 1000", "--start-grace", "0", "start")
      const { code, stdout } = yield* zdaemon.run("-p", "sleep 1001", "status")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [
        0,
        "WARNING! zdrun is managing a different program!\nour program   = ['sleep', '1001']\n" +
        "daemon's args = ['sleep', '1000']\nprogram running; pid=N\n"
      ])
    }))

  it.scopedLive("fails with exit status and last lines when the program ends quickly, while the manager goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("fail", "#!/bin/sh\nseq 1 12\nprintf 'a\\033[31m\\ttab' >&2\nexit 3\n", 0o755)
      const { code, stderr, stdout } = yield* zdaemon.run("-p", script, "start")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [
        1,
        "\ndaemon manager running; daemon process not running\n"
      ])
      assert.strictEqual(
        Zdaemon.plain(stderr),
        "Error: the program ended N s after its start: exit status 3; restarts in 1 s\nits last output:\n" +
          [4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `  ${n}\n`).join("") + "  a\u{fffd}[31m\ttab\n"
      )
    }))

  it.scopedLive("cuts a long line of what a program that fails wrote, and says so", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write("fail", "#!/bin/sh\nprintf '%05000d' 1\nexit 3\n", 0o755)
      const { stderr } = yield* zdaemon.run("-p", script, "start")
      assert.include(stderr, `\n  ${"0".repeat(200)}... 4800 more characters\n`)
    }))

  it.scopedLive("fails when the exit status is one that ends the manager, and when the policy gives up", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [options, end] of [
          [["-p", "true"], "exit status 0; exit code 0 is in exit-codes; not restarted"],
          [["-p", "false", "-b", "1"], "exit status 1; restarting too frequently; gave up"]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* zdaemon.run(...options, "start")
        assert.deepStrictEqual([code, Zdaemon.plain(stdout), Zdaemon.plain(stderr)], [
          1,
          "\ndaemon manager not running\n",
          `Error: the program ended N s after its start: ${end}\nit wrote no output\n`
        ])
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
        assert.isFalse(zdaemon.exists("zdsock"))
      }
    }))

  it.scopedLive("hears of the end of the program however much was handed over", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.begin(["-p", "sh -c 'exit 3'", "start"], {
        environment: { LARGE: "x".repeat(100_000) }
      })
      const { code, stderr } = yield* start.result
      assert.strictEqual(code, 1)
      assert.include(stderr, "exit status 3; restarts in 1 s")
    }))

  it.scopedLive("names the signal that ended the program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr } = yield* zdaemon.run("-p", "sh -c 'kill -SEGV $$'", "start")
      assert.strictEqual(code, 1)
      assert.include(stderr, "terminated by SIGSEGV; restarts in 1 s")
    }))

  it.scopedLive("names the reason when the program cannot be executed", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("garbage", "\u0001\u0002garbage\n", 0o755)
      zdaemon.write("orphan", "#!/nowhere/interpreter\n", 0o755)
      for (
        const [program, reason] of [
          ["./garbage", `can't exec '${zdaemon.at("garbage")}': [Errno 8] Exec format error`],
          ["./orphan", "[Errno 2] No such file or directory (its interpreter /nowhere/interpreter)"]
        ] as const
      ) {
        const { code, stderr } = yield* zdaemon.run("-p", program, "-b", "1", "start")
        assert.strictEqual(code, 1)
        assert.include(stderr, reason)
      }
    }))

  it.scopedLive("counts from the start grace that it is given", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const patient = yield* zdaemon.run("-p", "sh -c 'sleep 0.4; exit 0'", "--start-grace", "20", "start")
      assert.strictEqual(patient.code, 1)
      const hasty = yield* zdaemon.run("-p", "sh -c 'sleep 5; exit 0'", "--start-grace", "0.05", "start")
      assert.deepStrictEqual([hasty.code, Zdaemon.plain(hasty.stdout)], [0, "\ndaemon process started, pid=N\n"])
    }))

  it.scopedLive("waits for the start test instead of the grace", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const test = zdaemon.write("test", "#!/bin/sh\necho tried >> tries\ntest $(wc -l < tries) -ge 2\n", 0o755)
      const { code, stdout } = yield* zdaemon.run(
        "-p",
        "sleep 1000",
        "--start-grace=1000",
        "--start-test-program",
        test,
        "start"
      )
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process started, pid=N\n"])
      assert.strictEqual(zdaemon.read("tries"), "tried\ntried\n")
    }))

  it.scopedLive("says that the start took too long, and leaves the program running", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const untested = yield* zdaemon.run("-p", "sleep 1000", "-T1", "--start-test-program", "false", "start")
      assert.deepStrictEqual([untested.code, Zdaemon.plain(untested.stdout)], [1, "\nProgram took too long to start\n"])
      assert.include(yield* Zdaemon.ask(zdaemon.socket, "status\n"), "testing=1\n")
      const young = yield* zdaemon.run("-p", "sleep 1000", "-T1", "--start-grace=99", "-s", "other", "start")
      assert.deepStrictEqual([young.code, Zdaemon.plain(young.stdout)], [1, "\nProgram took too long to start\n"])
      const { code, stdout } = yield* zdaemon.run("-p", "sleep 1000", "-s", "other", "status")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "program running; pid=N\n"])
    }))

  it.scopedLive("fails when the program is missing, as the original does, and in the foreground with the manager's status", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const action of ["start", "restart"]) {
        const { code, stderr, stdout } = yield* zdaemon.run("-p", "./nowhere", action)
        assert.deepStrictEqual([code, stdout, stderr], [
          1,
          "\ndaemon manager not running\n",
          "Error: can't stat program './nowhere'\n"
        ])
      }
      zdaemon.write("conf", "<runner>\n  program ./nowhere\n  daemon off\n</runner>\n")
      const { code, stderr, stdout } = yield* zdaemon.run("-C", "conf", "start")
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(stderr, /^Error: can't stat program '.\/nowhere'/)
    }))

  it.scopedLive("fails when the start test is missing or cannot be executed", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const missing = yield* zdaemon.run("-p", "sleep 1000", "--start-test-program", "./nowhere", "start")
      assert.deepStrictEqual([missing.code, missing.stdout, missing.stderr], [
        1,
        "\ndaemon manager not running\n",
        "Error: can't stat program './nowhere'\n"
      ])
      assert.deepStrictEqual(zdaemon.processes(), [])
      zdaemon.write("garbage", "\u0001\u0002", 0o755)
      const broken = yield* zdaemon.run("-p", "sleep 1000", "--start-test-program", "./garbage", "start")
      assert.strictEqual(broken.code, 1)
      assert.include(broken.stderr, "its start test cannot be run: can't exec")
      assert.include(broken.stderr, "[Errno 8] Exec format error")
      const status = yield* zdaemon.run("-p", "sleep 1000", "status")
      assert.strictEqual(Zdaemon.plain(status.stdout), "program running; pid=N\n")
    }))

  it.scopedLive("is ended by Ctrl-C without a message of success, and the program goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = yield* zdaemon.begin(["-p", "sleep 1000", "--start-grace=1000", "start"])
      yield* Zdaemon.eventually("the manager's socket", () => zdaemon.exists("zdsock"))
      yield* start.says(". ")
      start.signal("SIGINT")
      const { code, stderr, stdout } = yield* start.result
      assert.deepStrictEqual([code, Zdaemon.plain(stdout), stderr], [130, "^C\n", ""])
      const status = yield* zdaemon.run("-p", "sleep 1000", "status")
      assert.strictEqual(Zdaemon.plain(status.stdout), "program running; pid=N\n")
    }))

  it.scopedLive("gives the words after it to the program, unchanged", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const words = ["--help", "--", "", "a  b", "-p", "line\nbreak ", " ", "=x", "\u{e4}\u{1f600}", ":", "'", "\\"]
      const script = zdaemon.write("show", "#!/bin/sh\nprintf '%s|' \"$@\" > words\nexec sleep 1000\n", 0o755)
      const { code } = yield* zdaemon.run("-p", script, "--start-grace=0.1", "start", ...words)
      assert.strictEqual(code, 0)
      assert.strictEqual(zdaemon.read("words"), words.map((word) => `${word}|`).join(""))
    }))

  it.scopedLive("ends the wait for the next run, and counts the backoff anew", () =>
    Effect.gen(function*() {
      const attempt = Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const script = zdaemon.write("sometimes", "#!/bin/sh\ntest -e go || exit 1\nexec sleep 1000\n", 0o755)
        yield* zdaemon.run("-p", script, "start")
        yield* Zdaemon.until(zdaemon.socket, /backoff=3\n/)
        zdaemon.write("go", "")
        const { code, stdout } = yield* zdaemon.run("-p", script, "--start-grace=0.1", "start")
        return { code, stdout, status: yield* Effect.orDie(Zdaemon.ask(zdaemon.socket, "status\n")) }
      })
      const { code, status, stdout } = yield* Zdaemon.inTime(attempt, ({ stdout }) => stdout.includes("already"))
      assert.deepStrictEqual([code, Zdaemon.plain(stdout)], [0, "\ndaemon process started, pid=N\n"])
      assert.include(status, "\nbackoff=0\n")
    }))

  it.scopedLive("reports a transcript that cannot be opened at once, and leaves nothing running", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("-p", "sleep 1000", "-t", "nowhere/transcript", "start")
      assert.deepStrictEqual([code, Zdaemon.plain(stdout), stderr], [
        1,
        "\ndaemon manager not running\n",
        `Error: can't open transcript: [Errno 2] No such file or directory: '${zdaemon.at("nowhere/transcript")}'\n`
      ])
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.isFalse(zdaemon.exists("zdsock"))
    }))

  it.scopedLive("says that the words of the program are too long for the system", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", `<runner>\n  program sleep ${"1".repeat(200_000)}\n</runner>\n`)
      const { code, stderr, stdout } = yield* zdaemon.run("-C", "conf", "start")
      assert.match(
        stderr,
        /^Error: the program could not be started: can't exec '\S+\/sleep': \[Errno 7\] Argument list too long; /
      )
      assert.deepStrictEqual(
        [code, Zdaemon.plain(stdout)],
        [1, "\ndaemon manager running; daemon process not running\n"]
      )
    }))

  it.scopedLive("names length and limit of a socket path that is too long", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const socket = zdaemon.at("x".repeat(150 - zdaemon.directory.length - 1))
      for (const action of ["start", "status", "stop"]) {
        const { code, stderr } = yield* zdaemon.run("-p", "sleep 1000", "-s", socket, action)
        assert.deepStrictEqual([code, stderr], [
          1,
          `Error: can't use socket '${socket}': its path is 150 bytes long, the limit is 107\ngive another name (-s)\n`
        ])
      }
      assert.deepStrictEqual(zdaemon.processes(), [])
    }))

  it.scopedLive("makes one manager of ten starts at the same instant, and all succeed", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const start = zdaemon.run("-p", "sleep 1000", "--start-grace=0.1", "start")
      const results = yield* Effect.all(Array.from({ length: 10 }, () => start), { concurrency: "unbounded" })
      const pids = new Set(results.map(({ stdout }) => Zdaemon.pidOf(stdout)))
      assert.deepStrictEqual(results.map(({ code }) => code), results.map(() => 0))
      assert.strictEqual(pids.size, 1, `pids ${[...pids].join()}`)
      for (const { stderr } of results) {
        if (stderr !== "") {
          assert.match(stderr, /^Another zrdun is already up using socket '.*zdsock':\nstatus=/)
        }
      }
      yield* Zdaemon.eventually("the losers' end", () => zdaemon.processes().length === 2)
    }))
})
