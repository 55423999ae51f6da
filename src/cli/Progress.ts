/**
 * What is waited for, and for how long, in a line.
 *
 * @since 0.1.0
 */
import type { Report } from "../control/Report.ts"
import * as Moment from "./Moment.ts"
import { printable } from "./Printable.ts"

/**
 * What is waited for: that the program is up, or that it is down.
 *
 * @category models
 * @since 0.1.0
 */
export type Goal = "down" | "up"

/**
 * Renders what is waited for: `waiting for pid 812 to end: SIGTERM 4 s ago, SIGKILL in 6 s`. The report, if one has come,
 * came `age` milliseconds ago.
 *
 * @category formatting
 * @since 0.1.0
 */
export const line = (goal: Goal, report: Report | undefined, age: number): string =>
  `waiting for ${printable(report === undefined ? "the daemon manager" : subject(goal, report, age))}`

// ===== Internal

const subject = (goal: Goal, report: Report, age: number): string => {
  const { activity, nextStartIn, pid, runs, startTest, stopping } = report
  const uptime = Moment.span(report.uptime + age)
  switch (activity) {
    case "Stopping":
      return stopping === undefined
        ? `the end of what run ${runs} has left behind`
        : `pid ${pid} to end: SIGTERM ${Moment.span(stopping.for + age)} ago${killed(stopping, age)}`
    case "BackingOff":
      return `run ${runs + 1}, which starts in ${Moment.left((nextStartIn ?? 0) - age)}`
    case "Running":
      if (goal === "down") return `pid ${pid} to end, which is up for ${uptime}`
      return startTest === "Testing"
        ? `the start test of pid ${pid} to pass, which is up for ${uptime}`
        : `pid ${pid} to stay up, which it is for ${uptime}`
    case "Starting":
      return "the program to start"
    case "Down":
      return goal === "up" ? "the program to start" : "the daemon manager to end"
  }
}

const killed = ({ killIn }: { readonly killIn?: number | undefined }, age: number): string =>
  killIn === undefined ? "" : `, SIGKILL in ${Moment.left(killIn - age)}`
