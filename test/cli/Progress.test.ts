import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Progress from "../../src/cli/Progress.ts"
import type { Report } from "../../src/control/Report.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

const fresh: Report = {
  pid: 812,
  shouldBeUp: true,
  orders: 1,
  runs: 3,
  activity: "Running",
  startTest: "None",
  uptime: 600
}

describe("what is waited for", () => {
  const cases: ReadonlyArray<readonly [Progress.Goal, Partial<Report>, string]> = [
    [
      "down",
      { activity: "Stopping", stopping: { for: 4000, killIn: 6000 } },
      "pid 812 to end: SIGTERM 4.1 s ago, SIGKILL in 6 s"
    ],
    ["down", { activity: "Stopping", stopping: { for: 4000 } }, "pid 812 to end: SIGTERM 4.1 s ago"],
    ["up", { activity: "Stopping" }, "the end of what run 3 has left behind"],
    ["up", { activity: "BackingOff", nextStartIn: 2500 }, "run 4, which starts in 3 s"],
    ["up", { startTest: "Testing" }, "the start test of pid 812 to pass, which is up for 0.7 s"],
    ["up", {}, "pid 812 to stay up, which it is for 0.7 s"],
    ["down", {}, "pid 812 to end, which is up for 0.7 s"],
    ["up", { activity: "Starting" }, "the program to start"],
    ["down", { activity: "Down" }, "the daemon manager to end"]
  ]
  for (const [goal, fields, text] of cases) {
    it(`is ${text}`, () => assert.strictEqual(Progress.line(goal, { ...fresh, ...fields }, 100), `waiting for ${text}`))
  }

  it("is the manager before it has reported", () =>
    assert.strictEqual(Progress.line("up", undefined, 0), "waiting for the daemon manager"))

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "goes at Ctrl-C, of which one is left",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run("-p", "sleep 1000", "--start-grace", "0", "start")
        const waiting = yield* zdaemon.onTerminal(["-p", "sleep 1000", "wait"], { environment: { TERM: "xterm" } })
        yield* waiting.says("waiting for pid ")
        yield* waiting.type("\u0003")
        const { code, stdout } = yield* waiting.result
        assert.strictEqual(code, 130)
        assert.include(stdout, "^C\r\u001b[J^C\r\n")
        assert.isTrue(stdout.endsWith("^C\r\n\r\u001b[J"), stdout)
      }),
    60_000
  )

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "is shown on a terminal, and goes when it is over",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const stubborn = ["--stop-timeout", "2", "-p", "sh -c 'trap : TERM; while :; do sleep 0.1; done'"]
        yield* zdaemon.run(...stubborn, "start")
        const begun = yield* zdaemon.onTerminal([...stubborn, "stop"], { environment: { TERM: "xterm" } })
        const { code, stdout } = yield* begun.result
        assert.strictEqual(code, 0)
        assert.match(stdout, /waiting for pid \d+ to end: SIGTERM \d+\.\d s ago, SIGKILL in [12] s/)
        assert.isTrue(stdout.endsWith("\r\u001b[J\r\ndaemon process stopped\r\n"), stdout)
        const up = yield* zdaemon.onTerminal([...stubborn, "start"], { environment: { TERM: "dumb" } })
        assert.match((yield* up.result).stdout, /^(\. )+\r\ndaemon process started, pid=\d+\r\n$/)
      }),
    60_000
  )
})
