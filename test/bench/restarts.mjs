// Generated policies, each simulated and then lived through: `zdaemon simulate` says when each run begins, and real
// programs, run by real managers, write down when it did. A policy that is not as simulated is an error, not a number.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { environment, median, run, zdaemon } from "./zdaemon.mjs"

const policies = 32
const runs = 8
const atOnce = 2
/** How late a restart may be, in milliseconds, from the program's last breath to its next first one. */
const goal = 30

/** A generator of numbers below `below`, the same each time. */
const random = (seed) => {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

/** Runs are either clearly shorter than `reset-after` or clearly longer: a real one lasts a little longer than it was to. */
const policy = (number) => {
  const any = random(number + 1)
  const one = (...those) => those[any(those.length)]
  const lines = [
    `backoff = "${one("constant", "linear", "exponential", "fibonacci")}"`,
    `backoff-base = ${one(0.03, 0.05, 0.1, 0.15)}`,
    `backoff-factor = ${one(1.5, 2, 3)}`,
    "backoff-limit = 1",
    `give-up-after = "${one("3", "5", "100", "4 in 1s")}"`,
    `reset-after = "${one("1s", "never")}"`,
    `give-up = "${one("exit", "stay", "retry after 0.3s")}"`,
    "exit-codes = \"7\""
  ]
  if (any(2) === 0) lines.push(`on-exit = ["3 after 0.2s"]`)
  if (any(3) === 0) lines.push(`on-signal = ["SEGV at most 2 in 1m"]`)
  const lives = Array.from({ length: runs }, () => ({
    seconds: one(0.02, 0.05, 0.2, 1.2),
    end: one("exit 1", "exit 3", "exit 4", "signal SEGV")
  }))
  return { lines, lives }
}

const program = (lives) =>
  `run=$(<run)
echo $((run + 1)) >run
lives=(${lives.map(({ seconds }) => seconds).join(" ")})
ends=(${lives.map(({ end }) => `'${end.replace("signal SEGV", "kill -SEGV $$")}'`).join(" ")})
echo "began $EPOCHREALTIME" >>stamps
if [ "$run" -ge ${runs} ]; then exec sleep 1000; fi
sleep "\${lives[run]}"
echo "ended $EPOCHREALTIME" >>stamps
eval "\${ends[run]}"
`

/** How late each restart of one policy was, in milliseconds. */
const lived = async (directory, number) => {
  const place = join(directory, `restarts-${number}`)
  mkdirSync(place)
  const { lines, lives } = policy(number)
  writeFileSync(join(place, "conf.toml"), `[runner]\nprogram = "bash program.sh"\nstart-grace = 0\n${lines.join("\n")}\n`)
  writeFileSync(join(place, "program.sh"), program(lives))
  writeFileSync(join(place, "run"), "0\n")
  writeFileSync(join(place, "runs"), lives.map(({ end, seconds }) => `${seconds}s ${end}\n`).join(""))
  const { results } = JSON.parse(
    run(place, zdaemon, ["-C", "conf.toml", "simulate", "--scenario", "runs", "--for", "60s", "--json"]).stdout
  )
  const [{ down, runs: begins, timeline }] = results
  const waits = timeline.slice(1).map(({ began }, i) => began - timeline[i].ended)
  // The run that stays up has not ended, and the timeline has only those that have.
  if (begins > timeline.length) waits.push(down - waits.reduce((sum, wait) => sum + wait, 0))
  run(place, zdaemon, ["-C", "conf.toml", "start"])
  const stamps = () => {
    const text = existsSync(join(place, "stamps")) ? readFileSync(join(place, "stamps"), "utf8") : ""
    return [...text.matchAll(/^(began|ended) (\d+)[.,](\d+)$/gm)].map(([, what, whole, part]) => ({
      what,
      at: Number(whole) * 1000 + Number(part) / 1000
    }))
  }
  try {
    for (let i = 0; i < 600 && stamps().length < begins + timeline.length; i++) await sleep(50)
    // Whatever comes now was not simulated.
    await sleep(500)
  } finally {
    spawnSync(process.execPath, [zdaemon, "-C", "conf.toml", "stop"], { cwd: place, env: environment })
  }
  const began = stamps().filter(({ what }) => what === "began").map(({ at }) => at)
  const ended = stamps().filter(({ what }) => what === "ended").map(({ at }) => at)
  if (began.length !== begins || ended.length !== timeline.length) {
    throw new Error(`policy ${number} had ${began.length} runs, simulated were ${begins}: ${lines.join(", ")}`)
  }
  return waits.map((wait, i) => began[i + 1] - ended[i] - wait * 1000)
}

export const restarts = async (directory) => {
  const late = []
  const queue = Array.from({ length: policies }, (_, number) => number)
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
      late.push(...await lived(directory, number))
    }
  }))
  const worst = Math.max(...late)
  const first = Math.min(...late)
  return [
    { name: `restarts of ${policies} policies, as simulated`, value: late.length, unit: "" },
    { name: "  later than simulated, median", value: median(late), unit: "ms" },
    { name: "  worst", value: worst, unit: "ms", goal: `<= ${goal} ms`, isMet: worst <= goal },
    { name: "  earliest", value: first, unit: "ms", goal: ">= 0 ms", isMet: first >= 0 }
  ]
}
