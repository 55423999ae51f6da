/**
 * Looks after one program: starts it, restarts it as the policy says, stops it.
 *
 * Orders do not queue: the state holds the newest one, and the supervising fiber makes what is into what should be. So an
 * operator's order always wins over a pending restart, and any number of orders that arrive while the program is being
 * stopped end in the last of them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { History } from "../history/History.ts"
import * as Judge from "../policy/Judge.ts"
import * as Prospect from "../policy/Prospect.ts"
import type { RestartPolicy } from "../policy/RestartPolicy.ts"
import { Verdict } from "../policy/Verdict.ts"
import type { Command, ProcessSpawner, SignalError } from "../process/ProcessSpawner.ts"
import type { Transcript } from "../transcript/Transcript.ts"
import * as CurrentState from "./CurrentState.ts"
import * as EndLog from "./EndLog.ts"
import type { ProgramState } from "./ProgramState.ts"
import { Activity, describeOutcome, initial, Outcome, stopping } from "./ProgramState.ts"
import * as Runs from "./Runs.ts"
import { Supervised } from "./Supervised.ts"

/**
 * What one program needs to be looked after.
 *
 * - `startTest`: a command that exits with 0 once the program serves.
 * - `hangsAround`: when the supervision goes on although the program is down, so that an order can bring it up again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Program {
  readonly command: Command
  readonly policy: RestartPolicy
  readonly startTest: Option.Option<Command>
  readonly hangsAround: HangsAround
}

/**
 * When the supervision of a program goes on although that is down: never; when it was `stopped`, which is zdaemon's
 * `hang-around`; or when it is `down` because of its policy as well. Otherwise the supervision has an outcome then.
 *
 * @category models
 * @since 0.1.0
 */
export type HangsAround = "never" | "stopped" | "down"

/**
 * There is no process to signal.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotRunning extends Data.TaggedError("NotRunning")<{}> {
  override get message(): string {
    return "the program is not running"
  }
}

/**
 * The supervision of one program. `start`, `stop` and `restart` give an order, answer with the state that they found,
 * and do not wait for what they ordered: {@link changes} tells.
 *
 * @category services
 * @since 0.1.0
 */
export class Supervision extends Context.Tag("zdaemon/manager/Supervision")<Supervision, {
  /** The state as it is now. */
  readonly state: Effect.Effect<ProgramState>
  /** The state as it is now and after every change of it, the one with the outcome being the last. */
  readonly changes: Stream.Stream<ProgramState>
  /** The program should be up; a pending restart happens now, and its backoff starts over. */
  readonly start: Effect.Effect<ProgramState>
  /** The program should be down; its supervision is over when it is, unless it hangs around. */
  readonly stop: Effect.Effect<ProgramState>
  /** The program should be down, and its supervision is over when it is. */
  readonly exit: Effect.Effect<ProgramState>
  /** The program should be up, in a new process. */
  readonly restart: Effect.Effect<ProgramState>
  /** As {@link exit}, because the manager was told to end by a signal. */
  readonly killed: (signal: string) => Effect.Effect<ProgramState>
  /** Sends a signal, by its number, to the process that is up. */
  readonly signal: (number: number) => Effect.Effect<void, NotRunning | SignalError>
  /** When the policy gives up a program that goes on ending as it did last; nothing before the first end after an order. */
  readonly prospect: Effect.Effect<Option.Option<Prospect.Prospect>>
  /** What the policy remembers is forgotten: it counts from the next end on. What runs or waits goes on as it is. */
  readonly reset: Effect.Effect<void>
  /** Waits until the supervision of the program is over. */
  readonly outcome: Effect.Effect<Outcome>
}>() {
  /** Starts the program when the layer is built; releasing the layer stops it. */
  static readonly layer = (
    program: Program
  ): Layer.Layer<Supervision, never, History | ProcessSpawner | Supervised | Transcript> =>
    Layer.scoped(Supervision, make(program))
}

