// How fast output is copied into a file, and what that costs, by zdaemon and by whatever else is installed; `cat` is the
// floor. Each program waits until it is told to write, so that only the copy is measured.
import { spawn, spawnSync } from "node:child_process"
import { closeSync, constants, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { environment, median, run, zdaemon } from "./zdaemon.mjs"

const sizes = [
  // s6-log puts a file aside at 256 MB.
  { name: "64 KiB", block: 65_536, count: 4000 },
  { name: "4 KiB", block: 4096, count: 16_384 },
  { name: "100 B", block: 100, count: 400_000 }
]

const rounds = 3

export const copy = async (directory) => {
  const rows = []
  for (const { block, count, name } of sizes) {
    const results = new Map(tools.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const tool of tools) {
        if (!tool.isInstalled()) continue
        const place = join(directory, `copy-${block}-${round}-${tool.name}`)
        mkdirSync(place)
        results.get(tool.name).push(await measured(tool, place, block, block * count, count))
      }
    }
    const figure = (tool, of) => median(results.get(tool).map(of))
    for (const tool of tools) {
      if (results.get(tool.name).length === 0) {
        rows.push({ name: `copy, ${name}: ${tool.name} is not installed`, unit: "" })
        continue
      }
      const row = (what, unit, of) => ({
        name: `copy, ${name}: ${tool.name}, ${what}`,
        value: figure(tool.name, of),
        bare: figure("cat", of),
        unit,
        ratio: true
      })
      rows.push(row("throughput", "MB/s", ({ seconds }) => block * count / seconds / 1e6))
      rows.push(row("CPU", "s/GB", ({ cpu }) => cpu / (block * count) * 1e9))
    }
  }
  return rows
}

const measured = async (tool, place, block, size, count) => {
  spawnSync("mkfifo", [join(place, "go")])
  // Read-write, so that the program's opening waits for nobody but its reading.
  const go = openSync(join(place, "go"), constants.O_RDWR)
  writeFileSync(
    join(place, "program.sh"),
    `read x < '${join(place, "go")}'\ndd if=/dev/zero bs=${block} count=${count} status=none\nexec sleep 1000\n`
  )
  const { end, file, pid } = await tool.begin(place)
  try {
    await sleep(300)
    const before = ticks(pid)
    const begun = process.hrtime.bigint()
    writeSync(go, "go\n")
    while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < size) await sleep(5)
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9, cpu: (ticks(pid) - before) / 100 }
  } finally {
    await end()
    closeSync(go)
    spawnSync("rm", ["-rf", place])
  }
}

/** The time on a processor, in hundredths of a second. */
const ticks = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ")
  return Number(fields[11]) + Number(fields[12])
}

const has = (file, ...words) => spawnSync(file, words, { stdio: "ignore", env: environment }).error === undefined

/** A program in front of a logger that reads its standard input. */
const piped = (file, words, log) => async (place) => {
  spawnSync("mkfifo", [join(place, "pipe")])
  // Each side has an end of its own: s6-log makes its end non-blocking, and dd could not write to such a one.
  const both = openSync(join(place, "pipe"), constants.O_RDWR)
  const reader = openSync(join(place, "pipe"), constants.O_RDONLY)
  const writer = openSync(join(place, "pipe"), constants.O_WRONLY)
  closeSync(both)
  const out = openSync(join(place, "out"), "a")
  const logger = spawn(file, words(place), { stdio: [reader, out, "inherit"] })
  const program = spawn("sh", [join(place, "program.sh")], { stdio: ["ignore", writer, "inherit"] })
  return {
    pid: logger.pid,
    file: join(place, log),
    end: async () => {
      program.kill("SIGKILL")
      logger.kill("SIGKILL")
      closeSync(reader)
      closeSync(writer)
      closeSync(out)
    }
  }
}

const tools = [
  { name: "cat", isInstalled: () => true, begin: piped("cat", () => [], "out") },
  {
    name: "zdaemon",
    isInstalled: () => true,
    begin: async (place) => {
      const options = ["-s", "socket", "-t", "log", "-p", "sh program.sh", "--start-grace", "0"]
      run(place, zdaemon, [...options, "start"])
      return {
        pid: Number(/^manager=(\d+)$/m.exec(run(place, zdaemon, [...options, "status", "-l"]).stdout)?.[1]),
        file: join(place, "log"),
        end: async () => void run(place, zdaemon, [...options, "stop"])
      }
    }
  },
  {
    name: "original",
    isInstalled: () => spawnSync("python3", ["-m", "zdaemon.zdctl", "-h"], { stdio: "ignore" }).status === 0,
    begin: async (place) => {
      const original = (...words) =>
        spawnSync("python3", ["-m", "zdaemon.zdctl", "-s", join(place, "socket"), "-t", join(place, "log"), "-p", `sh ${join(place, "program.sh")}`, ...words], { encoding: "utf8" })
      original("start")
      return {
        pid: Number(/^manager=(\d+)$/m.exec(original("status", "-l").stdout)?.[1]),
        file: join(place, "log"),
        end: async () => void original("stop")
      }
    }
  },
  {
    name: "s6-log",
    isInstalled: () => has("s6-log", "-h"),
    begin: piped("s6-log", (place) => ["-b", "s268435455", join(place, "s6")], "s6/current")
  },
  {
    name: "supervisor",
    isInstalled: () => has("supervisord", "--version"),
    begin: async (place) => {
      const log = join(place, "log")
      writeFileSync(
        join(place, "supervisord.conf"),
        `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${join(place, "pid")}\n` +
          `[program:x]\ncommand=sh ${join(place, "program.sh")}\nredirect_stderr=true\nstdout_logfile=${log}\nstdout_logfile_maxbytes=0\n`
      )
      const daemon = spawn("supervisord", ["-c", join(place, "supervisord.conf")], { stdio: "ignore" })
      await sleep(1500)
      return {
        pid: daemon.pid,
        file: log,
        end: () => new Promise((resolve) => daemon.once("exit", resolve).kill("SIGTERM"))
      }
    }
  },
  {
    name: "pm2",
    isInstalled: () => has("pm2", "--version"),
    begin: async (place) => {
      const env = { ...environment, PM2_HOME: join(place, "pm2") }
      const pm2 = (...words) => spawnSync("pm2", words, { env, encoding: "utf8" })
      pm2("start", join(place, "program.sh"), "--name", "x", "--interpreter", "sh", "--output", join(place, "log"))
      return {
        pid: Number(readFileSync(join(place, "pm2/pm2.pid"), "latin1")),
        file: join(place, "log"),
        end: async () => void pm2("kill")
      }
    }
  }
]
