import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

describe.concurrent("a restart policy", () => {
  it.scopedLive("is said by options, and each rule by an option of its own", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const options = [
        "--backoff=constant",
        "--on-exit",
        "75 after 60s",
        "--give-up-after=5 in 10m",
        "--on-exit=3 stop"
      ]
      const { stdout } = yield* zdaemon.run(...options, "config", "--json")
      const { runner } = JSON.parse(stdout)
      assert.deepStrictEqual(
        ["backoff", "on-exit", "give-up-after", "on-signal", "reset-after"].map((key) => runner[key]),
        [
          { value: "constant", origin: { option: "--backoff" } },
          { value: ["75 after 1m", "3 stop"], origin: { option: "--on-exit" } },
          { value: "5 in 10m", origin: { option: "--give-up-after" } },
          { value: [], origin: "default" },
          { value: null, origin: "default" }
        ]
      )
      const wrong = yield* zdaemon.run("--on-exit=1 stop", "--on-exit=2 stpo", "status")
      assert.deepStrictEqual([wrong.code, wrong.stderr], [
        2,
        "Error: invalid value for --on-exit '2 stpo': '2 stpo' is no rule: a rule is '75 after 60s', '75 at most 3 in 1h', " +
        "'0,2 stop' or '0,2 stay'\nFor help, use zdaemon -h\n"
      ])
      // An old script's short form of --backoff-limit.
      assert.match((yield* zdaemon.run("--back=7", "show")).stdout, /^backofflimit: 7$/m)
    }))

  it.scopedLive("is said by a file, where each rule that is wrong is told with its line", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write(
        "conf",
        "<runner>\n  program true\n  on-exit 0,2 stop\n  on-exit 75 later\n  on-signal SEGV stay\n  on-signal SEGF stay\n</runner>\n"
      )
      const { code, stderr } = yield* zdaemon.run("-C", "conf", "status")
      const place = (line: number) => `(line ${line}, in file://${zdaemon.at("conf")})`
      assert.deepStrictEqual([code, stderr], [
        2,
        `Error: '75 later' is no rule: a rule is '75 after 60s', '75 at most 3 in 1h', '0,2 stop' or '0,2 stay' ${
          place(4)
        }\n` +
        `Error: 'SEGF' is no signal's name ${place(6)}\nFor help, use zdaemon -h\n`
      ])
      zdaemon.write("conf.toml", "[runner]\nprogram = \"true\"\non-exit = [\n  \"0,2 stop\",\n  \"75 later\"\n]\n")
      const toml = yield* zdaemon.run("-C", "conf.toml", "status")
      assert.match(toml.stderr, /^Error: '75 later' is no rule: .* \(line 5, in /)
    }))

  it.scopedLive("is what a manager restarts by, down to staying up without the program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const program = zdaemon.write("program", "#!/bin/sh\necho run >> runs\nexit 9\n", 0o755)
      const options = ["-p", program, "-t", "log", "--backoff-base=10ms", "--give-up-after=3 in 1h", "--give-up=stay"]
      const start = yield* zdaemon.run(...options, "start")
      assert.strictEqual(start.code, 1)
      const reason = "gave up: 3 ends in 1h"
      yield* Zdaemon.until(zdaemon.socket, new RegExp(`\nresting='${reason}'\n`))
      assert.strictEqual(zdaemon.read("runs"), "run\nrun\nrun\n")
      assert.strictEqual(zdaemon.read("log"), `${reason}; stays down\n`)
      const status = yield* zdaemon.run("-p", program, "status", "-v")
      assert.deepStrictEqual([status.code, status.stdout.split("\n").slice(0, 2)], [0, [
        "daemon manager running; daemon process not running",
        `no run is due: ${reason}; "start" begins one`
      ]])
      const again = yield* zdaemon.run("-p", program, "start")
      assert.strictEqual(again.code, 1)
      yield* Zdaemon.eventually("three more runs", () => zdaemon.read("runs") === "run\n".repeat(6))
      yield* Zdaemon.until(zdaemon.socket, /\nresting=/)
      const stop = yield* zdaemon.run("-p", program, "stop")
      assert.deepStrictEqual([stop.code, Zdaemon.plain(stop.stdout)], [0, "\ndaemon process stopped\n"])
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
    }))
})

