// The least that can start a manager: spawns it detached, waits until it says over a pipe that its program is up.
"use strict"
const { spawn } = require("node:child_process")
const [, , path, ...program] = process.argv
const manager = spawn(process.execPath, [`${__dirname}/manager.cjs`, path, ...program], {
  detached: true,
  stdio: ["ignore", "ignore", "ignore", "pipe"]
})
manager.stdio[3].once("data", (ready) => {
  process.stdout.write(`started, pid=${ready}`)
  process.exit(0)
})
