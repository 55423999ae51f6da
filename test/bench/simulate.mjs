// `simulate` of a day, and of no time at all: what is in between is the computing.
import { median, run, zdaemon } from "./zdaemon.mjs"

const samples = 20

export const simulate = async (directory) => {
  const simulation = (span) =>
    run(directory, zdaemon, ["-f", "-p", "sleep 1000", "simulate", "--dies-after", "3s", "--for", span]).millis
  // Once for the code cache.
  simulation("0s")
  const times = { day: [], nothing: [] }
  for (let i = 0; i < samples; i++) {
    times.nothing.push(simulation("0s"))
    times.day.push(simulation("24h"))
  }
  const nothing = median(times.nothing)
  const value = median(times.day) - nothing
  return [
    { name: "a day of a 3-second crasher", value, unit: "ms", goal: "<= 100 ms", isMet: value <= 100 },
    { name: "  the command without it", value: nothing, unit: "ms" }
  ]
}
