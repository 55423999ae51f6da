// `start` with no start grace, and `stop`, of a program that does both at once.
import { bare, median, run, zdaemon } from "./zdaemon.mjs"

const samples = 20

export const start = async (directory) => {
  const options = ["-s", "start.sock", "-p", "sleep 1000", "--start-grace", "0"]
  const ours = () => [run(directory, zdaemon, [...options, "start"]), run(directory, zdaemon, [...options, "stop"])]
  const theirs = () => [
    run(directory, bare("start"), ["bare.sock", "sleep", "1000"]),
    run(directory, bare("client"), ["bare.sock", "stop"])
  ]
  // Once for the code caches.
  ours()
  const times = { zdaemon: [], bare: [] }
  for (let i = 0; i < samples; i++) {
    times.bare.push(theirs().map(({ millis }) => millis))
    times.zdaemon.push(ours().map(({ millis }) => millis))
  }
  const row = (name, millis) => {
    const value = median(times.zdaemon.map(millis))
    const floor = median(times.bare.map(millis))
    return { name, value, bare: floor, unit: "ms", ratio: true, isMet: value / floor <= 4, goal: "<= 4x" }
  }
  return [
    row("start + stop", ([start, stop]) => start + stop),
    row("  start", ([start]) => start),
    row("  stop", ([, stop]) => stop)
  ]
}
