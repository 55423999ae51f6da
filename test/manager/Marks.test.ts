import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { History } from "../../src/history/History.ts"
import * as Marks from "../../src/manager/Marks.ts"
import { ExitStatus } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"
import { Transcript } from "../../src/transcript/Transcript.ts"

const run = {
  number: 3,
  pid: Option.some(812),
  status: ExitStatus.Signaled({ signal: "SIGSEGV" }),
  uptime: Duration.seconds(182),
  output: new Uint8Array(),
  next: Option.some(Verdict.Restart({ backoff: Duration.seconds(4) }))
}

describe("a mark", () => {
  for (
    const [change, line] of [
      [{}, "pid 812 terminated by SIGSEGV after 3m2s; restart in 4s"],
      [
        { status: ExitStatus.Exited({ code: 1 }), uptime: Duration.millis(1239) },
        "pid 812 exited with status 1 after 1.23s; restart in 4s"
      ],
      [
        { uptime: Duration.minutes(301), next: Option.some(Verdict.Restart({ backoff: Duration.zero })) },
        "pid 812 terminated by SIGSEGV after 5h1m; restart now"
      ],
      [
        { uptime: Duration.hours(50), next: Option.some(Verdict.GiveUp()) },
        "pid 812 terminated by SIGSEGV after 2d2h; restarting too frequently; gave up"
      ],
      [
        { status: ExitStatus.Exited({ code: 0 }), next: Option.some(Verdict.Exit({ code: 0 })) },
        "pid 812 exited with status 0 after 3m2s; exit code 0 is in exit-codes; not restarted"
      ],
      [{ next: Option.none() }, "pid 812 terminated by SIGSEGV after 3m2s; ended by an order"],
      [
        { pid: Option.none(), status: ExitStatus.NotSpawned({ reason: "can't exec 'x': REASON" }) },
        "not started: can't exec 'x': REASON; restart in 4s"
      ]
    ] as const
  ) {
    it(`says ${line}`, () => {
      assert.strictEqual(Marks.ending({ ...run, ...change }), `-- zdaemon: ${line}`)
    })
  }

  it.effect("is written for each run, and the history is told as well", () =>
    Effect.gen(function*() {
      const told: Array<string> = []
      const tell = (what: string) => () => Effect.sync(() => void told.push(what))
      const below = Layer.succeed(
        History,
        History.of({
          began: tell("began"),
          ended: tell("ended"),
          ordered: tell("ordered"),
          over: tell("over"),
          settled: Effect.void
        })
      )
      const transcript = Transcript.layerNone((line) => told.push(line))
      const history = yield* Effect.provide(History, Marks.layer.pipe(Layer.provide([below, transcript])))
      yield* history.began({ number: 3, pid: 812 })
      yield* history.ended(run)
      yield* history.ordered("stop")
      yield* history.over("stopped")
      assert.deepStrictEqual(told, [
        "-- zdaemon: pid 812 started, run 3",
        "began",
        "-- zdaemon: pid 812 terminated by SIGSEGV after 3m2s; restart in 4s",
        "ended",
        "ordered",
        "over"
      ])
    }))
})
