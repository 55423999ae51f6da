import { assert, describe, it, vi } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schedule from "effect/Schedule"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import { ExitStatus, type Run } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"

// Generated runs by the thousand take a while where others are busy.
vi.setConfig({ testTimeout: 60_000 })

const run = (status: ExitStatus, uptime: Duration.DurationInput): Run => ({ status, uptime: Duration.decode(uptime) })
const exited = (code: number, uptime: Duration.DurationInput = 0) => run(ExitStatus.Exited({ code }), uptime)
const signaled = (signal: string, uptime: Duration.DurationInput = 0) => run(ExitStatus.Signaled({ signal }), uptime)
const notSpawned = run(ExitStatus.NotSpawned({ reason: "ENOENT: no such file or directory" }), 0)
const crash = exited(1)
const crashes = (count: number) => Array.from({ length: count }, () => crash)

/** The seconds of a restart's backoff, `"give up"`, or `"exit 3"`. */
const inWords = Verdict.$match({
  Restart: ({ backoff }) => Duration.toSeconds(backoff),
  GiveUp: () => "give up",
  Stay: ({ reason }) => `stay: ${reason}`,
  Exit: ({ code }) => `exit ${code}`
})

const verdicts = (policy: RestartPolicy.RestartPolicy, runs: ReadonlyArray<Run>) =>
  Effect.map(Schedule.run(policy, 0, runs), (outputs) => Arr.map(Chunk.toReadonlyArray(outputs), inWords))

const waits = (delays: RestartPolicy.Delays, count: number) =>
  Effect.map(
    Schedule.run(Schedule.delays(delays), 0, crashes(count)),
    (outputs) => Arr.map(Chunk.toReadonlyArray(outputs), Duration.toSeconds)
  )

const settings = { backoffLimit: 10, exitCodes: [], forever: false }

describe("delays", () => {
  it.effect("linear waits a second more each time", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* waits(RestartPolicy.linear, 5), [1, 2, 3, 4, 5])
    }))

  it.effect("cappedAt keeps delays up to the limit and shortens the longer ones", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* waits(RestartPolicy.cappedAt("2500 millis")(RestartPolicy.linear), 5),
        [1, 2, 2.5, 2.5, 2.5]
      )
    }))

  it.effect("cappedAt goes on at the limit after the last delay", () =>
    Effect.gen(function*() {
      const delays = RestartPolicy.linear.pipe(RestartPolicy.upTo(3), RestartPolicy.cappedAt("10 seconds"))
      assert.deepStrictEqual(yield* waits(delays, 5), [1, 2, 10, 10, 10])
    }))

  it.effect.each([{ limit: 1, count: 0 }, { limit: 2, count: 1 }, { limit: 10, count: 9 }])(
    "upTo($limit) ends after $count delays",
    ({ count, limit }) =>
      Effect.gen(function*() {
        const policy = RestartPolicy.restartAfter(RestartPolicy.upTo(limit)(RestartPolicy.linear))
        assert.deepStrictEqual(
          yield* verdicts(policy, crashes(20)),
          [...Array.from({ length: count }, (_, index) => index + 1), "give up"]
        )
      })
  )
})

describe("restartAfter", () => {
  it.effect("takes the backoff from the delay of each step, at any origin of time", () =>
    Effect.gen(function*() {
      const delays = Schedule.fromDelays("0 millis", "1500 millis", "1 hours")
      const actual = yield* Schedule.run(RestartPolicy.restartAfter(delays), 1_790_000_000_123, crashes(4))
      assert.deepStrictEqual(Arr.map(Chunk.toReadonlyArray(actual), inWords), [0, 1.5, 3600, "give up"])
    }))

  it.effect("gives the delays the runs to decide upon", () =>
    Effect.gen(function*() {
      const delays = Schedule.identity<Run>().pipe(Schedule.addDelay((run) => run.uptime))
      assert.deepStrictEqual(
        yield* verdicts(RestartPolicy.restartAfter(delays), [exited(0, "4 seconds"), exited(0, "7 seconds")]),
        [4, 7]
      )
    }))

  it.effect("ends with the first GiveUp", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* verdicts(RestartPolicy.restartAfter(Schedule.stop), crashes(3)), ["give up"])
    }))
})

