import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { History } from "../../src/history/History.ts"
import type { ProgramState } from "../../src/manager/ProgramState.ts"
import * as ProgramStates from "../../src/manager/ProgramState.ts"
import { Activity, Outcome, StartTest } from "../../src/manager/ProgramState.ts"
import { Supervised } from "../../src/manager/Supervised.ts"
import type { HangsAround } from "../../src/manager/Supervision.ts"
import { NotRunning, Supervision } from "../../src/manager/Supervision.ts"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import { describe as describeEnd, ExitStatus } from "../../src/policy/Run.ts"
import { describeVerdict, Verdict } from "../../src/policy/Verdict.ts"
import type { Command } from "../../src/process/ProcessSpawner.ts"
import { ProcessSpawner, SignalError } from "../../src/process/ProcessSpawner.ts"
import type { Play, Script } from "../../src/testing/ScriptedSpawner.ts"
import { ScriptedSpawner } from "../../src/testing/ScriptedSpawner.ts"
import { Transcript } from "../../src/transcript/Transcript.ts"

const program = "/bin/program"
const tester = "/bin/tester"

const crash: Script = { lifetime: 0, status: ExitStatus.Exited({ code: 1 }) }
const server: Script = {}

describe("restarting", () => {
  it.effect("with a backoff limit of 3 runs a crashing program at 0, 1 and 3 seconds and gives up, as measured", () =>
    Effect.gen(function*() {
      const { outcome } = yield* Supervision
      const fiber = yield* Effect.fork(outcome)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* Fiber.join(fiber), Outcome.GaveUp())
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000])
      assert.deepStrictEqual(yield* activity, Activity.Down())
    }).pipe(within(world(() => crash))))

  it.effect("counts the backoff from the end of a run, not from its beginning", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 1500, 4000])
    }).pipe(within(world(() => ({ ...crash, lifetime: "500 millis" })))))

  it.effect("adds a second for each quick run in a row: 1, 2, 3, ..., 9, and gives up at the tenth", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(waits(yield* begins), [1, 2, 3, 4, 5, 6, 7, 8, 9])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
    }).pipe(within(world(() => crash, { backoffLimit: 10 }))))

  it.effect("runs a program once and gives up when the backoff limit is 1", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
    }).pipe(within(world(() => crash, { backoffLimit: 1 }))))

  it.effect("with forever goes on with the backoff at the limit", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("18 seconds")
      assert.deepStrictEqual(waits(yield* begins), [1, 2, 3, 3, 3, 3, 3])
      assert.isTrue(Option.isNone(yield* outcomeNow))
    }).pipe(within(world(() => crash, { forever: true }))))

  it.effect("without a limit runs a crashing program once a second", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* begins, [0, 1000, 2000, 3000, 4000, 5000])
    }).pipe(within(world(() => crash, { backoffLimit: 0 }))))

  it.effect("restarts at once after a run as long as the limit, and counts from the start again", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000, 6000, 7000, 9000])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
    }).pipe(
      within(world((_, before) => before === 2 ? { ...crash, lifetime: "3 seconds" } : crash))
    ))

  it.effect("backs off after a run that was a millisecond too short to be healthy", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("2999 millis")
      assert.deepStrictEqual(yield* activity, Activity.BackingOff({ until: 3.999 }))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* begins, [0, 3999])
    }).pipe(within(world((_, before) => before === 0 ? { ...crash, lifetime: 2999 } : server))))

  it.effect("tells after how many more quick ends it gives up, once one was judged, and until it has", () =>
    Effect.gen(function*() {
      const { prospect, restart } = yield* Supervision
      const ends = Effect.map(prospect, Option.map(({ ends }) => ends))
      assert.deepStrictEqual(yield* ends, Option.none())
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(yield* ends, Option.some(4))
      // Run 2 is up, and as good as a quick one until it is five seconds old.
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* ends, Option.some(4))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* ends, Option.some(5))
      yield* restart
      yield* TestClock.adjust("0 seconds")
      assert.deepStrictEqual(yield* ends, Option.none())
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
      assert.deepStrictEqual(yield* ends, Option.none())
    }).pipe(
      within(world((_, before) => before === 1 ? server : { ...crash, lifetime: "100 millis" }, { backoffLimit: 5 }))
    ))

  it.effect("forgets earlier quick ends when it is told to, in the middle of a wait that goes on", () =>
    Effect.gen(function*() {
      const { prospect, reset } = yield* Supervision
      yield* TestClock.adjust("3500 millis")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000])
      yield* reset
      assert.deepStrictEqual(yield* prospect, Option.none())
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(waits(yield* begins), [1, 2, 3, 1, 2, 3])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
    }).pipe(within(world(() => crash, { backoffLimit: 4 }))))

  it.effect("restarts after an exit code that is not among the exit codes, and after a death by signal", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000])
    }).pipe(within(world((_, before) =>
      before === 0
        ? { lifetime: 0, status: ExitStatus.Exited({ code: 1 }) }
        : before === 1
        ? { lifetime: 0, status: ExitStatus.Signaled({ signal: "SIGSEGV" }) }
        : server
    ))))

  it.effect("ends with the code of a program whose exit status is among the exit codes, also with forever", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Exited({ code: 2 })))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 1000])
    }).pipe(
      within(world(
        (_, before) => before === 0 ? crash : { lifetime: 0, status: ExitStatus.Exited({ code: 2 }) },
        { forever: true }
      ))
    ))

  it.effect("ends with the exit code of a healthy run as well", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Exited({ code: 0 })))
    }).pipe(within(world(() => ({ lifetime: "1 day" })))))

  it.effect("counts a program that cannot be spawned as a failed run", () =>
    Effect.gen(function*() {
      const { attempts } = yield* ScriptedSpawner
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* attempts(program), 2)
      const { lastRun } = yield* state
      assert.deepStrictEqual(
        Option.map(lastRun, ({ status }) => status),
        Option.some(ExitStatus.NotSpawned({ reason: `can't exec '${program}': EACCES` }))
      )
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* attempts(program), 3)
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.GaveUp()))
    }).pipe(within(world(() => ({ refused: "EACCES" })))))

  it.effect("runs a program that could be spawned only at the second attempt", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* begins, [1000])
      assert.strictEqual(yield* pid, 101)
    }).pipe(within(world((_, before) => before === 0 ? { refused: "EAGAIN" } : server))))
})

