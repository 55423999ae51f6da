// The least that can ask a manager something: connects, writes the request, prints the reply.
"use strict"
const [, , path, request] = process.argv
const socket = require("node:net").connect(path, () => socket.write(`${request}\n`))
socket.pipe(process.stdout)