describe("startOverWhen", () => {
  const isHealthy = (run: Run) => Duration.greaterThan(run.uptime, "5 seconds")
  const policy = RestartPolicy.linear.pipe(
    RestartPolicy.upTo(4),
    RestartPolicy.restartAfter,
    RestartPolicy.startOverWhen(isHealthy)
  )

  it.effect("restarts at once after a healthy run and forgets the runs before it", () =>
    Effect.gen(function*() {
      const runs = [crash, crash, crash, exited(0, "6 seconds"), ...crashes(10)]
      assert.deepStrictEqual(yield* verdicts(policy, runs), [1, 2, 3, 0, 1, 2, 3, "give up"])
    }))

  it.effect("never gives up a program whose runs are all healthy", () =>
    Effect.gen(function*() {
      const runs = Array.from({ length: 100 }, () => signaled("SIGSEGV", "6 seconds"))
      assert.deepStrictEqual(yield* verdicts(policy, runs), Array.from({ length: 100 }, () => 0))
    }))
})

describe("exitOn", () => {
  const always = RestartPolicy.restartAfter(Schedule.spaced("2 seconds"))

  it.effect("ends the policy with the code of a listed exit status", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.exitOn([0, 2])(always)
      assert.deepStrictEqual(yield* verdicts(policy, [crash, exited(3), exited(2), crash]), [2, 2, "exit 2"])
      assert.deepStrictEqual(yield* verdicts(policy, [exited(0)]), ["exit 0"])
    }))

  it.effect("leaves a death by signal to the given policy unless -1 is listed", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.exitOn([0, 9, 15, 137, 143, 255])(always)
      assert.deepStrictEqual(yield* verdicts(policy, [signaled("SIGKILL"), signaled("SIGTERM")]), [2, 2])
    }))

  it.effect("ends with 255 on any signal when -1 is listed, an accident of the original that is kept", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.exitOn([-1])(always)
      assert.deepStrictEqual(yield* verdicts(policy, [crash, signaled("SIGKILL"), crash]), [2, "exit 255"])
      assert.deepStrictEqual(yield* verdicts(policy, [signaled("SIGSEGV")]), ["exit 255"])
      assert.deepStrictEqual(yield* verdicts(policy, [exited(255)]), [2])
    }))

  it.effect("never takes a program that could not be started for an exit code", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.exitOn(Arr.range(-1, 255))(always)
      assert.deepStrictEqual(yield* verdicts(policy, [notSpawned, notSpawned]), [2, 2])
    }))
})

