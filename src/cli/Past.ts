/**
 * What is known of a program that nobody looks after any more.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as HistoryFolder from "../history/HistoryFolder.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import { Extension } from "./Extension.ts"
import * as History from "./history.ts"
import { printable } from "./Printable.ts"
import * as Session from "./Session.ts"

/**
 * Where a crash is told, for who sits at a terminal.
 *
 * @category formatting
 * @since 0.1.0
 */
export const pointer = (session: Session.Session): Effect.Effect<string | undefined> =>
  Option.isSome(Session.runHistory(session)) && StandardStreams.isErrorTerminal()
    ? toCrashes
    : Effect.succeed(undefined)

/**
 * How the last run ended, and why its manager did, as far as the history has it; and where to find more, if the program had
 * crashed. `told` is the folder that the manager has told of while it was there.
 *
 * @category formatting
 * @since 0.1.0
 */
export const lines = (session: Session.Session, told: string | undefined): Effect.Effect<ReadonlyArray<string>> =>
  Option.match(Option.orElse(Option.fromNullable(told), () => Session.runHistory(session)), {
    onNone: () => Effect.succeed([]),
    onSome: (folder) =>
      Effect.zipWith(HistoryFolder.events(folder), toCrashes, (events, toCrashes) => {
        const last = Arr.findLastIndex(events, ({ event }) => event === "manager")
        const since = events.slice(Option.getOrElse(last, () => 0))
        const ended = Arr.findLast(since, ({ event }) => event === "ended")
        const over = Arr.findLast(since, ({ event }) => event === "over")
        const hasCrashed = Option.exists(ended, (event) => event.event === "ended" && event.crash !== undefined)
        return [
          ...Arr.getSomes([ended, over]).map(History.line).map(printable),
          ...(hasCrashed ? [toCrashes] : [])
        ]
      })
  })

// ===== Internal

const toCrashes: Effect.Effect<string> = Effect.map(Extension, ({ name }) => `"${name} crashes" tells more`)
