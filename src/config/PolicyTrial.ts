/**
 * What a restart policy makes of a program that always ends at once, tried out before it runs.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RestartPlan from "../policy/RestartPlan.ts"
import { ExitStatus } from "../policy/Run.ts"
import * as Simulation from "../policy/Simulation.ts"

/**
 * The most ends that are imagined.
 *
 * @category models
 * @since 0.1.0
 */
export const mostEnds = 2000

/**
 * An end that neither exit codes nor rules are about.
 *
 * @category models
 * @since 0.1.0
 */
export const ordinary: ExitStatus = ExitStatus.NotSpawned({ reason: "as imagined" })

/**
 * What becomes of a program that always ends at once with this status, until it is given up for the first time, or until
 * there have been `most` ends, or {@link mostEnds}.
 *
 * @category running
 * @since 0.1.0
 */
export const endingAtOnce = (
  plan: RestartPlan.RestartPlan,
  status: ExitStatus,
  most: number
): Effect.Effect<Simulation.Simulation> =>
  Simulation.run(
    RestartPlan.policy({ ...plan, surrender: { _tag: "Exit" } }),
    () => Effect.succeedSome({ status, uptime: Duration.zero }),
    { span: Duration.infinity, most: Math.min(mostEnds, most) }
  )
