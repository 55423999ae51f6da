/**
 * How an action ends other than by being done.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Option from "effect/Option"
import type * as Argv from "../config/Argv.ts"
import type { Handover } from "../config/Handover.ts"

/**
 * The action is over, and this is the exit status.
 *
 * @category errors
 * @since 0.1.0
 */
export class CliExit extends Data.TaggedError("CliExit")<{ readonly code: number }> {}

/**
 * The user's mistake: said with a hint to the help, exit status 2.
 *
 * @category errors
 * @since 0.1.0
 */
export class Misuse extends Data.TaggedError("Misuse")<{ readonly reason: string }> {
  /** A command line that getopt does not take, with the option that was probably meant. */
  static readonly fromUsage = ({ nearest, reason }: Pick<Argv.UsageError, "nearest" | "reason">): Misuse =>
    new Misuse({
      reason: Option.match(nearest, { onNone: () => reason, onSome: (name) => `${reason}\nDid you mean ${name}?` })
    })
}

/**
 * Something that went wrong: said on standard error, with an exit status.
 *
 * @category errors
 * @since 0.1.0
 */
export class Failure extends Data.TaggedError("Failure")<{ readonly reason: string; readonly code: number }> {}

/**
 * The manager is to run in this very process (`daemon off`), whose exit status is then the manager's.
 *
 * @category errors
 * @since 0.1.0
 */
export class ManageHere extends Data.TaggedError("ManageHere")<{ readonly handover: Handover }> {}
