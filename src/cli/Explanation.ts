/**
 * What a program is doing and why, in a few lines for people.
 *
 * @since 0.1.0
 */
import type { Report } from "../control/Report.ts"
import { tooFrequent } from "../policy/Verdict.ts"
import * as Moment from "./Moment.ts"
import { printable } from "./Printable.ts"
import * as RunEnd from "./RunEnd.ts"

/**
 * Explains a report, one thing a line. `now` is the wall clock in milliseconds; the report came `age` milliseconds ago. An
 * original's manager tells little, so that little is said of its program.
 *
 * @category formatting
 * @since 0.1.0
 */
export const lines = (report: Report, { age, now }: { readonly age: number; readonly now: number }) =>
  [
    present(report, age, now),
    last(report, age),
    givingUp(report, age),
    ...(report.transcriptTroubles ?? []).map(trouble)
  ].filter((line) => line !== "").map(printable)

// ===== Internal

const present = (report: Report, age: number, now: number): string => {
  const run = report.runs === 0 ? "the program" : `run ${report.runs}`
  switch (report.activity) {
    case "Running": {
      const uptime = report.uptime + age
      return `${run} is up since ${Moment.local(now - uptime)}, for ${Moment.span(uptime)}${tested(report)}`
    }
    case "Stopping":
      return report.stopping === undefined
        ? `${run} has ended, and what it has left behind is being ended`
        : `${run} was told to end ${Moment.span(report.stopping.for + age)} ago${killed(report.stopping, age)}`
    case "Starting":
      return `${run} is being started`
    case "BackingOff":
      return `run ${report.runs + 1} starts in ${Moment.left((report.nextStartIn ?? 0) - age)}`
    case "Down":
      return report.runs === 0 && report.resting === undefined ? "" : `no run is due: ${report.leaving ?? rest(report)}`
  }
}

const rest = ({ resting }: Report): string => `${resting === undefined ? "" : `${resting}; `}"start" begins one`

const killed = ({ killIn }: { readonly killIn?: number | undefined }, age: number): string =>
  killIn === undefined ? "" : `, and is killed in ${Moment.left(killIn - age)}`

const tested = (report: Report): string => {
  switch (report.startTest) {
    case "None":
      return ""
    case "Passed":
      return "; its start test has passed"
    case "Testing":
      return "; its start test has not passed yet"
    case "Failed":
      return `; its start test cannot be run: ${report.startTestError ?? ""}`
  }
}

const last = ({ lastRun }: Report, age: number): string => {
  if (lastRun === undefined) return ""
  const { end, endedAgo, next, number, uptime } = lastRun
  return `run ${number} ${RunEnd.clause({ end, uptime, ago: endedAgo === undefined ? undefined : endedAgo + age })}` +
    (next === undefined ? RunEnd.ordered(end) : next.startsWith("gave up") ? `; ${next}` : "")
}

/** Of a run that is up a report is soon too old for it: the longer it is up, the more ends may be left. */
const givingUp = ({ activity, givesUp }: Report, age: number): string => {
  if (givesUp === undefined || (activity === "Running" && age > 2000)) return ""
  const { after, reason } = givesUp
  return `gives up after ${after === 1 ? "one more quick end" : `${after} more quick ends`}` +
    (reason === tooFrequent ? "" : `: ${reason}`)
}

const trouble = (
  { dropped = 0, error, output }: NonNullable<Report["transcriptTroubles"]>[number]
): string => {
  switch (output) {
    case "waits":
      return `output waits, and with it perhaps the program: ${error}`
    case "dropped":
      return `output is being dropped, ${dropped} bytes so far: ${error}`
    case "written":
      return `output goes on into the file that was open before: ${error}`
  }
}
