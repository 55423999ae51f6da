/**
 * One run of the program, from spawn to its end, as the restart policy sees it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/**
 * How a run ended. A program that dies is a value, not an error.
 *
 * - `Exited`: the program returned `code` (0 to 255).
 * - `Signaled`: the kernel ended it with `signal` (`"SIGSEGV"`).
 * - `NotSpawned`: there was no process at all; `reason` says why, with the name of the system's error
 *   (`can't exec '/x': [Errno 2] No such file or directory`). A policy treats it as a failed run.
 *
 * @category models
 * @since 0.1.0
 */
export type ExitStatus = Data.TaggedEnum<{
  Exited: { readonly code: number }
  Signaled: { readonly signal: string }
  NotSpawned: { readonly reason: string }
}>

/**
 * Constructors, `$is` and `$match` of {@link ExitStatus}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ExitStatus = Data.taggedEnum<ExitStatus>()

/**
 * A run that is over: how it ended, and how long it lasted by a monotonic clock. The uptime is the only time that a
 * policy knows; it reads no clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly status: ExitStatus
  readonly uptime: Duration.Duration
}

/**
 * Renders how a run ended in zdaemon's words: `exit status 3`, `terminated by SIGKILL`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe: (status: ExitStatus) => string = ExitStatus.$match({
  Exited: ({ code }) => `exit status ${code}`,
  Signaled: ({ signal }) => `terminated by ${signal}`,
  NotSpawned: ({ reason }) => `${notStarted}${reason}`
})

/**
 * Finds why there was no process at all, in what {@link describe} says of the end of a run.
 *
 * @category decoding
 * @since 0.1.0
 */
export const reasonNotStarted = (described: string): Option.Option<string> =>
  described.startsWith(notStarted) ? Option.some(described.slice(notStarted.length)) : Option.none()

/**
 * The exit status that a shell would give for the end of a run: the exit code, 128 and the number of the signal, or 127
 * when nothing could be run.
 *
 * @category formatting
 * @since 0.1.0
 */
export const shellStatus = (status: ExitStatus, signalNumber: (name: string) => number): number =>
  ExitStatus.$match(status, {
    Exited: ({ code }) => code,
    Signaled: ({ signal }) => 128 + signalNumber(signal),
    NotSpawned: () => 127
  })

// ===== Internal

const notStarted = "not started: "
