/**
 * One record of the event log, and the fields that a format may name.
 *
 * The fields are those of Python's logging. What a program in Python knows about its source and its threads has the value
 * that Python's logging gives when it cannot find out.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Inspectable from "effect/Inspectable"
import type * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"
import type * as LogFormat from "../config/LogFormat.ts"

/**
 * What was logged: `level` is Python's number for it (10 DEBUG to 50 CRITICAL), `trace` is the rendered cause or empty,
 * `startedAt` is the time in milliseconds since the epoch when the log was opened.
 *
 * @category models
 * @since 0.1.0
 */
export interface LogRecord {
  readonly level: number
  readonly levelName: string
  readonly message: string
  readonly trace: string
  readonly date: Date
  readonly startedAt: number
  readonly pid: number
}

/**
 * Takes over what Effect hands to a logger. A message of several parts is joined with blanks.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Logger.Logger.Options<unknown>,
  manager: { readonly pid: number; readonly startedAt: number }
): LogRecord => ({
  ...manager,
  level: levelNumber(options.logLevel),
  levelName: levelName(options.logLevel),
  message: Arr.ensure(options.message).map((part) => Inspectable.toStringUnknown(part, 0)).join(" "),
  trace: Cause.isEmpty(options.cause) ? "" : Cause.pretty(options.cause, { renderErrorCause: true }),
  date: options.date
})

/**
 * The number that Python's logging and ZConfig give to a level: 50 for Fatal, which they call CRITICAL, 5 for Trace.
 *
 * @category models
 * @since 0.1.0
 */
export const levelNumber = (level: LogLevel.LogLevel): number => {
  switch (level._tag) {
    case "Fatal":
      return 50
    case "Error":
      return 40
    case "Warning":
      return 30
    case "Info":
      return 20
    case "Debug":
      return 10
    case "Trace":
      return 5
    case "All":
    case "None":
      return 0
  }
}

/**
 * The fields of a record. `asctime` is its time as the handler renders it.
 *
 * @category getters
 * @since 0.1.0
 */
export const fields = (record: LogRecord, asctime: string): LogFormat.Fields => ({
  name: "root",
  levelno: record.level,
  levelname: record.levelName,
  pathname: "(unknown file)",
  filename: "(unknown file)",
  module: "(unknown file)",
  lineno: 0,
  funcName: "(unknown function)",
  created: record.date.getTime() / 1000,
  asctime,
  msecs: record.date.getMilliseconds(),
  relativeCreated: record.date.getTime() - record.startedAt,
  // The first thread of a process has the number of the process.
  thread: record.pid,
  threadName: "MainThread",
  process: record.pid,
  processName: "MainProcess",
  message: record.message
})

// ===== Internal

const levelName = (level: LogLevel.LogLevel): string => {
  switch (level._tag) {
    case "Fatal":
      return "CRITICAL"
    case "Warning":
      return "WARNING"
    default:
      return level._tag.toUpperCase()
  }
}
