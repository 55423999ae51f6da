// From a program's death to its next run's first instruction. The program is a shell that writes its pid into a FIFO and
// becomes `sleep`; what the shell itself needs until then is measured in the same turn and taken off. The runs are a
// second old when they are killed, so that the policy restarts them at once. Before each measurement the machine rests as
// long as before the others: what comes right after other work is quicker.
import { execFileSync, spawn } from "node:child_process"
import { constants, openSync } from "node:fs"
import { Socket } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { bareManager, endBareManager, median, run, zdaemon } from "./zdaemon.mjs"

const managers = 4
const rounds = 12
const healthyAfter = 1050
const rest = 250

export const crash = async (directory) => {
  const ours = await Promise.all(Array.from({ length: managers }, (_, i) => reporting(directory, `ours${i}`)))
  const theirs = await reporting(directory, "theirs")
  const loop = await reporting(directory, "loop")
  const options = ours.map(({ program }, i) =>
    ["-s", `crash${i}.sock`, "-b", "1", "-f", "-p", `sh -c '${program}'`, "--start-grace", "0"]
  )
  const started = []
  let bareOne
  let spawned
  try {
    for (const [i, { next }] of ours.entries()) {
      const up = next()
      run(directory, zdaemon, [...options[i], "start"])
      started.push(options[i])
      await up
    }
    const up = theirs.next()
    bareOne = await bareManager(directory, join(directory, "crash.sock"), ["sh", "-c", theirs.program])
    await up
    const times = { zdaemon: [], bare: [], shell: [] }
    const restart = async ({ last, next }) => {
      const reported = next()
      const killed = process.hrtime.bigint()
      process.kill(last.pid, "SIGKILL")
      return Number((await reported) - killed) / 1e6
    }
    for (let i = 0; i < rounds; i++) {
      for (const one of ours) {
        await sleep(rest)
        const reported = loop.next()
        spawned = spawn("sh", ["-c", loop.program], { detached: true, stdio: "ignore" })
        const begun = process.hrtime.bigint()
        times.shell.push(Number((await reported) - begun) / 1e6)
        spawned.kill("SIGKILL")
        await sleep(rest)
        times.bare.push(await restart(theirs))
        await sleep(Math.max(rest, healthyAfter - Number(process.hrtime.bigint() - one.last.at) / 1e6))
        times.zdaemon.push(await restart(one))
      }
    }
    const shell = median(times.shell)
    const value = median(times.zdaemon) - shell
    return [
      { name: "crash to the next run", value, bare: median(times.bare) - shell, unit: "ms", ratio: true, goal: "<= 5 ms", isMet: value <= 5 },
      { name: "  start-up of its shell, taken off", value: shell, bare: shell, unit: "ms" }
    ]
  } finally {
    for (const { close } of [...ours, theirs, loop]) close()
    for (const words of started) run(directory, zdaemon, [...words, "stop"])
    spawned?.kill("SIGKILL")
    if (bareOne !== undefined) await endBareManager(bareOne)
  }
}

/** A program that says through a FIFO when it runs; `next` waits for that, `last` is when and with which pid it did. */
const reporting = async (directory, name) => {
  const path = join(directory, name)
  execFileSync("mkfifo", [path])
  // Read-write, so that it never ends.
  const socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false })
  const last = { pid: undefined, at: 0n }
  return {
    program: `echo $$ > ${path}; exec sleep 1000`,
    last,
    next: () =>
      new Promise((resolve) =>
        socket.once("data", (bytes) => {
          last.at = process.hrtime.bigint()
          last.pid = Number(bytes)
          resolve(last.at)
        })
      ),
    close: () => socket.destroy()
  }
}