describe("zdaemon", () => {
  it.effect.each([
    { backoffLimit: 1, expected: ["give up"] },
    { backoffLimit: 2, expected: [1, "give up"] },
    { backoffLimit: 3, expected: [1, 2, "give up"] },
    { backoffLimit: 10, expected: [1, 2, 3, 4, 5, 6, 7, 8, 9, "give up"] }
  ])("runs a crashing program exactly $backoffLimit times", ({ backoffLimit, expected }) =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon({ ...settings, backoffLimit })
      assert.deepStrictEqual(yield* verdicts(policy, crashes(20)), expected)
    }))

  it.effect.each([
    { backoffLimit: 1, expected: [1, 1, 1, 1] },
    { backoffLimit: 2, expected: [1, 2, 2, 2] },
    { backoffLimit: 3, expected: [1, 2, 3, 3] },
    { backoffLimit: 10, expected: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10] }
  ])("forever stays at a backoff limit of $backoffLimit", ({ backoffLimit, expected }) =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon({ ...settings, backoffLimit, forever: true })
      assert.deepStrictEqual(yield* verdicts(policy, crashes(expected.length)), expected)
    }))

  it.effect.each([{ forever: true }, { forever: false }])(
    "a backoff limit of 0 never gives up and never spins (forever: $forever)",
    ({ forever }) =>
      Effect.gen(function*() {
        const policy = RestartPolicy.zdaemon({ ...settings, backoffLimit: 0, forever })
        assert.deepStrictEqual(yield* verdicts(policy, crashes(1000)), Array.from({ length: 1000 }, () => 1))
        assert.deepStrictEqual(
          yield* verdicts(policy, [crash, exited(1, "999 millis"), exited(1, "1 seconds"), exited(0, "1 days"), crash]),
          [1, 1, 0, 0, 1]
        )
      })
  )

  it.effect.each([{ forever: true }, { forever: false }])(
    "takes a run as long as the backoff limit for healthy and a shorter one for quick (forever: $forever)",
    ({ forever }) =>
      Effect.gen(function*() {
        const policy = RestartPolicy.zdaemon({ ...settings, forever })
        const runs = [crash, exited(1, "9999 millis"), exited(1, "10 seconds"), exited(1, "9999 millis"), crash]
        assert.deepStrictEqual(yield* verdicts(policy, runs), [1, 2, 0, 1, 2])
      })
  )

  it.effect("counts every quick end alike: a success, a failure, a signal, a program that cannot be started", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.zdaemon(settings)
      const runs = [exited(0), exited(127), signaled("SIGKILL"), notSpawned]
      assert.deepStrictEqual(yield* verdicts(policy, runs), [1, 2, 3, 4])
    }))

  it.effect("lets an exit code win over the last quick run, as the manual says and the original does not", () =>
    Effect.gen(function*() {
      const once = RestartPolicy.zdaemon({ backoffLimit: 1, exitCodes: [0, 2], forever: false })
      assert.deepStrictEqual(yield* verdicts(once, [exited(0)]), ["exit 0"])
      const third = RestartPolicy.zdaemon({ backoffLimit: 3, exitCodes: [0, 2], forever: false })
      assert.deepStrictEqual(yield* verdicts(third, [crash, crash, exited(2)]), [1, 2, "exit 2"])
    }))

  it.effect("lets an exit code win over forever, over a healthy run and over a backoff limit of 0", () =>
    Effect.gen(function*() {
      const forever = RestartPolicy.zdaemon({ backoffLimit: 3, exitCodes: [0, 2], forever: true })
      assert.deepStrictEqual(yield* verdicts(forever, [...crashes(5), exited(2)]), [1, 2, 3, 3, 3, "exit 2"])
      assert.deepStrictEqual(yield* verdicts(forever, [exited(0, "1 days")]), ["exit 0"])
      const unlimited = RestartPolicy.zdaemon({ backoffLimit: 0, exitCodes: [0, 2], forever: false })
      assert.deepStrictEqual(yield* verdicts(unlimited, [crash, exited(0)]), [1, "exit 0"])
    }))

  it.effect("ends on a signal only when -1 is among the exit codes", () =>
    Effect.gen(function*() {
      const runs = [signaled("SIGTERM"), signaled("SIGKILL", "1 hours")]
      assert.deepStrictEqual(
        yield* verdicts(RestartPolicy.zdaemon({ ...settings, exitCodes: [0, 2] }), runs),
        [1, 0]
      )
      assert.deepStrictEqual(
        yield* verdicts(RestartPolicy.zdaemon({ ...settings, exitCodes: [0, -1] }), runs),
        ["exit 255"]
      )
    }))
})

