import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as Judge from "../../src/policy/Judge.ts"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import { ExitStatus, type Run } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"

const crash: Run = { status: ExitStatus.Exited({ code: 1 }), uptime: Duration.zero }
const success: Run = { status: ExitStatus.Exited({ code: 0 }), uptime: Duration.zero }
const healthy: Run = { status: ExitStatus.Exited({ code: 1 }), uptime: Duration.hours(1) }

const restart = (backoff: Duration.DurationInput) => Verdict.Restart({ backoff: Duration.decode(backoff) })

const settings = { backoffLimit: 3, exitCodes: [0, 2], forever: false }

/** Runs the policy as a manager does, with a program that crashes at once, until its end: when each run started. */
const startsOfRuns = (policy: RestartPolicy.RestartPolicy, most: number) =>
  Effect.gen(function*() {
    const judge = yield* Judge.make(policy)
    const starts: Array<number> = []
    while (starts.length < most) {
      starts.push(yield* Clock.currentTimeMillis)
      const verdict = yield* judge.next(crash)
      if (!Verdict.$is("Restart")(verdict)) {
        break
      }
      yield* Effect.sleep(verdict.backoff)
    }
    return starts
  })

/** A clock on which a sleeper wakes at once, later. */
const skipping = (): Clock.Clock => {
  let now = 0
  return {
    ...Clock.make(),
    currentTimeMillis: Effect.sync(() => now),
    unsafeCurrentTimeMillis: () => now,
    sleep: (duration) =>
      Effect.sync(() => {
        now += Duration.toMillis(duration)
      })
  }
}

describe("Judge", () => {
  it.effect("answers with the policy's verdicts without waiting for the backoff", () =>
    Effect.gen(function*() {
      const judge = yield* Judge.make(RestartPolicy.zdaemon({ ...settings, forever: true }))
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      assert.deepStrictEqual(yield* judge.next(crash), restart("2 seconds"))
      assert.deepStrictEqual(yield* judge.next(crash), restart("3 seconds"))
      assert.deepStrictEqual(yield* judge.next(crash), restart("3 seconds"))
      assert.deepStrictEqual(yield* judge.next(healthy), restart(0))
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
    }))

  it.effect("stays with GiveUp, whatever comes after it", () =>
    Effect.gen(function*() {
      const judge = yield* Judge.make(RestartPolicy.zdaemon({ ...settings, backoffLimit: 1 }))
      for (const run of [crash, crash, healthy, success]) {
        assert.deepStrictEqual(yield* judge.next(run), Verdict.GiveUp())
      }
    }))

  it.effect("stays with Exit, whatever comes after it", () =>
    Effect.gen(function*() {
      const judge = yield* Judge.make(RestartPolicy.zdaemon(settings))
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      for (const run of [success, crash, healthy]) {
        assert.deepStrictEqual(yield* judge.next(run), Verdict.Exit({ code: 0 }))
      }
    }))

  it.effect("can be asked what it remembers, and be made to forget it", () =>
    Effect.gen(function*() {
      const judge = yield* Judge.make(RestartPolicy.zdaemon(settings))
      assert.deepStrictEqual(yield* judge.memory, { judged: 0, last: Option.none() })
      yield* judge.next(crash)
      yield* judge.next(crash)
      assert.deepStrictEqual(yield* judge.memory, { judged: 2, last: Option.some(restart("2 seconds")) })
      yield* judge.reset
      assert.deepStrictEqual(yield* judge.memory, { judged: 0, last: Option.none() })
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      yield* judge.next(success)
      yield* judge.reset
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"), "also after the end")
    }))

  it.effect("takes the wait from an operator on the whole policy, and the reason for it from the policy", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon({ ...settings, backoffLimit: 1 }).pipe(
        RestartPolicy.retryAfter("10 seconds"),
        Schedule.addDelay(() => "5 seconds")
      )
      const judge = yield* Judge.make(policy)
      assert.deepStrictEqual(
        yield* judge.next(crash),
        Verdict.Restart({ backoff: Duration.seconds(15), reason: "gave up: restarting too frequently" })
      )
    }))

  it.effect("remembers for one program only", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon(settings)
      const one = yield* Judge.make(policy)
      const other = yield* Judge.make(policy)
      assert.deepStrictEqual(yield* one.next(crash), restart("1 second"))
      assert.deepStrictEqual(yield* one.next(crash), restart("2 seconds"))
      assert.deepStrictEqual(yield* other.next(crash), restart("1 second"))
    }))

  it.effect("answers with the same backoff however the clock has jumped since the last run", () =>
    Effect.gen(function*() {
      const judge = yield* Judge.make(RestartPolicy.zdaemon(settings))
      yield* TestClock.setTime(1_790_000_000_000)
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      yield* TestClock.setTime(5)
      assert.deepStrictEqual(yield* judge.next(crash), restart("2 seconds"))
    }))

  it.effect("waits as long as an operator on the whole policy says", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon(settings).pipe(Schedule.addDelay(() => "10 seconds"))
      const judge = yield* Judge.make(policy)
      assert.deepStrictEqual(yield* judge.next(crash), restart("11 seconds"))
    }))

  it.effect("gives up when an operator on the whole policy ends it", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon({ ...settings, forever: true }).pipe(Schedule.upTo("1 hour"))
      const judge = yield* Judge.make(policy)
      assert.deepStrictEqual(yield* judge.next(crash), restart("1 second"))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* judge.next(crash), Verdict.GiveUp())
    }))

  it.effect("with a backoff limit of 3 has a crashing program run at 0, 1 and 3 seconds, as measured", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(startsOfRuns(RestartPolicy.zdaemon(settings), Infinity))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), [0, 1000, 3000])
    }))

  it.effect("keeps a program up through 10000 crashes, 27 hours, without losing or gaining a millisecond", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon({ backoffLimit: 10, exitCodes: [], forever: true })
      const starts = yield* startsOfRuns(policy, 10_001)
      assert.strictEqual(starts.length, 10_001)
      assert.strictEqual(starts.at(-1), (45 + 9_991 * 10) * 1000)
    }).pipe(Effect.withClock(skipping())))
})
