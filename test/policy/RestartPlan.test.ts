import { assert, describe, it, vi } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as JSONSchema from "effect/JSONSchema"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as PolicySettings from "../../src/config/PolicySettings.ts"
import * as Settings from "../../src/config/Settings.ts"
import * as RestartPlan from "../../src/policy/RestartPlan.ts"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import type { Run } from "../../src/policy/Run.ts"
import { describeVerdict } from "../../src/policy/Verdict.ts"
import * as Plans from "../support/Plans.ts"

vi.setConfig({ testTimeout: 60_000 })

const { exited, notSpawned, signaled } = Plans

const crash = exited(1)
const crashes = (count: number) => Array.from({ length: count }, () => crash)

/** What the policy of these settings says after each of the runs, up to its end. */
const verdicts = (texts: Readonly<Record<string, string>>, runs: ReadonlyArray<Run>) =>
  Effect.map(
    Schedule.run(RestartPlan.policy(Plans.fromSettings(texts)), 0, runs),
    (verdicts) => Chunk.toReadonlyArray(verdicts).map(describeVerdict)
  )

const restarts = (...seconds: ReadonlyArray<number>) =>
  seconds.map((seconds) => seconds === 0 ? "restarts now" : `restarts in ${seconds} s`)

const tooFrequent = "restarting too frequently; gave up"

describe("a plan", () => {
  it.effect("of zdaemon's own settings says what zdaemon's own policy says, after any runs", () =>
    Effect.promise(() =>
      FastCheck.assert(FastCheck.asyncProperty(
        FastCheck.record({
          backoffLimit: FastCheck.nat({ max: 12 }),
          forever: FastCheck.boolean(),
          exitCodes: FastCheck.array(FastCheck.integer({ min: -1, max: 5 }), { maxLength: 3 })
        }),
        FastCheck.array(Plans.run, { maxLength: 40 }),
        (settings, runs) => {
          const say = (policy: RestartPolicy.RestartPolicy) => Schedule.run(policy, 0, runs)
          const texts = {
            "backoff-limit": String(settings.backoffLimit),
            forever: settings.forever ? "on" : "off",
            "exit-codes": settings.exitCodes.join(",")
          }
          return Effect.runPromise(Effect.gen(function*() {
            const expected = yield* say(RestartPolicy.zdaemon(settings))
            for (const plan of [RestartPlan.zdaemon(settings), Plans.fromSettings(texts)]) {
              assert.deepStrictEqual(yield* say(RestartPlan.policy(plan)), expected)
            }
          }))
        }
      ))
    ))

  it("is the same after it was written as settings, and as JSON", () => {
    const json = Schema.parseJson(RestartPlan.RestartPlan)
    FastCheck.assert(FastCheck.property(Plans.plan, (plan) => {
      const settings = Schema.encodeSync(PolicySettings.PlanFromSettings)(plan)
      assert.deepStrictEqual(Schema.decodeSync(PolicySettings.PlanFromSettings)(settings), plan)
      assert.deepStrictEqual(Schema.decodeSync(json)(Schema.encodeSync(json)(plan)), plan)
    }))
  })

  it("has a JSON Schema, and so have the settings that say it", () => {
    const parts = (schema: Schema.Schema.All) => Object.keys(JSONSchema.make(Schema.make(schema.ast)).$defs ?? {})
    assert.includeMembers(parts(RestartPlan.RestartPlan), ["RestartPlan", "RestartPlan.Backoff", "GivingUp.Limit"])
    assert.includeMembers(parts(PolicySettings.PolicySettings), ["PolicySettings"])
    assert.includeMembers(parts(Schema.Struct({ restarts: PolicySettings.PlanFromSettings })), ["PlanFromSettings"])
  })

  it("of milliseconds has no settings, since backoff-limit has whole seconds", () => {
    const plan = { ...Plans.fromSettings({}), longest: Duration.millis(1500) }
    const encoded = Schema.encodeEither(PolicySettings.PlanFromSettings)(plan)
    assert.include(String(Either.getOrThrow(Either.flip(encoded))), "backoff-limit has whole seconds")
  })
})

