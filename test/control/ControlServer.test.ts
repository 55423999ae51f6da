// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import { Report } from "../../src/control/Report.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** A manager whose program is up. */
const up = Effect.gen(function*() {
  const zdaemon = yield* Zdaemon.make
  yield* zdaemon.run("-p", "sleep 1000", "--start-grace=0", "start")
  return { zdaemon, ask: (bytes: string | Uint8Array) => Zdaemon.ask(zdaemon.socket, bytes) }
})

/** A manager whose program has ended three times, and waits. */
const backingOff = Effect.gen(function*() {
  const zdaemon = yield* Zdaemon.make
  zdaemon.write("program", "#!/bin/sh\ntest -e go || exit 1\nexec sleep 1000\n", 0o755)
  yield* zdaemon.run("-p", "./program", "start")
  yield* Zdaemon.until(zdaemon.socket, /backoff=3\n/)
  return { zdaemon, ask: (bytes: string | Uint8Array) => Zdaemon.ask(zdaemon.socket, bytes) }
})

/** A connection that a test does strange things with; errors of it are expected. */
const connect = (path: string): Effect.Effect<Net.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Net.Socket>((resume) => {
      const socket = Net.connect({ path, allowHalfOpen: true })
      socket.on("error", () => {})
      socket.once("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** Collects what comes from a connection. */
const collect = (socket: Net.Socket): { readonly text: () => string; readonly hasEnded: () => boolean } => {
  let text = ""
  let hasEnded = false
  socket.on("data", (piece: Buffer) => {
    text += piece.toString()
  })
  socket.on("close", () => {
    hasEnded = true
  })
  socket.on("end", () => {
    hasEnded = true
  })
  return { text: () => text, hasEnded: () => hasEnded }
}

const descriptors = (status: string) => Fs.readdirSync(`/proc/${/manager=(\d+)/.exec(status)?.[1]}/fd`).length

describe.concurrent("a request while the program is up", () => {
  it.scopedLive("is answered as the original answers it", () =>
    Effect.gen(function*() {
      const { ask } = yield* up
      for (
        const [request, reply] of [
          ["start\n", "Application already started\n"],
          ["kill 0\n", "Signal 0 sent\n"],
          ["kill x\n", "Bad signal 'x'\n"],
          ["kill TERM\n", "Bad signal 'TERM'\n"],
          ["kill 65\n", "Kill 65 failed: [Errno 22] Invalid argument\n"],
          ["kill -1\n", "Kill -1 failed: [Errno 22] Invalid argument\n"],
          ["kill 4294967305\n", "Kill 4294967305 failed: [Errno 22] Invalid argument\n"],
          ["reopen_transcript\n", ""],
          ["\n", "Empty command\n"],
          [" \t \n", "Empty command\n"],
          ["nope\n", "Unknown command 'nope'; 'help' for a list\n"],
          ["Status\n", "Unknown command 'Status'; 'help' for a list\n"],
          ["it's me\n", "Unknown command \"it's\"; 'help' for a list\n"],
          ["__proto__\n", "Unknown command '__proto__'; 'help' for a list\n"],
          ["nope\nstop\n", "Unknown command 'nope'; 'help' for a list\n"],
          ["kill 0\r\n", "Signal 0 sent\n"],
          ["  kill\t 0  x\n", "Signal 0 sent\n"],
          ["", "Command not terminated by newline\n"],
          ["stop", "Command not terminated by newline\n"],
          [`${"x".repeat(10_001)}\n`, "Command exceeds 10 KB\n"],
          [`${"x".repeat(10_000)}\n`, `Unknown command '${"x".repeat(10_000)}'; 'help' for a list\n`]
        ] as const
      ) assert.strictEqual(yield* ask(request), reply, request.slice(0, 40))
      assert.match(yield* ask("help\n"), /^Available commands:\n {2}help -- /)
      assert.match(
        yield* ask("status -l all\n"),
        /^status=running\nnow=\d+(\.\d+)?\nshould_be_up=1\ndelay=0\nbackoff=0\n/
      )
      assert.strictEqual(yield* ask("stop\n"), "Sent SIGTERM\n")
    }))

  it.scopedLive("is an order that is obeyed", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* up
      const first = /application=(\d+)/.exec(yield* ask("status\n"))?.[1]
      assert.strictEqual(yield* ask("restart\n"), "Sent SIGTERM; will restart later\n")
      yield* Zdaemon.until(zdaemon.socket, /runs=2\n/)
      const second = /application=(\d+)/.exec(yield* Zdaemon.until(zdaemon.socket, /application=[1-9]/))?.[1]
      assert.notStrictEqual(first, second)
      assert.strictEqual(yield* ask("kill\n"), "Signal 15 sent\n")
      yield* Zdaemon.until(zdaemon.socket, /runs=3\n/)
      const third = yield* Zdaemon.until(zdaemon.socket, /application=[1-9]/)
      assert.include(third, "last_end='terminated by SIGTERM'\n")
      assert.strictEqual(yield* ask("exit\n"), "Sent SIGTERM; will exit later\n")
      yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
    }))

  it.scopedLive("is unknown when its bytes are no UTF-8", () =>
    Effect.gen(function*() {
      const { ask } = yield* up
      assert.strictEqual(
        Buffer.from(yield* ask(Buffer.from([0xff, 0xc3, 0x28, 0x0a])), "latin1").toString(),
        "Unknown command '\u{fffd}\u{fffd}('; 'help' for a list\n"
      )
      assert.include(yield* ask("status\n"), "status=running\n")
    }))

  it.scopedLive("is answered to a client that does not finish writing", () =>
    Effect.gen(function*() {
      const { zdaemon } = yield* up
      const socket = yield* connect(zdaemon.socket)
      const heard = collect(socket)
      socket.write("kill 0\n")
      yield* Zdaemon.eventually("the end of the reply", () => heard.hasEnded())
      assert.strictEqual(heard.text(), "Signal 0 sent\n")
    }))
})

describe.concurrent("a request while the program is down", () => {
  it.scopedLive("says so to kill, and starts for start", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* backingOff
      assert.match(yield* ask("status\n"), /^status=stopped\nnow=[\d.]+\nshould_be_up=1\ndelay=[\d.]+\nbackoff=3\n/)
      assert.strictEqual(yield* ask("kill 9\n"), "Application not running\n")
      zdaemon.write("go", "")
      assert.strictEqual(yield* ask("start\n"), "Application started\n")
      yield* Zdaemon.until(zdaemon.socket, /^status=running/)
    }))

  it.scopedLive("starts for restart", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* backingOff
      zdaemon.write("go", "")
      assert.strictEqual(yield* ask("restart\n"), "Application started\n")
      yield* Zdaemon.until(zdaemon.socket, /^status=running/)
    }))

  it.scopedLive("ends the manager for stop and exit", () =>
    Effect.gen(function*() {
      for (const [request, reply] of [["stop", "Application already stopped\n"], ["exit", "Exiting now\n"]] as const) {
        const { ask, zdaemon } = yield* backingOff
        assert.strictEqual(yield* ask(`${request}\n`), reply)
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.processes().length === 0)
      }
    }))
})

