/**
 * For a command of your own that is made of `zdaemon`'s.
 *
 * @since 0.1.0
 */

/**
 * A command with further actions, settings and requests.
 *
 * @since 0.1.0
 */
export * as OwnCommand from "./OwnCommand.ts"
