import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Judge from "../../src/policy/Judge.ts"
import * as Prospect from "../../src/policy/Prospect.ts"
import * as RestartPlan from "../../src/policy/RestartPlan.ts"
import type { Run } from "../../src/policy/Run.ts"
import { reasonToGiveUp } from "../../src/policy/Verdict.ts"
import * as Plans from "../support/Plans.ts"

/** What is foreseen after some runs, while one more has been up for a while or, with 0, none is. */
const foreseen = (plan: RestartPlan.RestartPlan, runs: ReadonlyArray<Run>, uptime: Duration.DurationInput = 0) =>
  Effect.gen(function*() {
    const policy = RestartPlan.policy(plan)
    let state = Judge.beginning(policy)
    for (const run of runs) [, state] = yield* Judge.judge(policy, run, state, 0)
    const status = runs.at(-1)?.status ?? Plans.exited(1).status
    return yield* Prospect.foresee(policy, state, { status, uptime: Duration.decode(uptime) }, 0)
  })

const crashes = (count: number) => Plans.times(count, Plans.exited(1, "1 seconds"))

describe("when a policy gives up is foreseen:", () => {
  const cases: ReadonlyArray<
    readonly [name: string, effect: ReturnType<typeof foreseen>, ends: number, reason?: string]
  > = [
    ["fewer ends are left after each quick one", foreseen(Plans.fromSettings({}), crashes(3)), 7],
    ["one is left before the last", foreseen(Plans.fromSettings({}), crashes(9)), 1],
    ["a run that is up and may still end quickly is among them", foreseen(Plans.fromSettings({}), crashes(3), 9999), 7],
    ["the row is over with a run that has been up long enough", foreseen(Plans.fromSettings({}), crashes(3), 1e4), 10],
    [
      "in a window every end counts",
      foreseen(Plans.fromSettings({ "give-up-after": "4 in 10m" }), crashes(1), "1 minutes"),
      3,
      "4 ends in 10m"
    ],
    [
      "until the window has passed over them: that of the run which is up is the first of four",
      foreseen(Plans.fromSettings({ "give-up-after": "4 in 10m" }), crashes(3), "10 minutes"),
      3,
      "4 ends in 10m"
    ],
    ["giving up may mean to stay", foreseen(Plans.fromSettings({ "give-up": "stay" }), crashes(2)), 8],
    ["or to try again later", foreseen(Plans.fromSettings({ "give-up": "retry after 10m" }), crashes(2)), 8],
    [
      "a rule holds for the way in which the last run ended",
      foreseen(
        Plans.fromSettings({ forever: "on", "on-signal": "SEGV at most 3 in 1h" }),
        [Plans.signaled("SIGSEGV")]
      ),
      3,
      "terminated by SIGSEGV after 3 restarts for it in 1h"
    ]
  ]
  for (const [name, effect, ends, reason = "restarting too frequently"] of cases) {
    it.effect(name, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* effect, Option.some({ ends, reason }))
      }))
  }

  const never: ReadonlyArray<readonly [name: string, effect: ReturnType<typeof foreseen>]> = [
    ["with forever", foreseen(Plans.fromSettings({ forever: "on" }), crashes(3))],
    ["with a rule that restarts", foreseen(Plans.fromSettings({ "on-exit": "1 after 1s" }), crashes(3))],
    ["where the program is not restarted anyway", foreseen(Plans.fromSettings({}), [Plans.exited(0)])],
    ["after it has given up", foreseen(Plans.fromSettings({}), crashes(10))],
    ["within a hundred ends", foreseen(Plans.fromSettings({ "give-up-after": "102" }), crashes(1))]
  ]
  for (const [name, effect] of never) {
    it.effect(`never ${name}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* effect, Option.none())
      }))
  }

  it.effect.prop(
    "what is foreseen is what comes, whatever the policy and what was before",
    [Plans.plan, FastCheck.array(Plans.run, { maxLength: 12 }), Plans.run],
    ([plan, before, last]) =>
      Effect.gen(function*() {
        const policy = RestartPlan.policy(plan)
        let state = Judge.beginning(policy)
        for (const run of [...before, last]) [, state] = yield* Judge.judge(policy, run, state, 0)
        if (!Option.exists(state.last, ({ _tag }) => _tag === "Restart")) return
        const run = { ...last, uptime: Duration.zero }
        const foreseen = yield* Prospect.foresee(policy, state, run, 0)
        let ends = 0
        let reason = Option.none<string>()
        while (ends < Prospect.mostEnds && Option.isNone(reason)) {
          const [verdict, next] = yield* Judge.judge(policy, run, state, 0)
          state = next
          ends++
          reason = reasonToGiveUp(verdict)
          if (verdict._tag === "Exit" || (verdict._tag === "Stay" && Option.isNone(reason))) break
        }
        assert.deepStrictEqual(foreseen, Option.map(reason, (reason) => ({ ends, reason })))
      }).pipe(Effect.withRandom(Random.fixed([0]))),
    { fastCheck: { numRuns: 100 } }
  )
})
