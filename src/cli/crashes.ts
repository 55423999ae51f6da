/**
 * The action `crashes`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Event from "../history/Event.ts"
import * as HistoryFolder from "../history/HistoryFolder.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Document from "./Document.ts"
import { Failure, Misuse } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Moment from "./Moment.ts"
import { printable } from "./Printable.ts"
import * as RunEnd from "./RunEnd.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] crashes [number]
 *
 * @category commands
 * @since 0.1.0
 */
export const crashes = {
  name: "crashes",
  forms: [
    { synopsis: "crashes", summary: ["List the last crashes of the program."] },
    { synopsis: "crashes <number>", summary: ["Tell all that is known of one."] }
  ],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf crashes", description: "when did it die, and of what?" },
    { line: "zdaemon -C app.conf crashes 7", description: "its last output, and more" }
  ],
  words: "none",
  command: Command.make(
    "crashes",
    { words: Words.any },
    Effect.fn("cli.crashes")(function*({ words }) {
      yield* Words.refuseOptions(words)
      const [word, ...rest] = words.join(" ").split(" ").filter((word) => word !== "")
      if (rest.length > 0 || (word !== undefined && !/^[1-9]\d{0,14}$/.test(word))) {
        return yield* new Misuse({ reason: "crashes takes the number of a crash, or nothing" })
      }
      const folder = yield* Manager.historyFolder(yield* Session.open)
      const all = yield* HistoryFolder.crashes(folder)
      if (word !== undefined) {
        const crash = all.find(({ number }) => number === Number(word))
        if (crash === undefined) {
          return yield* new Failure({
            reason: `there is no crash ${word}; "crashes" lists all that are known`,
            code: 1
          })
        }
        yield* Answer.give(document, { schema: "zdaemon/crash/1", ...crash })
        return yield* StandardStreams.print(told(crash).join("\n"))
      }
      yield* Answer.give(listDocument, { schema: "zdaemon/crashes/1", folder, crashes: all })
      if (!Arr.isNonEmptyReadonlyArray(all)) {
        return yield* StandardStreams.print(printable(`no crashes are known in ${folder}`))
      }
      const last = Arr.lastNonEmpty(all)
      yield* StandardStreams.print(all.map(line).map(printable).join("\n"))
      if (StandardStreams.isTerminal()) {
        yield* StandardStreams.print(`"crashes ${last.number}" tells all that is known of the last one`)
      }
    })
  )
} satisfies Action

/**
 * The document of `crashes NUMBER --json`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "crash",
  schema: () =>
    Schema.Struct({ schema: Schema.Literal("zdaemon/crash/1"), ...Event.crash().fields }).annotations({
      title: "zdaemon --json crashes NUMBER",
      description: "All that is known of a crash"
    })
})

/**
 * The document of `crashes --json`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const listDocument = Document.make({
  name: "crashes",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/crashes/1"),
      folder: Schema.optional(Schema.String.annotations({ description: "where they were looked for" })),
      crashes: Schema.Array(Event.crash()).annotations({ description: "the oldest first" })
    }).annotations({ title: "zdaemon --json crashes", description: "The last crashes of a program" })
})

// ===== Internal

const line = ({ end, next, number, run, time, uptime }: Event.Crash): string =>
  `${number}  ${Moment.local(time.getTime())}  run ${run} ${RunEnd.clause({ end, uptime: uptime * 1000 })}; ${next}`

/** Each fact on a line of its own, and the output at the end. */
const told = (crash: Event.Crash): ReadonlyArray<string> => {
  const facts: ReadonlyArray<readonly [string, string]> = [
    ["crash", String(crash.number)],
    ["time", Moment.local(crash.time.getTime())],
    ["end", crash.end],
    ["next", crash.next],
    ["run", `${crash.run}, up for ${Moment.span(crash.uptime * 1000)}`],
    ["process", `${crash.pid ?? "none"}, of manager ${crash.manager}`],
    ["program", `${crash.file} ${PythonLiteral.reprList(crash.program)}`],
    ["settings", Object.entries(crash.settings).map(([key, value]) => `${key} ${value}`).join(", ")],
    [
      "limits",
      crash.limits.map(({ hard, name, soft }) => `${name} ${soft === hard ? soft : `${soft}/${hard}`}`).join(", ")
    ],
    ["variables", crash.environment.join(", ")]
  ]
  const output = crash.output.endsWith("\n") ? crash.output.slice(0, -1) : crash.output
  return [
    ...facts.map(([name, fact]) => `${`${name}:`.padEnd(11)}${fact}`),
    ...(output === "" ? ["output:    none"] : ["output:", ...output.split("\n").map((line) => `  ${line}`)])
  ].map(printable)
}