describe.concurrent("hang-around", () => {
  const conf = "<runner>\n  program sleep 1000\n  start-grace 0\n  hang-around on\n</runner>\n"

  it.scopedLive("keeps the manager when the program was stopped, and the same one starts it again", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", conf)
      const run = (...words: ReadonlyArray<string>) => zdaemon.run("-C", "conf", ...words)
      yield* run("start")
      const manager = zdaemon.managers()
      const stop = yield* run("stop")
      assert.deepStrictEqual([stop.code, Zdaemon.plain(stop.stdout)], [0, "\ndaemon process stopped\n"])
      assert.deepStrictEqual(zdaemon.processes(), manager, "the manager, and nothing else")
      const status = yield* run("status")
      assert.deepStrictEqual([status.code, status.stdout], [0, "daemon manager running; daemon process not running\n"])
      const twice = yield* run("stop")
      assert.deepStrictEqual([twice.code, twice.stdout], [0, "daemon process not running\n"])
      assert.strictEqual((yield* run("start")).code, 0)
      assert.deepStrictEqual(zdaemon.managers(), manager)
      assert.strictEqual(yield* Zdaemon.ask(zdaemon.socket, "exit\n"), "Sent SIGTERM; will exit later\n")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.strictEqual((yield* run("status")).code, 3)
    }))

  it.scopedLive("ends with quit in the interactive mode, and with exit", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", conf)
      const session = yield* zdaemon.begin(["-C", "conf"], { input: true })
      yield* session.type("start\nstop\nquit\n")
      const { code, stdout } = yield* session.result
      assert.strictEqual(code, 0)
      assert.isTrue(
        stdout.endsWith(
          "> daemon process not running; stopping daemon manager\n\ndaemon manager stopped\n"
        ),
        stdout
      )
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      yield* zdaemon.run("-C", "conf", "start")
      yield* zdaemon.run("-C", "conf", "stop")
      assert.strictEqual(yield* Zdaemon.ask(zdaemon.socket, "exit\n"), "Exiting now\n")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      assert.isFalse(zdaemon.exists("zdsock"))
    }))
})

describe.concurrent("explain", () => {
  it.scopedLive("says what the policy does, and shows its waits", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("-b", "3", "--on-exit", "75 after 1m", "explain")
      assert.deepStrictEqual([code, stderr, stdout.split("\n")], [0, "", [
        "After exit status 75 it waits for 1m.",
        "After exit status 0 or 2 the manager exits with that status.",
        "After a quick end it waits for 1 s, and for 1 s more after each further one in a row, at most 3 s.",
        "A run of 3 s or longer is no quick end: the next one starts at once, and the row is over.",
        "The 3rd quick end in a row is one too many: the manager exits with 1.",
        "",
        "A program that always ends at once:",
        "  1s 2s; after the 3rd end, 3 s after the first: restarting too frequently; gave up",
        ""
      ]])
      const json = JSON.parse((yield* zdaemon.run("-b", "3", "explain", "--json")).stdout)
      assert.deepStrictEqual([json.schema, json.waits, json.last, json.policy.limit], [
        "zdaemon/explain/1",
        [1, 2],
        { ends: 3, after: 3, says: "restarting too frequently; gave up" },
        { _tag: "InARow", count: 3 }
      ])
      const wrong = yield* zdaemon.run("explain", "this")
      assert.deepStrictEqual([wrong.code, wrong.stderr.split("\n")[0]], [2, "Error: explain takes no arguments"])
    }))
})

