/**
 * The event log sent to a web server: each record's attributes, urlencoded as the query of a GET or the body of a POST.
 *
 * The attributes are those of Python's LogRecord, and the format of the handler is not used, as with Python's HTTPHandler.
 * What the server answers is ignored.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type * as Settings from "../config/EventLogSettings.ts"
import * as Layout from "../config/Layout.ts"
import * as Handler from "./Handler.ts"
import * as Record from "./Record.ts"

/**
 * Sends records to the URL. A server that does not answer within 5 seconds is not waited for. Fails when the URL is none of
 * scheme http.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  settings: typeof Settings.HttpLogger.Type,
  fallback: (line: string) => void
) => Effect.Effect<Handler.Handler, Handler.EventLogError, Scope.Scope> = Effect.fnUntraced(
  function*(settings, fallback) {
    if (!URL.canParse(settings.url) || new URL(settings.url).protocol !== "http:") {
      return yield* new Handler.EventLogError({ path: "HttpLogger", reason: `not an http URL: ${settings.url}` })
    }
    return yield* Handler.background({
      name: "http-logger",
      send: (record) => request(settings, new URLSearchParams(attributes(record)).toString()),
      timeout: "5 seconds",
      fallback
    })
  }
)

// ===== Internal

const request = (settings: typeof Settings.HttpLogger.Type, data: string): Effect.Effect<void, string> =>
  Effect.async((resume) => {
    const post = settings.method === "POST"
    const url = post ? settings.url : `${settings.url}${settings.url.includes("?") ? "&" : "?"}${data}`
    const headers = post
      ? { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": Buffer.byteLength(data) }
      : {}
    const request = Http.request(url, { method: settings.method, headers, agent: false })
    request.on("response", () => {
      resume(Effect.void)
      request.destroy()
    })
    request.on("error", (error) => resume(Effect.fail(error.message)))
    request.end(post ? data : "")
    return Effect.sync(() => request.destroy())
  })

/** In the order of Python's LogRecord, which always has a message whose arguments are already in place here. */
const attributes = (record: Record.LogRecord): Array<[string, string]> => {
  const fields = Record.fields(record, "")
  return [
    ["name", fields.name],
    ["msg", fields.message],
    ["args", "()"],
    ["levelname", fields.levelname],
    ["levelno", String(fields.levelno)],
    ["pathname", fields.pathname],
    ["filename", fields.filename],
    ["module", fields.module],
    ["exc_info", "None"],
    ["exc_text", record.trace.length === 0 ? "None" : record.trace],
    ["stack_info", "None"],
    ["lineno", String(fields.lineno)],
    ["funcName", fields.funcName],
    ["created", Layout.numberText("float", fields.created)],
    ["msecs", Layout.numberText("float", fields.msecs)],
    ["relativeCreated", Layout.numberText("float", fields.relativeCreated)],
    ["thread", String(fields.thread)],
    ["threadName", fields.threadName],
    ["processName", fields.processName],
    ["process", String(fields.process)]
  ]
}