describe("staying", () => {
  const stays = { made: RestartPolicy.stayDown }

  it.effect("after giving up the program is down and the supervision goes on, with the reason", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000])
      assert.deepStrictEqual(yield* activity, Activity.Resting({ reason: "gave up: restarting too frequently" }))
      assert.deepStrictEqual(
        [yield* outcomeNow, (yield* state).shouldBeUp, Duration.toMillis((yield* state).backoff)],
        [Option.none(), true, 0]
      )
    }).pipe(within(world(() => crash, stays))))

  it.effect("a start runs it again, and it is given up anew", () =>
    Effect.gen(function*() {
      const { restart, start } = yield* Supervision
      yield* TestClock.adjust("10 seconds")
      yield* start
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000, 10_000, 11_000, 13_000])
      yield* restart
      yield* settled
      assert.strictEqual((yield* begins).at(-1), 20_000)
    }).pipe(within(world(() => crash, stays))))

  it.effect("a stop ends the supervision, and so does a signal to the manager", () =>
    Effect.gen(function*() {
      for (const how of ["stop", "killed"] as const) {
        const { lives, scope, supervision } = yield* apart(() => crash, stays)
        yield* TestClock.adjust("10 seconds")
        yield* how === "stop" ? supervision.stop : supervision.killed("SIGTERM")
        yield* settled
        assert.deepStrictEqual(
          (yield* supervision.state).outcome,
          Option.some(how === "stop" ? Outcome.Stopped() : Outcome.Killed({ signal: "SIGTERM" }))
        )
        assert.strictEqual((yield* lives).length, 3)
        yield* ended(scope)
      }
    }))
})

describe("hanging around", () => {
  const hanging: Settings = { hangsAround: "stopped" }

  it.effect("a stop ends the program and not the supervision, and a start runs it again", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* Supervision
      yield* TestClock.adjust("1 second")
      yield* stop
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(
        [yield* alive, yield* activity, (yield* state).shouldBeUp, yield* outcomeNow],
        [0, Activity.Resting({ reason: "stopped" }), false, Option.none()]
      )
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* activity, Activity.Resting({ reason: "stopped" }))
      yield* start
      yield* settled
      assert.deepStrictEqual([yield* alive, yield* begins], [1, [0, 3_601_000]])
    }).pipe(within(world(() => server, hanging))))

  it.effect("exit ends it, whether the program is up or down", () =>
    Effect.gen(function*() {
      for (const before of ["up", "stopped"]) {
        const { scope, supervision } = yield* apart(() => server, hanging)
        yield* settled
        if (before === "stopped") yield* supervision.stop
        yield* settled
        yield* supervision.exit
        yield* settled
        assert.deepStrictEqual((yield* supervision.state).outcome, Option.some(Outcome.Stopped()))
        yield* ended(scope)
      }
    }))

  it.effect("a stop does not keep a manager that was told to end, and a start does", () =>
    Effect.gen(function*() {
      for (const order of ["stop", "start"] as const) {
        const { scope, supervision } = yield* apart(() => ({ stopsIn: "1 second" }), hanging)
        yield* settled
        yield* supervision.killed("SIGTERM")
        yield* supervision[order]
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          (yield* supervision.state).outcome,
          order === "stop" ? Option.some(Outcome.Killed({ signal: "SIGTERM" })) : Option.none()
        )
        if (order === "start") {
          yield* supervision.stop
          yield* TestClock.adjust("1 second")
          assert.deepStrictEqual((yield* supervision.state).activity, Activity.Resting({ reason: "stopped" }))
        }
        yield* Effect.fork(ended(scope))
        yield* TestClock.adjust("1 minute")
      }
    }))

  it.effect("an exit code still ends it, and so does giving up", () =>
    Effect.gen(function*() {
      for (const code of [0, 1]) {
        const { scope, supervision } = yield* apart(
          () => ({ lifetime: 0, status: ExitStatus.Exited({ code }) }),
          hanging
        )
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(
          (yield* supervision.state).outcome,
          Option.some(code === 0 ? Outcome.Exited({ code }) : Outcome.GaveUp())
        )
        yield* ended(scope)
      }
    }))
})

