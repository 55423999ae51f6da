// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Datagram from "node:dgram"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import type * as Settings from "../../src/config/EventLogSettings.ts"
import { EventLog } from "../../src/eventlog/EventLog.ts"
import { smtpServer } from "../support/Smtp.ts"

describe("EventLog", () => {
  it.scopedLive("writes what is logged into its file, in zdaemon's form", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      yield* Effect.provide(
        Effect.zipRight(
          Effect.logInfo("spawned process pid=13607"),
          Effect.logFatal("restarting too frequently; quit")
        ),
        logging(20, [file({
          path,
          format: "------\n%(asctime)s %(levelname)s %(name)s %(message)s",
          dateFormat: "%Y-%m-%dT%H:%M:%S"
        })])
      )
      assert.match(
        read(path),
        new RegExp(
          "^------\n\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d INFO root spawned process pid=13607\n" +
            "------\n.* CRITICAL root restarting too frequently; quit\n$"
        )
      )
    }))

  it.scopedLive("passes what reaches both the level of the log and that of the handler", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      const written = (level: number, handlerLevel: number) =>
        Effect.gen(function*() {
          Fs.rmSync(path, { force: true })
          yield* Effect.provide(
            Effect.all([
              Effect.logTrace("t"),
              Effect.logDebug("d"),
              Effect.logInfo("i"),
              Effect.logWarning("w"),
              Effect.logError("e"),
              Effect.logFatal("f")
            ]),
            logging(level, [file({ path, level: handlerLevel, format: "%(levelno)s" })])
          )
          return read(path).split("\n").join(" ").trim()
        })
      assert.strictEqual(yield* written(0, 0), "5 10 20 30 40 50")
      assert.strictEqual(yield* written(1, 0), "5 10 20 30 40 50")
      assert.strictEqual(yield* written(10, 0), "10 20 30 40 50")
      assert.strictEqual(yield* written(15, 0), "20 30 40 50")
      assert.strictEqual(yield* written(20, 0), "20 30 40 50")
      assert.strictEqual(yield* written(20, 40), "40 50")
      assert.strictEqual(yield* written(50, 5), "50")
    }))

  it.scopedLive("writes a cause below its record", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      yield* Effect.provide(
        Effect.logFatal("start test raised", Cause.die(new Error("boom"))),
        logging(20, [file({ path })])
      )
      assert.match(read(path), /^CRITICAL start test raised\nError: boom\n {4}at /)
    }))

  it.scopedLive("writes to several handlers, reopens all and replaces Effect's console", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      yield* Effect.gen(function*() {
        const log = yield* EventLog
        yield* Effect.log("one")
        Fs.renameSync(path, `${path}.old`)
        Fs.renameSync(`${path}2`, `${path}2.old`)
        yield* log.reopen
        yield* Effect.log("two")
      }).pipe(Effect.provide(logging(20, [file({ path }), file({ path: `${path}2` })])))
      for (const base of [path, `${path}2`]) {
        assert.deepStrictEqual([read(`${base}.old`), read(base)], ["INFO one\n", "INFO two\n"])
      }
    }))

  it.scopedLive("writes nothing without a handler", () =>
    Effect.provide(Effect.logFatal("nobody hears this"), logging(0, [])))

  it.scopedLive("fails for a file that it cannot open and for a format that is wrong", () =>
    Effect.gen(function*() {
      const path = yield* temporary
      const failure = (one: typeof Settings.Handler.Type) =>
        Effect.map(Effect.flip(Effect.provide(Effect.void, logging(0, [one]))), (error) => error.message)
      const unknown = "invalid log format: unknown field 'bogus'"
      assert.strictEqual(
        yield* failure(file({ path: `${path}/x` })),
        `can't use event log: [Errno 2] No such file or directory: '${path}/x'`
      )
      assert.strictEqual(yield* failure(file({ path, format: "%(bogus)s" })), `can't use event log: ${unknown}`)
      assert.strictEqual(
        yield* failure(syslog({ facility: "bogus" })),
        "can't use event log: unknown syslog facility: bogus"
      )
      assert.strictEqual(
        yield* failure(http({ url: "https://x/" })),
        "can't use event log: not an http URL: https://x/"
      )
    }))

  describe("syslog", () => {
    it.scopedLive("sends priority, text and a NUL in one datagram", () =>
      Effect.gen(function*() {
        const server = yield* datagrams
        yield* Effect.gen(function*() {
          yield* Effect.logInfo("spawned process pid=13607")
          yield* Effect.logFatal("ü")
        }).pipe(Effect.provide(logging(20, [syslog({ address: { host: "127.0.0.1", port: server.port } })])))
        assert.strictEqual(yield* Queue.take(server.received), "<14>root spawned process pid=13607\0")
        assert.strictEqual(yield* Queue.take(server.received), "<10>root ü\0")
      }))

    it.scopedLive("makes the priority of facility and severity", () =>
      Effect.gen(function*() {
        const server = yield* datagrams
        yield* Effect.all([
          Effect.logDebug(""),
          Effect.logInfo(""),
          Effect.logWarning(""),
          Effect.logError(""),
          Effect.logFatal("")
        ]).pipe(
          Effect.provide(
            logging(0, [
              syslog({ address: { host: "127.0.0.1", port: server.port }, facility: "LOCAL7", format: "%(name)s" })
            ])
          )
        )
        for (const severity of [7, 6, 4, 3, 2]) {
          assert.strictEqual(yield* Queue.take(server.received), `<${23 * 8 + severity}>root\0`)
        }
      }))

    it.scopedLive("tells once of a host that does not exist", () =>
      Effect.gen(function*() {
        const told: Array<string> = []
        yield* Effect.provide(
          Effect.all([Effect.logInfo("one"), Effect.logInfo("two")]),
          logging(20, [syslog({ address: { host: "host.invalid", port: 514 } })], told)
        )
        assert.strictEqual(told.length, 1)
        assert.match(told[0] ?? "", /^can't send to event log syslog: .*host\.invalid/)
      }))

    it.scopedLive.skipIf(!has("logger", "-u") || !has("python3", "usage"))(
      "goes to a path through logger(1) (needs util-linux's logger, and python3 to receive)",
      () =>
        Effect.gen(function*() {
          const path = `${yield* temporary}.sock`
          const receiver = yield* unixDatagrams(path, 3)
          yield* Effect.gen(function*() {
            yield* Effect.logInfo("-x \"spawned\" $HOME process\npid=1 ü\0")
            yield* Effect.logFatal("a")
            yield* Effect.logError("x".repeat(200_000))
          }).pipe(Effect.provide(logging(20, [syslog({ address: { path }, facility: "daemon" })])))
          const [first, second, third] = yield* receiver
          assert.match(first ?? "", /^<30>... .. ..:..:.. root: -x "spawned" \$HOME process\npid=1 ü ?$/)
          assert.match(second ?? "", /^<26>... .. ..:..:.. root: a$/)
          assert.match(third ?? "", /^<27>... .. ..:..:.. root: x{900,1024}$/)
        })
    )

    it.scopedLive.skipIf(!has("logger", "-u"))(
      "tells once that nobody listens at a path (needs util-linux's logger)",
      () =>
        Effect.gen(function*() {
          const path = `${yield* temporary}.sock`
          const told: Array<string> = []
          yield* Effect.provide(
            Effect.all([Effect.logInfo("one"), Effect.logInfo("two")]),
            logging(20, [syslog({ address: { path } })], told)
          )
          assert.deepStrictEqual(told, [
            `can't send to event log syslog: logger: socket ${path}: No such file or directory`
          ])
        })
    )
  })

  describe("http-logger", () => {
    it.scopedLive("posts the attributes of a record", () =>
      Effect.gen(function*() {
        const server = yield* httpServer("answer")
        yield* Effect.provide(
          Effect.logWarning("a & b"),
          logging(20, [http({ url: `${server.url}/log?x=1`, method: "POST" })])
        )
        const request = yield* Queue.take(server.requests)
        assert.deepStrictEqual([request.method, request.url, request.type], [
          "POST",
          "/log?x=1",
          "application/x-www-form-urlencoded"
        ])
        const sent = new URLSearchParams(request.body)
        assert.deepStrictEqual(
          ["name", "msg", "args", "levelname", "levelno", "process", "exc_info"].map((name) => sent.get(name)),
          ["root", "a & b", "()", "WARNING", "30", String(process.pid), "None"]
        )
      }))

    it.scopedLive("appends them to the query of a GET", () =>
      Effect.gen(function*() {
        const server = yield* httpServer("answer")
        const sent = (path: string) =>
          Effect.zipRight(
            Effect.provide(Effect.logWarning("m"), logging(20, [http({ url: `${server.url}${path}` })])),
            Effect.map(Queue.take(server.requests), ({ url }) => url ?? "")
          )
        assert.match(yield* sent("/log"), /^\/log\?name=root&msg=m&args=%28%29&levelname=WARNING&levelno=30&/)
        assert.match(yield* sent("/log?x=1"), /^\/log\?x=1&name=root&msg=m&/)
      }))

    it.scopedLive("keeps neither the caller waiting for a silent server nor the end for more than a second", () =>
      Effect.gen(function*() {
        const server = yield* httpServer("silence")
        const told: Array<string> = []
        const [whole, [logged]] = yield* Effect.timed(
          Effect.provide(
            Effect.timed(Effect.replicateEffect(Effect.logInfo("one"), 1500)),
            logging(20, [http({ url: server.url })], told)
          )
        )
        assert.deepStrictEqual(told, ["event log http-logger is too slow, records are dropped"])
        assert.isTrue(Duration.lessThan(logged, "900 millis"))
        assert.isTrue(Duration.between(whole, { minimum: "900 millis", maximum: "3 seconds" }))
      }))

    it.scopedLive("sends what still waits when the log is closed", () =>
      Effect.gen(function*() {
        const server = yield* httpServer("answer")
        yield* Effect.provide(
          Effect.replicateEffect(Effect.logInfo("one"), 20),
          logging(20, [http({ url: server.url })])
        )
        assert.strictEqual(yield* Queue.size(server.requests), 20)
      }))

    it.scopedLive("tells once that the server refuses", () =>
      Effect.gen(function*() {
        const told: Array<string> = []
        const gone = yield* Effect.scoped(Effect.map(httpServer("answer"), ({ url }) => url))
        yield* Effect.provide(
          Effect.replicateEffect(Effect.logInfo("one"), 3),
          logging(20, [http({ url: gone })], told)
        )
        assert.strictEqual(told.length, 1)
        assert.match(told[0] ?? "", /^can't send to event log http-logger: .*ECONNREFUSED/)
      }))
  })

  describe("email-notifier", () => {
    it.scopedLive("sends one mail per record to all addressees", () =>
      Effect.gen(function*() {
        const server = yield* smtpServer
        yield* Effect.provide(
          Effect.zipRight(Effect.logError("first"), Effect.logFatal("second")),
          logging(20, [email({ port: server.port })])
        )
        const dialogue = yield* Queue.take(server.dialogues)
        assert.deepStrictEqual(dialogue.commands.filter((line) => /^(MAIL|RCPT)/.test(line)), [
          "MAIL FROM:<zdaemon@example.org>",
          "RCPT TO:<a@example.org>",
          "RCPT TO:<b@example.org>"
        ])
        const [head = "", body = ""] = dialogue.mail.split("\r\n\r\n")
        const headers = new Map(head.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line]))
        assert.strictEqual(headers.get("From"), "From: zdaemon@example.org")
        assert.strictEqual(headers.get("To"), "To: a@example.org, b@example.org")
        assert.strictEqual(headers.get("Subject"), "Subject: Message from Zope")
        assert.match(headers.get("Date") ?? "", /^Date: \w{3}, \d\d \w{3} \d{4} /)
        assert.strictEqual(body.trim(), "ERROR first")
        assert.include((yield* Queue.take(server.dialogues)).mail, "CRITICAL second")
      }))

    it.scopedLive("authenticates when there is a user", () =>
      Effect.gen(function*() {
        const server = yield* smtpServer
        yield* Effect.provide(
          Effect.logError("first"),
          logging(20, [email({ port: server.port, username: "me", password: "secret" })])
        )
        const dialogue = yield* Queue.take(server.dialogues)
        const plain = dialogue.commands.find((line) => line.startsWith("AUTH PLAIN "))?.slice(11) ?? ""
        assert.strictEqual(Buffer.from(plain, "base64").toString(), "\0me\0secret")
      }))

    it.scopedLive("tells once that no server is there", () =>
      Effect.gen(function*() {
        const told: Array<string> = []
        const port = yield* Effect.scoped(Effect.map(smtpServer, ({ port }) => port))
        yield* Effect.provide(
          Effect.zipRight(Effect.logError("one"), Effect.logError("two")),
          logging(20, [email({ port })], told)
        )
        assert.strictEqual(told.length, 1)
        assert.match(told[0] ?? "", /^can't send to event log email-notifier: .*ECONNREFUSED/)
      }))
  })
})

