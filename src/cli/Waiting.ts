/**
 * Waiting for something to happen to the program, woken by the manager's reports, and showing that.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as ControlClient from "../control/ControlClient.ts"
import * as ControlProtocol from "../control/ControlProtocol.ts"
import type { Report } from "../control/Report.ts"
import * as Watch from "../control/Watch.ts"
import * as Screen from "../process/Screen.ts"
import * as Signals from "../process/Signals.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Answer from "./Answer.ts"
import { CliExit } from "./Ending.ts"
import * as Progress from "./Progress.ts"

/**
 * What a look at the program says: it is done, with a result, or it goes on, to be looked at again after the given time
 * even when there is no news.
 *
 * @category models
 * @since 0.1.0
 */
export type Look<A> =
  | { readonly _tag: "Done"; readonly result: A }
  | { readonly _tag: "GoesOn"; readonly lookAgain: Option.Option<Duration.Duration> }

/**
 * The look that ends the waiting.
 *
 * @category constructors
 * @since 0.1.0
 */
export const done = <A>(result: A): Look<A> => ({ _tag: "Done", result })

/**
 * The look that waits for news.
 *
 * @category constructors
 * @since 0.1.0
 */
export const goesOn: Look<never> = { _tag: "GoesOn", lookAgain: Option.none() }

/**
 * The look that waits for news, but no longer than the given time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const goesOnFor = (duration: Duration.Duration): Look<never> => ({
  _tag: "GoesOn",
  lookAgain: Option.some(duration)
})

/**
 * Looks at the program until that is done. `now` is the monotonic clock in nanoseconds.
 *
 * @category running
 * @since 0.1.0
 */
export const until = <A>(watch: Watch.Watch, look: (sight: Watch.Sight, now: bigint) => Look<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    while (true) {
      const sight = yield* watch.now
      yield* Effect.flatMap(
        Sights,
        Option.match({
          onNone: () => Effect.void,
          onSome: (sights) => Ref.set(sights, Option.some(sight))
        })
      )
      const seen = look(sight, yield* Clock.currentTimeNanos)
      if (seen._tag === "Done") return seen.result
      yield* Option.match(seen.lookAgain, {
        onNone: () => watch.news,
        onSome: (duration) => Effect.raceFirst(watch.news, Effect.sleep(duration))
      })
    }
  })

/**
 * Shows that an effect waits. On a terminal a line says what for, drawn anew each second, and goes in the end; elsewhere a
 * dot is printed each second, the first at once where the program is to come up, as the original does.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withProgress =
  (goal: Progress.Goal) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.scoped(Effect.gen(function*() {
      const sights = yield* Ref.make(Option.none<Watch.Sight>())
      const isDrawn = yield* isRedrawn
      if (isDrawn) yield* Effect.addFinalizer(() => StandardStreams.write(Screen.over(1, "")))
      const first = goal === "up" ? Effect.void : Effect.sleep("1 second")
      const again = Effect.repeat(isDrawn ? draw(goal, sights) : dot, Schedule.spaced("1 second"))
      yield* Effect.forkScoped(Effect.zipRight(first, again))
      return yield* Effect.provideService(effect, Sights, Option.some(sights))
    }))

/**
 * Lets Ctrl-C end an effect: `^C` and exit status 130, and no message of success. A terminal has shown one itself, perhaps
 * behind what is waited for: that line is drawn over.
 *
 * @category combinators
 * @since 0.1.0
 */
export const untilInterrupted = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | CliExit, R> =>
  Effect.scoped(Effect.gen(function*() {
    const signals = yield* Signals.listen(["SIGINT"])
    return yield* Effect.raceFirst(
      effect,
      Queue.take(signals).pipe(
        Effect.zipRight(isRedrawn),
        Effect.flatMap((isRedrawn) => StandardStreams.print(isRedrawn ? Screen.over(1, "^C") : "^C")),
        Effect.zipRight(Effect.fail(new CliExit({ code: 130 })))
      )
    )
  }))

/**
 * Whether the program is to be up by now. Who has given an order, and sees one that contradicts it, asks so whether that came
 * after ours, or just before.
 *
 * @category getters
 * @since 0.1.0
 */
export const isWantedUp = (socket: string): Effect.Effect<boolean, ControlClient.ControlError> =>
  Effect.map(
    ControlClient.request(socket, "status"),
    (reply) => Option.exists(ControlProtocol.parseStatus(reply), ({ shouldBeUp }) => shouldBeUp)
  )

/**
 * What is to be complained of when the manager has gone, or is about to: output that it gave up.
 *
 * @category running
 * @since 0.1.0
 */
