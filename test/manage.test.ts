// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import type { EventLogSettings, Handler } from "../src/config/EventLogSettings.ts"
import type { Handover } from "../src/config/Handover.ts"
import { HandoverText } from "../src/config/Handover.ts"
import { Refusal, ReportLine } from "../src/control/Report.ts"
import * as RestartPlan from "../src/policy/RestartPlan.ts"
import { smtpServer } from "./support/Smtp.ts"
import { withPolicy } from "./support/Zdaemon.ts"

// The built manager, as the client starts it: orders over descriptor 3, reports back over the same.

describe("manager", () => {
  describe("event log", () => {
    it.scopedLive("tells the whole life of a daemon in the original's form and order", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const manager = yield* start({ directory, eventLog: logging(20, logFile(directory, { format: standard })) })
        const pid = yield* manager.up
        yield* manager.ask("stop")
        assert.strictEqual(yield* manager.exitCode, 0)
        assert.deepStrictEqual(
          read(directory, "event.log").replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, "TIME").split("\n"),
          [
            "------",
            "TIME INFO root daemonizing the process",
            "------",
            `TIME INFO root set current directory: '${directory}'`,
            "------",
            "TIME INFO root daemon manager started",
            "------",
            `TIME INFO root spawned process pid=${pid}`,
            "------",
            `TIME INFO root pid ${pid}: terminated by SIGTERM`,
            "------",
            "TIME INFO root Exiting",
            ""
          ]
        )
        assert.strictEqual(read(directory, "transcript"), "")
      }))

    it.scopedLive("tells the life of a manager in the foreground, which does not daemonize", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const handover = orders({
          directory,
          daemon: false,
          program: { file: "/bin/sh", words: ["sh", "-c", "exit 2"] },
          eventLog: logging(10, logFile(directory), stream("STDERR"))
        })
        const script = `const orders = JSON.parse(process.argv[2])
          require(process.argv[1]).foreground({ ...orders, policy: ${
          encodeJson(
            withPolicy({
              backoffLimit: 10,
              exitCodes: [0, 2]
            }).policy
          )
        } })`
        const ended = yield* Effect.async<readonly [code: unknown, stderr: string]>((resume) => {
          const words = ["-e", script, Path.join(dist, "manager.cjs"), encode(handover)]
          const child = ChildProcess.execFile(
            Process.execPath,
            words,
            (_error, _stdout, stderr) => resume(Effect.succeed([child.exitCode, stderr]))
          )
        })
        const lines = [
          "INFO daemon manager started",
          "INFO spawned process pid=N",
          "DEBUG controlled process N exited",
          "INFO pid N: exit status 2; exiting now",
          ""
        ].join("\n")
        assert.deepStrictEqual([ended[0], withoutPids(ended[1])], [2, lines])
        assert.strictEqual(withoutPids(read(directory, "event.log")), lines)
      }))

    it.scopedLive("keeps to the levels of the log and of its handlers", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const critical = { ...logFile(directory), level: 50, path: Path.join(directory, "critical.log") }
        const manager = yield* start({
          directory,
          program: { file: "/bin/sh", words: ["sh", "-c", "exit 1"] },
          backoffLimit: 1,
          eventLog: logging(20, logFile(directory), critical)
        })
        assert.strictEqual(yield* manager.exitCode, 1)
        assert.strictEqual(read(directory, "critical.log"), "CRITICAL restarting too frequently; quit\n")
        assert.include(read(directory, "event.log"), "INFO daemon manager started\n")
        assert.include(read(directory, "event.log"), "CRITICAL restarting too frequently; quit\n")
        assert.strictEqual(read(directory, "transcript"), "")
      }))

    it.scopedLive("leaves the transcript warnings and worse when there is none", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const manager = yield* start({
          directory,
          program: { file: "/bin/sh", words: ["sh", "-c", "echo out; exit 1"] },
          backoffLimit: 1
        })
        assert.strictEqual(yield* manager.exitCode, 1)
        assert.strictEqual(read(directory, "transcript"), "out\nrestarting too frequently; quit\n")
      }))

    it.scopedLive("that cannot be opened keeps the manager from starting anything", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const path = Path.join(directory, "missing/event.log")
        const manager = yield* start({
          directory,
          program: { file: "/bin/sh", words: ["sh", "-c", "echo started"] },
          eventLog: logging(20, { ...logFile(directory), path })
        })
        assert.strictEqual(yield* manager.exitCode, 1)
        const message = `can't use event log: [Errno 2] No such file or directory: '${path}'`
        assert.deepStrictEqual(
          decodeReport(manager.reports()),
          Refusal.make({ message, exitCode: 1, conflict: false })
        )
        assert.strictEqual(read(directory, "transcript"), "")
        assert.isFalse(FileSystem.existsSync(Path.join(directory, "socket")))
      }))

    it.scopedLive("that cannot be written disturbs nothing, and is told of once in the transcript", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const manager = yield* start({
          directory,
          program: { file: "/bin/sh", words: ["sh", "-c", "echo out; exec sleep 1000"] },
          eventLog: logging(20, { ...logFile(directory), path: "/dev/full" })
        })
        yield* manager.up
        assert.match(yield* manager.ask("status"), /^status=running$/m)
        yield* manager.ask("stop")
        assert.strictEqual(yield* manager.exitCode, 0)
        const told = "can't write event log: [Errno 28] No space left on device: '/dev/full'\n"
        assert.include([`${told}out\n`, `out\n${told}`], read(directory, "transcript"))
      }))

    it.scopedLive("goes on in new files after reopen_transcript and SIGUSR2, with all that the manager writes", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const names = ["event.log", "transcript"]
        const renameTo = (suffix: string) => {
          for (const name of names) {
            FileSystem.renameSync(Path.join(directory, name), Path.join(directory, name + suffix))
          }
        }
        const manager = yield* start({
          directory,
          eventLog: logging(20, logFile(directory), stream("STDOUT"), stream("STDERR"))
        })
        const first = yield* manager.up
        renameTo(".1")
        assert.strictEqual(yield* manager.ask("reopen_transcript"), "")
        yield* manager.ask("restart")
        const second = yield* manager.upAfter(first)
        renameTo(".2")
        Process.kill(manager.pid, "SIGUSR2")
        yield* eventually(() => names.every((name) => FileSystem.existsSync(Path.join(directory, name))))
        yield* manager.ask("stop")
        assert.strictEqual(yield* manager.exitCode, 0)
        const twice = (lines: ReadonlyArray<string>) => lines.flatMap((line) => [line, line])
        const files = (name: string) =>
          [".1", ".2", ""].map((suffix) => read(directory, name + suffix).trim().split("\n"))
        const [begun, between, last] = [
          [
            `INFO set current directory: '${directory}'`,
            "INFO daemon manager started",
            `INFO spawned process pid=${first}`
          ],
          [`INFO pid ${first}: terminated by SIGTERM`, `INFO spawned process pid=${second}`],
          [`INFO pid ${second}: terminated by SIGTERM`, "INFO Exiting"]
        ] as const
        assert.deepStrictEqual(files("event.log"), [["INFO daemonizing the process", ...begun], between, last])
        assert.deepStrictEqual(files("transcript"), [twice(begun.slice(1)), twice(between), twice(last)])
      }))

    it.scopedLive("is mailed by a bundle that is loaded only then", () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const server = yield* smtpServer
        const crashing = { program: { file: "/bin/sh", words: ["sh", "-c", "exit 1"] }, backoffLimit: 1 }
        const notifier: Handler = {
          _tag: "EmailNotifier",
          ...common,
          level: 50,
          from: "zdaemon@example.org",
          to: ["operator@example.org"],
          subject: "Trouble",
          host: "127.0.0.1",
          port: server.port
        }
        const mailing = yield* start({ directory, ...crashing, eventLog: logging(20, notifier) })
        assert.strictEqual(yield* mailing.exitCode, 1)
        const { commands, mail } = yield* Queue.take(server.dialogues)
        assert.include(commands, "RCPT TO:<operator@example.org>")
        assert.match(mail, /^Subject: Trouble\r$/m)
        assert.match(mail, /\r\n\r\nCRITICAL restarting too frequently; quit\r\n/)

        const copy = Path.join(directory, "dist")
        FileSystem.mkdirSync(copy)
        for (const name of ["manager.cjs", "zdaemon-manager.cjs"]) {
          FileSystem.copyFileSync(Path.join(dist, name), Path.join(copy, name))
        }
        const mute = yield* start({ directory, ...crashing, eventLog: logging(20, logFile(directory)) }, copy)
        assert.strictEqual(yield* mute.exitCode, 1)
        assert.include(read(directory, "event.log"), "CRITICAL restarting too frequently; quit")
        const helpless = yield* start({ directory, ...crashing, eventLog: logging(20, notifier) }, copy)
        assert.strictEqual(yield* helpless.exitCode, 1)
        assert.include(helpless.reports(), "can't use event log: Error: Cannot find module './mailer.cjs'")
      }), 60_000)
  })
})

