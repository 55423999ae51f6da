/**
 * The start test of one run: a program that tells when the started program serves.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { ExitStatus } from "../policy/Run.ts"
import type { Command } from "../process/ProcessSpawner.ts"
import { ProcessSpawner } from "../process/ProcessSpawner.ts"
import { StartTest } from "./ProgramState.ts"

/**
 * Runs the start test until it exits with 0, a second after each time that it does not, and tells what it found. Meant
 * to be forked in the scope of the run that it tests.
 *
 * A start test that cannot be run at all is a failure, and is told as one (the original took it for a success).
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(
  function*(command: Command, tell: (startTest: StartTest) => Effect.Effect<void>) {
    const spawner = yield* ProcessSpawner
    const once = Effect.scoped(Effect.flatMap(spawner.spawn(command), (process) => process.exit))
    while (true) {
      const status = yield* once
      if (ExitStatus.$is("Exited")(status) && status.code === 0) break
      yield* Effect.logDebug("start test failed")
      yield* Effect.sleep("1 second")
    }
    yield* Effect.logDebug("start test succeeded")
    yield* tell(StartTest.Passed())
  },
  (effect, _command, tell) =>
    Effect.catchTag(effect, "SpawnError", (error) =>
      Effect.zipRight(
        Effect.logFatal(`start test raised: ${error.message}`),
        tell(StartTest.Failed({ reason: error.message }))
      ))
)
