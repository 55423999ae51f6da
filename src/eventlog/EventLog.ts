/**
 * The manager's own log, written where its operator wants it: into files, to syslog, to a web server, by mail.
 *
 * Everything that is logged with Effect goes there, and nowhere else. Without a handler nothing is written. Files are
 * written before the log statement returns; the other handlers send from fibers of their own and have one second when the
 * layer is released. No handler ever takes the manager down.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import * as Process from "node:process"
import type * as Settings from "../config/EventLogSettings.ts"
import * as EmailNotifier from "./EmailNotifier.ts"
import * as Format from "./Format.ts"
import * as Handler from "./Handler.ts"
import * as HttpLogger from "./HttpLogger.ts"
import * as LogFile from "./LogFile.ts"
import * as Record from "./Record.ts"
import * as Syslog from "./Syslog.ts"

/**
 * The open event log.
 *
 * @category services
 * @since 0.1.0
 */
export class EventLog extends Context.Tag("zdaemon/eventlog/EventLog")<EventLog, {
  /** Opens plain files by their names again and rolls rotated ones over. What fails is told on the fallback. */
  readonly reopen: Effect.Effect<void>
}>() {
  /**
   * Installs the handlers and sets the minimum log level. A record passes when its level is at least that of the log and
   * that of the handler; level 0 passes all. `fallback` hears, once per trouble, of what a handler cannot write. Fails when
   * a file cannot be opened or a format is wrong.
   */
  static readonly layer = (
    settings: typeof Settings.EventLogSettings.Type,
    fallback: (line: string) => void
  ): Layer.Layer<EventLog, Handler.EventLogError> => Layer.scoped(EventLog, make(settings, fallback))

  /**
   * Without a configured log, messages from WARNING up are written as bare text; that is what Python's logging does as a
   * last resort, and so the original. There is nothing to reopen.
   */
  static readonly lastResort = (write: (line: string) => void): Layer.Layer<EventLog> =>
    Layer.scoped(
      EventLog,
      Effect.as(
        installed(({ level, message }) => {
          if (level >= Record.levelNumber(LogLevel.Warning)) write(message)
        }),
        EventLog.of({ reopen: Effect.void })
      )
    )
}

// ===== Internal

const make = Effect.fnUntraced(function*(
  settings: typeof Settings.EventLogSettings.Type,
  fallback: (line: string) => void
) {
  const handlers = yield* Effect.forEach(
    settings.handlers,
    (one) => Effect.map(open(one, fallback), (handler) => ({ ...handler, level: one.level }))
  )
  yield* Effect.locallyScoped(FiberRef.currentMinimumLogLevel, lowestThatPasses(settings.level))
  yield* installed((record) => {
    if (record.level < settings.level) return
    for (const handler of handlers) {
      if (record.level >= handler.level) handler.write(record)
    }
  })
  return EventLog.of({ reopen: Effect.forEach(handlers, ({ reopen }) => reopen, { discard: true }) })
})

const installed = Effect.fnUntraced(function*(write: (record: Record.LogRecord) => void) {
  const manager = { pid: Process.pid, startedAt: yield* Clock.currentTimeMillis }
  const logger = Logger.make<unknown, void>((options) => write(Record.make(options, manager)))
  yield* Effect.locallyScoped(FiberRef.currentLoggers, HashSet.make(logger))
})

const open = Effect.fnUntraced(function*(
  settings: typeof Settings.Handler.Type,
  fallback: (line: string) => void
): Effect.fn.Return<Handler.Handler, Handler.EventLogError, Scope.Scope> {
  const format = yield* Either.mapLeft(
    Format.compile(settings),
    (reason) => new Handler.EventLogError({ path: settings._tag === "LogFile" ? settings.path : settings._tag, reason })
  )
  switch (settings._tag) {
    case "LogFile":
      return yield* LogFile.make(settings, format, fallback)
    case "Syslog":
      return yield* Syslog.make(settings, format, fallback)
    case "HttpLogger":
      return yield* HttpLogger.make(settings, fallback)
    case "EmailNotifier":
      return yield* EmailNotifier.make(settings, format, fallback)
  }
})

const lowestThatPasses = (level: number): LogLevel.LogLevel =>
  [LogLevel.Trace, LogLevel.Debug, LogLevel.Info, LogLevel.Warning, LogLevel.Error, LogLevel.Fatal].find((one) =>
    Record.levelNumber(one) >= level
  ) ?? LogLevel.None
