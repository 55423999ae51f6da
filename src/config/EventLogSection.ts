/**
 * Section `eventlog` (or `logger`) of a configuration file, and the sections in it, as settings of the event log.
 *
 * `formatter`, a Python name, is checked and has no effect, and so are `name` and `propagate` of `logger` and section
 * `win32-eventlog`. A handler without a `format` has the default of its type in the classic style, whatever `style` says.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ConfigSection from "./ConfigSection.ts"
import * as Datatypes from "./Datatypes.ts"
import type * as EventLogSettings from "./EventLogSettings.ts"
import * as LogEncoding from "./LogEncoding.ts"
import * as LogFormat from "./LogFormat.ts"
import type { Place } from "./Place.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * Where the keys stand, by key in lower case: those of the section, and those of each handler in the order of the settings.
 *
 * @category models
 * @since 0.1.0
 */
export interface Places {
  readonly own: ReadonlyMap<string, Place>
  readonly handlers: ReadonlyArray<ReadonlyMap<string, Place>>
}

/**
 * Reads the section. Mistakes are reported, and what is wrong has its default or is left out. A relative path of a log
 * file is relative to `directory`, which is absolute.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (
  node: ZConfigTree.SectionNode,
  directory: string,
  report: ConfigSection.Report
): { readonly settings: EventLogSettings.EventLogSettings; readonly places: Places } => {
  const section = ConfigSection.read(node, report)
  ConfigSection.value(section, "name", Datatypes.dottedName)
  ConfigSection.value(section, "propagate", Datatypes.boolean)
  const handlers = section.sections.flatMap((node) => {
    const section = ConfigSection.read(node, report)
    const settings = decodeHandler(section, directory)
    return settings === undefined ? [] : [{ settings, places: placesOf(section) }]
  })
  return {
    settings: {
      level: ConfigSection.value(section, "level", level) ?? 20,
      handlers: handlers.map(({ settings }) => settings)
    },
    places: { own: placesOf(section), handlers: handlers.map(({ places }) => places) }
  }
}

// ===== Internal

const repr = PythonLiteral.repr

const placesOf = ({ keys }: ConfigSection.Section): ReadonlyMap<string, Place> =>
  new Map([...keys].flatMap(([key, [first]]) => first === undefined ? [] : [[key, first.place]]))

const levels: ReadonlyMap<string, number> = new Map([
  ["critical", 50],
  ["fatal", 50],
  ["error", 40],
  ["warn", 30],
  ["warning", 30],
  ["info", 20],
  ["blather", 15],
  ["debug", 10],
  ["trace", 5],
  ["all", 1],
  ["notset", 0]
])

const level: Datatypes.Datatype<number> = (text) => {
  const name = text.toLowerCase()
  const named = levels.get(name)
  return named !== undefined ? Either.right(named) : Either.filterOrLeft(
    Datatypes.integer(10)(name),
    (level) => level >= 0 && level <= 50,
    (level) => `log level not in range: ${level}`
  )
}

/** Whether a key has a value that could not be read. What would only follow from that is not worth a report. */
const isRefused = (section: ConfigSection.Section, key: string, value: unknown): boolean =>
  value === undefined && section.keys.has(key)

const standardFormat = "%(asctime)s %(levelname)s %(name)s %(message)s"

const decodeHandler = (
  section: ConfigSection.Section,
  directory: string
): EventLogSettings.Handler | undefined => {
  switch (section.type) {
    case "logfile":
      return decodeLogFile(section, directory)
    case "syslog":
      return {
        _tag: "Syslog",
        ...decodeCommon(section, "%(name)s %(message)s"),
        facility: ConfigSection.value(section, "facility", facility) ?? "user",
        address: ConfigSection.value(section, "address", socketAddress) ?? { host: "localhost", port: 514 }
      }
    case "http-logger":
      return {
        _tag: "HttpLogger",
        ...decodeCommon(section, standardFormat),
        url: ConfigSection.value(section, "url", httpUrl) ?? "http://localhost/",
        method: ConfigSection.value(section, "method", httpMethod) ?? "GET"
      }
    case "email-notifier":
      return decodeEmailNotifier(section)
    default:
      decodeCommon(section, standardFormat)
      return undefined
  }
}

