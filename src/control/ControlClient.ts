/**
 * The command's side of the control socket. It speaks to this project's managers and to the original's.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Path from "node:path"
import * as FilePath from "../process/FilePath.ts"
import * as SystemError from "../process/SystemError.ts"
import * as User from "../process/User.ts"
import * as Connection from "./Connection.ts"
import * as ControlProtocol from "./ControlProtocol.ts"

/**
 * The longest path in bytes at which a manager can listen: it does so under a temporary name of six bytes in the same
 * folder first, and a name may be shorter.
 *
 * @category judging
 * @since 0.1.0
 */
export const listenLimit = (path: string): number =>
  FilePath.socketLimit - Math.max(0, temporaryLength - Buffer.byteLength(Path.basename(path)))

/**
 * Nobody listens on the socket: there is none (`ENOENT`), its manager is gone (`ECONNREFUSED`), or hung up without a word,
 * as one does that is about to end (`EOF`). `advice` tells them apart. `orphan` is the process of the program that a manager
 * which was killed has left running, where somebody has looked for it and found it.
 *
 * @category errors
 * @since 0.1.0
 */
export class ManagerNotRunning extends Data.TaggedError("ManagerNotRunning")<{
  readonly path: string
  readonly code: string
  readonly orphan?: number
}> {
  override get message(): string {
    return "daemon manager not running"
  }

  get advice(): string {
    if (this.orphan !== undefined) {
      return `the manager of socket ${this.path} was killed; its program (pid ${this.orphan}) is running still: ` +
        "\"stop\" ends it, \"start\" replaces it"
    }
    switch (this.code) {
      case "ECONNREFUSED":
        return `the manager of socket ${this.path} was killed, and nothing of its program is found; "start" starts it anew`
      case "EOF":
        return `the manager of socket ${this.path} is about to end; ask again`
      default:
        return `there is no socket ${this.path}; "start" makes one, unless another name (-s) is meant`
    }
  }
}

/**
 * The socket belongs to somebody else, so that nothing is known of the manager behind it.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotPermitted extends Data.TaggedError("NotPermitted")<{
  readonly path: string
  readonly owner: string | undefined
}> {
  override get message(): string {
    return `permission denied for socket ${this.path}`
  }

  get advice(): string {
    return this.owner === undefined
      ? "a directory on its way is closed to you; give the command as the user that the manager runs as"
      : `it belongs to ${this.owner}; give the command as that user, or as root`
  }
}

/**
 * Somebody listens on the socket, and no answer came: not in time, or the connection broke.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly path: string; readonly reason: string }> {
  override get message(): string {
    return `no answer from the daemon manager on socket ${this.path}: ${this.reason}`
  }

  get advice(): string {
    return "it may be suspended, or the machine overloaded: look for its process, wake it with SIGCONT, or ask again"
  }
}

/**
 * Somebody listens on the socket, and the answer is none that a manager gives.
 *
 * @category errors
 * @since 0.1.0
 */
export class WrongAnswer extends Data.TaggedError("WrongAnswer")<{ readonly path: string; readonly reason: string }> {
  override get message(): string {
    return `wrong answer on socket ${this.path}: ${this.reason}`
  }

  get advice(): string {
    return "another program listens there; give the manager a name of its own (-s)"
  }
}

/**
 * What is at the path can never be a manager's socket.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSocket extends Data.TaggedError("NoSocket")<{ readonly path: string; readonly reason: string }> {
  override get message(): string {
    return `can't use socket '${this.path}': ${this.reason}`
  }

  get advice(): string {
    return "give another name (-s)"
  }
}

/**
 * Everything that can keep a client from its manager.
 *
 * @category errors
 * @since 0.1.0
 */
export type ControlError = ManagerNotRunning | NoAnswer | NoSocket | NotPermitted | WrongAnswer

/**
 * Sends one request and answers with the reply, all within five seconds.
 *
 * An original's manager hears one client at a time, and drops the one that it has not heard out when another connects.
 * What it dropped it has not done, so that the request is sent again.
 *
 * @category running
 * @since 0.1.0
 */
export const request = (path: string, line: string): Effect.Effect<string, ControlError> =>
  Effect.gen(function*() {
    const connection = yield* connect(path)
    yield* connection.write(`${line}\n`)
    yield* connection.finish
    const reply = yield* connection.rest(ControlProtocol.replyLimit)
    return reply === superseded ? yield* dropped : reply
  }).pipe(
    Effect.scoped,
    heardOut,
    Connection.within(patience),
    Effect.catchTag("ConnectionError", (error) => Effect.fail(unanswered(path, error)))
  )

