/**
 * The manager's side of the control socket.
 *
 * Clients are served side by side, each with limits of size and time; nothing that a client sends, or does not send, can
 * end the manager or keep it from another client.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Net from "node:net"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Words from "../config/Words.ts"
import { History } from "../history/History.ts"
import * as ProgramState from "../manager/ProgramState.ts"
import { Supervised } from "../manager/Supervised.ts"
import { Supervision } from "../manager/Supervision.ts"
import { Transcript } from "../transcript/Transcript.ts"
import * as Connection from "./Connection.ts"
import * as ControlProtocol from "./ControlProtocol.ts"
import { ReportLine } from "./Report.ts"
import { SocketFile } from "./SocketFile.ts"

/**
 * A request that somebody else's manager adds: what `help` says of it, and the answer, one or more lines.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnRequest {
  readonly name: string
  readonly description: string
  readonly answer: (supervision: Supervision["Type"], words: ReadonlyArray<string>) => Effect.Effect<string>
}

/**
 * The control socket, being served.
 *
 * @category services
 * @since 0.1.0
 */
export class ControlServer extends Context.Tag("zdaemon/control/ControlServer")<ControlServer, {
  /**
   * Reports on the program to one client: its state, then every change of it, until the client hangs up. The last report
   * of a manager that ends comes when its socket has been removed.
   */
  readonly watch: (connection: Connection.Connection) => Effect.Effect<void>
}>() {
  /** Serves clients until it is released: then the socket is removed, and after that those are let go who watch. */
  static readonly layer = (
    identity: ControlProtocol.Identity,
    own: ReadonlyArray<OwnRequest> = []
  ): Layer.Layer<ControlServer, never, History | SocketFile | Supervised | Supervision | Transcript> =>
    Layer.scoped(ControlServer, make(identity, own))
}

// ===== Internal

/** How long a client may take over its request, and over taking the reply. */
const patience = Duration.seconds(5)

/** Clients that have connected and said nothing yet; when there are more, the oldest has to go. */
const idleLimit = 256

/** The requests that change something. */
const orders: ReadonlySet<string> = new Set(["start", "stop", "restart", "exit", "kill", "reopen_transcript"])

