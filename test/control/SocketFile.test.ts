// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import fs, * as Fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as Net from "node:net"
import { removeLeft, SocketFile } from "../../src/control/SocketFile.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const take = (path: string) => Logger.withMinimumLogLevel(Layer.build(SocketFile.layer(path)), LogLevel.None)

const refusal = (path: string) => Effect.flip(take(path))

/** Makes a socket whose process was killed. */
const leaveStale = (path: string) =>
  Effect.sync(() => {
    const script = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
    ChildProcess.spawnSync(process.execPath, ["-e", script, path], { stdio: "ignore" })
    assert.isTrue(Fs.statSync(path).isSocket())
  })

/** Connects, and answers `"connected"` or why not. */
const knock = (path: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    const socket = Net.connect(path)
    socket.once("error", (error) => resume(Effect.succeed(error.message)))
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed("connected"))
    })
  })

describe("the socket file", () => {
  it.scopedLive("has mode 0600, listens, is alone, and goes with its scope", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* Effect.scoped(Effect.gen(function*() {
        yield* take(zdaemon.socket)
        assert.strictEqual(Fs.statSync(zdaemon.socket).mode & 0o777, 0o600)
        assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["zdsock"])
        assert.strictEqual(yield* knock(zdaemon.socket), "connected")
      }))
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), [])
    }))

  it.scopedLive("is made again when somebody removes it, and gone in the end all the same", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const folder = zdaemon.at("folder")
      const path = `${folder}/zdsock`
      Fs.mkdirSync(folder)
      const descriptors = () => Fs.readdirSync("/proc/self/fd").length
      yield* Effect.scoped(Effect.gen(function*() {
        const { connections, remove } = yield* Effect.map(take(path), Context.get(SocketFile))
        const isThere = Zdaemon.eventually("the socket", () => Fs.existsSync(path))
        // Node opens some of its own when it needs them for the first time.
        let before = 0
        for (
          const damage of [
            () => Fs.rmSync(path),
            () => Fs.renameSync(path, `${path}.away`),
            () => Fs.rmSync(folder, { recursive: true })
          ]
        ) {
          damage()
          Fs.mkdirSync(folder, { recursive: true })
          yield* isThere
          assert.strictEqual(yield* knock(path), "connected")
          yield* Effect.map(Queue.take(connections), (socket) => socket.on("error", () => {}).destroy())
          assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o600)
          if (before === 0) before = descriptors()
        }
        yield* Zdaemon.eventually("the old ones' end", () => descriptors() <= before)
        // What the second damage has left went with the folder.
        assert.deepStrictEqual(Fs.readdirSync(folder), ["zdsock"])
        yield* remove
        assert.deepStrictEqual(Fs.readdirSync(folder), [])
        yield* Effect.sleep("20 millis")
      }))
      assert.deepStrictEqual(Fs.readdirSync(folder), [])
    }))

  it.scopedLive("is left to another manager that has taken the name meanwhile", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const another = Net.createServer((socket) => socket.on("error", () => {}).end("status=running\n"))
      yield* Effect.scoped(Effect.gen(function*() {
        yield* take(zdaemon.socket)
        yield* Effect.async<void>((resume) => {
          another.listen(`${zdaemon.socket}.another`, () => resume(Effect.void))
        })
        const asked = Effect.async<void>((resume) => {
          another.once("connection", () => resume(Effect.void))
        })
        Fs.renameSync(`${zdaemon.socket}.another`, zdaemon.socket)
        yield* asked
      }))
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["zdsock"])
      assert.strictEqual(yield* knock(zdaemon.socket), "connected")
      another.close()
    }))

  it.scopedLive("listens before it has its name, and nobody else may connect at any moment", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      // The kernel's view of each moment: which call makes the name, after which call it listens.
      const events: Array<string> = []
      const link = fs.linkSync
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          fs.linkSync = (from, to) => {
            events.push(`link ${(Fs.statSync(from).mode & 0o777).toString(8)} ${listening(String(from))}`)
            return link(from, to)
          }
          syncBuiltinESMExports()
        }),
        () =>
          Effect.sync(() => {
            fs.linkSync = link
            syncBuiltinESMExports()
          })
      )
      yield* take(zdaemon.socket)
      assert.deepStrictEqual(events, ["link 600 true"])
    }))

  it.scopedLive("takes over from a stale one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* leaveStale(zdaemon.socket)
      yield* take(zdaemon.socket)
      assert.strictEqual(yield* knock(zdaemon.socket), "connected")
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["zdsock"])
    }))

  it.scopedLive("takes over even when somebody was killed while taking over", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* leaveStale(zdaemon.socket)
      yield* leaveStale(zdaemon.at("zdsock.lock"))
      yield* take(zdaemon.socket)
      assert.strictEqual(yield* knock(zdaemon.socket), "connected")
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["zdsock"])
    }))

  it.scopedLive("is refused when somebody answers, and left alone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "sleep 1000", "--start-grace=0", "start")
      const { ino } = Fs.statSync(zdaemon.socket)
      const error = yield* refusal(zdaemon.socket)
      assert.strictEqual(error.kind, "InUse")
      assert.match(error.message, /^Another zrdun is already up using socket '.*zdsock':\nstatus=running\n/)
      assert.strictEqual(Fs.statSync(zdaemon.socket).ino, ino)
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory).filter((name) => name.startsWith("zdsock")), ["zdsock"])
    }))

  it.scopedLive("is refused when somebody listens and does not answer", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const server = yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer().listen(zdaemon.socket, () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      assert.isTrue(server.listening)
      assert.strictEqual((yield* refusal(zdaemon.socket)).kind, "InUse")
      assert.isTrue(Fs.existsSync(zdaemon.socket))
    }))

  it.scopedLive("never touches another kind of file", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("regular", "precious")
      Fs.mkdirSync(zdaemon.at("directory"))
      ChildProcess.execFileSync("mkfifo", [zdaemon.at("fifo")])
      Fs.symlinkSync("regular", zdaemon.at("link"))
      Fs.symlinkSync("nowhere", zdaemon.at("dangling"))
      Fs.symlinkSync("circle", zdaemon.at("circle"))
      const before = Fs.readdirSync(zdaemon.directory)
      for (const name of before) {
        const { ino } = Fs.lstatSync(zdaemon.at(name))
        const error = yield* refusal(zdaemon.at(name))
        assert.strictEqual(error.kind, "Unusable", `${name}: ${error.message}`)
        assert.strictEqual(Fs.lstatSync(zdaemon.at(name)).ino, ino)
        const { code, stderr } = yield* zdaemon.run("-p", "sleep 1000", "-s", name, "start")
        assert.strictEqual(code, 1, name)
        assert.include(stderr, `can't use socket '${zdaemon.at(name)}': `)
      }
      const mistyped = yield* zdaemon.run("-p", "sleep 1000", "-s", "regular", "status")
      assert.deepStrictEqual([mistyped.code, mistyped.stderr], [
        1,
        `Error: can't use socket '${zdaemon.at("regular")}': it is there and is not a socket\ngive another name (-s)\n`
      ])
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), before)
      assert.strictEqual(zdaemon.read("regular"), "precious")
    }))

  it.scopedLive("does not take away a link to a stale socket, nor the socket", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* leaveStale(zdaemon.at("stale"))
      Fs.symlinkSync("stale", zdaemon.socket)
      const { kind } = yield* refusal(zdaemon.socket)
      assert.strictEqual(kind, "Unusable")
      assert.isTrue(Fs.lstatSync(zdaemon.socket).isSymbolicLink())
      assert.isTrue(Fs.lstatSync(zdaemon.at("stale")).isSocket())
    }))

  it.scopedLive("does not remove a successor's", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const scope = yield* Scope.make()
      yield* Scope.extend(take(zdaemon.socket), scope)
      Fs.renameSync(zdaemon.socket, zdaemon.at("ours"))
      yield* leaveStale(zdaemon.socket)
      const { ino } = Fs.statSync(zdaemon.socket)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(Fs.statSync(zdaemon.socket).ino, ino)
    }))

  it.scopedLive("takes a path up to the limit, and names length and limit of a longer one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const limit = 107
      const path = (length: number) => zdaemon.at("x".repeat(length - zdaemon.directory.length - 1))
      yield* take(path(limit))
      assert.strictEqual(yield* knock(path(limit)), "connected")
      assert.strictEqual(
        (yield* refusal(path(limit + 1))).message,
        `can't use socket '${path(limit + 1)}': its path is ${limit + 1} bytes long, the limit is ${limit}`
      )
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["x".repeat(limit - zdaemon.directory.length - 1)])
    }))

  it.scopedLive("takes off from the limit what a short name is shorter than the temporary one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const folder = (length: number) => zdaemon.at("x".repeat(length - zdaemon.directory.length - 1))
      for (const length of [100, 101]) Fs.mkdirSync(folder(length))
      yield* take(`${folder(100)}/s`)
      assert.strictEqual(
        (yield* refusal(`${folder(101)}/s`)).message,
        `can't use socket '${folder(101)}/s': its path is 103 bytes long, the limit is 102`
      )
      assert.deepStrictEqual([100, 101].map((length) => Fs.readdirSync(folder(length))), [["s"], []])
    }))

  it.scopedLive("is refused when somebody takes the name while it is being asked who is there", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer((client) => client.end("status=running\n"))
          server.listen(zdaemon.at("elsewhere"), () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      yield* leaveStale(zdaemon.socket)
      const { linkSync, lstatSync } = fs
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          fs.linkSync = (from, to) => {
            fs.linkSync = linkSync
            // Its name is gone when it is asked, and another manager's is there when it is looked at.
            try {
              linkSync(from, to)
            } finally {
              Fs.rmSync(zdaemon.socket)
              const look = new Proxy(lstatSync, {
                apply: (target, self, parameters) => {
                  if (Fs.existsSync(zdaemon.at("elsewhere"))) Fs.renameSync(zdaemon.at("elsewhere"), zdaemon.socket)
                  return Reflect.apply(target, self, parameters)
                }
              })
              Object.assign(fs, { lstatSync: look })
              syncBuiltinESMExports()
            }
          }
          syncBuiltinESMExports()
        }),
        () =>
          Effect.sync(() => {
            Object.assign(fs, { linkSync, lstatSync })
            syncBuiltinESMExports()
          })
      )
      const error = yield* refusal(zdaemon.socket)
      assert.match(error.message, /^Another zrdun is already up using socket '.*zdsock':\nstatus=running\n/)
    }))

  it.scopedLive("goes when what was left running is ended, and not when it is somebody's, or no socket", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const remove = Logger.withMinimumLogLevel(removeLeft(zdaemon.socket), LogLevel.None)
      yield* remove
      yield* leaveStale(zdaemon.socket)
      yield* remove
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), [])
      yield* leaveStale(zdaemon.socket)
      // Another one takes it over at this moment.
      yield* leaveStale(zdaemon.at("other"))
      Fs.renameSync(zdaemon.at("other"), `${zdaemon.socket}.lock`)
      yield* remove
      assert.isTrue(Fs.existsSync(zdaemon.socket))
      yield* take(zdaemon.socket)
      yield* remove
      assert.strictEqual(yield* knock(zdaemon.socket), "connected")
      zdaemon.write("file", "text")
      yield* Logger.withMinimumLogLevel(removeLeft(zdaemon.at("file")), LogLevel.None)
      assert.strictEqual(zdaemon.read("file"), "text")
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "is refused with the system's reason where a stale one may not be removed",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* leaveStale(zdaemon.socket)
        Fs.chmodSync(zdaemon.socket, 0o777)
        Fs.chmodSync(zdaemon.directory, 0o1777)
        const { code, stderr } = yield* zdaemon.asNobody("-p", "sleep 1000", "-s", zdaemon.socket, "start")
        assert.strictEqual(code, 1)
        assert.include(stderr, `can't use socket '${zdaemon.socket}': [Errno 1] Operation not permitted`)
        assert.isTrue(Fs.existsSync(zdaemon.socket))
      })
  )

  it.scopedLive("is won by exactly one of twenty that find a stale one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* leaveStale(zdaemon.socket)
      const managers = yield* Effect.all(Array.from({ length: 20 }, () => zdaemon.foreground({})))
      const haveWon = yield* Effect.forEach(managers, ({ pid, result }) =>
        Effect.raceFirst(
          Effect.map(result, ({ code, stderr }) => {
            assert.strictEqual(code, 1, stderr)
            assert.include(stderr, "Another zrdun is already up using socket")
            return false
          }),
          Effect.as(Zdaemon.until(zdaemon.socket, new RegExp(`manager=${pid}\n`)), true)
        ), { concurrency: "unbounded" })
      assert.strictEqual(haveWon.filter((won) => won).length, 1)
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.directory), ["zdsock"])
      assert.strictEqual(zdaemon.processes().length, 2)
    }))
})

/** Whether a Unix socket is listened on: the flags of /proc/net/unix have __SO_ACCEPTCON. */
const listening = (path: string): boolean =>
  Fs.readFileSync("/proc/net/unix", "utf8").split("\n").some((line) => {
    const fields = line.trim().split(/\s+/)
    return fields[7] === path && (Number.parseInt(fields[3] ?? "0", 16) & 0x10000) !== 0
  })