describe("the state", () => {
  it.effect("tells of the process that is up", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("2 seconds")
      const now = yield* state
      assert.deepStrictEqual(
        now.activity,
        Activity.Running({ pid: 102, since: 1_500_000_000n, startTest: StartTest.None() })
      )
      assert.deepStrictEqual(
        [now.runs, now.lastStart, Duration.toMillis(now.backoff), now.shouldBeUp],
        [2, 1.5, 1000, true]
      )
    }).pipe(within(world((_, before) => before === 0 ? { ...crash, lifetime: 500 } : server))))

  it.effect("tells of the last run, and what followed it", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("500 millis")
      const { next, number, output, status, uptime } = Option.getOrThrow((yield* state).lastRun)
      assert.strictEqual(number, 1)
      assert.deepStrictEqual(status, ExitStatus.Exited({ code: 1 }))
      assert.strictEqual(Duration.toMillis(uptime), 500)
      assert.strictEqual(Buffer.from(output).toString(), "output")
      assert.deepStrictEqual(next, Option.some(Verdict.Restart({ backoff: Duration.seconds(1) })))
    }).pipe(within(world(() => ({ ...crash, lifetime: 500 })))))

  it.effect("changes from backing off over starting to running and back", () =>
    Effect.gen(function*() {
      const { changes } = yield* Supervision
      yield* settled
      const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(changes, 5)))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map((state) => state.activity._tag),
        ["BackingOff", "Starting", "Running", "Clearing", "BackingOff"]
      )
    }).pipe(within(world(() => crash))))

  it.effect("forgets the output before each run and takes all of it before the verdict", () =>
    Effect.gen(function*() {
      const calls = yield* Calls
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* calls, ["begin", "drain", "begin", "drain"])
    }).pipe(within(world(() => crash))))
})

describe("stop", () => {
  it.effect("ends the program with SIGTERM, and the supervision with it", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* TestClock.adjust("1 second")
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* signals, [["SIGTERM"]])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
      assert.deepStrictEqual(yield* activity, Activity.Down())
      const lastRun = Option.getOrThrow((yield* state).lastRun)
      assert.deepStrictEqual(
        [lastRun.status, lastRun.next],
        [ExitStatus.Signaled({ signal: "SIGTERM" }), Option.none()]
      )
    }).pipe(within(world(() => server))))

  it.effect("answers with the state that it found, and does not wait for the end of the program", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      const found = yield* stop
      assert.strictEqual(found.activity._tag, "Running")
      assert.strictEqual((yield* activity)._tag, "Stopping")
      assert.isFalse((yield* state).shouldBeUp)
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("kills a program that ignores SIGTERM when the stop timeout is over, and not before", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("9999 millis")
      assert.deepStrictEqual(yield* signals, [["SIGTERM"]])
      assert.strictEqual(yield* alive, 1)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* signals, [["SIGTERM", "SIGKILL"]])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => ({ stopsIn: "ignored" })))))

  it.effect("waits for a program without an end where the stop timeout is 0", () =>
    Effect.gen(function*() {
      const { signal, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* signals, [["SIGTERM"]])
      assert.isTrue(Option.isNone(yield* outcomeNow))
      yield* signal(9)
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => ({ stopsIn: "ignored" }), { stopTimeout: 0 }))))

  it.effect("ignores the exit code and the policy: the operator ended the run", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => ({ lifetime: 500, status: ExitStatus.Exited({ code: 2 }), stopsIn: "1 day" })))))

  it.effect("during the backoff ends the supervision at once, and nothing is run any more", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      assert.strictEqual((yield* activity)._tag, "BackingOff")
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0])
    }).pipe(within(world(() => crash))))

  it.effect("while the program is being stopped changes nothing: one SIGTERM, the first stop timeout", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("6 seconds")
      yield* stop
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(yield* signals, [["SIGTERM", "SIGKILL"]])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => ({ stopsIn: "ignored" })))))

  it.effect("comes before the first run when it is given at once", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* stop
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
      assert.strictEqual(yield* alive, 0)
    }).pipe(within(world(() => server))))

  it.effect("after the end of the supervision changes nothing, nor does any other order", () =>
    Effect.gen(function*() {
      const { restart, start, stop } = yield* Supervision
      yield* settled
      const end = yield* state
      assert.deepStrictEqual(end.outcome, Option.some(Outcome.Exited({ code: 0 })))
      for (const order of [stop, start, restart]) assert.deepStrictEqual(yield* order, end)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* state, end)
      assert.deepStrictEqual(yield* begins, [0])
    }).pipe(within(world(() => ({ lifetime: 0 })))))
})

