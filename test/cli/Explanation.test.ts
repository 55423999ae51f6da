import { assert, describe, it } from "@effect/vitest"
import * as Explanation from "../../src/cli/Explanation.ts"
import * as Moment from "../../src/cli/Moment.ts"
import type { Report } from "../../src/control/Report.ts"

const now = Date.UTC(2026, 10, 25, 12, 0, 0)

const fresh: Report = {
  pid: 0,
  shouldBeUp: true,
  orders: 1,
  runs: 1,
  activity: "Down",
  startTest: "None",
  uptime: 0
}

const explained = (fields: Partial<Report>, age = 0) => Explanation.lines({ ...fresh, ...fields }, { age, now })

const lastRun = { number: 2, end: "exit status 1", uptime: 300, endedAgo: 1000, next: "restarts in 3 s", output: "" }

describe("what a program is doing, and why", () => {
  it("has a line about the present run, and one about the last one", () => {
    assert.deepStrictEqual(explained({ activity: "Running", pid: 7, runs: 3, uptime: 62_000, lastRun }), [
      `run 3 is up since ${Moment.local(now - 62_000)}, for 1 min 2 s`,
      "run 2 ended 1.0 s ago, after 0.3 s: exit status 1"
    ])
    assert.deepStrictEqual(explained({ activity: "Starting", runs: 3 }), ["run 3 is being started"])
  })

  it("says how far the start test is", () => {
    const up = { activity: "Running", pid: 7 } as const
    assert.match(explained({ ...up, startTest: "Testing" }).join(), /; its start test has not passed yet$/)
    assert.match(explained({ ...up, startTest: "Passed" }).join(), /; its start test has passed$/)
    assert.match(
      explained({ ...up, startTest: "Failed", startTestError: "gone" }).join(),
      /; its start test cannot be run: gone$/
    )
  })

  it("counts the seconds to the next run, also when the report is old", () => {
    const waiting = { activity: "BackingOff", nextStartIn: 3000 } as const
    assert.deepStrictEqual(explained(waiting), ["run 2 starts in 3 s"])
    assert.deepStrictEqual(explained(waiting, 1200), ["run 2 starts in 2 s"])
    assert.deepStrictEqual(explained(waiting, 9000), ["run 2 starts in 0 s"])
  })

  it("says since when a process has been told to end, and when it is killed", () => {
    const stopping = { activity: "Stopping", pid: 7 } as const
    assert.deepStrictEqual(explained({ ...stopping, stopping: { for: 4000, killIn: 6000 } }, 500), [
      "run 1 was told to end 4.5 s ago, and is killed in 6 s"
    ])
    assert.deepStrictEqual(explained({ ...stopping, stopping: { for: 4000 } }), ["run 1 was told to end 4.0 s ago"])
    assert.deepStrictEqual(explained(stopping), ["run 1 has ended, and what it has left behind is being ended"])
  })

  it("says why no run is due, and that a run was told to end", () => {
    assert.deepStrictEqual(explained({ leaving: "restarting too frequently; gave up" }), [
      "no run is due: restarting too frequently; gave up"
    ])
    const ordered = { number: 1, end: "terminated by SIGTERM", uptime: 90_000, output: "" }
    assert.deepStrictEqual(explained({ lastRun: ordered }), [
      "no run is due: \"start\" begins one",
      "run 1 ended after 1 min 30 s: terminated by SIGTERM, as it was told"
    ])
    assert.deepStrictEqual(explained({ lastRun: { ...ordered, endedAgo: 2000, end: "terminated by SIGKILL" } }), [
      "no run is due: \"start\" begins one",
      "run 1 ended 2.0 s ago, after 1 min 30 s: terminated by SIGKILL; it had been told to end, and had not"
    ])
  })

  it("says of a run that could not be started that it was none", () => {
    const end = "not started: can't exec './x': [Errno 8] Exec format error"
    assert.deepStrictEqual(explained({ activity: "BackingOff", nextStartIn: 1000, lastRun: { ...lastRun, end } }), [
      "run 2 starts in 1 s",
      "run 2 could not be started 1.0 s ago: can't exec './x': [Errno 8] Exec format error"
    ])
  })

  it("says after how many more quick ends the policy gives up, and which window is full then", () => {
    const waiting = { activity: "BackingOff", nextStartIn: 3000 } as const
    const line = (givesUp: Report["givesUp"], fields: Partial<Report> = waiting, age = 0) =>
      explained({ ...fields, givesUp }, age).at(-1)
    const tooFrequent = "restarting too frequently"
    assert.strictEqual(line({ after: 7, reason: tooFrequent }), "gives up after 7 more quick ends")
    assert.strictEqual(line({ after: 1, reason: tooFrequent }), "gives up after one more quick end")
    assert.strictEqual(
      line({ after: 2, reason: "4 ends in 10m" }),
      "gives up after 2 more quick ends: 4 ends in 10m"
    )
  })

  it("does not say so of a run that may have been up for long enough since it was said", () => {
    const given = { activity: "Running", pid: 7, givesUp: { after: 7, reason: "restarting too frequently" } } as const
    assert.strictEqual(explained(given, 500).length, 2)
    assert.strictEqual(explained(given, 2500).length, 1)
    assert.strictEqual(explained({ ...given, activity: "BackingOff", nextStartIn: 9000 }, 2500).length, 2)
  })

  it("says why output waits", () => {
    assert.deepStrictEqual(
      explained({
        activity: "Starting",
        transcriptTroubles: [{ error: "can't write transcript: [Errno 28] No space", output: "waits" }]
      }),
      [
        "run 1 is being started",
        "output waits, and with it perhaps the program: can't write transcript: [Errno 28] No space"
      ]
    )
  })

  it("says that it is dropped instead, and how much was so far", () => {
    const transcriptTroubles = [
      { error: "can't write transcript: [Errno 28] No space", output: "dropped" as const, dropped: 7 }
    ]
    assert.deepStrictEqual(explained({ activity: "Starting", transcriptTroubles }), [
      "run 1 is being started",
      "output is being dropped, 7 bytes so far: can't write transcript: [Errno 28] No space"
    ])
  })

  it("says of each file what is wrong with it, and that nothing waits where output is written all the same", () => {
    const transcriptTroubles = [
      { error: "can't open transcript: [Errno 21] Is a directory: '/log'", output: "written" as const },
      { error: "can't write transcript: [Errno 28] No space left on device: '/errors'", output: "waits" as const }
    ]
    assert.deepStrictEqual(explained({ activity: "Starting", transcriptTroubles }).slice(1), [
      "output goes on into the file that was open before: can't open transcript: [Errno 21] Is a directory: '/log'",
      "output waits, and with it perhaps the program: can't write transcript: [Errno 28] No space left on device: '/errors'"
    ])
  })

  it("says little of an original's program, which tells little", () => {
    assert.deepStrictEqual(explained({ activity: "Running", pid: 7, runs: 0, uptime: 1000 }), [
      `the program is up since ${Moment.local(now - 1000)}, for 1.0 s`
    ])
    assert.deepStrictEqual(explained({ runs: 0 }), [])
  })

  it("cannot drive the terminal", () => {
    const end = "not started: \u001b]0;owned\u0007\u009b2J"
    assert.notMatch(explained({ lastRun: { ...lastRun, end } }).join(), /[^\P{Cc}]/u)
  })
})

describe("a span of time", () => {
  for (
    const [millis, text] of [
      [-5, "0.0 s"],
      [0, "0.0 s"],
      [9_949, "9.9 s"],
      [9_950, "10 s"],
      [59_499, "59 s"],
      [60_000, "1 min"],
      [192_000, "3 min 12 s"],
      [3_600_000, "1 h"],
      [3_659_000, "1 h"],
      [7_500_000, "2 h 5 min"],
      [273_600_000, "3 d 4 h"]
    ] as const
  ) it(`of ${millis} ms is ${text}`, () => assert.strictEqual(Moment.span(millis), text))
})