describe.concurrent("a manager that ends", () => {
  it.scopedLive("resets nobody who has connected before", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* backingOff
      const manager = Number(/manager=(\d+)/.exec(yield* Effect.orDie(ask("status\n")))?.[1])
      process.kill(manager, "SIGSTOP")
      const errors: Array<Error> = []
      const clients = yield* Effect.forEach(Array.from({ length: 60 }, (_, i) => i), (i) =>
        Effect.map(connect(zdaemon.socket), (socket) => {
          socket.on("error", (error) =>
            errors.push(error))
          socket.end(i % 2 === 0 ? "stop\n" : "status\n")
          return collect(socket)
        }))
      process.kill(manager, "SIGCONT")
      yield* Zdaemon.eventually("the end of all", () =>
        clients.every(({ hasEnded }) => hasEnded()))
      assert.deepStrictEqual(errors, [])
      assert.strictEqual(clients[0]?.text(), "Application already stopped\n")
      assert.isTrue(clients.every(({ text }, i) => i % 2 === 0 || text().includes("status=")))
    }))
})

describe.concurrent("abuse", () => {
  it.scopedLive("of 300 idle connections and a slow writer does not keep another client waiting", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* up
      const base = descriptors(yield* ask("status\n"))
      yield* Effect.scoped(Effect.gen(function*() {
        yield* Effect.forEach(Array.from({ length: 300 }), () => connect(zdaemon.socket), { concurrency: 50 })
        const slow = yield* connect(zdaemon.socket)
        const heard = collect(slow)
        const bytes = ["s", "t", "a", "t", "u", "s", " ", " "]
        const drip = Effect.sync(() => slow.write(bytes.shift() ?? " "))
        yield* Effect.forkScoped(Effect.repeat(drip, Schedule.spaced("1 second")))
        const [duration, status] = yield* Effect.timed(ask("status\n"))
        assert.include(status, "status=running\n")
        // Generous, for a busy machine; a client that had to wait for another's patience would take five seconds.
        assert.isBelow(Duration.toSeconds(duration), 3)
        yield* Zdaemon.eventually("the end of patience", () => heard.hasEnded())
        assert.strictEqual(heard.text(), "Command took too long\n")
      }))
      const status = yield* ask("status\n")
      yield* Zdaemon.eventually("the descriptors' return", () => descriptors(status) <= base + 1)
    }))

  it.scopedLive("of clients that never read, or hang up amid the answer, does no harm", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* up
      const before = yield* ask("status\n")
      const base = descriptors(before)
      yield* Effect.scoped(Effect.gen(function*() {
        for (let i = 0; i < 100; i++) {
          const socket = yield* connect(zdaemon.socket)
          socket.pause()
          socket.write(i % 2 === 0 ? "watch\n" : "status\n")
        }
        for (let i = 0; i < 300; i++) {
          const socket = yield* connect(zdaemon.socket)
          socket.write("status\n")
          if (i % 3 > 0) yield* Effect.sleep(0)
          socket.destroy()
        }
        assert.include(yield* ask("status\n"), "status=running\n")
      }))
      yield* Zdaemon.eventually("the descriptors' return", () => descriptors(before) <= base + 1)
    }))

  it.scopedLive("of a request without end is cut off", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* up
      const socket = yield* connect(zdaemon.socket)
      const heard = collect(socket)
      socket.write("x".repeat(10_001))
      yield* Zdaemon.eventually("the complaint", () => heard.text() === "Command exceeds 10 KB\n")
      const flood = yield* connect(zdaemon.socket)
      for (let i = 0; i < 200; i++) flood.write(Buffer.alloc(64 * 1024, "y"))
      assert.include(yield* ask("status\n"), "status=running\n")
    }))

  it.scopedLive("of thousands of random frames leaves manager and program alone", () =>
    Effect.gen(function*() {
      const { ask } = yield* up
      const before = yield* ask("status\n")
      const commands = ["stop", "start", "kill", "restart", "status", "exit", "watch", "help", "reopen_transcript"]
      const near = FastCheck.tuple(
        FastCheck.constantFrom(...commands),
        FastCheck.constantFrom("\0", "x", ";", "\u{e4}", "'", "\\", "=1", "\x1b[2J"),
        FastCheck.string()
      ).map(([command, mark, rest]) => Buffer.from(`${command}${mark}${rest.replaceAll("\n", " ")}\n`))
      const frame = FastCheck.oneof(FastCheck.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), near)
        // White space of any kind may make a real order of it.
        .filter((bytes) => !/^\s*(stop|restart|exit|kill|watch)(\s|$)/.test(bytes.toString()))
      yield* Effect.forEach(FastCheck.sample(frame, 3000), (bytes) => ask(bytes), { concurrency: 20, discard: true })
      const after = yield* ask("status\n")
      for (const field of ["application", "manager", "runs", "lasttime"]) {
        const value = new RegExp(`\n${field}=(.*)\n`)
        assert.strictEqual(value.exec(after)?.[1], value.exec(before)?.[1], field)
      }
    }))
})

