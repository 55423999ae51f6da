import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Waiting from "../../src/cli/Waiting.ts"
import type { Report } from "../../src/control/Report.ts"

/** The second run, which an order has ended; ours was the second order, and came while the first run was up. */
const ended: Report = {
  pid: 0,
  shouldBeUp: true,
  orders: 3,
  runs: 2,
  activity: "Down",
  startTest: "None",
  uptime: 0,
  lastRun: { number: 2, end: "terminated by SIGTERM", uptime: 400, output: "" }
}

const options = { after: 1, notPid: 811, orders: 1, grace: Duration.seconds(1) }

const look = (fields: Partial<Report>) =>
  Waiting.forStart(options)({ _tag: "Seen", report: { ...ended, ...fields }, at: 0n }, 0n)

describe("the look for a start", () => {
  it("goes on when a newer order has ended the run and wants another one", () => {
    assert.strictEqual(look({}), Waiting.goesOn)
    assert.deepStrictEqual(
      look({ runs: 3, pid: 813, activity: "Running", uptime: 1000 }),
      Waiting.done({ _tag: "Up", pid: 813 })
    )
  })

  it("is done when the newer order was a stop, as soon as the program is down", () => {
    assert.strictEqual(look({ shouldBeUp: false }), Waiting.goesOn)
    for (const fields of [{ resting: "stopped" }, { leaving: "stopped" }]) {
      const report = { ...ended, shouldBeUp: false, ...fields }
      assert.deepStrictEqual(look(report), Waiting.done({ _tag: "Overtaken", report }))
      const gone = Waiting.forStart(options)({ _tag: "Gone", last: Option.some(report) }, 0n)
      assert.deepStrictEqual(gone, Waiting.done({ _tag: "Overtaken", report }))
    }
  })

  it("goes on when the stop was an older order", () =>
    assert.strictEqual(look({ shouldBeUp: false, orders: 1, resting: "stopped" }), Waiting.goesOn))

  it("is done when the run has ended by itself", () => {
    const report = { ...ended, lastRun: { number: 2, end: "exit status 3", uptime: 400, output: "", next: "gave up" } }
    assert.deepStrictEqual(
      look(report),
      Waiting.done({ _tag: "Ended", report: Option.some(report), isGone: false })
    )
  })
})
