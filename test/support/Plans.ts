/**
 * Restart plans and runs for tests: from settings, and generated.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as PolicySettings from "../../src/config/PolicySettings.ts"
import * as Settings from "../../src/config/Settings.ts"
import type { Limit, Surrender } from "../../src/policy/GivingUp.ts"
import type { Backoff, RestartPlan } from "../../src/policy/RestartPlan.ts"
import type { RestartRule } from "../../src/policy/RestartRule.ts"
import type { Run } from "../../src/policy/Run.ts"
import { ExitStatus } from "../../src/policy/Run.ts"

/** The plan of settings, by key. */
export const fromSettings = (texts: Readonly<Record<string, string>>): RestartPlan =>
  PolicySettings.plan(Either.getOrThrow(Settings.decode(new Map(Object.entries(texts)))))

export const exited = (code: number, uptime: Duration.DurationInput = 0): Run => ({
  status: ExitStatus.Exited({ code }),
  uptime: Duration.decode(uptime)
})

export const signaled = (signal: string, uptime: Duration.DurationInput = 0): Run => ({
  status: ExitStatus.Signaled({ signal }),
  uptime: Duration.decode(uptime)
})

export const notSpawned: Run = {
  status: ExitStatus.NotSpawned({ reason: "ENOENT: no such file or directory" }),
  uptime: Duration.zero
}

export const times = (count: number, run: Run): ReadonlyArray<Run> => Array.from({ length: count }, () => run)

/** Any run of up to 20 seconds. */
export const run: FastCheck.Arbitrary<Run> = FastCheck.oneof(
  FastCheck.tuple(FastCheck.integer({ min: 0, max: 6 }), FastCheck.nat({ max: 20_000 })).map(([code, uptime]) =>
    exited(code, uptime)
  ),
  FastCheck.tuple(FastCheck.constantFrom("SIGSEGV", "SIGKILL"), FastCheck.nat({ max: 20_000 })).map((
    [signal, uptime]
  ) => signaled(signal, uptime)),
  FastCheck.constant(notSpawned)
)

/** Any plan that settings can say, with times of up to some minutes; `unit` is what stands for a second, in milliseconds. */
export const plans = (unit: number): FastCheck.Arbitrary<RestartPlan> => {
  const span = FastCheck.integer({ min: 1, max: 300 }).map((seconds) => Duration.millis(seconds * unit))
  const base = FastCheck.integer({ min: 1, max: 30 }).map((tenths) => Duration.millis(Math.max(10, tenths * unit / 10)))
  const backoff: FastCheck.Arbitrary<Backoff> = FastCheck.oneof(
    base.map((base) => ({ _tag: "Constant" as const, base })),
    base.map((base) => ({ _tag: "Linear" as const, base })),
    FastCheck.tuple(base, FastCheck.constantFrom(1, 1.5, 2, 3)).map(([base, factor]) => ({
      _tag: "Exponential" as const,
      base,
      factor
    })),
    base.map((base) => ({ _tag: "Fibonacci" as const, base }))
  )
  const limit: FastCheck.Arbitrary<Limit> = FastCheck.oneof(
    FastCheck.constant({ _tag: "Never" as const }),
    FastCheck.integer({ min: 1, max: 12 }).map((count) => ({ _tag: "InARow" as const, count })),
    FastCheck.tuple(FastCheck.integer({ min: 1, max: 12 }), span).map(([count, window]) => ({
      _tag: "Within" as const,
      count,
      window
    }))
  )
  const surrender: FastCheck.Arbitrary<Surrender> = FastCheck.oneof(
    FastCheck.constant({ _tag: "Exit" as const }),
    FastCheck.constant({ _tag: "Stay" as const }),
    base.map((wait) => ({ _tag: "Retry" as const, wait }))
  )
  const reaction = FastCheck.oneof(
    FastCheck.constant({ _tag: "Stop" as const }),
    FastCheck.constant({ _tag: "Stay" as const }),
    base.map((wait) => ({ _tag: "After" as const, wait })),
    FastCheck.tuple(FastCheck.nat({ max: 5 }), span).map(([times, window]) => ({
      _tag: "AtMost" as const,
      times,
      window
    }))
  )
  const onExit = FastCheck.tuple(FastCheck.integer({ min: 3, max: 5 }), reaction).map((
    [code, reaction]
  ): RestartRule => ({
    ending: { _tag: "Exited", codes: [code] },
    reaction
  }))
  const onSignal = reaction.map((reaction): RestartRule => ({
    ending: { _tag: "Signaled", signals: ["SIGSEGV"] },
    reaction
  }))
  const few = { maxLength: 2 }
  return FastCheck.record({
    backoff,
    longest: FastCheck.integer({ min: 1, max: 12 }).map((seconds) => Duration.millis(Math.max(10, seconds * unit))),
    jitter: FastCheck.constantFrom(0, 0.25, 1),
    resetAfter: FastCheck.option(FastCheck.integer({ min: 1, max: 12 }), { nil: undefined }).map((seconds) =>
      Option.map(Option.fromNullable(seconds), (seconds) => Duration.millis(Math.max(10, seconds * unit)))
    ),
    limit,
    surrender,
    exitCodes: FastCheck.subarray([0, 2, -1], { maxLength: 1 }),
    rules: FastCheck.tuple(FastCheck.array(onExit, few), FastCheck.array(onSignal, few)).map((rules) => rules.flat())
  })
}

/** Any plan that settings can say. */
export const plan: FastCheck.Arbitrary<RestartPlan> = plans(1000)
