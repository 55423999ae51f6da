/**
 * When an embedded program counts as started.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ProgramState } from "../manager/ProgramState.ts"
import { Activity, StartTest } from "../manager/ProgramState.ts"
import type { Supervision } from "../manager/Supervision.ts"
import * as Run from "../policy/Run.ts"

/**
 * What makes a program ready.
 *
 * - `Grace`: it has been up for so long.
 * - `Test`: a command exits with 0, which is run once a second until it does.
 *
 * @category models
 * @since 0.1.0
 */
export type Readiness = Data.TaggedEnum<{
  Grace: { readonly duration: Duration.DurationInput }
  Test: { readonly command: readonly [file: string, ...ReadonlyArray<string>] }
}>

/**
 * Constructors, `$is` and `$match` of {@link Readiness}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Readiness = Data.taggedEnum<Readiness>()

/**
 * A program is ready when it has been up for `duration`: one second when nothing is said; with zero as soon as there is a
 * process.
 *
 * @category constructors
 * @since 0.1.0
 */
export const grace = (duration: Duration.DurationInput): Readiness => Readiness.Grace({ duration })

/**
 * A program is ready when a command exits with 0, as `pg_isready` does. It is run in the program's environment and
 * directory, a second after each time that it does not.
 *
 * @category constructors
 * @since 0.1.0
 */
export const test = (...command: readonly [file: string, ...ReadonlyArray<string>]): Readiness =>
  Readiness.Test({ command })

/**
 * Why a program did not start.
 *
 * - `Invalid`: its definition says something that cannot be done.
 * - `NotFound`: there is no such program, or no such start test.
 * - `Ended`: the run ended before it was ready: how, after how long, and what it wrote last (at most 8 KiB).
 * - `TookTooLong`: it was not ready within the start timeout.
 * - `NotTested`: it is up, but its start test cannot be run.
 * - `Overruled`: it was ordered to stop, or to restart, before it was ready.
 * - `Released`: its scope was closed, before it was ready or before it was ordered.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure = Data.TaggedEnum<{
  Invalid: { readonly reason: string }
  NotFound: { readonly reason: string }
  Ended: { readonly status: Run.ExitStatus; readonly uptime: Duration.Duration; readonly output: string }
  TookTooLong: { readonly after: Duration.Duration; readonly output: string }
  NotTested: { readonly reason: string }
  Overruled: {}
  Released: {}
}>

/**
 * Constructors, `$is` and `$match` of {@link Failure}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Failure = Data.taggedEnum<Failure>()

/**
 * Renders why a program did not start, with its last output on lines of their own.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describeFailure: (failure: Failure) => string = Failure.$match({
  Invalid: ({ reason }) => reason,
  NotFound: ({ reason }) => reason,
  Ended: ({ output, status, uptime }) =>
    Run.ExitStatus.$is("NotSpawned")(status)
      ? `it could not be started: ${status.reason}`
      : `it ended ${(Duration.toMillis(uptime) / 1000).toFixed(1)} s after its start: ${Run.describe(status)}${
        lastOutput(output)
      }`,
  TookTooLong: ({ after, output }) => `it was not ready within ${Duration.toSeconds(after)} s${lastOutput(output)}`,
  NotTested: ({ reason }) => `it is up, but its start test cannot be run: ${reason}`,
  Overruled: () => "it was ordered to stop or to restart before it was ready",
  Released: () => "its scope is closed"
})

/**
 * Waits until a program is ready in a run that an order asked for. `before` is the state that the order found; a process
 * that was up then counts if `counts`.
 *
 * @category running
 * @since 0.1.0
 */
export const wait = (
  changes: Supervision["Type"]["changes"],
  readiness: Readiness,
  { before, counts }: { readonly before: ProgramState; readonly counts: boolean }
): Effect.Effect<void, Failure> => {
  const firstRun = counts ? before.runs : before.runs + 1
  const mostOrders = counts ? before.orders : before.orders + 1
  return changes.pipe(
    Stream.flatMap((state) => Stream.fromEffect(look(state, readiness, firstRun, mostOrders)), { switch: true }),
    Stream.runHead,
    // Of the last state there is always something to say.
    Effect.flatMap(Option.match({ onNone: () => Effect.fail(Failure.Overruled()), onSome: () => Effect.void }))
  )
}

// ===== Internal

const look = (
  { activity, lastRun, orders, outcome, runs }: ProgramState,
  readiness: Readiness,
  firstRun: number,
  mostOrders: number
): Effect.Effect<void, Failure> => {
  if (orders > mostOrders) return Effect.fail(Failure.Overruled())
  // A run that an order ended is followed by the one that was ordered.
  if (Option.isSome(lastRun) && lastRun.value.number >= firstRun && Option.isSome(lastRun.value.next)) {
    const { output, status, uptime } = lastRun.value
    return Effect.fail(Failure.Ended({ status, uptime, output: new TextDecoder().decode(output) }))
  }
  if (Option.isSome(outcome)) return Effect.fail(Failure.Released())
  if (!Activity.$is("Running")(activity) || runs < firstRun) return Effect.never
  return Readiness.$match(readiness, {
    Grace: ({ duration }) =>
      Effect.flatMap(
        Clock.currentTimeNanos,
        (now) => Effect.sleep(Duration.subtract(duration, Duration.nanos(now - activity.since)))
      ),
    Test: () =>
      StartTest.$match(activity.startTest, {
        None: () => Effect.void,
        Testing: () => Effect.never,
        Passed: () => Effect.void,
        Failed: ({ reason }) => Effect.fail(Failure.NotTested({ reason }))
      })
  })
}

const lastOutput = (output: string): string =>
  output.length === 0 ? "; nothing is known of its output" : `; its last output:\n${output.trimEnd()}`
