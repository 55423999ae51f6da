/**
 * The action `config`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ConfigJsonSchema from "../config/ConfigJsonSchema.ts"
import * as EventLogDocument from "../config/EventLogDocument.ts"
import type * as EventLogSettings from "../config/EventLogSettings.ts"
import * as Given from "../config/Given.ts"
import * as Override from "../config/Override.ts"
import type { OwnSetting } from "../config/OwnSetting.ts"
import type { Place } from "../config/Place.ts"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Secret from "../config/Secret.ts"
import * as Settings from "../config/Settings.ts"
import * as Suggestion from "../config/Suggestion.ts"
import type * as ValueType from "../config/ValueType.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import * as Document from "./Document.ts"
import { Misuse } from "./Ending.ts"
import { Extension } from "./Extension.ts"
import { json } from "./JsonOption.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] config [--json|--schema]
 *
 * Shows every setting with its value and where it comes from, or the schema of a configuration in a modern format. What
 * looks like a secret is left out.
 *
 * @category commands
 * @since 0.1.0
 */
export const config = {
  name: "config",
  forms: [
    { synopsis: "config", summary: ["Show every setting, with its value and where that comes from."] },
    { synopsis: "config --json", summary: ["Show the same as JSON."] },
    { synopsis: "config --schema", summary: ["Show the JSON Schema of configuration files in TOML, YAML and JSON."] }
  ],
  options: [
    json,
    { name: "--schema", description: "print the JSON Schema of configuration files" }
  ],
  examples: [
    { line: "zdaemon -C app.conf config", description: "what holds, and why" },
    { line: "zdaemon config --schema > zdaemon.schema.json", description: "for an editor that completes and checks" }
  ],
  words: "none",
  command: Command.make(
    "config",
    { words: Words.any },
    Effect.fn("cli.config")(function*({ words }) {
      switch (words.join(" ")) {
        case "": {
          const { settings } = yield* Extension
          const configuration = yield* Configuration.load
          yield* Answer.give(document, contents(configuration, settings))
          return yield* StandardStreams.print(table(configuration, settings))
        }
        case "--schema": {
          const { name, settings } = yield* Extension
          const schema = encode(ConfigJsonSchema.make(name, settings))
          yield* Answer.giveText(schema)
          return yield* StandardStreams.print(schema)
        }
        default:
          return yield* Misuse.fromUsage({
            reason: "config argument must be absent, --json or --schema",
            nearest: Suggestion.find(words.join(" "), ["--json", "--schema"])
          })
      }
    })
  )
} satisfies Action

const origin = Schema.Union(
  Schema.Literal("default"),
  Schema.Struct({ option: Schema.String }),
  Schema.Struct({ file: Schema.String, line: Schema.Int })
).annotations({ description: "what says so" })

/**
 * What `config --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "config",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/config/1"),
      file: Schema.NullOr(Schema.String).annotations({ description: "the configuration file" }),
      runner: Schema.Record({
        key: Schema.String,
        value: Schema.Struct({
          value: Document.anything("null when there is none"),
          origin
        })
      }).annotations({ description: "every setting, by its key" }),
      environment: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
        description: "what is put into the environment of the program"
      }),
      eventlog: Document.anything("section eventlog; null when there is none"),
      origins: Schema.Struct({
        environment: Schema.Record({ key: Schema.String, value: origin }).annotations({
          description: "what says each variable, by its name"
        }),
        eventlog: Document.anything(
          "what says each key of section eventlog, in the same places as in eventlog; null when there is none"
        )
      }).annotations({ description: "what says the environment and the event log" })
    }).annotations({ title: "zdaemon config --json", description: "Every setting, and where it comes from" })
})

// ===== Internal

const encode = Schema.encodeSync(Schema.parseJson(Schema.Unknown, { space: 2 }))

// ===== Secrets

const environmentOf = ({ environment }: Configuration.Configuration): ReadonlyArray<readonly [string, string]> =>
  Array.from(
    environment,
    ([name, value]) => [name, Secret.isSecret(name) ? Secret.redacted : Secret.redact([value]).join("")]
  )

const eventLogOf = (
  { eventLog, eventLogPlaces }: Configuration.Configuration
): EventLogDocument.Entries | undefined =>
  eventLog === undefined
    ? undefined
    : EventLogDocument.entries({ ...eventLog, handlers: eventLog.handlers.map(withoutSecret) }, eventLogPlaces)

const withoutSecret = (handler: EventLogSettings.Handler): EventLogSettings.Handler => {
  switch (handler._tag) {
    case "EmailNotifier":
      return handler.password === undefined ? handler : { ...handler, password: Secret.redacted }
    case "HttpLogger":
      return {
        ...handler,
        url: handler.url
          .replace(/\/\/[^/?#]*@/, `//${Secret.redacted}@`)
          .replace(
            /([?&])([^=&#]+)=[^&#]*/g,
            (parameter, mark: string, name: string) =>
              Secret.isSecret(name) ? `${mark}${name}=${Secret.redacted}` : parameter
          )
      }
    default:
      return handler
  }
}