export const lost = (watch: Watch.Watch): Effect.Effect<Option.Option<string>> =>
  Effect.map(
    watch.now,
    (sight) =>
      Option.flatMap(Watch.reportOf(sight), ({ leaving, transcriptTroubles = [] }) => {
        const lines = transcriptTroubles.flatMap(({ dropped = 0, error }) =>
          dropped === 0 ? [] : [`${dropped} bytes of output were dropped: ${error}`]
        )
        return leaving === undefined || lines.length === 0 ? Option.none() : Option.some(lines.join("\n"))
      })
  )

/**
 * What came of a start.
 *
 * - `Up`: the program is up, with this pid.
 * - `Ended`: the run ended before it counted as started; `report` is the last one, `isGone` whether the manager is.
 * - `Overtaken`: the program is down, since a newer order wants it so.
 * - `Untested`: the start test cannot be run.
 * - `Refused`: there is no manager, for this reason.
 *
 * @category models
 * @since 0.1.0
 */
export type Started =
  | { readonly _tag: "Up"; readonly pid: number }
  | { readonly _tag: "Ended"; readonly report: Option.Option<Report>; readonly isGone: boolean }
  | { readonly _tag: "Overtaken"; readonly report: Report }
  | { readonly _tag: "Untested"; readonly reason: string }
  | { readonly _tag: "Refused"; readonly message: string; readonly isConflict: boolean; readonly code: number }

/**
 * Looks whether a run later than number `after`, with another pid than `notPid`, is up: its start test has passed, or
 * there is none and it has been up for the start grace. A run that a newer order has ended is followed by what that order
 * brings; the first `orders` orders were given before.
 *
 * @category running
 * @since 0.1.0
 */
export const forStart = (
  options: {
    readonly after: number
    readonly notPid: number
    readonly orders: number
    readonly grace: Duration.Duration
  }
) =>
(sight: Watch.Sight, now: bigint): Look<Started> => {
  switch (sight._tag) {
    case "Refused": {
      const { conflict, exitCode, message } = sight.refusal
      return done({ _tag: "Refused", message, isConflict: conflict, code: exitCode })
    }
    case "Gone":
      return done(
        Option.match(Option.filter(sight.last, isOvertaken(options.orders)), {
          onNone: () => ({ _tag: "Ended", report: sight.last, isGone: true }),
          onSome: (report) => ({ _tag: "Overtaken", report })
        })
      )
    case "Seen": {
      const { report } = sight
      if (isOvertaken(options.orders)(report)) return done({ _tag: "Overtaken", report })
      // Nothing follows from the end of a run that was ordered.
      const hasEnded = report.lastRun?.next !== undefined && report.lastRun.number > options.after
      if (report.leaving !== undefined || (hasEnded && report.shouldBeUp)) {
        return done({ _tag: "Ended", report: Option.some(report), isGone: report.leaving !== undefined })
      }
      const isNew = report.pid !== options.notPid && (report.runs === 0 || report.runs > options.after)
      if (report.activity !== "Running" || !isNew) return goesOn
      switch (report.startTest) {
        case "Testing":
          return goesOn
        case "Passed":
          return done({ _tag: "Up", pid: report.pid })
        case "Failed":
          return done({ _tag: "Untested", reason: report.startTestError ?? "" })
        case "None": {
          const uptime = Duration.sum(Duration.millis(report.uptime), Duration.nanos(now - sight.at))
          return Duration.greaterThanOrEqualTo(uptime, options.grace)
            ? done({ _tag: "Up", pid: report.pid })
            : goesOnFor(Duration.subtract(options.grace, uptime))
        }
      }
    }
  }
}

// ===== Internal

const isOvertaken = (orders: number) => (report: Report): boolean =>
  !report.shouldBeUp && report.orders > orders && (report.leaving !== undefined || report.resting !== undefined)

const isRedrawn = Effect.map(Answer.Answer, ({ isJson }) => Screen.canRedraw() && !isJson)

const dot = StandardStreams.write(". ")

/** Where {@link until} leaves what it saw last, for {@link withProgress}. */
class Sights extends Context.Reference<Sights>()("zdaemon/cli/Waiting/Sights", {
  defaultValue: (): Option.Option<Ref.Ref<Option.Option<Watch.Sight>>> => Option.none()
}) {}

const draw = Effect.fnUntraced(function*(goal: Progress.Goal, sights: Ref.Ref<Option.Option<Watch.Sight>>) {
  const nanos = yield* Clock.currentTimeNanos
  const line = Option.match(yield* Ref.get(sights), {
    onNone: () => Progress.line(goal, undefined, 0),
    onSome: (sight) =>
      sight._tag === "Seen"
        ? Progress.line(goal, sight.report, Number(nanos - sight.at) / 1e6)
        : Progress.line(goal, undefined, 0)
  })
  // With room for the ^C of a terminal.
  yield* StandardStreams.write(Screen.over(1, line.slice(0, Screen.columns() - 3)))
})
