/**
 * The documented defaults of other tools as plans, and what their documentation says comes of them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RestartPlan from "../../src/policy/RestartPlan.ts"
import type { Run } from "../../src/policy/Run.ts"
import * as Simulation from "../../src/policy/Simulation.ts"
import { describeVerdict } from "../../src/policy/Verdict.ts"
import * as Plans from "../support/Plans.ts"

const none: RestartPlan.RestartPlan = {
  backoff: { _tag: "Constant", base: Duration.millis(10) },
  longest: Duration.days(1),
  jitter: 0,
  resetAfter: Option.none(),
  limit: { _tag: "Never" },
  surrender: { _tag: "Stay" },
  exitCodes: [],
  rules: []
}

/**
 * supervisord.org, "[program:x]": startsecs 1, startretries 3 "serial failure attempts that supervisord will allow",
 * autorestart unexpected with exitcodes 0. "supervisord.org/subprocess.html": each retry takes a second more, then FATAL.
 */
const supervisor: RestartPlan.RestartPlan = {
  ...none,
  backoff: { _tag: "Linear", base: Duration.seconds(1) },
  resetAfter: Option.some(Duration.seconds(1)),
  limit: { _tag: "InARow", count: 4 },
  rules: [{ ending: { _tag: "Exited", codes: [0] }, reaction: { _tag: "Stay" } }]
}

/**
 * systemd.service(5): Restart=on-failure, RestartSec= 100ms, clean are 0 and SIGHUP, SIGINT, SIGTERM, SIGPIPE.
 * systemd.unit(5) with systemd-system.conf(5): StartLimitIntervalSec= 10s, StartLimitBurst= 5 starts.
 */
const systemd: RestartPlan.RestartPlan = {
  ...none,
  backoff: { _tag: "Constant", base: Duration.millis(100) },
  limit: { _tag: "Within", count: 5, window: Duration.seconds(10) },
  rules: [
    { ending: { _tag: "Exited", codes: [0] }, reaction: { _tag: "Stay" } },
    { ending: { _tag: "Signaled", signals: ["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"] }, reaction: { _tag: "Stay" } }
  ]
}

/**
 * pm2.keymetrics.io, ecosystem file: max_restarts counts "consecutive unstable restarts (less than 1sec interval or custom
 * time via min_uptime)" before an app "is considered errored"; without it 16 (pm2's lib/God.js). restart_delay 0, here the
 * least wait.
 */
const pm2: RestartPlan.RestartPlan = {
  ...none,
  resetAfter: Option.some(Duration.seconds(1)),
  limit: { _tag: "InARow", count: 16 }
}

/** runsv(8): ./run is restarted whenever it exits; when it exits immediately, runsv waits a second before. */
const runit: RestartPlan.RestartPlan = {
  ...none,
  backoff: { _tag: "Constant", base: Duration.seconds(1) },
  resetAfter: Option.some(Duration.seconds(1))
}

/**
 * kubernetes.io, "Pod Lifecycle", restartPolicy Always: "an exponential back-off delay (10s, 20s, 40s, …), that is capped
 * at 300 seconds", and reset "once a container has executed for 10 minutes without any problems".
 */
const kubernetes: RestartPlan.RestartPlan = {
  ...none,
  backoff: { _tag: "Exponential", base: Duration.seconds(10), factor: 2 },
  longest: Duration.seconds(300),
  resetAfter: Option.some(Duration.minutes(10))
}

/**
 * erlang.org, "Supervisor Behaviour", a permanent child: "If more than MaxR number of restarts occur in the last MaxT
 * seconds, the supervisor terminates"; intensity defaults to 1 and period to 5. It restarts at once, here after the least wait.
 */
const otp: RestartPlan.RestartPlan = {
  ...none,
  limit: { _tag: "Within", count: 2, window: Duration.seconds(5) },
  surrender: { _tag: "Exit" }
}

