import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as PlanInWords from "../../src/policy/PlanInWords.ts"
import * as RestartPlan from "../../src/policy/RestartPlan.ts"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import * as Scenario from "../../src/policy/Scenario.ts"
import * as Simulation from "../../src/policy/Simulation.ts"
import { describeVerdict } from "../../src/policy/Verdict.ts"
import * as Plans from "../support/Plans.ts"

const always = (uptime: Duration.DurationInput) => () => Effect.succeedSome(Plans.exited(1, uptime))

const simulate = (
  texts: Readonly<Record<string, string>>,
  next: ReturnType<typeof Scenario.run>,
  span: Duration.DurationInput
) => Simulation.run(RestartPlan.policy(Plans.fromSettings(texts)), next, { span })

const seconds = (simulation: Simulation.Simulation) => ({
  restarts: simulation.restarts,
  up: simulation.up / 1000,
  down: simulation.down / 1000,
  final: Option.map(simulation.final, ({ at, verdict }) => [at / 1000, describeVerdict(verdict)])
})

describe("a simulation", () => {
  it.effect("adds up the runs and the waits, until the policy ends it", () =>
    Effect.gen(function*() {
      const simulation = yield* simulate({ "backoff-limit": "4" }, always("3 seconds"), "1 hours")
      assert.deepStrictEqual(seconds(simulation), {
        restarts: 3,
        up: 12,
        down: 3588,
        final: Option.some([18, "restarting too frequently; gave up"])
      })
      assert.deepStrictEqual(simulation.lives.map(({ began }) => began), [0, 4000, 9000, 15_000])
    }))

  it.effect("ends with its time, in the middle of a run or of a wait", () =>
    Effect.gen(function*() {
      const texts = { backoff: "constant", "backoff-base": "2s", forever: "on" }
      assert.deepStrictEqual(
        [
          seconds(yield* simulate(texts, always("3 seconds"), "12 seconds")),
          seconds(yield* simulate(texts, always("3 seconds"), "14 seconds"))
        ],
        [
          { restarts: 2, up: 8, down: 4, final: Option.none() },
          { restarts: 2, up: 9, down: 5, final: Option.none() }
        ]
      )
    }))

  it.effect("leaves a program up that does not end any more", () =>
    Effect.gen(function*() {
      const once = (number: number) => Effect.succeed(Option.liftPredicate(Plans.exited(1), () => number === 0))
      assert.deepStrictEqual(
        seconds(yield* simulate({}, once, "1 minutes")),
        { restarts: 1, up: 59, down: 1, final: Option.none() }
      )
    }))

  it.effect("says after how many runs it was cut short", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.restartAfter(Schedule.spaced("10 seconds"))
      const { isCut, runs, span } = yield* Simulation.run(policy, always(0), { span: "1 days", most: 50 })
      assert.deepStrictEqual([isCut, runs, span], [true, 50, 500_000])
    }))

  it.effect("has its own time for policies that ask for it", () =>
    Effect.gen(function*() {
      const policy = RestartPolicy.restartAfter(Schedule.spaced("10 seconds")).pipe(Schedule.upTo("1 minutes"))
      const { final } = yield* Simulation.run(policy, always(0), { span: "1 days" })
      assert.deepStrictEqual(Option.map(final, ({ at }) => at), Option.some(60_000))
    }))

  it.effect("is the same each time with the same seed", () =>
    Effect.gen(function*() {
      const scenario = Scenario.run([{
        lifetime: Either.getOrThrow(Scenario.lifetime("uniform(1s,30s)")),
        endings: [Plans.exited(1).status, Plans.signaled("SIGSEGV").status],
        times: Infinity
      }])
      const seeded = (seed: number) =>
        Effect.withRandom(simulate({ "backoff-jitter": "1", forever: "on" }, scenario, "1 hours"), Random.make(seed))
      const one = yield* seeded(7)
      assert.deepStrictEqual(yield* seeded(7), one)
      assert.notDeepEqual(yield* seeded(8), one)
      assert.isTrue(one.lives.every(({ run }) => Duration.between(run.uptime, { minimum: 1000, maximum: 30_000 })))
      assert.deepStrictEqual(new Set(one.lives.map(({ run }) => run.status._tag)), new Set(["Exited", "Signaled"]))
    }))
})

