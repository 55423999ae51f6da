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
 * What a program is imagined to do.
 *
 * @since 0.1.0
 */
export * as Scenario from "./policy/Scenario.ts"

/**
 * Processes that follow a script.
 *
 * @since 0.1.0
 */
export * as ScriptedSpawner from "./testing/ScriptedSpawner.ts"

/**
 * A policy at work on an imagined program, in virtual time.
 *
 * @since 0.1.0
 */
export * as Simulation from "./policy/Simulation.ts"