const decodeCommon = (section: ConfigSection.Section, defaultFormat: string) => {
  const arbitraryFields = ConfigSection.value(section, "arbitrary-fields", Datatypes.boolean)
  const style = ConfigSection.value(section, "style", LogFormat.style)
  const isClear = !isRefused(section, "arbitrary-fields", arbitraryFields) && !isRefused(section, "style", style)
  const format = ConfigSection.value(section, "format", (text) => {
    const format = LogFormat.unescape(text)
    return text.length > 0 && isClear
      ? Either.map(
        LogFormat.compile({ style: style ?? "classic", format, arbitraryFields: arbitraryFields ?? false }),
        () => format
      )
      : Either.right(format)
  })
  ConfigSection.value(section, "formatter", Datatypes.dottedName)
  return {
    level: ConfigSection.value(section, "level", level) ?? 0,
    dateFormat: ConfigSection.value(section, "dateformat", Datatypes.string) ?? "%Y-%m-%dT%H:%M:%S",
    ...(format === undefined
      ? { style: "classic" as const, format: defaultFormat }
      // The original takes the message alone for an empty format.
      : format === ""
      ? { style: "classic" as const, format: "%(message)s" }
      : { style: style ?? "classic" as const, format }),
    arbitraryFields: arbitraryFields ?? false
  }
}

// ===== Log files

const decodeLogFile = (section: ConfigSection.Section, directory: string): EventLogSettings.Handler | undefined => {
  const common = decodeCommon(section, `------\n${standardFormat}`)
  const path = ConfigSection.value(section, "path", Datatypes.string)
  const oldFiles = ConfigSection.value(section, "old-files", Datatypes.natural)
  const maxSize = ConfigSection.value(section, "max-size", Datatypes.byteSize)
  const when = ConfigSection.value(section, "when", rotationTime)
  const interval = ConfigSection.value(section, "interval", Datatypes.natural)
  const encoding = ConfigSection.value(section, "encoding", encodingName)
  const delay = ConfigSection.value(section, "delay", Datatypes.boolean)
  if (path === undefined) {
    return undefined
  }
  const file = {
    path: path === "STDOUT" || path === "STDERR" ? path : absolute(directory, path),
    oldFiles: oldFiles ?? 0,
    maxSize: maxSize ?? 0,
    when: when ?? "",
    interval: when !== undefined && when.length > 0 ? Math.max(interval ?? 1, 1) : interval ?? 0,
    encoding: encoding === "" ? undefined : encoding,
    delay: delay ?? false
  }
  const rotation = { "old-files": oldFiles, "max-size": maxSize, when, interval }
  const isClear = !Object.entries(rotation).some(([key, value]) => isRefused(section, key, value))
  const conflict = isClear ? findConflict(file) : undefined
  if (conflict !== undefined) {
    section.report(section.end, conflict)
  }
  return { _tag: "LogFile", ...common, ...file }
}

/** What contradicts what among the keys of a log file. */
const findConflict = ({ delay, encoding, interval, maxSize, oldFiles, path, when }: {
  readonly path: string
  readonly oldFiles: number
  readonly maxSize: number
  readonly when: string
  readonly interval: number
  readonly encoding: string | undefined
  readonly delay: boolean
}): string | undefined => {
  const rotates = oldFiles > 0 || maxSize > 0 || when.length > 0
  if (path === "STDOUT" || path === "STDERR") {
    return rotates
      ? `cannot rotate ${path}`
      : delay
      ? `cannot delay opening ${path}`
      : encoding !== undefined
      ? `cannot specify encoding for ${path}`
      : undefined
  }
  if (!rotates && interval === 0) {
    return undefined
  }
  if (oldFiles === 0) {
    return "old-files must be set for log rotation"
  }
  if (maxSize > 0 && when.length > 0) {
    return "can't set *both* max_bytes and when"
  }
  return maxSize === 0 && when.length === 0 ? "max-bytes or when must be set for log rotation" : undefined
}