describe("start", () => {
  it.effect("during the backoff runs the program now and drops the backoff", () =>
    Effect.gen(function*() {
      const { start } = yield* Supervision
      yield* TestClock.adjust("3500 millis")
      assert.deepStrictEqual(waits(yield* begins), [1, 2])
      yield* start
      yield* settled
      assert.deepStrictEqual((yield* begins).at(-1), 3500)
      assert.strictEqual(Duration.toMillis((yield* state).backoff), 1000)
      // The count has begun again as well.
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(waits(yield* begins), [1, 2, 0.5, 1, 2, 3])
    }).pipe(within(world(() => crash, { backoffLimit: 4 }))))

  it.effect("while the program is up changes nothing", () =>
    Effect.gen(function*() {
      const { start } = yield* Supervision
      yield* settled
      const before = yield* state
      assert.deepStrictEqual(yield* start, before)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* state, before)
      assert.deepStrictEqual(yield* begins, [0])
    }).pipe(within(world(() => server))))

  it.effect("while the program is being stopped brings it up again when it has ended", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("1 second")
      yield* start
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* alive, 1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* begins, [0, 3000])
      assert.isTrue(Option.isNone(yield* outcomeNow))
      assert.strictEqual(yield* pid, 102)
    }).pipe(within(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("right after a stop brings the program up in a new process", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* start
      yield* settled
      assert.strictEqual(yield* pid, 102)
      assert.deepStrictEqual(yield* signals, [["SIGTERM"], []])
      assert.isTrue(Option.isNone(yield* outcomeNow))
    }).pipe(within(world(() => server))))

  it.effect("gives a program that could not be spawned another chance at once", () =>
    Effect.gen(function*() {
      const { start } = yield* Supervision
      yield* TestClock.adjust("500 millis")
      yield* start
      yield* settled
      assert.deepStrictEqual(yield* begins, [500])
      assert.strictEqual(Duration.toMillis((yield* state).backoff), 0)
    }).pipe(within(world((_, before) => before === 0 ? { refused: "ENOENT" } : server))))
})

describe("restart", () => {
  it.effect("ends the process and runs the program in a new one at once", () =>
    Effect.gen(function*() {
      const { restart } = yield* Supervision
      yield* TestClock.adjust("1 second")
      yield* restart
      assert.strictEqual((yield* activity)._tag, "Stopping")
      assert.isTrue((yield* state).shouldBeUp)
      yield* settled
      assert.deepStrictEqual(yield* begins, [0, 1000])
      assert.strictEqual(yield* pid, 102)
      assert.deepStrictEqual(Option.getOrThrow((yield* state).lastRun).next, Option.none())
    }).pipe(within(world(() => server))))

  it.effect("ends the process once however often it is ordered meanwhile", () =>
    Effect.gen(function*() {
      const { restart } = yield* Supervision
      yield* settled
      yield* Effect.repeatN(restart, 99)
      yield* TestClock.adjust("2 seconds")
      yield* Effect.repeatN(restart, 99)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 3000])
      assert.deepStrictEqual(yield* signals, [["SIGTERM"], []])
    }).pipe(within(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("drops the backoff", () =>
    Effect.gen(function*() {
      const { restart } = yield* Supervision
      yield* TestClock.adjust("1500 millis")
      yield* restart
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(waits(yield* begins), [1, 0.5, 1, 2])
    }).pipe(within(world(() => crash))))

  it.effect("and then stop end in the stop, stop and then restart in the restart", () =>
    Effect.gen(function*() {
      const { restart, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* restart
      yield* settled
      assert.strictEqual(yield* pid, 102)
      yield* restart
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
      assert.strictEqual(yield* alive, 0)
    }).pipe(within(world(() => server))))
})

describe("a supervision that hangs around", () => {
  it.effect("stays when the program is stopped, and starts it again", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* activity, Activity.Resting({ reason: "stopped" }))
      assert.deepStrictEqual([(yield* state).shouldBeUp, yield* alive], [false, 0])
      assert.isTrue(Option.isNone(yield* outcomeNow))
      yield* start
      yield* settled
      assert.deepStrictEqual(yield* begins, [0, 3_600_000])
      assert.strictEqual(yield* pid, 102)
    }).pipe(within(world(() => server, { hangsAround: "down" }))))

  it.effect("stays when the policy gives up, runs nothing more, and starts the program again with the policy anew", () =>
    Effect.gen(function*() {
      const { start } = yield* Supervision
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* begins, [0, 1000, 3000])
      assert.deepStrictEqual(Option.getOrThrow((yield* state).lastRun).next, Option.some(Verdict.GiveUp()))
      assert.isTrue(Option.isNone(yield* outcomeNow))
      yield* start
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(waits((yield* begins).slice(3)), [1, 2])
    }).pipe(within(world(() => crash, { hangsAround: "down" }))))

  it.effect("is over when a signal told it to end, also when the program was down", () =>
    Effect.gen(function*() {
      const { killed, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* settled
      yield* killed("SIGTERM")
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Killed({ signal: "SIGTERM" })))
    }).pipe(within(world(() => server, { hangsAround: "down" }))))
})