describe.concurrent("simulate", () => {
  it.scopedLive("shows the ends, the timeline and the sums, in 80 columns where nobody knows how many there are", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("-b", "3", "simulate", "--dies-after", "2s", "--for=20s")
      assert.deepStrictEqual([code, stderr, stdout.split("\n")], [0, "", [
        "a program that ends 2 s after each start: exit status 1; for 20 s",
        "",
        "ends at  after                 then",
        "    2 s    2 s  exit status 1  restarts in 1 s",
        "    5 s    2 s  exit status 1  restarts in 2 s",
        "    9 s    2 s  exit status 1  restarting too frequently; gave up",
        "",
        `0 ${line(80 - "0 ".length - " 20 s".length)} 20 s`,
        "",
        "restarts      2",
        "up            6 s",
        "down          14 s",
        "availability  30 %",
        "ends          at 9 s: restarting too frequently; gave up",
        ""
      ]])
      const long = yield* zdaemon.run("-f", "simulate", "--dies-after", "uniform(1s,9s)", "--signal", "SEGV")
      assert.isAtMost(Math.max(...long.stdout.split("\n").map((line) => line.length)), 80)
      assert.match(long.stdout, /^… \d+ more$/m)
    }))

  it.scopedLive("compares two configurations, with the same imagined program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("other.toml", "[runner]\nprogram = \"true\"\nforever = true\nbackoff = \"constant\"\n")
      const words = [
        "-b3",
        "simulate",
        "--dies-after",
        "uniform(1s,2s)",
        "--exit=1",
        "--signal=KILL",
        "--seed=5",
        "--for=1h"
      ]
      const { results, scenario, seed } = JSON.parse(
        (yield* zdaemon.run(...words, "--against=other.toml", "--json")).stdout
      )
      assert.deepStrictEqual([seed, scenario], [
        5,
        "ends 1 s to 2 s after each start: exit status 1, or terminated by SIGKILL"
      ])
      const [one, other] = results
      assert.deepStrictEqual([one.name, other.name, one.runs, other.final], ["command line", "other.toml", 3, null])
      assert.isAbove(other.restarts, 1000)
      const ends = (timeline: ReadonlyArray<{ readonly end: string }>) => timeline.slice(0, 3).map(({ end }) => end)
      assert.deepStrictEqual(ends(one.timeline), ends(other.timeline))
      assert.deepStrictEqual(
        JSON.parse((yield* zdaemon.run(...words, "--json")).stdout).results,
        [one],
        "the same again"
      )
      const text = (yield* zdaemon.run(...words, "--against=other.toml")).stdout
      assert.match(text, /^ +command line +other\.toml$/m)
      assert.match(text, /^restarts +2 +\d{4}$/m)
    }))

  it.scopedLive("plays a list of runs", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("tuesday", "# as it was\n1s exit 3 times 2\n20s signal SEGV\n")
      const { stdout } = yield* zdaemon.run("simulate", "--scenario=tuesday", "--for=1m")
      assert.match(stdout, /^a program that ends 3 times, as listed, and stays up then; for 1m$/m)
      assert.match(stdout, /^ +25 s +20 s +terminated by SIGSEGV +restarts now$/m)
      assert.match(stdout, /^up +57 s$/m)
    }))

  it.scopedLive("says what is wrong with its words, and with the list", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("list", "1s exit 3\n1s dies\n")
      const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["now"], "simulate does not take 'now'"],
        [["--bogus"], "option --bogus not recognized"],
        [["--exit", "300"], "invalid value for --exit '300': '300' is no exit status from 0 to 255"],
        [["--seed", "x"], "invalid value for --seed 'x': it is no whole number, 0 or more"],
        [["--scenario", "list"], "line 2: 'dies' is none of 'exit 1', 'signal SEGV' and 'not started', in list"],
        [["--scenario", "list", "--exit", "1"], "with --scenario the file says how long runs last and how they end"],
        [["--scenario", "none"], ""]
      ]
      for (const [words, reason] of wrong) {
        const { code, stderr } = yield* zdaemon.run("simulate", ...words)
        assert.strictEqual(code, 2, words.join(" "))
        assert.isTrue(stderr.startsWith(`Error: ${reason}`), `${words.join(" ")}: ${stderr}`)
      }
    }))
})

/** Up from 0 to 2, 3 to 5 and 7 to 9 of 20 seconds, in so many characters. */
const line = (width: number): string =>
  Array.from({ length: width }, (_, index) => {
    const from = index * 20 / width
    const to = (index + 1) * 20 / width
    const up = [[0, 2], [3, 5], [7, 9]].reduce(
      (sum, [began = 0, ended = 0]) => sum + Math.max(0, Math.min(to, ended) - Math.max(from, began)),
      0
    ) / (to - from)
    return up > 0.995 ? "#" : up > 0.5 ? "+" : up > 0.005 ? "-" : "."
  }).join("")

describe.concurrent("the end of a manager", () => {
  it.scopedLive("is told with the rule that brought it", () =>
    Effect.gen(function*() {
      for (
        const [rule, reason] of [
          ["--on-signal=TERM stop", "terminated by SIGTERM, and on-signal TERM stop"],
          ["--exit-codes=0,-1", "a death by a signal (-1) is in exit-codes"]
        ] as const
      ) {
        const z = yield* Zdaemon.make
        const sleep = [rule, "-p", "sleep 1000", "--start-grace=0"]
        yield* z.run(...sleep, "start")
        yield* z.run(...sleep, "kill")
        yield* Zdaemon.eventually("the manager's end", () => z.managers().length === 0)
        const { stdout } = yield* z.run(...sleep, "history")
        assert.isTrue(stdout.endsWith(`manager ended: ${reason}; not restarted\n`), stdout)
      }
    }))
})
