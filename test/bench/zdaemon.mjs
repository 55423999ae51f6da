// How the two sides are run.
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** What would slow every Node down, or change it, is taken out for both sides. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"].includes(name))
)

/** The executable as it is shipped. */
export const zdaemon = path("../../dist/zdaemon.cjs")

/** A script of the bare side. */
export const bare = (name) => path(`bare/${name}.cjs`)

/** Runs a script to its end, and answers with what it printed and how long it took, in milliseconds. */
export const run = (directory, script, words) => {
  const begun = process.hrtime.bigint()
  const { status, stderr, stdout } = spawnSync(process.execPath, [script, ...words], {
    cwd: directory,
    // What is kept of the program goes with the directory.
    env: { ...environment, XDG_STATE_HOME: directory },
    encoding: "utf8"
  })
  const millis = Number(process.hrtime.bigint() - begun) / 1e6
  if (status !== 0) throw new Error(`${script} ${words.join(" ")} ended with ${status}: ${stdout}${stderr}`)
  return { stdout, millis }
}

/** Runs a manager of the bare side on a socket, as a child of ours, until its program is up. */
export const bareManager = (directory, socket, program) =>
  new Promise((resolve, reject) => {
    const manager = spawn(process.execPath, [bare("manager"), socket, ...program], {
      cwd: directory,
      env: environment,
      stdio: ["ignore", "ignore", "inherit", "pipe"]
    })
    manager.once("error", reject)
    manager.stdio[3].once("data", () => resolve(manager))
  })

/** Ends a manager of the bare side, and after it its program, which it would run again. */
export const endBareManager = async (manager) => {
  const programs = readFileSync(`/proc/${manager.pid}/task/${manager.pid}/children`, "latin1").match(/\d+/g) ?? []
  const exit = once(manager, "exit")
  manager.kill("SIGKILL")
  await exit
  for (const pid of programs) process.kill(Number(pid), "SIGKILL")
}

/** The middle one of numbers. */
export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
