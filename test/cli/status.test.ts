// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import Process from "node:process"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"] as const

describe.concurrent("status", () => {
  it.scopedLive("is one line for a script, and explains itself with -v", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      assert.strictEqual(Zdaemon.timeless((yield* zdaemon.run(...sleep, "status")).stdout), "program running; pid=N\n")
      const { code, stderr, stdout } = yield* zdaemon.run(...sleep, "status", "-v")
      assert.strictEqual(Zdaemon.timeless(stdout), "program running; pid=N\nrun 1 is up since T, for N s\n")
      assert.deepStrictEqual([code, stderr], [0, ""])
      const raw = yield* zdaemon.run(...sleep, "status", "-v", "-l")
      assert.match(
        Zdaemon.timeless(raw.stdout),
        /^program running; pid=N\nrun 1 is up since T, for N s\nstatus=running\n/
      )
    }))

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "explains itself on a terminal, in colour where that is wanted",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run(...sleep, "start")
        const seen = (environment: Readonly<Record<string, string>>) =>
          zdaemon.onTerminal([...sleep, "status"], { environment }).pipe(
            Effect.flatMap(({ result }) => result),
            Effect.map(({ stdout }) => Zdaemon.timeless(stdout))
          )
        const plain = "program running; pid=N\nrun 1 is up since T, for N s\n"
        assert.strictEqual(yield* seen({ TERM: "dumb", NO_COLOR: "" }), plain)
        assert.strictEqual(yield* seen({ TERM: "xterm", NO_COLOR: "1" }), plain)
        assert.strictEqual(
          yield* seen({ TERM: "xterm", NO_COLOR: "" }),
          "\u001b[32mprogram running; pid=N\u001b[0m\nrun 1 is up since T, for N s\n"
        )
      })
  )

  it.scopedLive("says how the last run ended", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sh -c 'exit 7'", "start")
      const { code, stdout } = yield* zdaemon.run("-p", "sh", "status", "-v")
      assert.strictEqual(code, 0)
      assert.match(Zdaemon.timeless(stdout), /run \d+ ended N s ago, after N s: exit status 7/)
    }))

  it.scopedLive("is said again after each change with --watch, until the manager ends", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const watching = yield* zdaemon.begin([...sleep, "status", "--watch"])
      yield* watching.says("run 1 is up")
      yield* zdaemon.run(...sleep, "kill", "KILL")
      yield* watching.says("run 1 ended")
      yield* watching.says("run 2 is up")
      yield* zdaemon.run(...sleep, "stop")
      const { code, stdout } = yield* watching.result
      assert.strictEqual(code, 3)
      assert.match(stdout, /terminated by SIGKILL/)
      assert.match(
        Zdaemon.timeless(stdout),
        /\ndaemon manager not running\nthere is no socket [^\n]*\n(T  [^\n]*\n){2}/
      )
    }))

  it.scopedLive("ends watching at Ctrl-C, which is no failure", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const watching = yield* zdaemon.begin([...sleep, "status", "--watch"])
      yield* watching.says("run 1 is up")
      watching.signal("SIGINT")
      assert.strictEqual((yield* watching.result).code, 0)
    }))

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "is drawn over what was there on a terminal, and its seconds pass",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run(...sleep, "start")
        const environment = { TERM: "xterm", NO_COLOR: "1" }
        const watching = yield* zdaemon.onTerminal([...sleep, "status", "--watch"], { environment })
        const again = () => watching.output().split("\u001b[2A\u001b[J")[1] ?? ""
        yield* Zdaemon.eventually("the second drawing", () => again().split("\n").length > 2)
        yield* watching.type("\u0003")
        const { code, stdout } = yield* watching.result
        assert.strictEqual(code, 0)
        const drawn = "program running; pid=N\nrun 1 is up since T, for N s\n"
        assert.isTrue(Zdaemon.timeless(stdout).startsWith(`${drawn}\r\u001b[2A\u001b[J${drawn}`), stdout)
      })
  )

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "leaves nothing behind on a terminal that is narrower than a line",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run(...sleep, "start")
        const command = [Process.execPath, Zdaemon.executable, "-p", "'sleep 1000'", "status", "--watch"].join(" ")
        const watching = yield* zdaemon.begin(["-qfec", `stty cols 20; exec ${command}`, "/dev/null"], {
          environment: { TERM: "xterm", NO_COLOR: "1" },
          file: "script",
          input: true
        })
        const again = () => watching.output().split("\u001b[2A\u001b[J")[1] ?? ""
        yield* Zdaemon.eventually("the second drawing", () => again().split("\n").length > 2)
        yield* watching.type("\u0003")
        const { stdout } = yield* watching.result
        const lines = stdout.replaceAll("\u001b[2A\u001b[J", "").split(/[\r\n]+/)
        assert.deepStrictEqual(lines.filter((line) => line.length > 19), [])
        assert.include(lines, "program running; pi")
      })
  )

  it.scopedLive("takes no other word, and not a raw reply that goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [["all"], ["-l", "x"], ["-l", "--watch"], ["-x"]]) {
        const { code, stdout } = yield* zdaemon.run(...sleep, "status", ...words)
        assert.deepStrictEqual([code, stdout], [1, "status argument must be absent or -l\n"])
      }
    }))
})
