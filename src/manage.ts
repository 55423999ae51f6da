/**
 * The life of a manager, from its orders to its exit status.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { Handover } from "./config/Handover.ts"
import { HandoverText } from "./config/Handover.ts"
import * as PythonLiteral from "./config/PythonLiteral.ts"
import * as Connection from "./control/Connection.ts"
import type { OwnRequest } from "./control/ControlServer.ts"
import { ControlServer } from "./control/ControlServer.ts"
import { Refusal, ReportLine } from "./control/Report.ts"
import type { SocketError } from "./control/SocketFile.ts"
import type { EventLogError } from "./eventlog/Handler.ts"
import * as Layers from "./layers.ts"
import type { Outcome } from "./manager/ProgramState.ts"
import * as ProgramState from "./manager/ProgramState.ts"
import { Supervised } from "./manager/Supervised.ts"
import { Supervision } from "./manager/Supervision.ts"
import * as Daemon from "./process/Daemon.ts"
import * as Main from "./process/Main.ts"
import * as ManagerProcess from "./process/ManagerProcess.ts"
import type { OutputPipeError } from "./process/OutputPipe.ts"
import * as SignalName from "./process/SignalName.ts"
import type { TranscriptError } from "./transcript/TranscriptError.ts"

/**
 * The requests that somebody else's command adds to those of the socket, by what its manager is handed.
 *
 * @category models
 * @since 0.1.0
 */
export type Requests = (handover: Handover) => ReadonlyArray<OwnRequest>

/**
 * Runs a manager in the background: its orders come from the client that spawned it, over a socket pair that it also
 * reports on, until the client hangs up.
 *
 * @category running
 * @since 0.1.0
 */
export const background = (requests: Requests = none): void =>
  Main.run(Effect.scoped(Effect.gen(function*() {
    const scope = yield* Effect.scope
    yield* Daemon.closeInherited([ManagerProcess.clientDescriptor])
    const letGo = yield* Scope.fork(scope, ExecutionStrategy.sequential)
    const client = yield* Scope.extend(Effect.flatMap(ManagerProcess.client, Connection.fromSocket), letGo)
    const handover = yield* Effect.flatMap(client.line(ordersLimit), Schema.decode(HandoverText))
    const watching = yield* Ref.make<Fiber.Fiber<void>>(Fiber.void)
    const isUp = (server: ControlServer["Type"]) =>
      server.watch(client).pipe(
        Effect.ensuring(Scope.close(letGo, Exit.void)),
        Effect.forkIn(scope),
        Effect.flatMap((fiber) => Ref.set(watching, fiber))
      )
    return yield* manage(handover, isUp, requests).pipe(
      Effect.map(({ outcome }) => ProgramState.managerExitCode(outcome)),
      Effect.catchAll((error) => refuse(client, error)),
      Effect.tap(Effect.flatMap(Ref.get(watching), Fiber.await))
    )
  })))

/**
 * Runs a manager in this process, in the foreground (`daemon off`), and exits with the status of the program.
 *
 * @category running
 * @since 0.1.0
 */
export const foreground = (handover: Handover, requests: Requests = none): void =>
  Main.run(
    Effect.zipRight(Daemon.closeInherited([]), manage(handover, () => Effect.void, requests)).pipe(
      Effect.map(({ lastRun, outcome }) => ProgramState.foregroundExitCode(outcome, lastRun, SignalName.numberOf)),
      Effect.catchAll((error) => Effect.as(Effect.sync(() => Daemon.complain(error.message)), 1))
    )
  )

// ===== Internal

const none: Requests = () => []

const ordersLimit = 16 * 1024 * 1024

type ManagerError = Daemon.DirectoryError | EventLogError | OutputPipeError | SocketError | TranscriptError

/** Becomes a daemon, where that is wanted. What fails until here is told to whoever starts the manager. */
const begin = Effect.fnUntraced(function*({ daemon, directory, transcript, umask }: Handover) {
  if (daemon) {
    yield* Effect.logInfo("daemonizing the process")
    if (directory !== undefined) {
      yield* Daemon.changeDirectory(directory)
      yield* Effect.logInfo(`set current directory: ${PythonLiteral.repr(directory)}`)
    }
    yield* Daemon.setUmask(umask)
    yield* Effect.sync(() => Daemon.redirectOutput(transcript))
  }
  yield* Effect.logInfo("daemon manager started")
})

/** Everything between taking the socket and letting go of it. */
const manage = (
  handover: Handover,
  isUp: (server: ControlServer["Type"]) => Effect.Effect<void>,
  requests: Requests
): Effect.Effect<{ readonly outcome: Outcome; readonly lastRun: ProgramState.ProgramState["lastRun"] }, ManagerError> =>
  Effect.gen(function*() {
    const umask = yield* Daemon.umask
    const life = Effect.gen(function*() {
      const supervision = yield* Supervision
      yield* isUp(yield* ControlServer)
      const outcome = yield* Effect.raceFirst(supervision.outcome, Effect.flatMap(Supervised, ({ failed }) => failed))
      if (ProgramState.Outcome.$is("Stopped")(outcome)) yield* Effect.logInfo("Exiting")
      const { lastRun } = yield* supervision.state
      return { outcome, lastRun }
    })
    return yield* Effect.provide(life, Layers.manager(handover, umask, begin(handover), requests(handover)))
  })

const refuse = Effect.fnUntraced(function*(client: Connection.Connection, error: ManagerError) {
  const refusal = Refusal.make({
    message: error.message,
    exitCode: 1,
    conflict: error._tag === "SocketError" && error.kind === "InUse"
  })
  const line = yield* Effect.orDie(Schema.encode(ReportLine)(refusal))
  yield* Effect.ignore(client.write(`${line}\n`))
  return refusal.exitCode
})
