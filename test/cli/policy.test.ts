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