const make = Effect.fnUntraced(function*(identity: ControlProtocol.Identity, own: ReadonlyArray<OwnRequest>) {
  const history = yield* History
  const socketFile = yield* SocketFile
  const supervised = yield* Supervised
  const supervision = yield* Supervision
  const transcript = yield* Transcript
  const removed = yield* Deferred.make<void>()

  const lineOf = Effect.fnUntraced(function*(state: ProgramState.ProgramState) {
    const report = ControlProtocol.report(state, {
      nanos: yield* Clock.currentTimeNanos,
      now: yield* Clock.currentTimeMillis,
      manager: identity.managerPid,
      stopTimeout: identity.stopTimeout,
      troubles: yield* transcript.troubles,
      prospect: yield* supervision.prospect
    })
    return `${yield* Effect.orDie(Schema.encode(ReportLine)(report))}\n`
  })
  // A change is told to all who watch in the same words: a thousand of them must not hold up the next start.
  const lines = new WeakMap<ProgramState.ProgramState, string>()
  const lineOfChange = (state: ProgramState.ProgramState) =>
    Effect.suspend(() => {
      const line = lines.get(state)
      return line === undefined
        ? Effect.tap(lineOf(state), (line) => Effect.sync(() => lines.set(state, line)))
        : Effect.succeed(line)
    })

  const watch = (connection: Connection.Connection) =>
    Effect.suspend(() => {
      // What was there before is as old as it is now.
      let line = lineOf
      return Stream.runForEach(supervision.changes, (state) =>
        Effect.gen(function*() {
          if (Option.isSome(state.outcome)) yield* Deferred.await(removed)
          const text = yield* line(state)
          line = lineOfChange
          yield* Connection.within(patience)(connection.write(text))
        }))
    }).pipe(
      // Whoever watches says nothing: what comes from there is the end.
      Effect.raceFirst(connection.rest(ControlProtocol.requestLimit)),
      Effect.ignore
    )

  const reply = Effect.fnUntraced(function*(connection: Connection.Connection, words: ReadonlyArray<string>) {
    const [command, argument] = words
    if (command !== undefined && orders.has(command)) yield* history.ordered(words.join(" "))
    switch (command) {
      case undefined:
        return "Empty command"
      case "status":
        return yield* status
      case "start":
        return yield* obeyed(
          supervision.start,
          (isUp) => isUp ? "Application already started" : "Application started"
        )
      case "stop":
        return yield* obeyed(supervision.stop, (isUp) => isUp ? "Sent SIGTERM" : "Application already stopped")
      case "restart":
        return yield* obeyed(
          supervision.restart,
          (isUp) => isUp ? "Sent SIGTERM; will restart later" : "Application started"
        )
      case "exit":
        return yield* obeyed(supervision.exit, (isUp) => isUp ? "Sent SIGTERM; will exit later" : "Exiting now")
      case "kill":
        return yield* kill(argument ?? "15")
      case "reopen_transcript":
        return yield* Effect.match(transcript.reopen, { onSuccess: () => "", onFailure: ({ message }) => message })
      case "watch":
        yield* watch(connection)
        return ""
      case "help":
        return [help, ...own.map(({ description, name }) => `  ${name} -- ${description}`)].join("\n")
      default: {
        const request = own.find(({ name }) => name === command)
        return request === undefined
          ? `Unknown command ${PythonLiteral.repr(command)}; 'help' for a list`
          : yield* request.answer(supervision, words.slice(1))
      }
    }
  })

  const status = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const state = yield* supervision.state
    return ControlProtocol.renderStatus(identity, state, now / 1000, yield* transcript.troubles).trimEnd()
  })

  const kill = (text: string) =>
    Option.match(PythonLiteral.parseInteger(text, 10), {
      onNone: () => Effect.succeed(`Bad signal ${PythonLiteral.repr(text)}`),
      onSome: (number) =>
        Effect.match(supervision.signal(number), {
          onSuccess: () => `Signal ${number} sent`,
          onFailure: (error) =>
            error._tag === "NotRunning" ? "Application not running" : `Kill ${number} failed: ${error.message}`
        })
    })

  const idle = new Set<Net.Socket>()
  const serve = (socket: Net.Socket) =>
    Effect.gen(function*() {
      const connection = yield* Connection.fromSocket(socket)
      const request = yield* Effect.either(Connection.within(patience)(connection.line(ControlProtocol.requestLimit)))
      idle.delete(socket)
      const answer = Either.isRight(request)
        ? yield* reply(connection, Words.literal(request.right))
        : complaint(request.left)
      yield* Connection.within(patience)(connection.write(answer.length === 0 ? "" : `${answer}\n`))
      yield* connection.finish
      // The reply is on its way; the client takes it and hangs up.
      yield* Connection.within(patience)(connection.rest(ControlProtocol.replyLimit))
    }).pipe(Effect.scoped, Effect.ignore, Effect.ensuring(Effect.sync(() => idle.delete(socket))))

  const clients = yield* FiberSet.make<void>()
  const accept = Effect.gen(function*() {
    const socket = yield* Queue.take(socketFile.connections)
    idle.add(socket)
    if (idle.size > idleLimit) oldest(idle)?.destroy()
    yield* FiberSet.run(clients, serve(socket))
  })
  yield* supervised.fork("control socket", Effect.forever(accept))
  const allServed = Effect.repeat(FiberSet.awaitEmpty(clients), {
    until: () => Effect.map(Queue.size(socketFile.connections), (waiting) => waiting <= 0)
  })
  // Whoever connects meanwhile is served: this is released before what serves.
  yield* Effect.addFinalizer(() =>
    Effect.zipRight(
      // Whoever hears of the end can read what led to it, and hears what was lost.
      history.settled.pipe(
        Effect.zipRight(transcript.giveUp),
        Effect.zipRight(socketFile.remove),
        Effect.zipRight(Deferred.succeed(removed, undefined))
      ),
      // Those who watch hear of the end now; whoever says nothing is not waited for.
      Effect.timeoutOption(Effect.interruptible(allServed), "1 second")
    )
  )
  return ControlServer.of({ watch })
})

/** The answer to an order, unless it came too late: then there is none, and the client finds the manager gone. */
const obeyed = (order: Effect.Effect<ProgramState.ProgramState>, answer: (isUp: boolean) => string) =>
  Effect.flatMap(order, (before) =>
    Option.isSome(before.outcome)
      ? Effect.fail(new Connection.ConnectionError({ reason: "Ended", rest: "", code: "" }))
      : Effect.succeed(answer(Option.isSome(ProgramState.pid(before)))))

const complaint = (error: Connection.ConnectionError): string => {
  switch (error.reason) {
    case "Ended":
      return "Command not terminated by newline"
    case "TooLong":
      return "Command exceeds 10 KB"
    case "TimedOut":
      return "Command took too long"
    case "Broken":
      return ""
  }
}

const oldest = (sockets: ReadonlySet<Net.Socket>): Net.Socket | undefined => {
  for (const socket of sockets) return socket
  return undefined
}

const help = `Available commands:
  help -- return command help
  status -- report application status
  kill [signal] -- send a signal number to the application (default 15)
  start -- start the application if it is not running
  stop -- stop the application, and leave when it has ended, unless hang-around is on
  restart -- stop the application, then start it
  exit -- stop the application, and leave when it has ended
  reopen_transcript -- reopen the transcript log file
  watch -- report the state, and each change of it, as JSON lines`