describe("backoff", () => {
  it.effect("grows as its kind says, from the base, and never beyond the limit", () =>
    Effect.gen(function*() {
      const waits = (texts: Readonly<Record<string, string>>) => verdicts({ forever: "on", ...texts }, crashes(7))
      assert.deepStrictEqual(yield* waits({}), restarts(1, 2, 3, 4, 5, 6, 7))
      assert.deepStrictEqual(yield* waits({ "backoff-base": "2s" }), restarts(2, 4, 6, 8, 10, 10, 10))
      assert.deepStrictEqual(
        yield* waits({ backoff: "constant", "backoff-base": "0.25" }),
        restarts(0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25)
      )
      assert.deepStrictEqual(yield* waits({ backoff: "exponential" }), restarts(1, 2, 4, 8, 10, 10, 10))
      assert.deepStrictEqual(
        yield* waits({ backoff: "exponential", "backoff-base": "100ms", "backoff-factor": "3" }),
        restarts(0.1, 0.3, 0.9, 2.7, 8.1, 10, 10)
      )
      assert.deepStrictEqual(yield* waits({ backoff: "fibonacci" }), restarts(1, 1, 2, 3, 5, 8, 10))
    }))

  it.effect("stays at the limit for as long as it has to, when it has grown beyond all numbers", () =>
    Effect.gen(function*() {
      for (const backoff of ["exponential", "fibonacci"]) {
        const said = yield* verdicts({ backoff, "backoff-factor": "1000", forever: "on" }, crashes(3000))
        assert.deepStrictEqual(said.slice(-2000), restarts(...Array.from({ length: 2000 }, () => 10)))
      }
    }))

  it.effect("with jitter is shorter by a random part, which the seed decides", () =>
    Effect.gen(function*() {
      const texts = { backoff: "constant", "backoff-base": "10s", "backoff-jitter": "50%", forever: "on" }
      const seeded = (seed: string) => Effect.withRandom(verdicts(texts, crashes(100)), Random.make(seed))
      const one = yield* seeded("one")
      assert.deepStrictEqual(yield* seeded("one"), one)
      assert.notDeepEqual(yield* seeded("other"), one)
      const seconds = one.map((verdict) => Number(/^restarts in ([\d.]+) s$/.exec(verdict)?.[1]))
      assert.isTrue(seconds.every((wait) => wait >= 5 && wait <= 10))
      assert.isTrue(Math.min(...seconds) < 6 && Math.max(...seconds) > 9)
    }))
})

describe("reset-after", () => {
  it.effect("tells quick runs from others in place of the backoff limit", () =>
    Effect.gen(function*() {
      const runs = [crash, exited(1, "59 seconds"), exited(1, "60 seconds"), crash]
      assert.deepStrictEqual(yield* verdicts({ "reset-after": "1m" }, runs), restarts(1, 2, 0, 1))
      assert.deepStrictEqual(yield* verdicts({}, runs), restarts(1, 0, 0, 1))
    }))

  it.effect("never: every run is quick, however long it was", () =>
    Effect.gen(function*() {
      const runs = [crash, exited(1, "1 days"), exited(1, "365 days")]
      assert.deepStrictEqual(yield* verdicts({ "reset-after": "never" }, runs), restarts(1, 2, 3))
    }))
})

