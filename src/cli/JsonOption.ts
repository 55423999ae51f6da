/**
 * The option that most actions have.
 *
 * @since 0.1.0
 */
import type { ActionOption } from "./Action.ts"

/**
 * `--json`, for the options of an action. It is taken off the words before the action sees them; `Answer` says whether it
 * was there.
 *
 * @category options
 * @since 0.1.0
 */
export const json: ActionOption = { name: "--json", description: "answer with JSON" }
