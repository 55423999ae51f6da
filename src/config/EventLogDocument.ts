/**
 * The settings of the event log as the section of a document, for whoever shows a configuration.
 *
 * @since 0.1.0
 */
import type * as EventLogSettings from "./EventLogSettings.ts"
import type * as ValueType from "./ValueType.ts"

/**
 * The section as a document in JSON would have it, with everything that it leaves to defaults. `EventLogSection.decode`
 * gives the same settings for it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ handlers, level }: EventLogSettings.EventLogSettings): ValueType.Json => {
  const sections: Record<string, ReadonlyArray<ValueType.Json>> = {}
  for (const handler of handlers) {
    const { keys, type } = handlerDocument(handler)
    const { arbitraryFields, dateFormat, format, level, style } = handler
    const section = { ...keys, level, format, style, dateformat: dateFormat, "arbitrary-fields": arbitraryFields }
    sections[type] = [...(sections[type] ?? []), section]
  }
  return { level, ...sections }
}

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