describe("an order that arrives with the end of the program", () => {
  it.effect("wins over giving up", () =>
    Effect.gen(function*() {
      const { restart, signal } = yield* Supervision
      yield* settled
      yield* signal(9)
      yield* restart
      yield* settled
      assert.strictEqual(yield* pid, 102)
      assert.isTrue(Option.isNone(yield* outcomeNow))
    }).pipe(within(world(() => server, { backoffLimit: 1 }))))

  it.effect("wins over the exit codes", () =>
    Effect.gen(function*() {
      const { restart, signal } = yield* Supervision
      yield* settled
      yield* signal(9)
      yield* restart
      yield* settled
      assert.strictEqual(yield* pid, 102)
      assert.isTrue(Option.isNone(yield* outcomeNow))
    }).pipe(within(world(() => server, { exitCodes: [-1] }))))

  it.effect("does not lose what the run was", () =>
    Effect.gen(function*() {
      const { signal, stop } = yield* Supervision
      yield* settled
      yield* signal(9)
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
      assert.deepStrictEqual(
        Option.map((yield* state).lastRun, ({ status }) => status),
        Option.some(ExitStatus.Signaled({ signal: "SIGKILL" }))
      )
    }).pipe(within(world(() => server))))
})

describe("the start test", () => {
  const passing: Script = { lifetime: 200 }
  const failing: Script = { lifetime: 200, status: ExitStatus.Exited({ code: 1 }) }
  const died: Script = { lifetime: 200, status: ExitStatus.Signaled({ signal: "SIGSEGV" }) }
  const started = Effect.map(activity, (activity) => Activity.$is("Running")(activity) ? activity.startTest : undefined)

  it.effect("is run until it succeeds, a second after each time that it did not", () =>
    Effect.gen(function*() {
      yield* settled
      assert.deepStrictEqual(yield* started, StartTest.Testing())
      yield* TestClock.adjust("2599 millis")
      assert.deepStrictEqual(yield* started, StartTest.Testing())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* started, StartTest.Passed())
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* beginsOf(tester), [0, 1200, 2400])
      assert.deepStrictEqual(yield* beginsOf(program), [0])
    }).pipe(within(tested((file, before) => file === program ? server : [failing, died][before] ?? passing))))

  it.effect("that cannot be spawned is a failure, and the program goes on", () =>
    Effect.gen(function*() {
      yield* settled
      assert.deepStrictEqual(yield* started, StartTest.Failed({ reason: `can't exec '${tester}': ENOENT` }))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* (yield* ScriptedSpawner).attempts(tester), 1)
      assert.strictEqual(yield* pid, 101)
    }).pipe(within(tested((file) => file === program ? server : { refused: "ENOENT" }))))

  it.effect("is run again for each run of the program", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1200 millis")
      assert.deepStrictEqual(yield* beginsOf(program), [0, 1000])
      assert.deepStrictEqual(yield* beginsOf(tester), [0, 1000])
      assert.deepStrictEqual(yield* started, StartTest.Passed())
    }).pipe(
      within(tested((file, before) => file === tester ? passing : before === 0 ? crash : server))
    ))

  it.effect("ends with the run that it tests", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      assert.strictEqual(yield* alive, 2)
      yield* stop
      yield* settled
      assert.strictEqual(yield* alive, 0)
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(tested(() => server))))

  it.effect("that will not end does not keep the program from being stopped", () =>
    Effect.gen(function*() {
      const { stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* settled
      const lives = yield* (yield* ScriptedSpawner).lives
      assert.deepStrictEqual(
        lives.filter(({ file }) => file === program).map(({ signals }) => signals),
        [["SIGTERM"]]
      )
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(tested((file) => file === program ? server : { stopsIn: "ignored" }))))
})

