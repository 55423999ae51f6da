/**
 * The action `explain`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as PolicySettings from "../config/PolicySettings.ts"
import * as PlanInWords from "../policy/PlanInWords.ts"
import { RestartPlan } from "../policy/RestartPlan.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import * as Document from "./Document.ts"
import { Misuse } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] explain
 *
 * Says what the restart policy does, in sentences and as the waits that the policy itself decides upon.
 *
 * @category commands
 * @since 0.1.0
 */
export const explain = {
  name: "explain",
  forms: [{
    synopsis: "explain",
    summary: ["Explain the restart policy, in words and as its waits.", "Nothing is started."]
  }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf explain", description: "what happens when the program ends" },
    { line: "zdaemon --backoff exponential -f explain", description: "what these options would do" }
  ],
  words: "none",
  command: Command.make(
    "explain",
    { words: Words.any },
    Effect.fn("cli.explain")(function*({ words }) {
      yield* Words.refuseOptions(words)
      if (words.length > 0) return yield* new Misuse({ reason: "explain takes no arguments" })
      const { settings } = yield* Configuration.load
      const plan = PolicySettings.plan(settings)
      const sentences = PlanInWords.sentences(plan)
      const schedule = yield* Effect.withRandom(PlanInWords.schedule(plan), Random.make(1))
      yield* Answer.give(document, {
        schema: "zdaemon/explain/1",
        policy: plan,
        sentences,
        waits: schedule.waits.map(Duration.toSeconds),
        last: Option.getOrNull(
          Option.map(schedule.last, ({ after, ends, says }) => ({ ends, after: Duration.toSeconds(after), says }))
        )
      })
      yield* StandardStreams.print(
        [...sentences, "", "A program that always ends at once:", `  ${PlanInWords.render(schedule)}`].join("\n")
      )
    })
  )
} satisfies Action

/**
 * What `explain --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "explain",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/explain/1"),
      policy: RestartPlan.annotations({
        identifier: "RestartPlan",
        description: "the policy as data; times are in seconds, and resetAfter is null where every end is quick"
      }),
      sentences: Schema.Array(Schema.String).annotations({ description: "what the policy does" }),
      waits: Schema.Array(Schema.Number).annotations({
        description:
          "the waits between the runs of a program that always ends at once, in seconds, up to the first 1000"
      }),
      last: Schema.NullOr(
        Schema.Struct({
          ends: Schema.Int,
          after: Schema.Number.annotations({ description: "seconds after the first end" }),
          says: Schema.String
        })
      ).annotations({
        description: "the end after which it is not started again; null where there is none, or none of the first 1000"
      })
    }).annotations({ title: "zdaemon explain --json", description: "What the restart policy does" })
})
