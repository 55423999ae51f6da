/**
 * What opens the interactive mode. Nobody can type it: it is in the tree, and among no actions.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * Loads the configuration, and becomes what a session is, so that every mistake shows before there is a prompt.
 *
 * @category commands
 * @since 0.1.0
 */
export const opening = Command.make("opening", { words: Words.any }, () => Effect.asVoid(Session.open))
