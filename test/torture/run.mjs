// Tortures the transcript of the built executable, and prints numbers: `npm run torture` (some minutes), or
// `node test/torture/run.mjs --short [PART ...]` (seconds; a test of the suite). What the parts are stands in
// docs/torture.md. Exit status 1 when a number is not what it has to be.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { binary, crashes, disk, killed, reopen, rotation } from "./parts.mjs"

const parts = { rotation, reopen, disk, binary, crashes, killed }
const words = process.argv.slice(2)
const isShort = words.includes("--short")
const names = words.filter((word) => word !== "--short")
const chosen = names.length > 0 ? names : Object.keys(parts)
for (const name of chosen) if (!(name in parts)) throw new Error(`no part ${name}; there are ${Object.keys(parts)}`)

const executable = fileURLToPath(new URL("../../dist/zdaemon.cjs", import.meta.url))
let isFine = true
for (const name of chosen) {
  const directory = mkdtempSync(join(tmpdir(), "zdaemon-torture-"))
  const began = process.hrtime.bigint()
  try {
    const numbers = await parts[name]({ directory, executable, isShort })
    for (const [what, { value, must }] of Object.entries(numbers)) {
      const isMet = must === undefined || must(value)
      isFine &&= isMet
      process.stdout.write(`${name.padEnd(10)} ${what.padEnd(44)} ${String(value).padStart(12)}${isMet ? "" : "  WRONG"}\n`)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  process.stdout.write(`${name.padEnd(10)} ${"seconds".padEnd(44)} ${seconds.toFixed(1).padStart(12)}\n`)
}
process.exitCode = isFine ? 0 : 1
