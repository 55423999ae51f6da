/**
 * The settings of the event log as the section of a document, for whoever shows a configuration.
 *
 * @since 0.1.0
 */
import * as Record from "effect/Record"
import type * as EventLogSection from "./EventLogSection.ts"
import type * as EventLogSettings from "./EventLogSettings.ts"
import type { Place } from "./Place.ts"
import type * as ValueType from "./ValueType.ts"

/**
 * A value of the section, by the path that it has there, and where it stands unless it is a default.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly value: ValueType.Json
  readonly place: Place | undefined
}

/**
 * The level, and the sections of the handlers by their types.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entries {
  readonly level: Entry
  readonly sections: { readonly [type: string]: ReadonlyArray<{ readonly [key: string]: Entry }> }
}

/**
 * The section entry by entry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const entries = (
  { handlers, level }: EventLogSettings.EventLogSettings,
  places: EventLogSection.Places | undefined
): Entries => {
  const sections: Record<string, ReadonlyArray<{ readonly [key: string]: Entry }>> = {}
  for (const [i, handler] of handlers.entries()) {
    const { keys, type } = handlerDocument(handler)
    const { arbitraryFields, dateFormat, format, level, style } = handler
    const section = { ...keys, level, format, style, dateformat: dateFormat, "arbitrary-fields": arbitraryFields }
    const placed = Record.map(section, (value, key): Entry => ({ value, place: places?.handlers[i]?.get(key) }))
    sections[type] = [...(sections[type] ?? []), placed]
  }
  return { level: { value: level, place: places?.own.get("level") }, sections }
}

/**
 * The entries as a document in JSON would have them, each as `show` has it. With their values this is the section with
 * everything that it leaves to defaults, for which `EventLogSection.decode` gives the same settings.
 *
 * @category formatting
 * @since 0.1.0
 */
export const make = ({ level, sections }: Entries, show: (entry: Entry) => ValueType.Json): ValueType.Json => ({
  level: show(level),
  ...Record.map(sections, (all) => all.map((section) => Record.map(section, show)))
})

// ===== Internal

interface HandlerDocument {
  readonly type: string
  readonly keys: { readonly [key: string]: ValueType.Json }
}

const handlerDocument = (handler: EventLogSettings.Handler): HandlerDocument => {
  switch (handler._tag) {
    case "LogFile": {
      const { delay, encoding, interval, maxSize, oldFiles, path, when } = handler
      const optional = encoding === undefined ? {} : { encoding }
      return {
        type: "logfile",
        keys: { path, "old-files": oldFiles, "max-size": maxSize, when, interval, ...optional, delay }
      }
    }
    case "Syslog":
      return {
        type: "syslog",
        keys: {
          facility: handler.facility,
          address: "path" in handler.address ? handler.address.path : address(handler.address)
        }
      }
    case "HttpLogger":
      return { type: "http-logger", keys: { url: handler.url, method: handler.method } }
    case "EmailNotifier": {
      const { from, password, subject, to, username } = handler
      return {
        type: "email-notifier",
        keys: {
          from,
          to,
          subject,
          "smtp-server": address(handler),
          ...(username === undefined ? {} : { "smtp-username": username }),
          ...(password === undefined ? {} : { "smtp-password": password })
        }
      }
    }
  }
}

const address = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