/**
 * Begins a conversation: connects and says one line. What the manager answers is read from the connection.
 *
 * @category running
 * @since 0.1.0
 */
export const converse = (
  path: string,
  line: string
): Effect.Effect<Connection.Connection, ControlError, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* connect(path)
    yield* connection.write(`${line}\n`)
    return connection
  }).pipe(
    heardOut,
    Connection.within(patience),
    Effect.catchTag("ConnectionError", (error) => Effect.fail(unanswered(path, error)))
  )

/**
 * Gives a manager five seconds for what it is to say next.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inTime = <A>(path: string, said: Effect.Effect<A>): Effect.Effect<A, NoAnswer | WrongAnswer> =>
  Effect.mapError(Connection.within(patience)(said), (error) => unanswered(path, error))

// ===== Internal

/** In bytes, that of the temporary name. */
const temporaryLength = 6

const patience = "5 seconds"

/** What an original's manager says to a client that it drops. */
const superseded = "Command superseded by new command\n"

const dropped = new Connection.ConnectionError({ reason: "Broken", rest: superseded, code: "ECONNRESET" })

const heardOut = <A, E, R>(effect: Effect.Effect<A, Connection.ConnectionError | E, R>) =>
  Effect.retry(effect, {
    while: (error) => error instanceof Connection.ConnectionError && error.reason === "Broken",
    schedule: Schedule.jittered(Schedule.spaced("50 millis")),
    times: 20
  })

const connect = (path: string): Effect.Effect<Connection.Connection, ControlError, Scope.Scope> =>
  Effect.gen(function*() {
    const length = Buffer.byteLength(path)
    if (length > FilePath.socketLimit) {
      return yield* new NoSocket({
        path,
        reason: `its path is ${length} bytes long, the limit is ${FilePath.socketLimit}`
      })
    }
    const socket = yield* Effect.acquireRelease(open(path), (socket) => Effect.sync(() => socket.destroy()))
    return yield* Connection.fromSocket(socket)
  })

/** Where more want to connect than the manager has listened to yet, the system does not let us wait: we ask again. */
const open = (path: string): Effect.Effect<Net.Socket, ControlError> =>
  opened(path).pipe(
    Effect.retry({ while: (code) => code === "EAGAIN", schedule: Schedule.spaced("20 millis") }),
    Effect.catchAll((code) => refused(path, code))
  )

const opened = (path: string): Effect.Effect<Net.Socket, string> =>
  Effect.async((resume) => {
    const socket = Net.connect({ path, allowHalfOpen: true })
    const fail = (cause: Error) => resume(Effect.fail(SystemError.codeOf(cause)))
    socket.once("error", fail)
    socket.once("connect", () => {
      socket.off("error", fail)
      resume(Effect.succeed(socket))
    })
    return Effect.sync(() => socket.destroy())
  })

const refused = (path: string, code: string): Effect.Effect<never, ControlError> => {
  switch (code) {
    case "ECONNREFUSED": {
      // Linux refuses what is no socket in the same way.
      const found = FilePath.stat(path)
      return found === undefined || found.isSocket()
        ? new ManagerNotRunning({ path, code })
        : new NoSocket({ path, reason: "it is there and is not a socket" })
    }
    case "ENOENT":
    case "ENOTDIR":
      return new ManagerNotRunning({ path, code })
    case "EACCES":
    case "EPERM":
      return Effect.flatMap(ownerOf(path), (owner) => Effect.fail(new NotPermitted({ path, owner })))
    case "ENOTSOCK":
    case "ELOOP":
      return new NoSocket({ path, reason: SystemError.describe(code) })
    default:
      return new NoAnswer({ path, reason: SystemError.describe(code) })
  }
}

/** The name of a file's owner, or its number; nothing where the file cannot be seen. */
const ownerOf = (path: string): Effect.Effect<string | undefined> =>
  Effect.suspend(() => {
    const found = FilePath.stat(path)
    return found === undefined
      ? Effect.succeed(undefined)
      : Effect.match(User.find(String(found.uid)), {
        onFailure: () => `user ${found.uid}`,
        onSuccess: ({ name }) => `user ${name}`
      })
  })

const unanswered = (path: string, error: Connection.ConnectionError): NoAnswer | WrongAnswer => {
  switch (error.reason) {
    case "TimedOut":
      return new NoAnswer({ path, reason: "nothing came for 5 seconds" })
    case "TooLong":
      return new WrongAnswer({ path, reason: "it has no end" })
    case "Ended":
      return new NoAnswer({ path, reason: "it hung up" })
    case "Broken":
      return new NoAnswer({ path, reason: SystemError.describe(error.code) })
  }
}
