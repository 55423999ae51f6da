import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { ProgramState } from "../../src/manager/ProgramState.ts"
import {
  Activity,
  foregroundExitCode,
  managerExitCode,
  Outcome,
  pid,
  StartTest
} from "../../src/manager/ProgramState.ts"
import { ExitStatus } from "../../src/policy/Run.ts"

const numbers: Readonly<Record<string, number>> = { SIGTERM: 15, SIGKILL: 9 }
const inForeground = (outcome: Outcome, status?: ExitStatus) =>
  foregroundExitCode(
    outcome,
    Option.map(Option.fromNullable(status), (status) => ({ status, uptime: Duration.zero })),
    (name) => numbers[name] ?? 0
  )

describe("the exit status of a manager", () => {
  it("in the background is 0 after a stop, 1 after a signal or giving up, else the program's", () => {
    assert.strictEqual(managerExitCode(Outcome.Stopped()), 0)
    assert.strictEqual(managerExitCode(Outcome.Killed({ signal: "SIGTERM" })), 1)
    assert.strictEqual(managerExitCode(Outcome.GaveUp()), 1)
    assert.strictEqual(managerExitCode(Outcome.Exited({ code: 0 })), 0)
    assert.strictEqual(managerExitCode(Outcome.Exited({ code: 42 })), 42)
    assert.strictEqual(managerExitCode(Outcome.Exited({ code: 255 })), 255)
  })

  it("in the foreground is 0 after a stop, however the program ended", () => {
    assert.strictEqual(inForeground(Outcome.Stopped(), ExitStatus.Signaled({ signal: "SIGTERM" })), 0)
    assert.strictEqual(inForeground(Outcome.Stopped()), 0)
  })

  it("in the foreground is that of the program's last run after a signal to the manager", () => {
    const killed = Outcome.Killed({ signal: "SIGINT" })
    assert.strictEqual(inForeground(killed, ExitStatus.Exited({ code: 0 })), 0)
    assert.strictEqual(inForeground(killed, ExitStatus.Exited({ code: 7 })), 7)
    assert.strictEqual(inForeground(killed, ExitStatus.Signaled({ signal: "SIGTERM" })), 143)
    assert.strictEqual(inForeground(killed), 1)
  })

  it("in the foreground is never 0 after giving up", () => {
    assert.strictEqual(inForeground(Outcome.GaveUp(), ExitStatus.Exited({ code: 0 })), 1)
    assert.strictEqual(inForeground(Outcome.GaveUp(), ExitStatus.Exited({ code: 3 })), 3)
    assert.strictEqual(inForeground(Outcome.GaveUp(), ExitStatus.Signaled({ signal: "SIGKILL" })), 137)
    assert.strictEqual(inForeground(Outcome.GaveUp(), ExitStatus.NotSpawned({ reason: "ENOENT" })), 127)
  })

  it("in the foreground is the program's when that is among the exit codes", () => {
    assert.strictEqual(inForeground(Outcome.Exited({ code: 2 }), ExitStatus.Exited({ code: 2 })), 2)
    assert.strictEqual(inForeground(Outcome.Exited({ code: 255 }), ExitStatus.Signaled({ signal: "SIGKILL" })), 255)
  })
})

describe("the pid", () => {
  it("is there from the spawn to the end of the process, and only then", () => {
    const state = (activity: Activity): ProgramState => ({
      shouldBeUp: true,
      orders: 1,
      activity,
      runs: 1,
      lastStart: 0,
      backoff: Duration.zero,
      lastRun: Option.none(),
      outcome: Option.none()
    })
    const running = Activity.Running({ pid: 101, since: 0n, startTest: StartTest.None() })
    assert.deepStrictEqual(pid(state(running)), Option.some(101))
    assert.deepStrictEqual(
      pid(state(Activity.Stopping({ pid: 101, since: 0n, told: 0n }))),
      Option.some(101)
    )
    assert.deepStrictEqual(pid(state(Activity.Starting())), Option.none())
    assert.deepStrictEqual(pid(state(Activity.BackingOff({ until: 1 }))), Option.none())
    assert.deepStrictEqual(pid(state(Activity.Down())), Option.none())
  })
})