// ===== Internal

const common = {
  level: 0,
  format: "%(levelname)s %(message)s",
  dateFormat: "",
  style: "classic",
  arbitraryFields: false
} as const

const file = (settings: Partial<typeof Settings.LogFile.Type> & { readonly path: string }) => ({
  _tag: "LogFile" as const,
  ...common,
  oldFiles: 0,
  maxSize: 0,
  when: "",
  interval: 0,
  delay: false,
  ...settings
})

const syslog = (settings: Partial<typeof Settings.Syslog.Type>) => ({
  _tag: "Syslog" as const,
  ...common,
  format: "%(name)s %(message)s",
  facility: "user",
  address: { host: "127.0.0.1", port: 514 },
  ...settings
})

const http = (settings: Partial<typeof Settings.HttpLogger.Type>) => ({
  _tag: "HttpLogger" as const,
  ...common,
  url: "http://localhost/",
  method: "GET" as const,
  ...settings
})

const email = (settings: Partial<typeof Settings.EmailNotifier.Type>) => ({
  _tag: "EmailNotifier" as const,
  ...common,
  from: "zdaemon@example.org",
  to: ["a@example.org", "b@example.org"],
  subject: "Message from Zope",
  host: "127.0.0.1",
  port: 25,
  ...settings
})

const logging = (
  level: number,
  handlers: ReadonlyArray<typeof Settings.Handler.Type>,
  told: Array<string> = []
) => EventLog.layer({ level, handlers }, (line) => told.push(line))