// ===== Forms

interface Row {
  readonly key: string
  readonly value: ValueType.Json
  readonly text: string | undefined
  readonly given: Given.Given | undefined
}

const rows = (
  { given, own, settings }: Configuration.Configuration,
  added: ReadonlyArray<OwnSetting>
): ReadonlyArray<Row> => {
  const texts = Settings.texts(settings)
  return [
    ...Settings.spellings.map(({ key, type }): Row => {
      const text = texts.get(key)
      return { key, text, value: text === undefined ? null : type.natural(text), given: given.get(key) }
    }),
    ...added.map(({ fallback, key }): Row => {
      const text = Secret.isSecret(key) ? Secret.redacted : own.get(key) ?? fallback
      return { key, text, value: text, given: given.get(key) }
    })
  ]
}

const contents = (configuration: Configuration.Configuration, added: ReadonlyArray<OwnSetting>) => {
  const eventLog = eventLogOf(configuration)
  return {
    schema: "zdaemon/config/1" as const,
    file: Option.getOrNull(configuration.file),
    runner: Object.fromEntries(
      rows(configuration, added).map(({ given, key, value }) => [key, {
        value,
        origin: originDocument(given?.origin)
      }])
    ),
    environment: Object.fromEntries(environmentOf(configuration)),
    eventlog: eventLog === undefined ? null : EventLogDocument.make(eventLog, ({ value }) => value),
    origins: {
      environment: Object.fromEntries(
        Array.from(configuration.environmentPlaces, ([name, place]) => [name, originDocument(originOf(place))])
      ),
      eventlog: eventLog === undefined
        ? null
        : EventLogDocument.make(eventLog, ({ place }) => originDocument(originOf(place)))
    }
  }
}

const originOf = (place: Place | undefined): Given.Origin | undefined =>
  place === undefined ? undefined : Given.Origin.File({ place })

const originDocument = (origin: Given.Origin | undefined) => {
  if (origin === undefined) return "default" as const
  if (origin._tag === "Option") return { option: origin.as }
  const { file, line } = origin.place
  return file === Override.commandLine ? { option: "-X" } : { file, line }
}

const originText = (origin: Given.Origin | undefined): string => {
  if (origin === undefined) return "default"
  if (origin._tag === "Option") return origin.as
  const { file, line } = origin.place
  return file === Override.commandLine ? "-X" : `${file}:${line}`
}

/** One line for each setting, by the path that `-X` has for it. */
const table = (configuration: Configuration.Configuration, added: ReadonlyArray<OwnSetting>): string => {
  const eventLog = eventLogOf(configuration)
  const cells: ReadonlyArray<readonly [path: string, value: string, origin: string]> = [
    ...rows(configuration, added).map(({ given, key, text }) =>
      [
        `runner/${key}`,
        text === undefined ? "-" : shown(text),
        originText(given?.origin)
      ] as const
    ),
    ...environmentOf(configuration).map(([name, value]) =>
      [
        `environment/${name}`,
        shown(value),
        originText(originOf(configuration.environmentPlaces.get(name)))
      ] as const
    ),
    ...(eventLog === undefined ? [] : eventLogRows(eventLog))
  ]
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => Math.min(widest, row[column]?.length ?? 0))))
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n")
}

/** A value that is wider does not push the origins of all the others to the right. */
const widest = 40

const shown = (text: string): string =>
  // oxlint-disable-next-line eslint/no-control-regex
  text === "" || /[\u0000-\u001f\u007f]/.test(text) ? PythonLiteral.repr(text) : text

const eventLogRows = ({ level, sections }: EventLogDocument.Entries) => [
  ...entryRows("eventlog/level", level),
  ...Object.entries(sections).flatMap(([type, all]) =>
    all.flatMap((section) =>
      Object.entries(section).flatMap(([key, entry]) => entryRows(`eventlog/${type}/${key}`, entry))
    )
  )
]

/** One line for each value. */
const entryRows = (path: string, { place, value }: EventLogDocument.Entry) =>
  [value].flat().map((value) => [path, shown(String(value)), originText(originOf(place))] as const)