describe("a scenario", () => {
  it.effect("is a list of runs, with comments, and leaves the program up after the last", () =>
    Effect.gen(function*() {
      const text = "# Tuesday\n3s exit 7 times 2\n\n 0 not started # no disk\n1h30m signal segv\nuniform( 2s , 2s ) \n"
      const scenario = Either.getOrThrow(Scenario.read(text))
      const runs = yield* Effect.all([0, 1, 2, 3, 4, 5].map(Scenario.run(scenario)))
      assert.deepStrictEqual(
        runs.map(Option.map(({ status, uptime }) => [
          Duration.toSeconds(uptime),
          "code" in status ? status.code : "signal" in status ? status.signal : "none"
        ])),
        [[3, 7], [3, 7], [0, "none"], [5400, "SIGSEGV"], [2, 1]].map(Option.some).concat([Option.none()])
      )
    }))

  it("says which line is wrong, and what may stand there", () => {
    const wrong: ReadonlyArray<readonly [string, string]> = [
      [
        "3s exit 1\nsoon exit 1",
        "line 2: 'soon': a length of time is written 90, 90s, 0.5s, 5m, 1h30m or 2d; or uniform(1s,30s)"
      ],
      ["3s die", "line 1: 'die' is none of 'exit 1', 'signal SEGV' and 'not started'"],
      ["3s exit 300", "line 1: '300' is no exit status from 0 to 255"],
      ["3s signal 11", "line 1: '11' is no signal's name"],
      ["3s exit 1 times many", "line 1: '3s exit 1 times many' has no number of times"],
      ["uniform(3s,1s)", "line 1: uniform(3s,1s): the first of the two is the shorter one"]
    ]
    for (const [text, reason] of wrong) assert.deepStrictEqual(Scenario.read(text), Either.left(reason))
  })
})

