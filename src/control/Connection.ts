/**
 * One end of a conversation over a Unix socket, with limits on what is read from the other side.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type * as Net from "node:net"

/**
 * The conversation is over, or cannot go on.
 *
 * - `Ended`: the other side has finished; `rest` is what it said since the last line.
 * - `TooLong`: it said more than it may.
 * - `TimedOut`: it took too long.
 * - `Broken`: `code` is the name of the system's error (`"ECONNRESET"`).
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionError extends Data.TaggedError("ConnectionError")<{
  readonly reason: "Ended" | "TooLong" | "TimedOut" | "Broken"
  readonly rest: string
  readonly code: string
}> {}

/**
 * Limits how long a part of a conversation may take.
 *
 * @category combinators
 * @since 0.1.0
 */
export const within =
  (duration: Duration.DurationInput) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | ConnectionError, R> =>
    Effect.timeoutFail(effect, {
      duration,
      onTimeout: () => new ConnectionError({ reason: "TimedOut", rest: "", code: "ETIMEDOUT" })
    })

/**
 * A connection. Text is UTF-8; bytes that are not are read as replacement characters and never an error.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connection {
  /** Reads the next line, without its newline; fails when it is longer than `limit` bytes. */
  readonly line: (limit: number) => Effect.Effect<string, ConnectionError>
  /** Reads what the other side says until it has finished; fails when that is more than `limit` bytes. */
  readonly rest: (limit: number) => Effect.Effect<string, ConnectionError>
  /** Writes text, and waits until the system has taken it. */
  readonly write: (text: string) => Effect.Effect<void, ConnectionError>
  /** Says that nothing more will be written. */
  readonly finish: Effect.Effect<void>
}

/**
 * Makes a connection of a socket; closing the scope destroys the socket.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSocket = (socket: Net.Socket): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.map(Effect.acquireRelease(listen(socket), (incoming) => hangUp(socket, incoming)), (incoming) => {
    let read: Buffer = Buffer.alloc(0)
    /** Reads until there is a newline or the limit is passed; answers with the place of the newline. */
    const fill = (limit: number): Effect.Effect<number, ConnectionError> =>
      Effect.suspend(() => {
        const newline = read.indexOf(0x0a)
        if (newline > limit || (newline < 0 && read.length > limit)) return fail("TooLong")
        if (newline >= 0) return Effect.succeed(newline)
        return Effect.flatMap(Queue.take(incoming), (event) => {
          if (typeof event === "string") {
            return event === "end" ? fail("Ended", read.toString()) : fail("Broken", read.toString(), event)
          }
          read = read.length === 0 ? event : Buffer.concat([read, event])
          socket.resume()
          return fill(limit)
        })
      })
    const rest = (limit: number, before: string): Effect.Effect<string, ConnectionError> =>
      fill(limit - before.length).pipe(
        Effect.flatMap((newline) => rest(limit, before + take(newline + 1))),
        Effect.catchIf((error) => error.reason === "Ended", () => Effect.sync(() => before + take(read.length)))
      )
    const take = (length: number): string => {
      const text = read.toString("utf8", 0, length)
      read = read.subarray(length)
      return text
    }
    return {
      line: (limit) =>
        Effect.map(fill(limit), (newline) => {
          const line = take(newline)
          take(1)
          return line
        }),
      rest: (limit) => rest(limit, ""),
      write: (text) =>
        Effect.async((resume) => {
          socket.write(text, (cause) => {
            const code = cause !== undefined && cause !== null && "code" in cause ? String(cause.code) : "EPIPE"
            resume(cause === undefined || cause === null ? Effect.void : fail("Broken", "", code))
          })
        }),
      finish: Effect.sync(() => {
        socket.end()
      })
    }
  })

// ===== Internal

/** What comes in: bytes, `"end"`, or the name of an error. */
type Incoming = Buffer | string

const fail = (reason: ConnectionError["reason"], rest = "", code = "") =>
  Effect.fail(new ConnectionError({ reason, rest, code }))

const listen = (socket: Net.Socket) =>
  Effect.map(Queue.unbounded<Incoming>(), (incoming) => {
    socket.on("data", (bytes: Buffer) => {
      // One piece at a time: whoever says more than is read waits.
      socket.pause()
      Queue.unsafeOffer(incoming, bytes)
    })
    socket.on("end", () => Queue.unsafeOffer(incoming, "end"))
    socket.on("error", (cause) => Queue.unsafeOffer(incoming, "code" in cause ? String(cause.code) : cause.name))
    socket.on("close", () => Queue.unsafeOffer(incoming, "end"))
    // A server's connection is paused until somebody cares for it.
    socket.resume()
    return incoming
  })

const hangUp = (socket: Net.Socket, incoming: Queue.Queue<Incoming>) =>
  Effect.suspend(() => {
    socket.destroy()
    return Queue.shutdown(incoming)
  })
