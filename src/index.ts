/**
 * Supervision of processes as Effect layers: what the command `zdaemon` is made of, for use in other programs.
 *
 * @since 0.1.0
 */

/**
 * What is told of a program as it happens.
 *
 * @since 0.1.0
 */
export * as History from "./history/History.ts"

/**
 * A restart policy at work.
 *
 * @since 0.1.0
 */
export * as Judge from "./policy/Judge.ts"

/**
 * The pipe that a program's output comes through.
 *
 * @since 0.1.0
 */
export * as OutputPipe from "./process/OutputPipe.ts"

/**
 * Processes as scoped resources.
 *
 * @since 0.1.0
 */
export * as ProcessSpawner from "./process/ProcessSpawner.ts"

/**
 * The state of a program that is looked after.
 *
 * @since 0.1.0
 */
export * as ProgramState from "./manager/ProgramState.ts"

/**
 * Restart policies: Schedules over runs.
 *
 * @since 0.1.0
 */
export * as RestartPolicy from "./policy/RestartPolicy.ts"

/**
 * Runs, and how they end.
 *
 * @since 0.1.0
 */
export * as Run from "./policy/Run.ts"

/**
 * Fibers that are looked after.
 *
 * @since 0.1.0
 */
export * as Supervised from "./manager/Supervised.ts"

/**
 * Looking after one program.
 *
 * @since 0.1.0
 */
export * as Supervision from "./manager/Supervision.ts"

/**
 * A program's output on disk.
 *
 * @since 0.1.0
 */
export * as Transcript from "./transcript/Transcript.ts"

/**
 * What a policy decides after a run.
 *
 * @since 0.1.0
 */
export * as Verdict from "./policy/Verdict.ts"
