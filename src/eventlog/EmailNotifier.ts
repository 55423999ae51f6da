/**
 * The event log by mail: one mail per record through an SMTP server.
 *
 * The library that speaks SMTP is loaded only when a notifier is configured. The connection is encrypted when the server
 * offers it; its certificate is not checked, as the original would have spoken in the clear.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Settings from "../config/EventLogSettings.ts"
import * as Handler from "./Handler.ts"
import type { LogRecord } from "./Record.ts"

/**
 * Sends records to all addressees in one mail each, within 30 seconds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  settings: typeof Settings.EmailNotifier.Type,
  format: (record: LogRecord) => string,
  fallback: (line: string) => void
) => Effect.Effect<Handler.Handler, Handler.EventLogError, Scope.Scope> = Effect.fnUntraced(
  function*(settings, format, fallback) {
    const { createTransport } = yield* Effect.tryPromise({
      try: () => import("nodemailer"),
      catch: (cause) => new Handler.EventLogError({ path: "EmailNotifier", reason: String(cause) })
    })
    const transport = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createTransport({
          host: settings.host,
          port: settings.port,
          secure: false,
          tls: { rejectUnauthorized: false },
          connectionTimeout: smtpTimeout,
          greetingTimeout: smtpTimeout,
          socketTimeout: smtpTimeout,
          disableFileAccess: true,
          disableUrlAccess: true,
          ...(settings.username === undefined
            ? {}
            : { auth: { user: settings.username, pass: settings.password ?? "" } })
        })
      ),
      (transport) => Effect.sync(() => transport.close())
    )
    return yield* Handler.background({
      name: "email-notifier",
      send: (record) =>
        Effect.tryPromise({
          try: () =>
            transport.sendMail({
              from: settings.from,
              to: [...settings.to],
              subject: settings.subject,
              date: record.date,
              text: format(record),
              xMailer: false
            }),
          catch: (cause) => cause instanceof Error ? cause.message : String(cause)
        }),
      timeout: "30 seconds",
      fallback
    })
  }
)

// ===== Internal

/** In milliseconds. */
const smtpTimeout = 10_000