describe("signals", () => {
  it.effect("go to the process that is up; its death counts as a crash", () =>
    Effect.gen(function*() {
      const { signal } = yield* Supervision
      yield* settled
      yield* signal(1)
      yield* signal(9)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* signals, [["SIGHUP", "SIGKILL"], []])
      assert.deepStrictEqual(yield* begins, [0, 1000])
    }).pipe(within(world(() => server))))

  it.effect("have nowhere to go during the backoff", () =>
    Effect.gen(function*() {
      const { signal } = yield* Supervision
      yield* settled
      assert.deepStrictEqual(yield* Effect.flip(signal(15)), new NotRunning())
    }).pipe(within(world(() => crash))))

  it.effect("have nowhere to go when the process has just ended", () =>
    Effect.gen(function*() {
      const { signal } = yield* Supervision
      yield* settled
      yield* signal(9)
      assert.deepStrictEqual(yield* Effect.flip(signal(15)), new NotRunning())
    }).pipe(within(world(() => server))))

  it.effect("have nowhere to go while only what a process has left behind is alive, and there is no pid then", () =>
    Effect.gen(function*() {
      const { signal, state } = yield* Supervision
      yield* settled
      assert.deepStrictEqual(yield* activity, Activity.Clearing())
      assert.deepStrictEqual(ProgramStates.pid(yield* state), Option.none())
      assert.deepStrictEqual(yield* Effect.flip(signal(15)), new NotRunning())
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual((yield* activity)._tag, "BackingOff")
    }).pipe(within(world(() => crash, { lingers: "6 seconds" }))))

  it.effect("fail with the system's error", () =>
    Effect.gen(function*() {
      const { signal } = yield* Supervision
      yield* settled
      assert.deepStrictEqual(yield* Effect.flip(signal(15)), new SignalError({ code: "EPERM" }))
    }).pipe(within(world(() => server, { signalError: "EPERM" }))))
})

describe("the end of the manager", () => {
  it.effect("by a signal stops the program, and the outcome names the signal", () =>
    Effect.gen(function*() {
      const { killed } = yield* Supervision
      yield* settled
      yield* killed("SIGHUP")
      yield* settled
      assert.deepStrictEqual(yield* signals, [["SIGTERM"]])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Killed({ signal: "SIGHUP" })))
    }).pipe(within(world(() => server))))

  it.effect("by a signal while the program is being stopped keeps waiting for it", () =>
    Effect.gen(function*() {
      const { killed, stop } = yield* Supervision
      yield* settled
      yield* stop
      yield* TestClock.adjust("1 second")
      yield* killed("SIGTERM")
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* signals, [["SIGTERM"]])
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Killed({ signal: "SIGTERM" })))
    }).pipe(within(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("that an operator's start revoked is forgotten", () =>
    Effect.gen(function*() {
      const { killed, start, stop } = yield* Supervision
      yield* settled
      yield* killed("SIGTERM")
      yield* start
      yield* settled
      assert.strictEqual(yield* pid, 102)
      yield* stop
      yield* settled
      assert.deepStrictEqual(yield* outcomeNow, Option.some(Outcome.Stopped()))
    }).pipe(within(world(() => server))))

  it.effect("by the release of the layer stops the program and waits for it", () =>
    Effect.gen(function*() {
      const { lives, scope } = yield* apart(() => ({ stopsIn: "3 seconds" }))
      yield* settled
      const release = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(release)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(release)
      assert.deepStrictEqual((yield* lives).map(({ ended }) => Option.map(ended, ({ at }) => at)), [Option.some(3000)])
    }))

  it.effect("during the backoff leaves nothing behind that would run the program", () =>
    Effect.gen(function*() {
      const { lives, scope } = yield* apart(() => crash)
      yield* settled
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* lives).length, 1)
    }))
})

