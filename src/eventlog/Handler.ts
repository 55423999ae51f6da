/**
 * What the event log's handlers have in common: how they take records, and how they tell of trouble without ever being
 * trouble themselves.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import type { LogRecord } from "./Record.ts"

/**
 * The event log cannot be set up: `path` is its file, or the kind of a handler that has none (`"Syslog"`), `reason` is for
 * the operator (`[Errno 13] Permission denied: '/x'`).
 *
 * @category errors
 * @since 0.1.0
 */
export class EventLogError extends Data.TaggedError("EventLogError")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `can't use event log: ${this.reason}`
  }
}

/**
 * One destination of records. `write` neither waits nor throws.
 *
 * @category models
 * @since 0.1.0
 */
export interface Handler {
  readonly write: (record: LogRecord) => void
  /** Lets a renamed file go. Does nothing where there is no file. */
  readonly reopen: Effect.Effect<void>
}

/**
 * Tells of a trouble when it begins and not again before it is over.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trouble {
  readonly tell: (line: string) => void
  readonly over: () => void
}

/**
 * Begins without trouble. `fallback` takes the lines.
 *
 * @category constructors
 * @since 0.1.0
 */
export const trouble = (fallback: (line: string) => void): Trouble => {
  let told = false
  return {
    tell: (line) => {
      if (told) return
      told = true
      fallback(line)
    },
    over: () => {
      told = false
    }
  }
}

/**
 * A handler that sends records from a fiber of its own, one after the other, so that whoever logs never waits.
 *
 * 1000 records may wait; more are dropped. A record that cannot be sent within `timeout` is dropped as well. Each is told
 * once on the fallback until a record gets through. `send` fails with the reason in words. When the scope closes, records
 * that still wait have one second.
 *
 * @category constructors
 * @since 0.1.0
 */
export const background: (options: {
  readonly name: string
  readonly send: (record: LogRecord) => Effect.Effect<void, string>
  readonly timeout: Duration.DurationInput
  readonly fallback: (line: string) => void
}) => Effect.Effect<Handler, never, Scope.Scope> = Effect.fnUntraced(
  function*(options) {
    const { over, tell } = trouble(options.fallback)
    const waiting = yield* Mailbox.make<LogRecord>({ capacity: 1000, strategy: "dropping" })
    const send = (record: LogRecord) =>
      Effect.suspend(() => options.send(record)).pipe(
        Effect.timeoutFail({ duration: options.timeout, onTimeout: () => "timed out" }),
        Effect.matchCause({
          onSuccess: over,
          onFailure: (cause) => tell(`can't send to event log ${options.name}: ${reasonOf(cause)}`)
        })
      )
    const sender = yield* waiting.take.pipe(Effect.flatMap(send), Effect.forever, Effect.ignore, Effect.forkScoped)
    yield* Effect.addFinalizer(() =>
      waiting.end.pipe(
        Effect.zipRight(Effect.interruptible(Fiber.await(sender))),
        Effect.timeoutOption("1 second")
      )
    )
    return {
      write: (record) => {
        if (!waiting.unsafeOffer(record)) tell(`event log ${options.name} is too slow, records are dropped`)
      },
      reopen: Effect.void
    }
  }
)

// ===== Internal

const reasonOf = (cause: Cause.Cause<string>): string => {
  const [reason] = Cause.failures(cause)
  return reason ?? Cause.pretty(cause)
}