describe("a plan in words", () => {
  const explained = (texts: Readonly<Record<string, string>>) => {
    const plan = Plans.fromSettings(texts)
    return Effect.map(
      Effect.withRandom(PlanInWords.schedule(plan), Random.make(1)),
      (schedule) => [...PlanInWords.sentences(plan), PlanInWords.render(schedule)]
    )
  }

  it.effect("is zdaemon's own by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* explained({}), [
        "After exit status 0 or 2 the manager exits with that status.",
        "After a quick end it waits for 1 s, and for 1 s more after each further one in a row, at most 10 s.",
        "A run of 10 s or longer is no quick end: the next one starts at once, and the row is over.",
        "The 10th quick end in a row is one too many: the manager exits with 1.",
        "1s 2s 3s 4s 5s 6s 7s 8s 9s; after the 10th end, 45 s after the first: restarting too frequently; gave up"
      ])
    }))

  it.effect("says every part of it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* explained({
          backoff: "exponential",
          "backoff-factor": "1.5",
          "backoff-jitter": "25%",
          "reset-after": "never",
          "give-up-after": "21 in 1h",
          "give-up": "retry after 10m",
          "exit-codes": "-1,0",
          "on-exit": "75,76 after 60s\n3 stop",
          "on-signal": "SEGV at most 3 in 1h\nKILL stay"
        }).pipe(Effect.map((lines) => lines.slice(0, -1))),
        [
          "After exit status 75 or 76 it waits for 1m.",
          "After exit status 3 the manager exits with that status.",
          "After SIGSEGV it is started again at most 3 times in 1h.",
          "After SIGKILL the manager stays, and the program is down until it is ordered up.",
          "After exit status 0 the manager exits with that status.",
          "After a death by any other signal the manager exits with 255.",
          "After a quick end it waits for 1 s, and 1.5 times as long after each further one in a row, at most 10 s.",
          "Each of these waits is shortened at random, by up to 25 %.",
          "Every end is a quick one, however long the run was.",
          "The 21st end within 1h, however long the runs were, is one too many: it waits for 10m, and begins as if nothing had been."
        ]
      )
      const sentence = (texts: Readonly<Record<string, string>>) =>
        PlanInWords.sentences(Plans.fromSettings({ "exit-codes": "", ...texts }))
      assert.deepStrictEqual(
        [
          sentence({ backoff: "constant" })[0],
          sentence({ backoff: "fibonacci", "backoff-limit": "120" })[0],
          sentence({ forever: "on" })[2],
          sentence({ "give-up": "stay", "give-up-after": "3" })[2]
        ],
        [
          "After a quick end it waits for 1 s.",
          "After a quick end it waits for 1 s, and after each further one in a row as long as for the two before it, at most 2m.",
          "It never gives up.",
          "The 3rd quick end in a row is one too many: the manager stays, and the program is down until it is ordered up."
        ]
      )
    }))

  it("does not say of an ending what an earlier rule keeps from it", () => {
    const sentences = (texts: Readonly<Record<string, string>>) =>
      PlanInWords.sentences(Plans.fromSettings({ "exit-codes": "0,2,-1", ...texts }))
        .filter((sentence) => /^After (exit|SIG|a death)/.test(sentence))
    assert.deepStrictEqual(
      sentences({
        "on-exit": "0 after 5s\n75 at most 3 in 1h\n75 stay\n3,75 stop",
        "on-signal": "HUP after 1s\nHUP stay"
      }),
      [
        "After exit status 0 it waits for 5 s.",
        "After exit status 75 it is started again at most 3 times in 1h.",
        "After exit status 75 the manager stays, and the program is down until it is ordered up.",
        "After exit status 3 the manager exits with that status.",
        "After SIGHUP it waits for 1 s.",
        "After exit status 2 the manager exits with that status.",
        "After a death by any other signal the manager exits with 255."
      ]
    )
    assert.deepStrictEqual(sentences({ "on-exit": "0,2 stop" }), [
      "After exit status 0 or 2 the manager exits with that status.",
      "After a death by a signal the manager exits with 255."
    ])
  })

  it.effect("shows the waits that the policy itself decides upon, and where they go", () =>
    Effect.gen(function*() {
      const firstTwenty = Array.from({ length: 20 }, (_, index) => `${index + 1}s`).join(" ")
      const last = (texts: Readonly<Record<string, string>>) => Effect.map(explained(texts), (lines) => lines.at(-1))
      assert.deepStrictEqual(
        [
          yield* last({ "backoff-limit": "3", forever: "on" }),
          yield* last({ backoff: "constant", forever: "on" }),
          yield* last({ "backoff-limit": "1" }),
          yield* last({ backoff: "exponential", "give-up-after": "4 in 1m", "give-up": "stay" }),
          yield* last({ "backoff-limit": "40", "on-exit": "1 stop" }),
          yield* last({ "backoff-limit": "10", "give-up-after": "1000" }),
          yield* last({ "backoff-limit": "1001" }),
          yield* last({ "backoff-limit": "3", "give-up-after": "1001 in 1d" }),
          yield* last({ "backoff-limit": "1001", forever: "on" })
        ],
        [
          "1s 2s 3s 3s 3s … without end",
          "1s 1s 1s … without end",
          "no restart; after the 1st end, 0 s after the first: restarting too frequently; gave up",
          "1s 2s 4s; after the 4th end, 7 s after the first: gave up: 4 ends in 1m; stays down",
          `${firstTwenty} …; after the 40th end, 13m after the first: restarting too frequently; gave up`,
          `1s 2s 3s 4s 5s 6s 7s 8s 9s${" 10s".repeat(11)} …; ` +
          "after the 1000th end, 2h45m45s after the first: restarting too frequently; gave up",
          `${firstTwenty} …; it is started again after each of the first 1000 ends, and no more are looked at`,
          "1s 2s 3s 3s 3s …; it is started again after each of the first 1000 ends, and no more are looked at",
          `${firstTwenty} … without end`
        ]
      )
    }))
})
