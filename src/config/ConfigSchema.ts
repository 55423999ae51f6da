/**
 * Which sections and keys a configuration file may have, as a table, with what each is for.
 *
 * What the values mean is for the readers of the sections. The reference and the JSON Schema are made from the table.
 *
 * @since 0.1.0
 */
import * as Datatypes from "./Datatypes.ts"
import * as Settings from "./Settings.ts"
import * as ValueType from "./ValueType.ts"

/**
 * How often a key or section may occur: at most once, exactly once, any number of times, at least once.
 *
 * @category models
 * @since 0.1.0
 */
export type Occurrence = "optional" | "required" | "repeatable" | "several"

/**
 * Sections that a section may contain. `name` is what messages call them: the type, or ZConfig's name for several types of
 * which each will do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slot {
  readonly name: string
  readonly types: ReadonlyArray<string>
  readonly occurrence: Occurrence
}

/**
 * A key: how often it may occur, the type of its value, what it is for, and the text that holds without it. A key without
 * a fallback is absent then.
 *
 * @category models
 * @since 0.1.0
 */
export interface Key {
  readonly occurrence: Occurrence
  readonly type: ValueType.ValueType
  readonly description: string
  readonly fallback?: string
}

/**
 * What a section may contain. Keys are in lower case; `any` takes every key, once, and its case matters.
 *
 * @category models
 * @since 0.1.0
 */
export interface SectionType {
  readonly description: string
  readonly keys: ReadonlyMap<string, Key> | "any"
  readonly slots: ReadonlyArray<Slot>
}

/**
 * Whether more than one is allowed.
 *
 * @category getters
 * @since 0.1.0
 */
export const isRepeatable = (occurrence: Occurrence): boolean => occurrence === "repeatable" || occurrence === "several"

/**
 * The keys of section `runner` that are no options, with their types: those of the interactive mode, `hang-around`, and
 * those that only old files need, which are checked and have no effect.
 *
 * @category models
 * @since 0.1.0
 */
export const legacyKeys: ReadonlyMap<string, Datatypes.Datatype<unknown>> = new Map<
  string,
  Datatypes.Datatype<unknown>
>([
  ["python", Datatypes.string],
  ["zdrun", Datatypes.string],
  ["prompt", Datatypes.string],
  ["hang-around", Datatypes.boolean],
  ["default-to-interactive", Datatypes.boolean]
])

// ===== Parts

type Entry = readonly [key: string, Key]

const key = (
  occurrence: Occurrence,
  name: string,
  type: ValueType.ValueType,
  description: string,
  fallback?: string
): Entry => [name, { occurrence, type, description, ...(fallback === undefined ? {} : { fallback }) }]

const optional = (...rest: readonly [string, ValueType.ValueType, string, string?]): Entry => key("optional", ...rest)

const legacy = (name: string, type: ValueType.ValueType): Entry =>
  optional(name, type, "accepted and checked for old configuration files, without effect")

const handlerTypes = ["logfile", "syslog", "http-logger", "email-notifier", "win32-eventlog"]

const handlers: Slot = { name: "ZConfig.logger.handler", types: handlerTypes, occurrence: "repeatable" }

const eventLogLevel = optional(
  "level",
  ValueType.level,
  "the least level of an event that is taken: critical, error, warn, info, blather, debug, trace, all, notset",
  "info"
)

const standardFormat = "%(asctime)s %(levelname)s %(name)s %(message)s"

const handler = (description: string, format: string, ...keys: ReadonlyArray<Entry>): SectionType => ({
  description,
  keys: new Map([
    ...keys,
    optional("level", ValueType.level, "the least level of an event that this handler takes", "notset"),
    optional(
      "format",
      ValueType.text,
      "the text of an event; \\n, \\t, \\b, \\f and \\r stand for one character",
      format
    ),
    optional(
      "style",
      ValueType.choice("classic", "format", "template", "safe-template"),
      "the language of format: %(message)s, {message} or ${message}",
      "classic"
    ),
    optional("dateformat", ValueType.text, "the format of %(asctime)s, as strftime(3) has it", "%Y-%m-%dT%H:%M:%S"),
    optional("arbitrary-fields", ValueType.flag, "whether format may have fields that no event has", "off"),
    optional("formatter", ValueType.text, "a name of Python, accepted and without effect")
  ]),
  slots: []
})