// ===== Internal

const dist = Path.resolve(import.meta.dirname, "../dist")

const temporary = Effect.acquireRelease(
  Effect.sync(() => FileSystem.mkdtempSync(Path.join(FileSystem.realpathSync(OperatingSystem.tmpdir()), "zd-"))),
  (directory) => Effect.sync(() => FileSystem.rmSync(directory, { recursive: true, force: true }))
)

const read = (directory: string, name: string): string => FileSystem.readFileSync(Path.join(directory, name), "utf8")

const withoutPids = (text: string): string => text.replace(/(pid.|process )\d+/g, "$1N")

// ===== What is logged where

const standard = "------\n%(asctime)s %(levelname)s %(name)s %(message)s"

const common = {
  level: 0,
  format: "%(levelname)s %(message)s",
  dateFormat: "%Y-%m-%dT%H:%M:%S",
  style: "classic",
  arbitraryFields: false
} as const

const stream = (path: string) => ({
  _tag: "LogFile" as const,
  ...common,
  path,
  oldFiles: 0,
  maxSize: 0,
  when: "",
  interval: 0,
  delay: false
})

const logFile = (directory: string, more: { readonly format?: string } = {}) => ({
  ...stream(Path.join(directory, "event.log")),
  ...more
})

const logging = (level: number, ...handlers: ReadonlyArray<Handler>): EventLogSettings => ({ level, handlers })

