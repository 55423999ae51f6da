/**
 * For tests of your own policies and programs, on the test clock.
 *
 * @since 0.1.0
 */

/**
 * What a policy says of runs.
 *
 * @since 0.1.0
 */
export * as PolicyTest from "./testing/PolicyTest.ts"

/**
 * Processes that follow a script.
 *
 * @since 0.1.0
 */
export * as ScriptedSpawner from "./testing/ScriptedSpawner.ts"
