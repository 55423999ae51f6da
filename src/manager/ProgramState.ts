/**
 * The state of one program: what the operator wants, what is, and how it came to be.
 *
 * There is one owner of it, the `Supervision` service; everybody else reads it or waits for a change of it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Run } from "../policy/Run.ts"
import { shellStatus } from "../policy/Run.ts"
import { describeVerdict, Verdict } from "../policy/Verdict.ts"

/**
 * What is.
 *
 * - `Down`: no process, and none is due.
 * - `Starting`: a process is being spawned.
 * - `Running`: a process is up. `startTest` says how far it is known to serve.
 * - `Stopping`: the process was told to end (`told`, nanoseconds of the monotonic clock), and it or what it has left behind
 *   has not ended yet.
 * - `Clearing`: the process has ended by itself, and what it has left behind is being ended.
 * - `BackingOff`: no process; the next run starts at `until`, in seconds of the epoch (for display only).
 * - `Resting`: no process, and none is due until somebody orders one: `reason` says why the manager stays all the same.
 *
 * @category models
 * @since 0.1.0
 */
export type Activity = Data.TaggedEnum<{
  Down: {}
  Starting: {}
  Running: { readonly pid: number; readonly since: bigint; readonly startTest: StartTest }
  Stopping: { readonly pid: number; readonly since: bigint; readonly told: bigint }
  Clearing: {}
  BackingOff: { readonly until: number }
  Resting: { readonly reason: string }
}>

/**
 * Constructors, `$is` and `$match` of {@link Activity}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Activity = Data.taggedEnum<Activity>()

/**
 * How far the start test of a run is: there is none, it has not succeeded yet, it has, or it cannot be run at all.
 *
 * @category models
 * @since 0.1.0
 */
export type StartTest = Data.TaggedEnum<{
  None: {}
  Testing: {}
  Passed: {}
  Failed: { readonly reason: string }
}>

/**
 * Constructors, `$is` and `$match` of {@link StartTest}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const StartTest = Data.taggedEnum<StartTest>()

/**
 * A run that is over: which one, how it went, its last bytes of output, when it was `over` (nanoseconds of the monotonic
 * clock), and what followed. `next` is `None` when the operator ended the run.
 *
 * @category models
 * @since 0.1.0
 */
export interface LastRun extends Run {
  readonly number: number
  readonly output: Uint8Array
  readonly over: bigint
  readonly next: Option.Option<Verdict>
}

/**
 * Why the manager's work with the program is over.
 *
 * - `Stopped`: the operator stopped the program.
 * - `Killed`: the manager was told to end by `signal`, and stopped the program.
 * - `GaveUp`, `Exited`: the policy's verdict on the last run, with its reason.
 * - `Released`: the scope of the supervision was closed, and that stopped the program.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = Data.TaggedEnum<{
  Stopped: {}
  Killed: { readonly signal: string }
  GaveUp: { readonly reason?: string }
  Exited: { readonly code: number; readonly reason?: string }
  Released: {}
}>

const outcome = Data.taggedEnum<Outcome>()

/**
 * Constructors, `$is` and `$match` of {@link Outcome}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Outcome = {
  Stopped: outcome.Stopped,
  Killed: outcome.Killed,
  GaveUp: (fields: { readonly reason?: string } = {}) => outcome.GaveUp(fields),
  Exited: outcome.Exited,
  Released: outcome.Released,
  $is: outcome.$is,
  $match: outcome.$match
}

/**
 * Renders why the supervision of the program is over.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describeOutcome: (outcome: Outcome) => string = Outcome.$match({
  Stopped: () => "stopped",
  Killed: ({ signal }) => `daemon manager killed by ${signal}`,
  GaveUp: (gaveUp) => describeVerdict(Verdict.GiveUp(gaveUp)),
  Exited: (exited) => describeVerdict(Verdict.Exit(exited)),
  Released: () => "released"
})

/**
 * The state of one program.
 *
 * - `shouldBeUp`: what the operator wants; `orders` counts what was ordered, so that a newer order is told from an older.
 * - `activity`: what is.
 * - `runs`: how many runs were started; `lastStart`: when the last one was, in seconds of the epoch.
 * - `backoff`: the wait before the present or coming run.
 * - `outcome`: set once, when the supervision of the program is over.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProgramState {
  readonly shouldBeUp: boolean
  readonly orders: number
  readonly activity: Activity
  readonly runs: number
  readonly lastStart: number
  readonly backoff: Duration.Duration
  readonly lastRun: Option.Option<LastRun>
  readonly outcome: Option.Option<Outcome>
}

/**
 * The state of a program that is to be up, and that nothing has happened to yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initial: ProgramState = {
  shouldBeUp: true,
  orders: 1,
  activity: Activity.Down(),
  runs: 0,
  lastStart: 0,
  backoff: Duration.zero,
  lastRun: Option.none(),
  outcome: Option.none()
}

/**
 * Whether there is no process, and none is due.
 *
 * @category getters
 * @since 0.1.0
 */
export const isDown = (activity: Activity): boolean =>
  Activity.$is("Down")(activity) || Activity.$is("Resting")(activity)

/**
 * What is, once the process that was up has ended by itself.
 *
 * @category combinators
 * @since 0.1.0
 */
export const clearing = (activity: Activity): Activity =>
  Activity.$is("Running")(activity) ? Activity.Clearing() : activity

/**
 * What is, once the process that was up was told to end (`told`, nanoseconds of the monotonic clock).
 *
 * @category combinators
 * @since 0.1.0
 */
export const stopping = (activity: Activity, told: bigint): Activity => {
  switch (activity._tag) {
    case "Running":
      return Activity.Stopping({ pid: activity.pid, since: activity.since, told })
    // Whether the manager still stays is not decided yet.
    case "Resting":
      return Activity.Down()
    default:
      return activity
  }
}

/**
 * The pid of the process that is up or being stopped.
 *
 * @category getters
 * @since 0.1.0
 */
export const pid = (state: ProgramState): Option.Option<number> =>
  "pid" in state.activity ? Option.some(state.activity.pid) : Option.none()

/**
 * Whether a process is up and, where there is a start test, has passed it.
 *
 * @category getters
 * @since 0.1.0
 */
export const isReady = ({ activity }: ProgramState): boolean =>
  Activity.$is("Running")(activity) &&
  (StartTest.$is("None")(activity.startTest) || StartTest.$is("Passed")(activity.startTest))

/**
 * The exit status of a manager in the background, as zdaemon has it: 0 after a stop, 1 after a signal or when it gave
 * up, else the program's exit code.
 *
 * @category getters
 * @since 0.1.0
 */
export const managerExitCode: (outcome: Outcome) => number = Outcome.$match({
  Stopped: () => 0,
  Killed: () => 1,
  GaveUp: () => 1,
  Exited: ({ code }) => code,
  Released: () => 0
})

/**
 * The exit status of a manager in the foreground (`daemon off`): that of the program's last run, 128 and the number of
 * the signal when a signal ended it, as a shell has it. 0 after a stop; giving up is never a success.
 *
 * @category getters
 * @since 0.1.0
 */
export const foregroundExitCode = (
  outcome: Outcome,
  lastRun: Option.Option<Run>,
  signalNumber: (name: string) => number
): number => {
  const status = Option.match(lastRun, {
    onNone: () => 1,
    onSome: ({ status }) => shellStatus(status, signalNumber)
  })
  return Outcome.$match(outcome, {
    Stopped: () => 0,
    Killed: () => status,
    GaveUp: () => Math.max(1, status),
    Exited: ({ code }) => code,
    Released: () => 0
  })
}