// ===== The manager

interface Orders extends Partial<Handover> {
  readonly directory: string
}

const orders = (given: Orders): Handover => ({
  program: { file: "/bin/sleep", words: ["sleep", "1000"] },
  environment: { PATH: "/usr/bin:/bin" },
  socket: Path.join(given.directory, "socket"),
  daemon: true,
  umask: 0o022,
  transcript: Path.join(given.directory, "transcript"),
  transcribing: { onError: "block", timestamps: "off", marks: false },
  backoffLimit: 10,
  policy: RestartPlan.zdaemon({ backoffLimit: given.backoffLimit ?? 10, forever: false, exitCodes: [0, 2] }),
  stopTimeout: 20,
  killMode: "group",
  ...given
})

const encode = Schema.encodeSync(HandoverText)

const encodeJson = Schema.encodeSync(Schema.parseJson())

const decodeReport = Schema.decodeSync(ReportLine)

const eventually = (condition: () => boolean) =>
  Effect.sync(condition).pipe(
    Effect.repeat({ until: (holds) => holds, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("30 seconds"),
    Effect.orDie
  )

/** Starts the manager of a directory; it is ended with the scope. */
const start = Effect.fnUntraced(function*(given: Orders, folder = dist) {
  const ended = yield* Deferred.make<number | null>()
  let reports = ""
  const manager = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = ChildProcess.spawn(Process.execPath, [Path.join(folder, "zdaemon-manager.cjs")], {
        detached: true,
        stdio: ["ignore", "ignore", "ignore", "pipe"]
      })
      child.once("close", (code) => Deferred.unsafeDone(ended, Effect.succeed(code)))
      const client = child.stdio[3]
      if (client instanceof Net.Socket) {
        client.on("data", (bytes: Buffer) => {
          reports += bytes.toString()
        })
        client.write(`${encode(orders(given))}\n`)
      }
      return child
    }),
    (child) =>
      Effect.suspend(() => {
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM")
        return Deferred.await(ended)
      })
  )
  const upAfter = (former: number) => Effect.map(eventually(() => pidIn(reports) !== former), () => pidIn(reports))
  return {
    pid: manager.pid ?? NaN,
    reports: () => reports,
    /** Waits until the program is up, and answers with its pid. */
    up: upAfter(0),
    /** Waits until the program is up in another process than that of this pid. */
    upAfter,
    /** What the manager replies over its socket. */
    ask: (request: string) => ask(Path.join(given.directory, "socket"), `${request}\n`),
    exitCode: Deferred.await(ended).pipe(Effect.timeout("30 seconds"), Effect.orDie)
  }
})

/** The last pid that a program was running with, 0 before there is one. */
const pidIn = (reports: string): number =>
  Number(Array.from(reports.matchAll(/"pid":(\d+),.*"activity":"Running"/g)).at(-1)?.[1] ?? 0)

const ask = (path: string, request: string) =>
  Effect.async<string>((resume) => {
    let reply = ""
    const socket = Net.connect({ path, allowHalfOpen: true })
    socket.on("data", (bytes: Buffer) => {
      reply += bytes.toString()
    })
    socket.on("error", (cause) => resume(Effect.die(cause)))
    socket.on("end", () => resume(Effect.succeed(reply)))
    socket.end(request)
  })
