/**
 * The event log in syslog: `<PRI>text` with a NUL behind it in one datagram, as Python's SysLogHandler sends it.
 *
 * Node has no datagram sockets in the Unix domain. To a path records go through logger(1), one process for each.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Datagram from "node:dgram"
import * as Net from "node:net"
import type * as Settings from "../config/EventLogSettings.ts"
import * as Handler from "./Handler.ts"
import type { LogRecord } from "./Record.ts"

/**
 * Sends records to a host and port, or to the syslog daemon at a path. Fails for a facility that nobody knows.
 *
 * logger(1) adds the time, takes the first word as the tag and puts a colon behind it, which is how a daemon reads the text
 * anyhow, and cuts records off at 1 KiB. `/dev/log` is where every logger sends to; another path needs that of util-linux.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  settings: typeof Settings.Syslog.Type,
  format: (record: LogRecord) => string,
  fallback: (line: string) => void
) => Effect.Effect<Handler.Handler, Handler.EventLogError, Scope.Scope> = Effect.fnUntraced(
  function*(settings, format, fallback) {
    const { address, facility } = settings
    const number = facilities.get(facility.toLowerCase())
    if (number === undefined) {
      return yield* new Handler.EventLogError({ path: "Syslog", reason: `unknown syslog facility: ${facility}` })
    }
    if ("path" in address) {
      const send = (record: LogRecord) =>
        run(commandLine(address.path, `${facility.toLowerCase()}.${severity(record.level).name}`, format(record)))
      return yield* Handler.background({ name: "syslog", send, timeout: "5 seconds", fallback })
    }
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const socket = Datagram.createSocket(Net.isIPv6(address.host) ? "udp6" : "udp4")
        // What goes wrong is heard of by whoever sends; unheard, the event would be thrown.
        return socket.on("error", () => {})
      }),
      (socket) => Effect.sync(() => socket.close())
    )
    const send = (record: LogRecord) =>
      Effect.async<void, string>((resume) => {
        const datagram = Buffer.from(`<${number * 8 + severity(record.level).number}>${format(record)}\0`)
        socket.send(datagram, address.port, address.host, (error) =>
          resume(error === null ? Effect.void : Effect.fail(error.message)))
      })
    return yield* Handler.background({ name: "syslog", send, timeout: "5 seconds", fallback })
  }
)

// ===== Internal

const commandLine = (path: string, priority: string, text: string): ReadonlyArray<string> => {
  const [, tag = "zdaemon", rest = text] = /^([^\s:]{1,32})(?::\s?|\s)(.*)$/s.exec(text) ?? []
  const socket = path === "/dev/log" ? [] : ["--socket-errors=on", "-u", path]
  return [...socket, "-p", priority, "-t", tag, "--", rest.replaceAll("\0", " ").slice(0, 1024)]
}

const run = (argv: ReadonlyArray<string>): Effect.Effect<void, string> =>
  Effect.async((resume) => {
    const child = ChildProcess.execFile("logger", argv, (error, _stdout, stderr) =>
      resume(error === null ? Effect.void : Effect.fail(stderr.trim().length > 0 ? stderr.trim() : error.message)))
    return Effect.sync(() =>
      child.kill()
    )
  })

const severity = (level: number): { readonly number: number; readonly name: string } => {
  if (level >= 50) return { number: 2, name: "crit" }
  if (level >= 40) return { number: 3, name: "err" }
  if (level >= 30) return { number: 4, name: "warning" }
  if (level >= 20) return { number: 6, name: "info" }
  return { number: 7, name: "debug" }
}

const facilities: ReadonlyMap<string, number> = new Map([
  ["kern", 0],
  ["user", 1],
  ["mail", 2],
  ["daemon", 3],
  ["auth", 4],
  ["syslog", 5],
  ["lpr", 6],
  ["news", 7],
  ["uucp", 8],
  ["cron", 9],
  ["authpriv", 10],
  ["ftp", 11],
  ["ntp", 12],
  ["security", 13],
  ["console", 14],
  ["solaris-cron", 15],
  ...Array.from({ length: 8 }, (_, local): [string, number] => [`local${local}`, 16 + local])
])