describe("give-up-after", () => {
  it.effect("N: the Nth quick run in a row is one too many, in place of the backoff limit", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* verdicts({ "give-up-after": "3" }, crashes(9)), [...restarts(1, 2), tooFrequent])
      assert.deepStrictEqual(
        yield* verdicts({ "give-up-after": "12" }, crashes(20)),
        [...restarts(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10), tooFrequent]
      )
    }))

  it.effect("N in T: the Nth end within T is one too many, however long the runs were", () =>
    Effect.gen(function*() {
      const texts = { backoff: "constant", "give-up-after": "3 in 1m" }
      const after = (...seconds: ReadonlyArray<number>) => seconds.map((seconds) => exited(1, seconds * 1000))
      assert.deepStrictEqual(
        yield* verdicts(texts, after(0, 0, 0)),
        [...restarts(1, 1), "3 ends in 1m; gave up"]
      )
      assert.deepStrictEqual(
        yield* verdicts(texts, after(20, 20, 20)),
        [...restarts(0, 0), "3 ends in 1m; gave up"],
        "runs that are long enough count as well"
      )
      assert.deepStrictEqual(
        yield* verdicts(texts, after(0, 0, 57.999, 1)),
        [...restarts(1, 1), "3 ends in 1m; gave up"],
        "the waits between them belong to the time"
      )
      assert.deepStrictEqual(
        yield* verdicts(texts, after(0, 31, 30, 31, 30, 31)),
        restarts(1, 0, 0, 0, 0, 0),
        "two in a minute may go on for ever"
      )
    }))

  it.effect("gives way to forever", () =>
    Effect.gen(function*() {
      const texts = { forever: "on", "give-up-after": "2 in 1h" }
      assert.deepStrictEqual(yield* verdicts(texts, crashes(4)), restarts(1, 2, 3, 4))
    }))
})

describe("give-up", () => {
  it.effect("stay: the program stays down, with the reason", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "give-up-after": "2", "give-up": "stay" }, crashes(5)),
        [...restarts(1), "gave up: restarting too frequently; stays down"]
      )
    }))

  it.effect("retry after T: it waits for T, and begins again as if nothing had been", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "give-up-after": "3 in 1m", "give-up": "retry after 10m" }, crashes(7)),
        [
          ...restarts(1, 2),
          "gave up: 3 ends in 1m; restarts in 10m",
          ...restarts(1, 2),
          "gave up: 3 ends in 1m; restarts in 10m",
          ...restarts(1)
        ]
      )
    }))

  it.effect("is not asked where a rule or an exit code ends it", () =>
    Effect.gen(function*() {
      const texts = { "give-up": "retry after 10m", "on-exit": "3 stop" }
      assert.deepStrictEqual(yield* verdicts(texts, [exited(0), crash]), [
        "exit code 0 is in exit-codes; not restarted"
      ])
      assert.deepStrictEqual(yield* verdicts(texts, [exited(3), crash]), [
        "exit status 3, and on-exit 3 stop; not restarted"
      ])
    }))
})

