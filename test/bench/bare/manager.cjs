// The least that can be called a manager: listens, runs a program, runs it again at once when it ends, and on `stop`
// ends it and leaves. What the client hears of the end is the end of the connection.
"use strict"
const { spawn } = require("node:child_process")
const { createServer, Socket } = require("node:net")
const [, , path, file, ...words] = process.argv
let isStopping = false
let child
const run = () => {
  child = spawn(file, words, { detached: true, stdio: "ignore" })
  child.once("exit", () => isStopping ? server.close(() => process.exit(0)) : run())
}
const server = createServer((client) => {
  client.on("error", () => {})
  client.once("data", (request) => {
    if (request.toString() !== "stop\n") return client.end(`pid=${child.pid}\n`)
    isStopping = true
    child.once("exit", () => client.end("stopped\n"))
    child.kill()
  })
})
server.listen(path, () => {
  run()
  const client = new Socket({ fd: 3, readable: false, writable: true })
  client.on("error", () => {})
  client.end(`${child.pid}\n`)
})