// ===== Internal

const make = Effect.fnUntraced(function*(program: Program) {
  const history = yield* History
  const supervised = yield* Supervised
  const current = yield* CurrentState.make(initial)
  const { get: state, update } = current
  const { process, run, undecided } = yield* Runs.make(program, current)
  const judgeRef = yield* Ref.make(Option.none<Judge.Judge>())
  // Not streams of the state: they would do their work between a crash and the next start.
  const ordered = yield* Queue.sliding<void>(1)
  const over = yield* Deferred.make<Outcome>()
  /** What the supervision ends with once the program is down, where it does not hang around then. */
  const endRef = yield* Ref.make(Option.none<Outcome>())

  /** Runs the program as the policy says, until the policy ends it or a newer order interrupts. */
  const supervise = Effect.fnUntraced(function*(order: number) {
    const judge = yield* Judge.make(program.policy)
    yield* Ref.set(judgeRef, Option.some(judge))
    while (true) {
      const ended = yield* run(order)
      const verdict = yield* judge.next(ended)
      yield* EndLog.write(ended, Option.some(verdict))
      yield* history.ended({ ...ended, next: Option.some(verdict) })
      yield* Ref.set(undecided, Option.none())
      const lastRun = Option.some({ ...ended, next: Option.some(verdict) })
      if (Verdict.$is("Stay")(verdict)) {
        // It is started again by an order, which interrupts this.
        yield* update(() => ({ lastRun, backoff: Duration.zero, activity: Activity.Resting(verdict) }))
        return yield* Effect.never
      }
      if (!Verdict.$is("Restart")(verdict)) {
        const outcome = Verdict.$is("Exit")(verdict) ? Outcome.Exited(verdict) : Outcome.GaveUp(verdict)
        return yield* update(({ orders }) => ({
          lastRun,
          activity: Activity.Down(),
          // An order that arrived meanwhile wins over the verdict.
          outcome: orders === order && program.hangsAround !== "down" ? Option.some(outcome) : Option.none()
        }))
      }
      const until = (yield* epochSeconds) + Duration.toSeconds(verdict.backoff)
      yield* update(() => ({ lastRun, backoff: verdict.backoff, activity: Activity.BackingOff({ until }) }))
      // A timer of no time at all takes a millisecond.
      if (Duration.greaterThan(verdict.backoff, Duration.zero)) yield* Effect.sleep(verdict.backoff)
    }
  })

  const tellOver = (outcome: Outcome) =>
    Effect.zipRight(history.over(describeOutcome(outcome)), Deferred.succeed(over, outcome))

  /** Makes what is into what the newest order wants, until an order or a verdict has ended it all. */
  const obey = Effect.gen(function*() {
    const { orders, shouldBeUp } = yield* state
    const superseded = Effect.gen(function*() {
      while ((yield* state).orders === orders) yield* Queue.take(ordered)
    })
    if (shouldBeUp) {
      yield* Effect.raceFirst(supervise(orders), superseded)
      const interrupted = yield* Ref.getAndSet(undecided, Option.none())
      if (Option.isSome(interrupted)) {
        yield* EndLog.write(interrupted.value, Option.none())
        yield* history.ended({ ...interrupted.value, next: Option.none() })
        yield* update(() => ({
          activity: Activity.Down(),
          backoff: Duration.zero,
          lastRun: Option.some({ ...interrupted.value, next: Option.none() })
        }))
      } else {
        yield* update(() => ({ activity: Activity.Down(), backoff: Duration.zero }))
      }
    } else {
      const end = yield* Ref.get(endRef)
      yield* update((state) => {
        if (state.orders !== orders) return {}
        return Option.isSome(end) ? { outcome: end } : { activity: Activity.Resting({ reason: "stopped" }) }
      })
    }
    if (Option.isNone((yield* state).outcome)) yield* superseded
    return yield* state
  }).pipe(
    Effect.repeat({ until: ({ outcome }) => Option.isSome(outcome) }),
    Effect.tap(({ outcome }) => Option.match(outcome, { onNone: () => Effect.void, onSome: tellOver }))
  )

  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      const released = Option.map(yield* Ref.get(undecided), (ended) => ({ ...ended, next: Option.none() }))
      if (Option.isSome(released)) yield* history.ended(released.value)
      if (Option.isSome((yield* state).outcome)) return
      const outcome = Outcome.Released()
      yield* update(({ lastRun }) => ({
        activity: Activity.Down(),
        backoff: Duration.zero,
        lastRun: Option.orElse(released, () => lastRun),
        outcome: Option.some(outcome)
      }))
      yield* tellOver(outcome)
    })
  )
  yield* supervised.fork("supervision", obey)

  const prospect = Effect.gen(function*() {
    const { activity, lastRun, shouldBeUp } = yield* state
    const judge = yield* Ref.get(judgeRef)
    // A run that has ended, or is told to, is not judged yet.
    const isOpen = Activity.$is("Stopping")(activity) || Activity.$is("Clearing")(activity)
    if (!shouldBeUp || isOpen || Option.isNone(judge) || Option.isNone(lastRun)) return Option.none()
    const memory = yield* judge.value.state
    if (memory.judged === 0) return Option.none()
    const { status } = lastRun.value
    const uptime = "since" in activity
      ? Duration.nanos((yield* Clock.currentTimeNanos) - activity.since)
      : Duration.zero
    return yield* Prospect.foresee(program.policy, memory, { status, uptime }, yield* Clock.currentTimeMillis)
  })

  const order = (change: (state: ProgramState) => Partial<ProgramState>) =>
    Effect.zipLeft(
      update((state) => Option.isSome(state.outcome) ? {} : change(state)),
      Queue.offer(ordered, undefined)
    )
  /** Whoever wants the program up takes back that the manager was told to end. */
  const up = (change: (state: ProgramState) => Partial<ProgramState>) =>
    Effect.zipRight(Ref.set(endRef, Option.none()), order(change))
  const down = Effect.flatMap(Clock.currentTimeNanos, (now) =>
    order((state) => ({
      shouldBeUp: false,
      orders: state.orders + 1,
      activity: stopping(state.activity, now)
    })))
  const exit = Effect.zipRight(Ref.update(endRef, Option.orElseSome(() => Outcome.Stopped())), down)

  return Supervision.of({
    state,
    changes: Stream.takeUntil(current.changes, ({ outcome }) => Option.isSome(outcome)),
    start: up((state) =>
      state.shouldBeUp && (Activity.$is("Running")(state.activity) || Activity.$is("Starting")(state.activity))
        ? {}
        : { shouldBeUp: true, orders: state.orders + 1 }
    ),
    stop: program.hangsAround === "never" ? exit : down,
    exit,
    restart: Effect.flatMap(Clock.currentTimeNanos, (now) =>
      up((state) => ({
        shouldBeUp: true,
        orders: state.orders + 1,
        activity: stopping(state.activity, now)
      }))),
    killed: (signal) =>
      Effect.all([history.ordered(signal), Ref.set(endRef, Option.some(Outcome.Killed({ signal })))]).pipe(
        Effect.zipRight(down)
      ),
    signal: Effect.fnUntraced(function*(number) {
      const found = yield* process
      if (Option.isNone(found)) return yield* new NotRunning()
      // One that has ended stays where it is until what it has left behind has ended too.
      yield* Effect.catchIf(found.value.signal(number), ({ code }) => code === "ESRCH", () => new NotRunning())
    }),
    reset: Effect.flatMap(Ref.get(judgeRef), Option.match({ onNone: () => Effect.void, onSome: ({ reset }) => reset })),
    prospect,
    outcome: Deferred.await(over)
  })
})

const epochSeconds = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)
