/**
 * What to say beside a refusal, on standard error.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Answer from "./Answer.ts"

/**
 * Says which name was probably meant. Where none is near, who sits at a terminal is told `where` all are listed; for a
 * script the refusal is all, as in the original.
 *
 * @category running
 * @since 0.1.0
 */
export const meant = (nearest: Option.Option<string>, where: string): Effect.Effect<void> =>
  Option.match(nearest, {
    onNone: () => StandardStreams.isErrorTerminal() ? Answer.advise(where) : Effect.void,
    onSome: (name) => Answer.advise(`Did you mean ${name}?`)
  })
