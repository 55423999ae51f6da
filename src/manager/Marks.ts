/**
 * Lines in the transcript that say when a run began and how it ended, among what the program wrote.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { EndedRun } from "../history/EndedRun.ts"
import { History } from "../history/History.ts"
import { ExitStatus } from "../policy/Run.ts"
import { describeVerdict, Verdict } from "../policy/Verdict.ts"
import { Transcript } from "../transcript/Transcript.ts"

/**
 * Passes everything on to the history below, and writes the marks.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<History, never, History | Transcript> = Layer.effect(
  History,
  Effect.map(Effect.all([History, Transcript]), ([history, { note }]) =>
    History.of({
      ...history,
      began: (run) => Effect.zipRight(Effect.sync(() => note(beginning(run))), history.began(run)),
      ended: (run) => Effect.zipRight(Effect.sync(() => note(ending(run))), history.ended(run))
    }))
)

/**
 * The line for the beginning of a run.
 *
 * @category formatting
 * @since 0.1.0
 */
export const beginning = ({ number, pid }: { readonly number: number; readonly pid: number }): string =>
  `-- zdaemon: pid ${pid} started, run ${number}`

/**
 * The line for the end of a run: `-- zdaemon: pid 812 terminated by SIGSEGV after 3m2s; restart in 4s`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const ending = ({ next, pid, status, uptime }: Pick<EndedRun, "next" | "pid" | "status" | "uptime">): string => {
  const end = ExitStatus.$match(status, {
    Exited: ({ code }) => `exited with status ${code}`,
    Signaled: ({ signal }) => `terminated by ${signal}`,
    NotSpawned: ({ reason }) => `not started: ${reason}`
  })
  const what = Option.match(pid, { onNone: () => end, onSome: (pid) => `pid ${pid} ${end} after ${length(uptime)}` })
  const then = Option.match(next, {
    onNone: () => "ended by an order",
    onSome: (verdict) =>
      !Verdict.$is("Restart")(verdict)
        ? describeVerdict(verdict)
        : Duration.equals(verdict.backoff, Duration.zero)
        ? "restart now"
        : `restart in ${length(verdict.backoff)}`
  })
  return `-- zdaemon: ${what}; ${then}`
}

// ===== Internal

/** A time in the two units that matter: `0.25s`, `3m2s`, `5h0m`, `12d4h`. */
const length = (duration: Duration.Duration): string => {
  const { days, hours, millis, minutes, seconds } = Duration.parts(duration)
  if (days > 0) return `${days}d${hours}h`
  if (hours > 0) return `${hours}h${minutes}m`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds + Math.floor(millis / 10) / 100}s`
}