const temporary = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "zdaemon-eventlog-"))),
    (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
  ),
  (directory) => Path.join(directory, "event.log")
)

const read = (path: string): string => Fs.readFileSync(path, "utf8")

/** Whether a program is there and its help speaks of an option. */
function has(program: string, option: string): boolean {
  const run = ChildProcess.spawnSync(program, ["--help"], { encoding: "utf8" })
  return run.error === undefined && `${run.stdout}`.includes(option)
}

const portOf = (address: Net.AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0

const datagrams = Effect.gen(function*() {
  const received = yield* Queue.unbounded<string>()
  const socket = yield* Effect.acquireRelease(
    Effect.async<Datagram.Socket>((resume) => {
      const socket = Datagram.createSocket("udp4", (bytes) => Queue.unsafeOffer(received, bytes.toString()))
      socket.bind(0, "127.0.0.1", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.close())
  )
  return { received, port: socket.address().port }
})

/** Listens at the path when it succeeds, with the effect that waits for so many datagrams. */
const unixDatagrams = Effect.fnUntraced(function*(path: string, count: number) {
  const script = "import json, socket, sys\n" +
    "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n" +
    "s.settimeout(10)\n" +
    "s.bind(sys.argv[1])\n" +
    "print('ready', flush=True)\n" +
    "for _ in range(int(sys.argv[2])): print(json.dumps(s.recv(65536).decode()), flush=True)\n"
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      ChildProcess.spawn("python3", ["-c", script, path, String(count)], { stdio: ["ignore", "pipe", "inherit"] })
    ),
    (child) => Effect.sync(() => child.kill())
  )
  let output = ""
  const ended = Effect.async<ReadonlyArray<string>>((resume) => {
    child.stdout.once(
      "end",
      () => resume(Effect.succeed(output.trim().split("\n").slice(1).map((line) => decodeString(line))))
    )
  })
  const received = yield* Effect.forkScoped(ended)
  yield* Effect.async<void>((resume) => {
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString()
      resume(Effect.void)
    })
  })
  return Fiber.join(received)
})

const decodeString = Schema.decodeSync(Schema.parseJson(Schema.String))

interface HttpRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly type: string | undefined
  readonly body: string
}

const httpServer = Effect.fnUntraced(function*(behaviour: "answer" | "silence") {
  const requests = yield* Queue.unbounded<HttpRequest>()
  const server = yield* Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer((request, response) => {
        let body = ""
        request.on("data", (bytes: Buffer) => {
          body += bytes.toString()
        })
        request.on("end", () => {
          const { headers, method, url } = request
          Queue.unsafeOffer(requests, { method, url, body, type: headers["content-type"] })
          if (behaviour === "answer") response.end("thanks")
        })
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  return { requests, url: `http://127.0.0.1:${portOf(server.address())}` }
})
