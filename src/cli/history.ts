/**
 * The action `history`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Event from "../history/Event.ts"
import * as HistoryFolder from "../history/HistoryFolder.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Document from "./Document.ts"
import { Misuse } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Moment from "./Moment.ts"
import { printable } from "./Printable.ts"
import * as RunEnd from "./RunEnd.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] history
 *
 * @category commands
 * @since 0.1.0
 */
export const history = {
  name: "history",
  forms: [{ synopsis: "history", summary: ["List the starts and ends of the program, and what was ordered."] }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf history", description: "what happened, the oldest first" },
    { line: "zdaemon -C app.conf history | grep ordered", description: "what somebody asked for" }
  ],
  words: "none",
  command: Command.make(
    "history",
    { words: Words.any },
    Effect.fn("cli.history")(function*({ words }) {
      yield* Words.refuseOptions(words)
      if (words.some((word) => word.trim() !== "")) return yield* new Misuse({ reason: "history takes no arguments" })
      const folder = yield* Manager.historyFolder(yield* Session.open)
      const events = yield* HistoryFolder.events(folder)
      yield* Answer.give(document, { schema: "zdaemon/history/1", folder, events })
      if (events.length === 0) return yield* StandardStreams.print(printable(`no history is known in ${folder}`))
      yield* StandardStreams.print(events.map(line).map(printable).join("\n"))
    })
  )
} satisfies Action

/**
 * The document of `history --json`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "history",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/history/1"),
      folder: Schema.optional(Schema.String.annotations({ description: "where it was looked for" })),
      events: Schema.Array(Event.event()).annotations({ description: "the oldest first" })
    }).annotations({ title: "zdaemon --json history", description: "What happened to a program" })
})

/**
 * Renders an event with its time.
 *
 * @category formatting
 * @since 0.1.0
 */
export const line = (event: Event.Event): string => `${Moment.local(event.time.getTime())}  ${sentence(event)}`

// ===== Internal

const sentence = (event: Event.Event): string => {
  switch (event.event) {
    case "manager":
      return `manager ${event.pid} began`
    case "began":
      return `run ${event.run} began, pid=${event.pid}`
    case "ended": {
      const ended = `run ${event.run} ${RunEnd.clause({ end: event.end, uptime: event.uptime * 1000 })}`
      const crash = event.crash === undefined ? "" : ` (crash ${event.crash})`
      return `${ended}${event.next === undefined ? RunEnd.ordered(event.end) : `; ${event.next}`}${crash}`
    }
    case "ordered":
      return `ordered: ${event.order}`
    case "over":
      return event.manager === undefined
        ? `manager ended: ${event.reason}`
        : `manager ${event.manager} ended without a word: ${event.reason}`
  }
}