describe("laws of zdaemon's policy", () => {
  const uptime = FastCheck.oneof(
    FastCheck.integer({ min: 0, max: 13_000 }),
    FastCheck.integer({ min: 0, max: 13 }).map((seconds) => seconds * 1000)
  )
  const quickly = FastCheck.integer({ min: 0, max: 999 })
  const status = FastCheck.oneof(
    FastCheck.integer({ min: 0, max: 5 }).map((code) => ExitStatus.Exited({ code })),
    FastCheck.integer({ min: 0, max: 255 }).map((code) => ExitStatus.Exited({ code })),
    FastCheck.constantFrom("SIGTERM", "SIGKILL", "SIGSEGV").map((signal) => ExitStatus.Signaled({ signal })),
    FastCheck.constant(notSpawned.status)
  )
  const runsLasting = (uptime: FastCheck.Arbitrary<number>) =>
    FastCheck.array(FastCheck.tuple(status, uptime).map(([status, uptime]) => run(status, uptime)), { maxLength: 40 })
  const runs = runsLasting(uptime)
  const quickRuns = runsLasting(quickly)
  const backoffLimit = FastCheck.integer({ min: 0, max: 12 })
  const forever = FastCheck.boolean()
  const exitCodes = FastCheck.uniqueArray(FastCheck.integer({ min: -1, max: 5 }), { maxLength: 3 })
  const anySettings = FastCheck.record({ backoffLimit, exitCodes, forever })

  it.effect.prop(
    "no backoff is longer than the limit, or than a second without one",
    { anySettings, runs },
    (given) =>
      Effect.gen(function*() {
        const limit = Math.max(1, given.anySettings.backoffLimit)
        for (const verdict of yield* verdicts(RestartPolicy.zdaemon(given.anySettings), given.runs)) {
          assert.isTrue(typeof verdict === "string" || verdict <= limit)
        }
      })
  )

  it.effect.prop(
    "quick runs are restarted after 1, 2, … seconds until just below the limit, and no further",
    { backoffLimit: FastCheck.integer({ min: 1, max: 40 }), quickRuns },
    (given) =>
      Effect.gen(function*() {
        const policy = RestartPolicy.zdaemon({ ...settings, backoffLimit: given.backoffLimit })
        const actual = yield* verdicts(policy, [...given.quickRuns, ...crashes(40)])
        assert.strictEqual(actual.length, given.backoffLimit)
        assert.strictEqual(actual.at(-1), "give up")
        const total = Arr.reduce(actual, 0, (sum, it) => typeof it === "number" ? sum + it : sum)
        assert.strictEqual(total, given.backoffLimit * (given.backoffLimit - 1) / 2)
      })
  )

  it.effect.prop(
    "restarts for ever with forever or without a limit",
    { anySettings, runs },
    (given) =>
      Effect.gen(function*() {
        const { backoffLimit, forever } = given.anySettings
        const policy = RestartPolicy.zdaemon({ backoffLimit, exitCodes: [], forever: forever || backoffLimit > 0 })
        assert.strictEqual(Arr.filter(yield* verdicts(policy, given.runs), Number.isFinite).length, given.runs.length)
      })
  )

  it.effect.prop(
    "after a healthy run the future is that of a policy that has seen nothing",
    { anySettings, past: runs, future: runs },
    (given) =>
      Effect.gen(function*() {
        // NotSpawned, so that no exit code hides the healthy run.
        const healthy = run(notSpawned.status, "13 seconds")
        const policy = RestartPolicy.zdaemon(given.anySettings)
        const past = yield* verdicts(policy, [...given.past, healthy])
        FastCheck.pre(past.length === given.past.length + 1 && past.at(-1) === 0)
        const whole = yield* verdicts(policy, [...given.past, healthy, ...given.future])
        assert.deepStrictEqual(whole.slice(past.length), yield* verdicts(policy, given.future))
      })
  )

  it.effect.prop(
    "the first run with a listed exit code ends the policy with it, whatever came before",
    { backoffLimit, forever, past: runs, code: FastCheck.integer({ min: 0, max: 255 }), uptime },
    ({ backoffLimit, code, forever, past, uptime }) =>
      Effect.gen(function*() {
        const unlisted = Arr.filter(past, ({ status }) => !(ExitStatus.$is("Exited")(status) && status.code === code))
        const without = yield* verdicts(RestartPolicy.zdaemon({ backoffLimit, exitCodes: [], forever }), unlisted)
        FastCheck.pre(without.at(-1) !== "give up")
        const policy = RestartPolicy.zdaemon({ backoffLimit, exitCodes: [code], forever })
        const actual = yield* verdicts(policy, [...unlisted, exited(code, uptime), crash])
        assert.deepStrictEqual(actual, [...without, `exit ${code}`])
      })
  )

  it.effect.prop(
    "counts as the original's governor does, given a limit and no exit codes",
    { backoffLimit: FastCheck.integer({ min: 1, max: 12 }), forever, runs },
    ({ backoffLimit, forever, runs }) =>
      Effect.gen(function*() {
        const expected: Array<number | string> = []
        let backoff = 0
        for (const { uptime } of runs) {
          if (Duration.toSeconds(uptime) >= backoffLimit) {
            backoff = 0
          } else {
            backoff += 1
            if (backoff >= backoffLimit && !forever) {
              expected.push("give up")
              break
            }
            backoff = Math.min(backoff, backoffLimit)
          }
          expected.push(backoff)
        }
        const policy = RestartPolicy.zdaemon({ backoffLimit, exitCodes: [], forever })
        assert.deepStrictEqual(yield* verdicts(policy, runs), expected)
      })
  )
})
