/**
 * How what was asked for ended, told to the operator.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Handover } from "../config/Handover.ts"
import type * as ControlClient from "../control/ControlClient.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Described } from "./Action.ts"
import * as Answer from "./Answer.ts"
import type { CliExit, Failure, ManageHere, Misuse } from "./Ending.ts"
import * as Manager from "./Manager.ts"

/**
 * How a command line ended: with an exit status, or as the manager that this process is to become (`daemon off`).
 *
 * @category models
 * @since 0.1.0
 */
export type Ended =
  | { readonly _tag: "Exit"; readonly code: number }
  | { readonly _tag: "ManageHere"; readonly handover: Handover }

/**
 * Everything that keeps an action from being done.
 *
 * @category errors
 * @since 0.1.0
 */
export type NotDone = CliExit | ControlClient.ControlError | Failure | ManageHere | Misuse

/**
 * Prints what keeps an action from being done; `hint` is where a mistake leads to.
 *
 * @category running
 * @since 0.1.0
 */
export const told = (hint: string) => <R>(effect: Effect.Effect<void, NotDone, R>): Effect.Effect<Ended, never, R> =>
  effect.pipe(
    Effect.as<Ended>(exit(0)),
    Effect.catchTags({
      CliExit: ({ code }) => Effect.succeed(exit(code)),
      ManageHere: ({ handover }) => Effect.succeed<Ended>({ _tag: "ManageHere", handover }),
      Misuse: ({ reason }) => complained(reason, 2, hint),
      Failure: ({ code, reason }) => complained(reason, code),
      ManagerNotRunning: (error) =>
        Effect.zipRight(
          Manager.sayAbsent(error),
          error.orphan === undefined ? Effect.succeed(exit(0)) : complained(error.advice, 1)
        ),
      NotPermitted: ({ advice, message }) => complained(message, unknown, advice),
      NoAnswer: ({ advice, message }) => complained(message, unknown, advice),
      WrongAnswer: ({ advice, message }) => complained(message, unknown, advice),
      NoSocket: ({ advice, message }) => complained(message, 1, advice)
    })
  )

/**
 * Carries out an action and tells how it ended, in one document where `--json` stands before it, or behind it where it
 * takes that.
 *
 * @category running
 * @since 0.1.0
 */
export const answered = (
  hint: string,
  said: { readonly action: Described; readonly words: ReadonlyArray<string>; readonly json: boolean },
  perform: (words: ReadonlyArray<string>) => Effect.Effect<void, NotDone>
): Effect.Effect<Ended> => {
  const takesJson = said.action.options.some(({ name }) => name === "--json")
  const words = takesJson ? said.words.filter((word) => word !== "--json") : said.words
  const answer = told(hint)(perform(words))
  return said.json || words.length < said.words.length ? Answer.inJson(said.action.name)(answer) : answer
}

/**
 * Says so when what was to be told could not be written, as on a full disk. Exit status 0 becomes 1 then.
 *
 * @category running
 * @since 0.1.0
 */
export const written = (effect: Effect.Effect<Ended>): Effect.Effect<Ended> =>
  Effect.flatMap(
    StandardStreams.withFailure(effect),
    ([ended, failure]) =>
      Option.isNone(failure) || ended._tag !== "Exit" ? Effect.succeed(ended) : Effect.as(
        StandardStreams.complain(`Error: can't write standard output: ${failure.value}`),
        exit(ended.code === 0 ? 1 : ended.code)
      )
  )

// ===== Internal

/** LSB's exit status for "the state is unknown". */
const unknown = 4

const exit = (code: number): Ended => ({ _tag: "Exit", code })

const complained = (reason: string, code: number, hint?: string) => Effect.as(Answer.complain(reason, hint), exit(code))
