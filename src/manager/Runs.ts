/**
 * The runs of one program, one at a time: each is begun, lives, and is over when nothing of it is left.
 *
 * What happens to a run is written into the program's state as it happens; what follows from its end is for others to
 * decide.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { History } from "../history/History.ts"
import type { Run } from "../policy/Run.ts"
import { ExitStatus } from "../policy/Run.ts"
import type { Command, ManagedProcess } from "../process/ProcessSpawner.ts"
import { ProcessSpawner } from "../process/ProcessSpawner.ts"
import { Transcript } from "../transcript/Transcript.ts"
import type { CurrentState } from "./CurrentState.ts"
import { Activity, clearing, StartTest, stopping } from "./ProgramState.ts"
import * as StartTests from "./StartTests.ts"

/**
 * A run that is over, before anything was decided about it. There is no pid when nothing was spawned.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ended extends Run {
  readonly number: number
  readonly pid: Option.Option<number>
  readonly output: Uint8Array
  readonly over: bigint
}

/**
 * - `run`: one run, for the order with this number. It is over when nothing of it is left and its output is complete, also
 *   when it is interrupted.
 * - `process`: the process of the run that is not over.
 * - `undecided`: the last run, until something was decided about it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Runs {
  readonly run: (order: number) => Effect.Effect<Ended>
  readonly process: Effect.Effect<Option.Option<ManagedProcess>>
  readonly undecided: Ref.Ref<Option.Option<Ended>>
}

/**
 * Makes what runs a program with its start test, and keeps the state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  program: { readonly command: Command; readonly startTest: Option.Option<Command> },
  { get: state, update }: CurrentState
) {
  const history = yield* History
  const spawner = yield* ProcessSpawner
  const transcript = yield* Transcript
  const processRef = yield* Ref.make(Option.none<ManagedProcess>())
  const undecided = yield* Ref.make(Option.none<Ended>())

  const startTest = (command: Command) =>
    StartTests.run(
      command,
      (startTest) =>
        update(({ activity }) =>
          Activity.$is("Running")(activity) ? { activity: Activity.Running({ ...activity, startTest }) } : {}
        )
    ).pipe(Effect.provideService(ProcessSpawner, spawner), Effect.interruptible)

  /** Waits for the end of a process, or for the interruption that ends it, and says when it had ended. */
  const live = Effect.fnUntraced(function*(
    process: ManagedProcess,
    scope: Scope.CloseableScope,
    awaitExit: Effect.Effect<ExitStatus>
  ) {
    yield* Effect.logInfo(`spawned process pid=${process.pid}`)
    const testing = yield* Effect.transposeMapOption(program.startTest, (command) => Effect.fork(startTest(command)))
    const exit = yield* Effect.exit(awaitExit)
    const over = yield* Clock.currentTimeNanos
    // The process has ended, or is told to now; what it leaves behind may take a while.
    yield* update(({ activity }) => ({
      activity: Exit.isSuccess(exit) ? clearing(activity) : stopping(activity, over)
    }))
    const test = Option.getOrElse(testing, () => Fiber.void)
    // Both at once: a start test that will not end must not keep the program from being stopped.
    yield* Fiber.interruptAsFork(test, FiberId.none)
    yield* Scope.close(scope, exit)
    yield* Fiber.await(test)
    const status = yield* process.exit
    yield* Effect.logDebug(`controlled process ${process.pid} exited`)
    return { status, over: Exit.isSuccess(exit) ? over : yield* Clock.currentTimeNanos }
  })

  const run = (order: number) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const begun = yield* Clock.currentTimeNanos
        const lastStart = (yield* Clock.currentTimeMillis) / 1000
        yield* transcript.begin
        yield* update(({ runs }) => ({ runs: runs + 1, lastStart, activity: Activity.Starting() }))
        const { runs: number } = yield* state
        const scope = yield* Scope.make()
        const spawned = yield* Effect.either(Scope.extend(spawner.spawn(program.command), scope))
        let status: ExitStatus
        let over = begun
        if (Either.isLeft(spawned)) {
          status = ExitStatus.NotSpawned({ reason: spawned.left.message })
          yield* Effect.logError(spawned.left.message)
        } else {
          const process = spawned.right
          yield* Ref.set(processRef, Option.some(process))
          yield* history.began({ number, pid: process.pid })
          yield* update(({ orders }) => ({
            activity: orders === order
              ? Activity.Running({
                pid: process.pid,
                since: begun,
                startTest: Option.isSome(program.startTest) ? StartTest.Testing() : StartTest.None()
              })
              : Activity.Stopping({ pid: process.pid, since: begun, told: begun })
          }))
          const ending = yield* live(process, scope, restore(process.exit))
          yield* Ref.set(processRef, Option.none())
          status = ending.status
          over = ending.over
        }
        yield* transcript.drain
        const ended: Ended = {
          number,
          pid: Option.map(Either.getRight(spawned), ({ pid }) => pid),
          status,
          uptime: Duration.nanos(over - begun),
          output: yield* transcript.lastOutput,
          over
        }
        yield* Ref.set(undecided, Option.some(ended))
        return ended
      })
    )

  return { run, process: Ref.get(processRef), undecided } satisfies Runs
})
