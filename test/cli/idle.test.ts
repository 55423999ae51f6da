// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** How often a thread of the process has gone to sleep, which is how often one was woken. */
const switches = (pid: number): number =>
  Fs.readdirSync(`/proc/${pid}/task`)
    .map((task) => Fs.readFileSync(`/proc/${pid}/task/${task}/status`, "latin1"))
    .reduce((sum, text) => sum + Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(text)?.[1]), 0)

/**
 * Waits until a process has slept for a second and a half. Whoever looks once a second whether something has happened never
 * does; V8 wakes its threads a few times in the first ten seconds, to tidy up.
 */
const rests = (what: string, pid = NaN) =>
  Effect.gen(function*() {
    assert.isNotNaN(pid, `${what} is not there`)
    const before = switches(pid)
    yield* Effect.sleep("1500 millis")
    return switches(pid) - before
  }).pipe(
    Effect.repeat({ until: (woken) => woken === 0, times: 20 }),
    Effect.map((woken) => assert.strictEqual(woken, 0, `${what} is never idle`))
  )

describe.concurrent("nothing is woken to look again", () => {
  it.scopedLive("while a program runs, and commands wait for what happens to it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const options = ["-p", "sleep 1000", "--start-grace=0", "-t", zdaemon.at("transcript")]
      yield* zdaemon.run(...options, "start")
      const begin = (...words: ReadonlyArray<string>) => zdaemon.begin([...options, ...words])
      const watching = yield* begin("status", "--watch")
      yield* watching.says("run 1 is up")
      const tailing = yield* begin("logtail", "transcript")
      const all = [
        ["the manager", zdaemon.managers()[0]],
        ["status --watch", watching.pid],
        ["logtail", tailing.pid]
      ] as const
      yield* Effect.forEach(all, ([what, pid]) => rests(what, pid), { concurrency: "unbounded", discard: true })
      tailing.signal("SIGINT")
      yield* zdaemon.run(...options, "stop")
      assert.strictEqual((yield* watching.result).code, 3)
    }))

  it.scopedLive("while a restart is due in a minute", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const options = ["-p", "false", "--start-grace=0", "--backoff=constant", "--backoff-base=1m", "-b", "100"]
      yield* zdaemon.run(...options, "start")
      yield* Zdaemon.until(zdaemon.socket, /^backoff=60$/m)
      yield* rests("the manager", zdaemon.managers()[0])
      yield* zdaemon.run(...options, "stop")
    }))

  it.scopedLive("while a manager in the foreground has nothing to do", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const manager = yield* zdaemon.foreground({})
      yield* Zdaemon.until(zdaemon.socket, /^runs=1$/m)
      yield* rests("the manager", manager.pid)
      manager.signal("SIGTERM")
      yield* manager.result
    }))
})