const simulate = (plan: RestartPlan.RestartPlan, run: Run, span: Duration.DurationInput) =>
  Effect.map(
    Simulation.run(RestartPlan.policy(plan), () => Effect.succeedSome(run), { span }),
    ({ final, lives, restarts, runs }) => ({
      runs,
      restarts,
      waits: lives.flatMap(({ verdict }) => verdict._tag === "Restart" ? [Duration.toSeconds(verdict.backoff)] : []),
      final: Option.getOrUndefined(Option.map(final, ({ verdict }) => describeVerdict(verdict)))
    })
  )

const crash = Plans.exited(1)

describe("the defaults of", () => {
  it.effect("supervisor start a program that fails at once four times, and leave it FATAL", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* simulate(supervisor, crash, "1 days"), {
        runs: 4,
        restarts: 3,
        waits: [1, 2, 3],
        final: "gave up: restarting too frequently; stays down"
      })
      const later = yield* simulate(supervisor, Plans.exited(1, "1 seconds"), "1 hours")
      assert.deepStrictEqual([later.restarts, later.final], [3599, undefined], "after startsecs no retry is counted")
      const expected = yield* simulate(supervisor, Plans.exited(0, "1 minutes"), "1 hours")
      assert.deepStrictEqual(expected.runs, 1, "an expected exit status")
    }))

  it.effect("systemd allow five starts in ten seconds, and any number of them that are further apart", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* simulate(systemd, crash, "1 days"), {
        runs: 5,
        restarts: 4,
        waits: [0.1, 0.1, 0.1, 0.1],
        final: "gave up: 5 ends in 10 s; stays down"
      })
      const slow = yield* simulate(systemd, Plans.exited(1, "3 seconds"), "1 hours")
      assert.deepStrictEqual([slow.restarts, slow.final], [1161, undefined], "the limit is out of reach")
      assert.strictEqual((yield* simulate(systemd, Plans.signaled("SIGTERM"), "1 hours")).runs, 1, "a clean signal")
    }))

  it.effect("pm2 leave a program errored after sixteen unstable runs", () =>
    Effect.gen(function*() {
      const unstable = yield* simulate(pm2, crash, "1 days")
      assert.deepStrictEqual([unstable.runs, unstable.final], [16, "gave up: restarting too frequently; stays down"])
      assert.strictEqual((yield* simulate(pm2, Plans.exited(1, "1 seconds"), "1 hours")).restarts, 3599)
    }))

  it.effect("runit start a program once a second for ever", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual([(yield* simulate(runit, crash, "1 hours")).restarts], [3599])
      assert.deepStrictEqual((yield* simulate(runit, Plans.exited(0, "20 minutes"), "1 hours")).waits, [0, 0])
    }))

  it.effect("Kubernetes wait for 10, 20, 40, 80, 160 and then 300 seconds, and begin anew after ten good minutes", () =>
    Effect.gen(function*() {
      const { final, restarts, waits } = yield* simulate(kubernetes, crash, "1 hours")
      assert.deepStrictEqual(waits.slice(0, 8), [10, 20, 40, 80, 160, 300, 300, 300])
      assert.deepStrictEqual([restarts, final], [15, undefined])
      const runs = [crash, crash, crash, Plans.exited(1, "10 minutes"), crash, crash]
      const recovering = yield* Simulation.run(
        RestartPlan.policy(kubernetes),
        (number) => Effect.succeed(Option.fromNullable(runs[number])),
        { span: "1 days" }
      )
      assert.deepStrictEqual(
        recovering.lives.map(({ verdict }) => describeVerdict(verdict)),
        [
          "restarts in 10 s",
          "restarts in 20 s",
          "restarts in 40 s",
          "restarts now",
          "restarts in 10 s",
          "restarts in 20 s"
        ]
      )
    }))

  it.effect("OTP terminate at the second restart within five seconds", () =>
    Effect.gen(function*() {
      const quick = yield* simulate(otp, crash, "1 days")
      assert.deepStrictEqual([quick.restarts, quick.final], [1, "2 ends in 5 s; gave up"])
      const slow = yield* simulate(otp, Plans.exited(1, "5 seconds"), "1 hours")
      assert.deepStrictEqual(slow.final, undefined, "one in five seconds is allowed")
    }))
})
