// Compares zdaemon with the least that Node can do, in one run: both sides take turns, and what counts is the ratio of
// their medians. Run it after a build, on this machine's Node: `npm run bench`, or with the names of some parts
// (`npm run bench -- status start crash idle simulate restarts copy`). What each part means stands in docs/performance.md.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { copy } from "./copy.mjs"
import { crash } from "./crash.mjs"
import { idle } from "./idle.mjs"
import { restarts } from "./restarts.mjs"
import { simulate } from "./simulate.mjs"
import { start } from "./start.mjs"
import { status } from "./status.mjs"
import { environment } from "./zdaemon.mjs"

const parts = { status, start, crash, idle, simulate, restarts, copy }
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(parts)
for (const name of names) if (!(name in parts)) throw new Error(`no part ${name}; there are ${Object.keys(parts)}`)

const print = (cells) =>
  process.stdout.write(
    `${cells.map((cell, i) => i === 0 ? cell.padEnd(44) : cell.padStart([0, 12, 12, 9, 11][i])).join("")}\n`
  )

const node = spawnSync(process.execPath, ["--version"], { env: environment, encoding: "utf8" }).stdout.trim()
process.stdout.write(`Node ${node}, ${cpus().length} x ${cpus()[0]?.model.trim()}\n\n`)
print(["", "zdaemon", "bare Node", "ratio", "goal"])
const directory = mkdtempSync(join(tmpdir(), "zdaemon-bench-"))
try {
  for (const name of names) {
    for (const row of await parts[name](directory)) {
      const { bare, goal, isMet, name, ratio, unit, value } = row
      const number = (value) => value === undefined ? "" : `${value.toFixed(unit === "" ? 0 : unit === "MB" ? 1 : 2)} ${unit}`
      print([name, number(value), number(bare), ratio ? (value / bare).toFixed(2) : "", goal ?? ""].concat(
        isMet === undefined ? [] : [isMet ? "  met" : "  MISSED"]
      ))
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