describe("on-exit and on-signal", () => {
  it.effect("after T: the next run starts after T, and the row of quick runs is as it was", () =>
    Effect.gen(function*() {
      const runs = [crash, exited(75), exited(75, "1 hours"), crash]
      assert.deepStrictEqual(
        yield* verdicts({ "on-exit": "75 after 60s" }, runs),
        ["restarts in 1 s", "restarts in 1m", "restarts in 1m", "restarts in 2 s"]
      )
    }))

  it.effect("stop: the manager exits, with the program's status, or with 255 after a signal", () =>
    Effect.gen(function*() {
      const say = (run: Run) =>
        verdicts({ "on-exit": "3,4 stop", "on-signal": "TERM stop", forever: "on" }, [crash, run, crash])
      assert.deepStrictEqual(yield* say(exited(4)), [
        ...restarts(1),
        "exit status 4, and on-exit 3,4 stop; not restarted"
      ])
      assert.deepStrictEqual(yield* say(signaled("SIGTERM")), [
        ...restarts(1),
        "terminated by SIGTERM, and on-signal TERM stop; not restarted"
      ])
      assert.deepStrictEqual(yield* say(signaled("SIGKILL")), restarts(1, 2, 3))
      const policy = RestartPlan.policy(Plans.fromSettings({ "on-exit": "4 stop", "on-signal": "TERM stop" }))
      const codes = (run: Run) =>
        Effect.map(Schedule.run(policy, 0, [run]), (said) => {
          const [verdict] = Chunk.toReadonlyArray(said)
          return verdict?._tag === "Exit" ? verdict.code : undefined
        })
      assert.deepStrictEqual([yield* codes(exited(4)), yield* codes(signaled("SIGTERM"))], [4, 255])
    }))

  it.effect("stay: the program stays down, and its manager up", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "on-signal": "KILL stay" }, [crash, signaled("SIGKILL"), crash]),
        [...restarts(1), "terminated by SIGKILL, and on-signal KILL stay; stays down"]
      )
    }))

  it.effect("at most N in T: the rest of the policy decides, up to N restarts in T", () =>
    Effect.gen(function*() {
      const texts = { "on-signal": "SEGV at most 2 in 1h", forever: "on" }
      const segv = signaled("SIGSEGV")
      assert.deepStrictEqual(
        yield* verdicts(texts, [segv, crash, segv, crash, segv, crash]),
        [...restarts(1, 2, 3, 4), "terminated by SIGSEGV after 2 restarts for it in 1h; gave up"]
      )
      assert.deepStrictEqual(
        yield* verdicts(texts, [segv, segv, exited(1, "1 hours"), segv, segv]),
        restarts(1, 2, 0, 1, 2),
        "an hour later they are forgotten"
      )
      assert.deepStrictEqual(
        yield* verdicts({ "on-exit": "9 at most 0 in 1h", "give-up": "stay" }, [crash, exited(9)]),
        [...restarts(1), "gave up: exit status 9; stays down"]
      )
    }))

  it.effect("of several rules for one ending the first holds, and every at most", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "on-exit": "7 at most 2 in 1h\n7 after 5s\n7 stop" }, [exited(7), exited(7), exited(7)]),
        [...restarts(5, 5), "exit status 7 after 2 restarts for it in 1h; gave up"]
      )
    }))

  it.effect("come before exit-codes, and not being executed at all has no exit status", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "on-exit": "0 after 5s\n127 stop" }, [exited(0), notSpawned, exited(2)]),
        [...restarts(5, 1), "exit code 2 is in exit-codes; not restarted"]
      )
    }))

  it.effect("count for a limit in a time, which counts every restart whatever its cause", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* verdicts({ "on-exit": "75 after 60s", "give-up-after": "3 in 10m" }, Plans.times(5, exited(75))),
        ["restarts in 1m", "restarts in 1m", "3 ends in 10m; gave up"]
      )
    }))
})

describe("settings", () => {
  it("refuse what would let the manager spin, or means nothing, and say what is allowed", () => {
    const reason = (key: string, text: string) =>
      Either.match(Settings.decode(new Map([[key, text]])), {
        onLeft: ({ reason }) => reason,
        onRight: () => "fine"
      })
    assert.deepStrictEqual(
      [
        ["backoff", "quadratic"],
        ["backoff-base", "0"],
        ["backoff-base", "1y"],
        ["backoff-factor", "0.5"],
        ["backoff-jitter", "150%"],
        ["reset-after", "0.5s"],
        ["give-up-after", "5 per 10m"],
        ["give-up", "despair"],
        ["on-exit", "75 after 60s\n2 stpo"]
      ].map(([key = "", text = ""]) => reason(key, text)),
      [
        "'quadratic' is none of 'constant', 'linear', 'exponential', 'fibonacci'",
        "0 is no wait between 0.01s and 24d",
        "'1y': a length of time is written 90, 90s, 0.5s, 5m, 1h30m or 2d",
        "'0.5' is no factor between 1 and 1000",
        "'150%' is no part of a wait, '0' to '1', or '0%' to '100%'",
        "'0.5s' is shorter than a second; a run is never healthy before, or say 'never'",
        "'5 per 10m' is neither a number like '5' nor a window like '5 in 10m'",
        "'despair' is none of 'exit', 'stay' and 'retry after 10m'",
        "'2 stpo' is no rule: a rule is '75 after 60s', '75 at most 3 in 1h', '0,2 stop' or '0,2 stay'"
      ]
    )
  })
})
