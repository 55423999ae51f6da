import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Net from "node:net"
import * as ControlClient from "../../src/control/ControlClient.ts"
import * as Watch from "../../src/control/Watch.ts"
import * as FilePath from "../../src/process/FilePath.ts"
import * as Live from "../support/Live.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

/** Listens where a manager would, and does with each connection what it is told. */
const listening = (serve: (socket: Net.Socket) => void) =>
  Effect.gen(function*() {
    const path = `${yield* Live.directory}/zdsock`
    const sockets = new Set<Net.Socket>()
    yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer({ allowHalfOpen: true }, (socket) => {
          sockets.add(socket.on("error", () => {}))
          serve(socket)
        })
        server.listen(path, () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          sockets.forEach((socket) => socket.destroy())
        })
    )
    return path
  })

const server = `
const server = require("net").createServer((socket) => socket.on("error", () => {}).end("served\\n"))
server.listen({ path: process.argv[1], backlog: 1 }, () => {
  require("fs").writeSync(1, "listening")
  require("fs").readSync(0, Buffer.alloc(1))
})`

/** Connects, and stays connected with the scope; answers with the error that kept it from that. */
const attempt = (path: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<readonly [Net.Socket, string]>((resume) => {
        const socket = Net.connect(path)
        socket.once("connect", () => resume(Effect.succeed([socket, ""])))
        socket.on("error", (cause) => resume(Effect.succeed([socket, "code" in cause ? String(cause.code) : ""])))
      }),
      ([socket]) => Effect.sync(() => socket.destroy())
    ),
    ([, code]) => code
  )

describe("request", () => {
  it.scopedLive("does not wait for ever for a manager that says nothing", () =>
    Effect.gen(function*() {
      const path = yield* listening(() => {})
      const error = yield* Effect.flip(ControlClient.request(path, "status"))
      assert.strictEqual(error._tag, "NoAnswer")
      assert.strictEqual(
        error.message,
        `no answer from the daemon manager on socket ${path}: nothing came for 5 seconds`
      )
    }), 90_000)

  it.scopedLive("waits where more want to connect than are listened to", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const path = zdaemon.socket
      // It accepts nobody until a line is typed.
      const busy = yield* zdaemon.begin(["-e", server, path], { file: process.execPath, input: true })
      yield* busy.says("listening")
      while ((yield* attempt(path)) !== "EAGAIN");
      const request = yield* Effect.fork(ControlClient.request(path, "status"))
      assert.strictEqual(yield* attempt(path), "EAGAIN")
      yield* busy.type("\n")
      assert.strictEqual(yield* Fiber.join(request), "served\n")
    }), 60_000)

  it.scopedLive("does not read an answer that has no end", () =>
    Effect.gen(function*() {
      const path = yield* listening((socket) => {
        const more = () =>
          socket.write("x".repeat(65_536), (cause) => cause === undefined || cause === null ? more() : undefined)
        more()
      })
      const error = yield* Effect.flip(ControlClient.request(path, "status"))
      assert.strictEqual(error.message, `wrong answer on socket ${path}: it has no end`)
    }), 60_000)

  it.scopedLive("tells a socket that is not there from one that nobody listens on", () =>
    Effect.gen(function*() {
      const path = `${yield* Live.directory}/zdsock`
      const error = yield* Effect.flip(ControlClient.request(path, "status"))
      assert.deepStrictEqual([error._tag, error.message], ["ManagerNotRunning", "daemon manager not running"])
    }))

  it.scopedLive("names the length of a path that no socket can have, and the limit", () =>
    Effect.gen(function*() {
      const path = `/tmp/${"x".repeat(120)}`
      const error = yield* Effect.flip(ControlClient.request(path, "status"))
      assert.include(error.message, `its path is 125 bytes long, the limit is ${FilePath.socketLimit}`)
    }))
})

describe("watch", () => {
  it.scopedLive("sees a manager go, with the last that it reported", () =>
    Effect.gen(function*() {
      const report = {
        pid: 5,
        shouldBeUp: true,
        orders: 1,
        runs: 1,
        activity: "Running",
        startTest: "None",
        uptime: 1
      }
      const path = yield* listening((socket) => socket.end(`${JSON.stringify(report)}\n`))
      const watch = yield* Watch.fromSocket(path)
      while ((yield* watch.now)._tag !== "Gone") yield* watch.news
      const gone = yield* watch.now
      assert.deepInclude(gone, { _tag: "Gone" })
      assert.deepInclude(gone._tag === "Gone" ? gone.last : undefined, { _tag: "Some" })
    }))

  it.scopedLive("takes a report that is none for a manager that cannot report", () =>
    Effect.gen(function*() {
      const status = "application=7\nshould_be_up=1\ntesting=0\nnow=12.5\nlasttime=10.0\nargs=['sleep']\n"
      const path = yield* listening((socket) =>
        socket.once("data", (line) =>
          socket.end(line.toString() === "status\n" ? status : "Unknown command 'watch'; 'help' for a list\n"))
      )
      const watch = yield* Watch.fromSocket(path)
      const sight = yield* watch.now
      assert.deepStrictEqual(
        sight._tag === "Seen" ? [sight.report.pid, sight.report.activity, sight.report.uptime] : sight._tag,
        [7, "Running", 2500]
      )
    }))
})
