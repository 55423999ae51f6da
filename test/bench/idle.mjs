// What a manager costs that has nothing to do: resident memory after two seconds, and wake-ups in ten seconds, which
// begin when V8 has tidied up after the start (it does that once, some eight seconds later).
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { bareManager, endBareManager, median, run, zdaemon } from "./zdaemon.mjs"

const managers = 3

export const idle = async (directory) => {
  const options = Array.from(
    { length: managers },
    (_, i) => ["-s", `idle${i}.sock`, "-p", "sleep 1000", "--start-grace", "0"]
  )
  // Once for the code caches.
  run(directory, zdaemon, [...options[0], "start"])
  run(directory, zdaemon, [...options[0], "stop"])
  // The manager writes its cache when it has let go of everything else.
  await sleep(1000)
  const started = []
  const bareOnes = []
  try {
    for (const [i, words] of options.entries()) {
      run(directory, zdaemon, [...words, "start"])
      started.push(words)
      bareOnes.push(await bareManager(directory, join(directory, `bare${i}.sock`), ["sleep", "1000"]))
    }
    const pids = {
      zdaemon: options.map((words) => managerPid(run(directory, zdaemon, [...words, "status", "-l"]).stdout)),
      bare: bareOnes.map(({ pid }) => pid)
    }
    await sleep(2000)
    const memory = { zdaemon: pids.zdaemon.map(resident), bare: pids.bare.map(resident) }
    await sleep(13000)
    const before = { zdaemon: pids.zdaemon.map(switches), bare: pids.bare.map(switches) }
    await sleep(10000)
    const wakeups = (side) => median(pids[side].map((pid, i) => switches(pid) - before[side][i]))
    const row = (name, figure) => ({
      name,
      value: median(memory.zdaemon.map(figure)),
      bare: median(memory.bare.map(figure)),
      unit: "MB",
      ratio: true
    })
    const rss = row("resident memory, idle", ({ rss }) => rss)
    return [
      { ...rss, goal: "<= 1.25x", isMet: rss.value / rss.bare <= 1.25 },
      row("  of it private", ({ isPrivate }) => isPrivate),
      { name: "wake-ups in 10 s, idle", value: wakeups("zdaemon"), bare: wakeups("bare"), unit: "", goal: "0", isMet: wakeups("zdaemon") === 0 }
    ]
  } finally {
    for (const words of started) run(directory, zdaemon, [...words, "stop"])
    for (const manager of bareOnes) await endBareManager(manager)
  }
}

const managerPid = (status) => Number(/^manager=(\d+)$/m.exec(status)?.[1])

const resident = (pid) => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1")
  const megabytes = (name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(text)?.[1]) / 1024
  return { rss: megabytes("Rss"), isPrivate: megabytes("Private_Clean") + megabytes("Private_Dirty") }
}

/** How often a thread of the process has gone to sleep, which is how often one was woken. */
const switches = (pid) =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, "latin1"))
    .reduce((sum, text) => sum + Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(text)?.[1]), 0)
