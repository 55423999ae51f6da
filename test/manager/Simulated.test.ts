// @effect-diagnostics globalTimers:off
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import { History } from "../../src/history/History.ts"
import { Supervised } from "../../src/manager/Supervised.ts"
import { Supervision } from "../../src/manager/Supervision.ts"
import * as RestartPlan from "../../src/policy/RestartPlan.ts"
import type { Run } from "../../src/policy/Run.ts"
import * as Simulation from "../../src/policy/Simulation.ts"
import type { Verdict } from "../../src/policy/Verdict.ts"
import { ScriptedSpawner } from "../../src/testing/ScriptedSpawner.ts"
import { Transcript } from "../../src/transcript/Transcript.ts"
import * as Plans from "../support/Plans.ts"

/** What stands for a second, in milliseconds. */
const unit = 20

const mostRuns = 12

/** How late a restart may be, in milliseconds. */
const tolerance = 30

interface Lived {
  readonly run: Run
  readonly verdict: Verdict
  /** By how many milliseconds the next run came before its time; 0 if it did not. */
  readonly early: number
  /** By how many milliseconds it came after a plain timer for the same wait was over; 0 if it did not. */
  readonly late: number
}

/**
 * A plain timer for the wait that has just begun, behind the one that is looked at: it is set when the event loop comes
 * round again, so that it is over a little later. A busy machine delays both, and a process that does not get its turn has
 * neither; only a wait that is wrong comes after it.
 */
const plainTimer = (wait: number): { readonly lateness: () => number } => {
  let over: number | undefined
  const fired = () => {
    over = performance.now()
  }
  setImmediate(() => wait === 0 ? fired() : setTimeout(fired, wait))
  return { lateness: () => over === undefined ? 0 : performance.now() - over }
}

const transcript = Layer.succeed(Transcript, {
  copy: Effect.never,
  begin: Effect.void,
  drain: Effect.void,
  giveUp: Effect.void,
  lastOutput: Effect.succeed(new Uint8Array()),
  reopen: Effect.void,
  troubles: Effect.succeed([]),
  note: () => Effect.void
})

/** Runs a plan on the real clock, with processes that live as long as they are to, and tells every run that ended. */
const live = (plan: RestartPlan.RestartPlan, runs: ReadonlyArray<Run>) =>
  Effect.gen(function*() {
    const over = yield* Deferred.make<void>()
    const lived: Array<{ -readonly [Key in keyof Lived]: Lived[Key] }> = []
    let due: { readonly at: number; readonly plain: ReturnType<typeof plainTimer> } | undefined
    const history = Layer.succeed(History, {
      began: () =>
        Effect.sync(() => {
          const last = lived.at(-1)
          if (due === undefined || last === undefined) return
          last.early = Math.max(0, due.at - performance.now())
          last.late = due.plain.lateness()
        }),
      ended: ({ next, status, uptime }) =>
        Effect.gen(function*() {
          if (Option.isNone(next)) return
          lived.push({ run: { status, uptime }, verdict: next.value, early: 0, late: 0 })
          if (next.value._tag !== "Restart" || lived.length >= mostRuns) {
            due = undefined
            yield* Deferred.succeed(over, undefined)
            return
          }
          const wait = Duration.toMillis(next.value.backoff)
          due = { at: performance.now() + wait, plain: plainTimer(wait) }
        }),
      ordered: () => Effect.void,
      over: () => Effect.void,
      settled: Effect.void
    })
    const command = {
      file: "/bin/program",
      words: ["/bin/program"],
      directory: undefined,
      environment: {},
      stdout: 1,
      stderr: 2,
      stopTimeout: Duration.seconds(1),
      killMode: "group" as const
    }
    const supervision = Supervision.layer({
      command,
      policy: RestartPlan.policy(plan),
      startTest: Option.none(),
      hangsAround: "never"
    })
    const play = (_: string, before: number) => {
      const { status, uptime } = runs[before % runs.length] ?? Plans.exited(1)
      return { status, lifetime: uptime }
    }
    yield* Layer.build(supervision.pipe(
      Layer.provide(Layer.mergeAll(Supervised.layer, transcript, history, ScriptedSpawner.layer(play)))
    ))
    yield* Deferred.await(over)
    return lived
  }).pipe(Effect.scoped)

describe("a simulation of a policy", () => {
  const plans = FastCheck.sample(Plans.plans(unit), { numRuns: 36, seed: 36 })
  const lifetimes = FastCheck.sample(
    FastCheck.array(
      FastCheck.tuple(
        FastCheck.constantFrom(Plans.exited(1), Plans.exited(3), Plans.exited(4), Plans.signaled("SIGSEGV")),
        FastCheck.nat({ max: 14 * unit })
      ).map(([{ status }, uptime]): Run => ({ status, uptime: Duration.millis(uptime) })),
      { minLength: mostRuns, maxLength: mostRuns }
    ),
    { numRuns: plans.length, seed: 7 }
  )

  it.live(
    "is what a manager does on the real clock: the same verdicts for 36 policies, and every restart within 30 ms",
    () =>
      Effect.gen(function*() {
        const lives = yield* Effect.all(
          plans.map((plan, index) => Effect.withRandom(live(plan, lifetimes[index] ?? []), Random.make(index))),
          { concurrency: "unbounded" }
        )
        for (const [index, plan] of plans.entries()) {
          const lived = lives[index] ?? []
          // The runs lasted a little longer than they were to, so those are simulated that were.
          const simulated = yield* Simulation.run(
            RestartPlan.policy(plan),
            (number) => Effect.succeed(Option.fromNullable(lived[number]?.run)),
            { span: Infinity, most: lived.length }
          ).pipe(Effect.withRandom(Random.make(index)))
          assert.deepStrictEqual(lived.map(({ verdict }) => verdict), simulated.lives.map(({ verdict }) => verdict))
          for (const [number, { early, late }] of lived.entries()) {
            const restart = `the restart after run ${number} of policy ${index}`
            assert.isAtMost(early, 1.5, `${restart} comes before its time`)
            assert.isAtMost(late, tolerance, `${restart} comes late`)
          }
        }
        const restarts = lives.flat().filter(({ verdict }) => verdict._tag === "Restart")
        assert.isAbove(restarts.length, 150, "enough of them restart")
      }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
    30_000
  )
})