const rotationTime: Datatypes.Datatype<string> = (text) => {
  const when = text.toUpperCase()
  if (/^(?:|[SMHD]|MIDNIGHT|W[0-6])$/.test(when)) {
    return Either.right(when)
  }
  if (!when.startsWith("W")) {
    return Either.left(`Invalid rollover interval specified: ${text}`)
  }
  return Either.left(
    when.length === 2
      ? `Invalid day specified for weekly rollover: ${text}`
      : `You must specify a day for weekly rollover from 0 to 6 (0 is Monday): ${text}`
  )
}

const encodingName: Datatypes.Datatype<string> = (text) =>
  text === "" ? Either.right(text) : Either.map(LogEncoding.find(text), () => text)

const absolute = (directory: string, path: string): string =>
  path.startsWith("/") ? path : `${directory.replace(/\/$/, "")}/${path}`

// ===== Other handlers

const facilities: ReadonlyArray<string> = [
  "auth",
  "authpriv",
  "cron",
  "daemon",
  "kern",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
  "lpr",
  "mail",
  "news",
  "security",
  "syslog",
  "user",
  "uucp"
]

const facility: Datatypes.Datatype<string> = (text) =>
  facilities.includes(text.toLowerCase())
    ? Either.right(text.toLowerCase())
    : Either.left(`Syslog facility must be one of ${facilities.join(", ")}`)

type SocketAddress = Extract<EventLogSettings.Handler, { readonly _tag: "Syslog" }>["address"]

const socketAddress: Datatypes.Datatype<SocketAddress> = (text) =>
  text.includes("/")
    ? Either.right({ path: text })
    : Either.map(
      Datatypes.internetAddress(text),
      ({ host, port }) => ({ host: host ?? "localhost", port: port ?? 514 })
    )

const httpUrl: Datatypes.Datatype<string> = (text) => {
  const [, scheme = "", location = "", path = ""] = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)/.exec(text) ?? []
  if (scheme.toLowerCase() !== "http") {
    return Either.left("url must be an http url")
  }
  if (location.length === 0) {
    return Either.left("url must specify a location")
  }
  if (path.length === 0) {
    return Either.left("url must specify a path")
  }
  return URL.canParse(text) ? Either.right(text) : Either.left(`${repr(text)} is not a valid url`)
}

const httpMethod: Datatypes.Datatype<"GET" | "POST"> = (text) => {
  const method = text.toUpperCase()
  return method === "GET" || method === "POST"
    ? Either.right(method)
    : Either.left(`method must be "GET" or "POST", instead received: ${repr(method)}`)
}

const decodeEmailNotifier = (section: ConfigSection.Section): EventLogSettings.Handler | undefined => {
  const common = decodeCommon(section, standardFormat)
  const from = ConfigSection.value(section, "from", Datatypes.string)
  const to = (section.keys.get("to") ?? []).map(({ value }) => value)
  const subject = ConfigSection.value(section, "subject", Datatypes.string) ?? "Message from Zope"
  const server = ConfigSection.value(section, "smtp-server", Datatypes.internetAddress)
  const username = ConfigSection.value(section, "smtp-username", Datatypes.string) ?? ""
  const password = ConfigSection.value(section, "smtp-password", Datatypes.string) ?? ""
  if (username.length > 0 !== password.length > 0) {
    section.report(section.end, "Either both smtp-username and smtp-password or none must be given")
  }
  return from === undefined ? undefined : {
    _tag: "EmailNotifier",
    ...common,
    from,
    to,
    subject,
    host: server?.host ?? "localhost",
    port: server?.port ?? 25,
    ...(username.length > 0 ? { username, password } : {})
  }
}