describe("in any sequence of orders, signals and deaths", () => {
  const order = FastCheck.constantFrom("start", "stop", "restart")
  const event = FastCheck.oneof(
    { weight: 3, arbitrary: order },
    { weight: 3, arbitrary: FastCheck.integer({ min: 0, max: 4000 }) },
    { weight: 1, arbitrary: FastCheck.constantFrom("SIGTERM", "SIGKILL") }
  )
  const script: FastCheck.Arbitrary<Script> = FastCheck.oneof(
    FastCheck.record({
      lifetime: FastCheck.constantFrom(0, 1, 500, 2999, 3000, 10_000),
      status: FastCheck.constantFrom(ExitStatus.Exited({ code: 1 }), ExitStatus.Signaled({ signal: "SIGSEGV" })),
      stopsIn: FastCheck.constantFrom<NonNullable<Script["stopsIn"]>>(0, 1, 2500, "ignored")
    }),
    FastCheck.record({ stopsIn: FastCheck.constantFrom<NonNullable<Script["stopsIn"]>>(0, 2500, "ignored") }),
    FastCheck.constant({ refused: "EAGAIN" })
  )
  const scripts = FastCheck.array(script, { minLength: 1, maxLength: 8 })
  const events = FastCheck.array(event, { maxLength: 25 })

  it.effect.prop(
    "no two processes are alive at once, the last order holds, and the release ends every process",
    { scripts, events },
    (given) =>
      Effect.gen(function*() {
        const { lives, scope, supervision } = yield* apart(
          (_, before) => given.scripts[before % given.scripts.length] ?? server,
          { forever: true, exitCodes: [] }
        )
        const living = Effect.map(lives, (lives) => lives.filter(({ ended }) => Option.isNone(ended)))
        let last = "start"
        for (const event of given.events) {
          if (typeof event === "number") yield* TestClock.adjust(event)
          else if (event === "SIGTERM") yield* Effect.ignore(supervision.signal(15))
          else if (event === "SIGKILL") yield* Effect.ignore(supervision.signal(9))
          else {
            const order = event === "start" ? "start" : event === "stop" ? "stop" : "restart"
            const before = yield* living
            const found = yield* supervision[order]
            if (Option.isNone(found.outcome)) {
              last = order
              if (order === "restart") {
                yield* TestClock.adjust("15 seconds")
                const after = yield* living
                assert.isFalse(after.some(({ pid }) => before.some((one) => one.pid === pid)))
              }
            }
          }
          assert.isAtMost((yield* living).length, 1)
        }
        yield* TestClock.adjust("30 seconds")
        const end = yield* supervision.state
        const left = yield* living
        if (last === "stop") {
          assert.deepStrictEqual(end.outcome, Option.some(Outcome.Stopped()))
          assert.deepStrictEqual(left, [])
        } else {
          assert.isTrue(end.shouldBeUp)
          assert.isTrue(Option.isNone(end.outcome))
          assert.deepStrictEqual(left.map(({ pid }) => pid), "pid" in end.activity ? [end.activity.pid] : [])
          assert.include(["Running", "BackingOff"], end.activity._tag)
        }
        yield* ended(scope)
        assert.deepStrictEqual(yield* living, [])
        assert.isTrue((yield* lives).every(({ company }) => company === 0))
      }),
    { fastCheck: { numRuns: 40 }, timeout: 120_000 }
  )
})

// ===== Internal

interface Settings {
  readonly backoffLimit?: number
  readonly forever?: boolean
  readonly exitCodes?: ReadonlyArray<number>
  readonly stopTimeout?: Duration.DurationInput
  readonly startTest?: boolean
  readonly hangsAround?: HangsAround
  /** How long what a process leaves behind outlives it. */
  readonly lingers?: Duration.DurationInput
  /** Why no process can be signalled. */
  readonly signalError?: string
  /** What is made of the policy in the end. */
  readonly made?: (policy: RestartPolicy.RestartPolicy) => RestartPolicy.RestartPolicy
}

describe("the history", () => {
  it.effect("is told of every run, of its end with what follows, and of why it is over", () =>
    Effect.gen(function*() {
      const world = yield* apart((_, before) => before === 0 ? crash : server)
      yield* TestClock.adjust("5 seconds")
      yield* world.supervision.restart
      yield* settled
      yield* world.supervision.killed("SIGTERM")
      yield* settled
      yield* ended(world.scope)
      assert.deepStrictEqual(yield* world.told, [
        "run 1 has begun",
        "run 1: exit status 1, wrote 6 bytes; restarts in 1 s",
        "run 2 has begun",
        "run 2: terminated by SIGTERM, wrote 6 bytes; as ordered",
        "run 3 has begun",
        "ordered: SIGTERM",
        "run 3: terminated by SIGTERM, wrote 6 bytes; as ordered",
        "over: daemon manager killed by SIGTERM"
      ])
    }))

  it.effect("is told of a run that ends since supervision is released", () =>
    Effect.gen(function*() {
      const world = yield* apart(() => server)
      yield* settled
      yield* ended(world.scope)
      assert.deepStrictEqual(yield* world.told, [
        "run 1 has begun",
        "run 1: terminated by SIGTERM, wrote 6 bytes; as ordered",
        "over: released"
      ])
    }))
})

/** The zdaemon policy with a backoff limit of 3 over scripted processes; the last output of each run is `output`. */
const world = (play: Play, settings: Settings = {}) => {
  const command = (file: string): Command => ({
    file,
    words: [file],
    directory: undefined,
    environment: {},
    stdout: 1,
    stderr: 2,
    stopTimeout: Duration.decode(settings.stopTimeout ?? "10 seconds"),
    killMode: "group"
  })
  return Supervision.layer({
    command: command(program),
    policy: (settings.made ?? ((policy) => policy))(
      RestartPolicy.zdaemon({ backoffLimit: 3, forever: false, exitCodes: [0, 2], ...settings })
    ),
    hangsAround: settings.hangsAround ?? "never",
    startTest: settings.startTest === true ? Option.some(command(tester)) : Option.none()
  }).pipe(
    Layer.provideMerge(
      Layer.mergeAll(Supervised.layer, transcript, history, hindered(settings, ScriptedSpawner.layer(play)))
    )
  )
}

