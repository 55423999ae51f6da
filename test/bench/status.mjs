// `status` with a manager up; both sides ask the same one.
import { bare, median, run, zdaemon } from "./zdaemon.mjs"

const samples = 40

export const status = async (directory) => {
  const options = ["-s", "status.sock", "-p", "sleep 1000", "--start-grace", "0"]
  run(directory, zdaemon, [...options, "start"])
  try {
    // Twice for the code cache: it is written at the end of the first run.
    for (let i = 0; i < 2; i++) run(directory, zdaemon, [...options, "status"])
    const times = { zdaemon: [], bare: [] }
    for (let i = 0; i < samples; i++) {
      times.bare.push(run(directory, bare("client"), ["status.sock", "status"]).millis)
      times.zdaemon.push(run(directory, zdaemon, [...options, "status"]).millis)
    }
    const value = median(times.zdaemon)
    const floor = median(times.bare)
    return [
      { name: "status", value, bare: floor, unit: "ms", ratio: true, goal: "<= 2.5x", isMet: value / floor <= 2.5 }
    ]
  } finally {
    run(directory, zdaemon, [...options, "stop"])
  }
}
