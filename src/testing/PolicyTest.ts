/**
 * Asking a restart policy what it says, without a program and without waiting.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Schedule from "effect/Schedule"
 * import { RestartPolicy } from "zdaemon"
 * import { PolicyTest } from "zdaemon/testing"
 *
 * const policy = RestartPolicy.restartAfter(Schedule.exponential("1 second"))
 * const crash = PolicyTest.exited(1, "5 seconds")
 *
 * const verdicts = Effect.runSync(PolicyTest.verdicts(policy, [crash, crash, crash]))
 * console.log(verdicts.map(PolicyTest.describe)) // [ 'restarts in 1 s', 'restarts in 2 s', 'restarts in 4 s' ]
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Judge from "../policy/Judge.ts"
import type { RestartPolicy } from "../policy/RestartPolicy.ts"
import { ExitStatus, type Run } from "../policy/Run.ts"
import type { Verdict } from "../policy/Verdict.ts"
import { describeVerdict } from "../policy/Verdict.ts"

/**
 * A run that ended with an exit code after an uptime.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exited = (code: number, uptime: Duration.DurationInput): Run => ({
  status: ExitStatus.Exited({ code }),
  uptime: Duration.decode(uptime)
})

/**
 * A run that a signal (`"SIGSEGV"`) ended after an uptime.
 *
 * @category constructors
 * @since 0.1.0
 */
export const signaled = (signal: string, uptime: Duration.DurationInput): Run => ({
  status: ExitStatus.Signaled({ signal }),
  uptime: Duration.decode(uptime)
})

/**
 * What a policy says after each of the runs, in turn. After a verdict that ends the policy no more runs are judged.
 *
 * @category running
 * @since 0.1.0
 */
export const verdicts = (policy: RestartPolicy, runs: Iterable<Run>): Effect.Effect<ReadonlyArray<Verdict>> =>
  Effect.gen(function*() {
    const judge = yield* Judge.make(policy)
    const said: Array<Verdict> = []
    for (const run of runs) {
      const verdict = yield* judge.next(run)
      said.push(verdict)
      if (verdict._tag !== "Restart") break
    }
    return said
  })

/**
 * Renders a verdict: `restarts in 3 s`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe: (verdict: Verdict) => string = describeVerdict
