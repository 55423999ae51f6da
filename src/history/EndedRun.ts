/**
 * A run of a program that is over, and what became of it.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import { ExitStatus, type Run } from "../policy/Run.ts"
import { Verdict } from "../policy/Verdict.ts"

/**
 * A run that is over. There is no `pid` when nothing could be spawned; `output` holds its last bytes; `next` is `None`
 * when the operator ended it.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndedRun extends Run {
  readonly number: number
  readonly pid: Option.Option<number>
  readonly output: Uint8Array
  readonly next: Option.Option<Verdict>
}

/**
 * Whether a run that is over is a crash: it was not told to end, and it ended in another way than with exit status 0, or
 * the manager gave up because of it.
 *
 * @category judging
 * @since 0.1.0
 */
export const isCrash = ({ next, status }: Pick<EndedRun, "next" | "status">): boolean =>
  Option.isSome(next) && (!isSuccess(status) || Verdict.$is("GiveUp")(next.value))

// ===== Internal

const isSuccess = (status: ExitStatus): boolean => ExitStatus.$is("Exited")(status) && status.code === 0
