/**
 * How an action answers: in words, or with `--json` in one document and nothing else on standard output.
 *
 * What an action prints in words goes nowhere with `--json`, but into the document: an action that has no document of
 * its own answers with a {@link result}.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Document from "./Document.ts"

/**
 * What came of an action, in one word.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = typeof outcomes[number]

/**
 * What is said of an action beside its words. `pid` is that of the program, `signal` the number that was sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface Facts {
  readonly outcome?: Outcome
  readonly pid?: number
  readonly signal?: number
}

/**
 * The way of answering.
 *
 * @category services
 * @since 0.1.0
 */
export class Answer extends Context.Reference<Answer>()("zdaemon/cli/Answer", {
  defaultValue: (): {
    readonly isJson: boolean
    /** Says something that only programs want to know. */
    readonly note: (facts: Facts) => Effect.Effect<void>
    /** Prints a document, which is the answer then, where that is wanted, and answers whether anybody reads it. */
    readonly give: (document: Effect.Effect<string>) => Effect.Effect<boolean>
    /** Says what went wrong, and a hint at what to do, on standard error. */
    readonly complain: (reason: string, hint?: string) => Effect.Effect<void>
    /** Says on standard output, where the original does, what is refused. */
    readonly refuse: (reason: string) => Effect.Effect<void>
    /** Says what to do on standard error. */
    readonly advise: (hint: string) => Effect.Effect<void>
  } => ({
    isJson: false,
    note: () => Effect.void,
    give: () => Effect.succeed(true),
    complain: printComplaint,
    refuse: StandardStreams.print,
    advise: StandardStreams.complain
  })
}) {}

/**
 * Says something that only programs want to know.
 *
 * @category running
 * @since 0.1.0
 */
export const note = (facts: Facts): Effect.Effect<void> => Effect.flatMap(Answer, ({ note }) => note(facts))

/**
 * Answers with a document, where that is wanted. It says whether anybody reads it.
 *
 * @category running
 * @since 0.1.0
 */
export const give = <A, I>(document: Document.Document<A, I>, value: NoInfer<A>): Effect.Effect<boolean> =>
  Effect.flatMap(Answer, ({ give }) => give(Document.render(document, value)))

/**
 * Answers with a document on one line, of which more may follow, where that is wanted. It says whether anybody reads it.
 *
 * @category running
 * @since 0.1.0
 */
export const giveLine = <A, I>(document: Document.Document<A, I>, value: NoInfer<A>): Effect.Effect<boolean> =>
  Effect.flatMap(Answer, ({ give }) => give(Document.renderLine(document, value)))

/**
 * Answers with JSON that has a schema of its own already, where that is wanted.
 *
 * @category running
 * @since 0.1.0
 */
export const giveText = (json: string): Effect.Effect<boolean> =>
  Effect.flatMap(Answer, ({ give }) => give(Effect.succeed(json)))

/**
 * Says what went wrong, and a hint at what to do, on standard error.
 *
 * @category running
 * @since 0.1.0
 */
export const complain = (reason: string, hint?: string): Effect.Effect<void> =>
  Effect.flatMap(Answer, ({ complain }) => complain(reason, hint))

/**
 * Says on standard output, where the original does, what is refused.
 *
 * @category running
 * @since 0.1.0
 */
export const refuse = (reason: string): Effect.Effect<void> => Effect.flatMap(Answer, ({ refuse }) => refuse(reason))

/**
 * Says what to do on standard error.
 *
 * @category running
 * @since 0.1.0
 */
export const advise = (hint: string): Effect.Effect<void> => Effect.flatMap(Answer, ({ advise }) => advise(hint))

/**
 * Has an action answer with JSON: what it says in words is kept, and when it has not given a document in the end the
 * answer is a {@link result}. One that becomes the manager answers nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inJson = (action: string) =>
<A extends { readonly code: number } | { readonly handover: unknown }, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const output = yield* StandardStreams.Output
    const said = yield* Ref.make("")
    const complaints = yield* Ref.make<ReadonlyArray<string>>([])
    const hints = yield* Ref.make<ReadonlyArray<string>>([])
    const facts = yield* Ref.make<Facts>({})
    const blame = (reason: string) => Ref.update(complaints, (complaints) => [...complaints, reason])
    const hinted = (hint: string) => Ref.update(hints, (hints) => [...hints, hint])
    const isGiven = yield* Ref.make(false)
    const ended = yield* effect.pipe(
      Effect.provideService(StandardStreams.Output, (words) =>
        Effect.as(Ref.update(said, (said) => said + Buffer.from(words).toString()), true)),
      Effect.provideService(Answer, {
        isJson: true,
        note: (more) =>
          Ref.update(facts, (facts) => ({ ...facts, ...more })),
        give: (document) =>
          Effect.zipRight(Ref.set(isGiven, true), Effect.flatMap(document, (text) => output(`${text}\n`))),
        complain: (reason, hint) =>
          Effect.all([
            blame(reason),
            hint === undefined ? Effect.void : hinted(hint),
            printComplaint(reason, hint)
          ], { discard: true }),
        refuse: (reason) => Effect.zipRight(blame(reason), StandardStreams.complain(reason)),
        advise: (hint) => Effect.zipRight(hinted(hint), StandardStreams.complain(hint))
      })
    )
    if (!("code" in ended) || (yield* Ref.get(isGiven))) return ended
    yield* Effect.flatMap(
      Document.render(result, {
        schema: "zdaemon/result/1",
        action,
        exitCode: ended.code,
        ...(yield* Ref.get(facts)),
        messages: (yield* Ref.get(said)).split("\n").filter((line) => /[^ .]/.test(line)),
        errors: yield* Ref.get(complaints),
        hints: yield* Ref.get(hints)
      }),
      StandardStreams.print
    )
    return ended
  })

/**
 * The document of an action that has none of its own.
 *
 * @category schemas
 * @since 0.1.0
 */
export const result = Document.make({
  name: "result",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/result/1"),
      action: Schema.String.annotations({
        description: "the action that was asked for, empty where the command line was not understood"
      }),
      exitCode: Schema.Int.annotations({ description: "the exit status of the command" }),
      outcome: Schema.optional(
        Schema.Literal(...outcomes).annotations({ description: "what came of it; absent where an error says it all" })
      ),
      pid: Schema.optional(Schema.Int.annotations({ description: "the process of the program" })),
      signal: Schema.optional(Schema.Int.annotations({ description: "the number of the signal that was sent" })),
      messages: Schema.Array(Schema.String).annotations({ description: "what is printed without --json, by lines" }),
      errors: Schema.Array(Schema.String).annotations({ description: "what was printed on standard error" }),
      hints: Schema.Array(Schema.String).annotations({ description: "what to do about it, as printed there too" })
    }).annotations({
      title: "zdaemon --json ACTION",
      description: "What came of an action that has no document of its own, and of any action that failed"
    })
})

// ===== Internal

const printComplaint = (reason: string, hint?: string): Effect.Effect<void> =>
  StandardStreams.complain(`Error: ${reason}${hint === undefined ? "" : `\n${hint}`}`)

const outcomes = [
  "started",
  "already-running",
  "restarted",
  "took-too-long",
  "ended-too-soon",
  "stopped",
  "overtaken",
  "process-not-running",
  "manager-not-running",
  "signal-sent",
  "reopened"
] as const