describe.concurrent("watch", () => {
  it.scopedLive("tells the state, each change, and the end when the socket has gone", () =>
    Effect.gen(function*() {
      const { ask, zdaemon } = yield* up
      const socket = yield* connect(zdaemon.socket)
      let isThereAtTheEnd: boolean | undefined
      socket.on("data", (piece: Buffer) => {
        if (piece.toString().includes("\"leaving\"")) isThereAtTheEnd = zdaemon.exists("zdsock")
      })
      const heard = collect(socket)
      const decode = Schema.decodeSync(Schema.parseJson(Report))
      const reports = () => heard.text().split("\n").slice(0, -1).map((line) => decode(line))
      const last = () => reports().at(-1)
      socket.write("watch\n")
      yield* Zdaemon.eventually("the first report", () => reports().length === 1)
      assert.deepInclude(last(), { activity: "Running", shouldBeUp: true, runs: 1, startTest: "None" })
      yield* ask("kill 9\n")
      yield* Zdaemon.eventually("the second run", () => last()?.runs === 2 && last()?.activity === "Running")
      assert.deepInclude(last()?.lastRun, { number: 1, end: "terminated by SIGKILL", output: "" })
      yield* ask("stop\n")
      yield* Zdaemon.eventually("the end", () => heard.hasEnded())
      assert.deepInclude(last(), { activity: "Down", shouldBeUp: false, pid: 0, leaving: "stopped" })
      assert.isFalse(isThereAtTheEnd)
      assert.isTrue(reports().some(({ activity, runs }) => activity === "BackingOff" && runs === 1))
      assert.isTrue(reports().some(({ activity, runs }) => activity === "Stopping" && runs === 2))
    }))
})
