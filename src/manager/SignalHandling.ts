/**
 * What a manager does when it gets a signal: SIGTERM, SIGINT, SIGHUP and SIGQUIT stop the program and end the manager,
 * SIGUSR1 and SIGUSR2 reopen the transcript. Some are passed on to the program where that is meant.
 *
 * The original left the program running without a manager; SIGUSR1 without a listener would open Node's debugger.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as SignalName from "../process/SignalName.ts"
import * as Signals from "../process/Signals.ts"
import { Transcript } from "../transcript/Transcript.ts"
import { Supervised } from "./Supervised.ts"
import { Supervision } from "./Supervision.ts"

/**
 * The signals that the manager gets, from before it makes a pipe, takes the socket and starts the program: one that came
 * while it does so waits here, instead of ending the manager and leaving them behind.
 *
 * @category services
 * @since 0.1.0
 */
export class ReceivedSignals extends Context.Tag("zdaemon/manager/SignalHandling/ReceivedSignals")<
  ReceivedSignals,
  Queue.Dequeue<NodeJS.Signals>
>() {
  static readonly layer: Layer.Layer<ReceivedSignals> = Layer.scoped(
    ReceivedSignals,
    Signals.listen(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
  )
}

/**
 * Handles the manager's signals as long as the layer lives. Those in `passedOn` are sent to the program, and nothing else is
 * done about them.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  passedOn: ReadonlyArray<NodeJS.Signals>
): Layer.Layer<never, never, ReceivedSignals | Supervised | Supervision | Transcript> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const signals = yield* ReceivedSignals
      const supervised = yield* Supervised
      const supervision = yield* Supervision
      const transcript = yield* Transcript
      const passOn = (name: NodeJS.Signals) =>
        supervision.signal(SignalName.numberOf(name)).pipe(
          Effect.zipRight(Effect.logInfo(`passed ${name} on to the program`)),
          Effect.catchTags({
            NotRunning: () => Effect.logInfo(`there is no program to pass ${name} on to`),
            SignalError: ({ message }) => Effect.logWarning(`can't pass ${name} on to the program: ${message}`)
          })
        )
      const obey = Effect.flatMap(Queue.take(signals), (name) =>
        passedOn.includes(name)
          ? passOn(name)
          : name === "SIGUSR1" || name === "SIGUSR2"
          ? Effect.catchAll(transcript.reopen, (error) => Effect.logError(error.message))
          : Effect.zipRight(Effect.logFatal(`daemon manager killed by ${name}`), supervision.killed(name)))
      yield* supervised.fork("signal handling", Effect.forever(obey))
    })
  )