// ===== Table

/**
 * What each type of section may contain. The whole file has the type `""`.
 *
 * @category models
 * @since 0.1.0
 */
export const sectionTypes: ReadonlyMap<string, SectionType> = new Map<string, SectionType>([
  ["", {
    description: "Configuration of zdaemon",
    keys: new Map(),
    slots: [
      { name: "runner", types: ["runner"], occurrence: "required" },
      { name: "environment", types: ["environment"], occurrence: "optional" },
      { name: "eventlog", types: ["eventlog"], occurrence: "optional" }
    ]
  }],
  ["runner", {
    description: "The program, and how it is run",
    keys: new Map([
      ...Settings.spellings.map(({ description, fallback, isRepeatable, key: name, type }) =>
        key(
          name === "program" ? "required" : isRepeatable === true ? "repeatable" : "optional",
          name,
          type,
          description,
          fallback
        )
      ),
      legacy("python", ValueType.path),
      legacy("zdrun", ValueType.path),
      optional(
        "prompt",
        ValueType.text,
        "what the interactive mode asks for a line with; the command's name and > without it"
      ),
      optional(
        "hang-around",
        ValueType.flag,
        "whether the manager stays when the program was stopped, until the program is started again or quit is told",
        "off"
      ),
      optional(
        "default-to-interactive",
        ValueType.flag,
        "whether a command line without an action begins the interactive mode",
        "on"
      )
    ]),
    slots: [{ name: "ZConfig.logger.log", types: ["eventlog", "logger"], occurrence: "optional" }]
  }],
  ["environment", { description: "Environment variables of the program, by name", keys: "any", slots: [] }],
  ["eventlog", {
    description: "The log of the manager's own doings, with a section for each place that it goes to",
    keys: new Map([eventLogLevel]),
    slots: [handlers]
  }],
  ["logger", {
    description: "Another name of section eventlog",
    keys: new Map([
      eventLogLevel,
      key("required", "name", ValueType.text, "a name of Python, without effect"),
      optional("propagate", ValueType.flag, "without effect")
    ]),
    slots: [handlers]
  }],
  [
    "logfile",
    handler(
      "Appends events to a file",
      `------\\n${standardFormat}`,
      key("required", "path", ValueType.path, "the file, or STDOUT or STDERR; relative to where zdaemon is started"),
      optional("old-files", ValueType.natural, "how many old files are kept when it is rotated", "0"),
      optional("max-size", ValueType.byteSize, "the size at which it is rotated; 0 for any", "0"),
      optional(
        "when",
        ValueType.text,
        "the time at which it is rotated: S, M, H, D, W0 to W6 (0 is Monday), MIDNIGHT",
        ""
      ),
      optional("interval", ValueType.natural, "after how many of when it is rotated; with when at least 1", "0"),
      optional("encoding", ValueType.text, "the encoding of the file: utf-8, latin-1 or ascii"),
      optional("delay", ValueType.flag, "whether the file is opened for the first event only", "off")
    )
  ],
  [
    "syslog",
    handler(
      "Sends events to the system log",
      "%(name)s %(message)s",
      optional("facility", ValueType.text, "the facility", "user"),
      optional("address", ValueType.word, "a Unix socket, or a UDP port: /dev/log, host:port", "localhost:514")
    )
  ],
  [
    "http-logger",
    handler(
      "Sends the fields of events to a web server",
      standardFormat,
      optional("url", ValueType.text, "an http URL with a path", "http://localhost/"),
      optional("method", ValueType.choice("GET", "POST"), "the method of the request", "GET")
    )
  ],
  [
    "email-notifier",
    handler(
      "Sends a mail for each event",
      standardFormat,
      key("required", "from", ValueType.text, "the address of the sender"),
      key("several", "to", ValueType.text, "the address of a recipient"),
      optional("subject", ValueType.text, "the subject", "Message from Zope"),
      optional("smtp-server", ValueType.word, "host:port of the mail server", "localhost:25"),
      optional("smtp-username", ValueType.word, "name at the mail server; with a password"),
      optional("smtp-password", ValueType.word, "password at the mail server")
    )
  ],
  [
    "win32-eventlog",
    handler("Accepted, without effect", standardFormat, optional("appname", ValueType.text, "without effect"))
  ]
])
