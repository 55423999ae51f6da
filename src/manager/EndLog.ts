/**
 * What is logged about the end of a run, in the original's sentences and their order.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ExitStatus } from "../policy/Run.ts"
import { describe } from "../policy/Run.ts"
import { describeVerdict, tooFrequent, Verdict } from "../policy/Verdict.ts"

/**
 * Logs the end of a run and what follows. There is no `pid` when nothing was spawned, and no `next` when an order ended
 * the run.
 *
 * @category running
 * @since 0.1.0
 */
export const write = Effect.fnUntraced(function*(ended: Ended, next: Option.Option<Verdict>) {
  const verdict = Option.getOrElse(next, () => Verdict.Restart({ backoff: Duration.zero }))
  if (Verdict.$is("Restart")(verdict) && Duration.greaterThan(verdict.backoff, Duration.zero)) {
    yield* Effect.logInfo(`sleep ${Duration.toSeconds(verdict.backoff)} to avoid rapid restarts`)
  }
  if (Option.isSome(ended.pid)) {
    const exiting = Verdict.$is("Exit")(verdict) ? "; exiting now" : ""
    yield* Effect.logInfo(`pid ${ended.pid.value}: ${describe(ended.status)}${exiting}`)
  }
  switch (verdict._tag) {
    case "GiveUp":
      return yield* Effect.logFatal(`${verdict.reason ?? tooFrequent}; quit`)
    case "Stay":
      return yield* Effect.logFatal(describeVerdict(verdict))
    case "Restart":
      return yield* verdict.reason === undefined ? Effect.void : Effect.logError(describeVerdict(verdict))
    case "Exit":
  }
})

// ===== Internal

interface Ended {
  readonly pid: Option.Option<number>
  readonly status: ExitStatus
}