/** Processes whose helpers outlive them by a while, or that cannot be signalled. */
const hindered = (
  { lingers, signalError }: Settings,
  scripted: Layer.Layer<ProcessSpawner | ScriptedSpawner>
): Layer.Layer<ProcessSpawner | ScriptedSpawner> =>
  Layer.map(scripted, (context) => {
    const { spawn } = Context.get(context, ProcessSpawner)
    return Context.add(
      context,
      ProcessSpawner,
      ProcessSpawner.of({
        spawn: (command) =>
          Effect.addFinalizer(() => Effect.sleep(lingers ?? 0)).pipe(
            Effect.when(() => lingers !== undefined),
            Effect.zipRight(spawn(command)),
            Effect.map((process) =>
              signalError === undefined
                ? process
                : { ...process, signal: () => Effect.fail(new SignalError({ code: signalError })) }
            )
          )
      })
    )
  })

class Told
  extends Context.Tag("zdaemon/test/manager/Supervision.test/Told")<Told, Effect.Effect<ReadonlyArray<string>>>()
{}

/** A history that remembers what it is told. */
const history = Layer.effectContext(Effect.gen(function*() {
  const told = yield* Ref.make<ReadonlyArray<string>>([])
  const tell = (sentence: string) => Ref.update(told, (told) => [...told, sentence])
  return Context.make(Told, Ref.get(told)).pipe(Context.add(History, {
    began: ({ number }) => tell(`run ${number} has begun`),
    ended: ({ next, number, output, status }) =>
      tell(
        `run ${number}: ${describeEnd(status)}, wrote ${output.length} bytes; ${
          Option.match(next, { onNone: () => "as ordered", onSome: describeVerdict })
        }`
      ),
    ordered: (order) => tell(`ordered: ${order}`),
    over: (reason) => tell(`over: ${reason}`),
    settled: Effect.void
  }))
}))

const tested = (play: Play) => world(play, { startTest: true })

class Calls
  extends Context.Tag("zdaemon/test/manager/Supervision.test/Calls")<Calls, Effect.Effect<ReadonlyArray<string>>>()
{}

/** A transcript that notes what is asked of it. */
const transcript = Layer.effectContext(Effect.gen(function*() {
  const calls = yield* Ref.make<ReadonlyArray<string>>([])
  const call = (name: string) => Ref.update(calls, (calls) => [...calls, name])
  const none = yield* Effect.provide(Transcript, Transcript.layerNone(() => {}))
  return Context.make(Calls, Ref.get(calls)).pipe(Context.add(Transcript, {
    ...none,
    begin: call("begin"),
    drain: call("drain"),
    lastOutput: Effect.succeed(Buffer.from("output"))
  }))
}))

type World = Layer.Layer.Success<ReturnType<typeof world>>

/** Runs a test in a world, whose release takes the clock as long as it needs and leaves no process. */
const within = (world: Layer.Layer<World>) => <A, E>(test: Effect.Effect<A, E, World>): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(world, scope)
    const exit = yield* Effect.exit(Effect.provide(test, context))
    const left = yield* Effect.zipRight(ended(scope), Effect.provide(lives, context))
    assert.isTrue(left.every(({ company, ended }) => company === 0 && Option.isSome(ended)))
    return yield* exit
  })

/** Closes a scope while time goes on. */
const ended = Effect.fnUntraced(function*(scope: Scope.CloseableScope) {
  const release = yield* Effect.fork(Scope.close(scope, Exit.void))
  yield* TestClock.adjust("1 day")
  yield* Fiber.join(release)
})

/** A world whose release is in the hands of the test. */
const apart = Effect.fnUntraced(function*(play: Play, settings: Settings = {}) {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(world(play, settings), scope)
  const { lives, supervision, told } = yield* Effect.provide(
    Effect.all({
      lives: Effect.map(ScriptedSpawner, ({ lives }) => lives),
      supervision: Supervision,
      told: Effect.succeed(Effect.flatten(Told).pipe(Effect.provide(context)))
    }),
    context
  )
  return { lives, supervision, told, scope }
})

const settled = TestClock.adjust(0)

const state: Effect.Effect<ProgramState, never, Supervision> = Effect.flatMap(Supervision, ({ state }) => state)
const activity = Effect.map(state, ({ activity }) => activity)
const outcomeNow = Effect.map(state, ({ outcome }) => outcome)
const pid = Effect.map(activity, (activity) => "pid" in activity ? activity.pid : undefined)

const lives = Effect.flatMap(ScriptedSpawner, ({ lives }) => lives)
const beginsOf = (file: string) =>
  Effect.map(lives, (lives) => lives.filter((life) => life.file === file).map(({ began }) => began))
const begins = beginsOf(program)
const signals = Effect.map(lives, (lives) => lives.map(({ signals }) => signals))
const alive = Effect.map(lives, (lives) => lives.filter(({ ended }) => Option.isNone(ended)).length)

/** The seconds between the beginnings of runs. */
const waits = (begins: ReadonlyArray<number>) =>
  begins.slice(1).map((began, index) => (began - (begins[index] ?? 0)) / 1000)
