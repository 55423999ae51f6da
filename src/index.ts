/**
 * Supervision of programs inside another one: {@link Program} is where to begin, and the rest is what it is made of.
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
 * Where the output of a program goes.
 *
 * @since 0.1.0
 */
export * as Output from "./embed/Output.ts"

/**
 * The pipe that a program's output comes through.
 *
 * @since 0.1.0
 */
export * as OutputPipe from "./process/OutputPipe.ts"

/**
 * A restart plan in words.
 *
 * @since 0.1.0
 */
export * as PlanInWords from "./policy/PlanInWords.ts"

/**
 * The texts of the command's settings, and the restart plan that they describe.
 *
 * @since 0.1.0
 */
export * as PolicySettings from "./config/PolicySettings.ts"

/**
 * Processes as scoped resources.
 *
 * @since 0.1.0
 */
export * as ProcessSpawner from "./process/ProcessSpawner.ts"

/**
 * A program that is looked after: described as a value, had as a layer.
 *
 * @since 0.1.0
 */
export * as Program from "./embed/Program.ts"

/**
 * The state of a program that is looked after.
 *
 * @since 0.1.0
 */
export * as ProgramState from "./manager/ProgramState.ts"

/**
 * When a program counts as started.
 *
 * @since 0.1.0
 */
export * as Readiness from "./embed/Readiness.ts"

/**
 * Restart policies as data, with their Schema.
 *
 * @since 0.1.0
 */
export * as RestartPlan from "./policy/RestartPlan.ts"

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
 * What can go wrong with a program's output on disk.
 *
 * @since 0.1.0
 */
export * as TranscriptError from "./transcript/TranscriptError.ts"

/**
 * What a policy decides after a run.
 *
 * @since 0.1.0
 */
export * as Verdict from "./policy/Verdict.ts"
