// Managers that are tortured, and what is in their transcripts.
import { spawnSync } from "node:child_process"
import { createReadStream, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { createGunzip } from "node:zlib"

/**
 * Lines that are all different and all alike: a number, and what follows from it. At least so many as it is told; with a word
 * behind that, until a file of this name is there. It leaves the number in a file `done`.
 */
export const writer = `const fs = require("fs")
let n = 0
const least = Number(process.argv[1])
const enough = process.argv[2]
const batch = () => {
  let text = ""
  for (const end = n + 1000; n < end; n++) text += String(n).padStart(9, "0") + " " + String(n * 7).padStart(10, ".") + " a line of the torture\\n"
  for (let at = 0, bytes = Buffer.from(text); at < bytes.length;) at += fs.writeSync(1, bytes, at)
}
while (n < least || enough !== undefined && !fs.existsSync(enough)) batch()
fs.writeFileSync("done.part", String(n))
fs.renameSync("done.part", "done")
`

const line = (n) => `${String(n).padStart(9, "0")} ${String(n * 7).padStart(10, ".")} a line of the torture`

/** How many bytes a line has. */
export const lineLength = line(0).length + 1

/** A manager in a directory: what it is told, how it is asked. */
export const manager = ({ directory, executable }, program, options) => {
  const run = (...words) => {
    const all = [executable, "-s", join(directory, "socket"), "-p", program, ...words]
    const { status, stderr, stdout } = spawnSync(process.execPath, all, { cwd: directory, encoding: "utf8" })
    return { status, text: `${stdout}${stderr}` }
  }
  const status = () => run("status", "-l").text
  return {
    start: () => {
      const { status, text } = run("--start-grace", "0", ...options, "start")
      if (status !== 0) throw new Error(`start: ${text}`)
    },
    status,
    pid: () => Number(/^manager=(\d+)$/m.exec(status())?.[1]),
    stop: () => run("stop")
  }
}

/** Waits until something holds. */
export const until = async (holds) => {
  while (!(await holds())) await sleep(20)
}

/** The files of a transcript, the oldest first; `isOwn` says which are, besides the present one. */
export const files = (directory, name, isOwn = (entry) => /^\.\d{8}T\d{6}Z-\d{4}(\.gz)?$/.test(entry)) =>
  [
    ...readdirSync(directory).filter((entry) => entry.startsWith(name) && isOwn(entry.slice(name.length))).toSorted(),
    ...readdirSync(directory).filter((entry) => entry === name)
  ].map((entry) => join(directory, entry))

/** All bytes of files, one after the other, decompressed. */
export async function* bytes(paths) {
  for (const path of paths) {
    const source = createReadStream(path)
    yield* path.endsWith(".gz") ? source.pipe(createGunzip()) : source
  }
}

/** Counts lines: those that there are, that are missing, that are there again, and that no writer has written. */
export const count = async (paths, last) => {
  const seen = new Uint8Array(last)
  const numbers = { lines: 0, doubled: 0, damaged: 0, disordered: 0 }
  let previous = -1
  let rest = ""
  for await (const block of bytes(paths)) {
    const lines = (rest + block.toString("latin1")).split("\n")
    rest = lines.pop()
    for (const text of lines) {
      const n = Number(text.slice(0, 9))
      if (text !== line(n) || n >= last) {
        if (!text.startsWith("-- zdaemon: ") && !/transcript|daemon/.test(text)) numbers.damaged++
        continue
      }
      numbers.lines++
      if (seen[n] === 1) numbers.doubled++
      if (n <= previous) numbers.disordered++
      seen[n] = 1
      previous = n
    }
  }
  if (rest !== "") numbers.damaged++
  return { ...numbers, lost: seen.reduce((sum, one) => sum + 1 - one, 0) }
}

/**
 * Writes for ever, as fast as it goes, lines that say which run they are of and where they stand, and writes down how many
 * bytes that were when nobody reads any more.
 */
export const endless = `const { writeFileSync, writeSync } = require("fs")
const run = process.argv[2]
let written = 0, n = 0
process.on("SIGTERM", () => {})
try {
  for (;;) {
    let text = ""
    for (const end = n + 1000; n < end; n++) text += "#" + run.padStart(3, "0") + " " + String(n).padStart(10, "0") + " torture\\n"
    for (let at = 0, bytes = Buffer.from(text); at < bytes.length;) {
      const count = writeSync(1, bytes, at)
      at += count
      written += count
      if (written === count) writeFileSync("began." + run, "")
    }
  }
} catch {
  writeFileSync("written.part", String(written))
  require("fs").renameSync("written.part", "written." + run)
}
`

const endlessLine = (run, n) => `#${String(run).padStart(3, "0")} ${String(n).padStart(10, "0")} torture\n`

/**
 * Follows what endless programs wrote through files that hold it, the oldest first: `lengths` is how many bytes each run
 * wrote. `broken` counts the lines that are not what follows, `taken` is the most that the end of a run is short of.
 */
export const follow = async (paths, lengths) => {
  const length = endlessLine(0, 0).length
  const ends = new Map()
  let broken = 0
  let next
  let text = ""
  for await (const block of bytes(paths)) text += block.toString("latin1")
  // The first file may begin within a line whose beginning was removed; what is cut is the last line of a run.
  for (const [piece] of text.matchAll(/#\d{3} \d{10} torture\n|#[^#\n]*\n?|[^#\n]+\n?|\n/g)) {
    const matched = /^#(\d{3}) (\d{10}) torture\n$/.exec(piece)
    if (matched === null) {
      // The line under way when the manager was killed, or one of the manager's own.
      if (next !== undefined && endlessLine(next.run, next.n).startsWith(piece.replace(/\n$/, ""))) {
        ends.set(next.run, next.n * length + piece.replace(/\n$/, "").length)
      } else if (!/^(Unlinking stale socket|ending process|daemon manager|transcript|can.t) /.test(piece)) broken++
      continue
    }
    const [run, n] = [Number(matched[1]), Number(matched[2])]
    const isNext = next === undefined || (run === next.run ? n === next.n : run === next.run + 1 && n === 0)
    if (!isNext) broken++
    next = { run, n: n + 1 }
    ends.set(run, (n + 1) * length)
  }
  const missing = [...ends].map(([run, end]) => lengths[run] - end)
  // The last run has to be there, and none can have written less than there is.
  if (!ends.has(lengths.length - 1) || missing.some((bytes) => bytes < 0)) broken++
  return { broken, taken: Math.max(0, ...missing) }
}

/** Resident memory of a process, in MB; its peak where that is asked for. */
export const memory = (pid, field = "VmRSS") =>
  Number(new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024

/** A number that has to be 0. */
export const none = (value) => ({ value, must: (value) => value === 0 })

/** A number that has to be at least that. */
export const atLeast = (least, value) => ({ value, must: (value) => value >= least })

/** A number that has to be at most that. */
export const atMost = (most, value) => ({ value, must: (value) => value <= most })
