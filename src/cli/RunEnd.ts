/**
 * The end of a run, as part of a sentence for people.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Run from "../policy/Run.ts"
import * as Moment from "./Moment.ts"

/**
 * Renders how a run ended: `ended 3.0 s ago, after 0.1 s: exit status 3`, or `could not be started 3.0 s ago: REASON`.
 * `end` is what the manager says of it; `uptime` and `ago` are in milliseconds.
 *
 * @category formatting
 * @since 0.1.0
 */
export const clause = (
  { ago, end, uptime }: { readonly end: string; readonly uptime: number; readonly ago?: number | undefined }
): string => {
  const when = ago === undefined ? "" : ` ${Moment.span(ago)} ago`
  return Option.match(Run.reasonNotStarted(end), {
    onNone: () => `ended${when === "" ? "" : `${when},`} after ${Moment.span(uptime)}: ${end}`,
    onSome: (reason) => `could not be started${when}: ${reason}`
  })
}

/**
 * Renders that a run ended because of an order, behind its {@link clause}. Only one that does not heed SIGTERM is killed.
 *
 * @category formatting
 * @since 0.1.0
 */
export const ordered = (end: string): string =>
  end === "terminated by SIGKILL" ? "; it had been told to end, and had not" : ", as it was told"
