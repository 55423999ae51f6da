import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Supervised } from "../../src/manager/Supervised.ts"

describe("a supervised fiber", () => {
  it.scoped("is started again after growing pauses, five times, and then all has failed of its cause", () =>
    Effect.gen(function*() {
      const { failed, fork } = yield* Supervised
      const watching = yield* Effect.fork(failed)
      const begins: Array<number> = []
      yield* fork("the copy", Effect.zipRight(noteTime(begins), Effect.fail("full")))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(begins, [0, 100, 300, 700, 1500])
      assert.isTrue(Option.isNone(yield* Fiber.poll(watching)))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(begins, [0, 100, 300, 700, 1500, 3100])
      const exit = yield* Fiber.await(watching)
      assert.strictEqual(Exit.isFailure(exit) && Cause.isDie(exit.cause) && Cause.squash(exit.cause), "full")
    }).pipe(Effect.provide(Supervised.layer)))

  it.scoped("is started again after a defect as well, and goes on when that was all", () =>
    Effect.gen(function*() {
      const { failed, fork } = yield* Supervised
      const watching = yield* Effect.fork(failed)
      const begins: Array<number> = []
      yield* fork(
        "the socket",
        Effect.zipRight(
          noteTime(begins),
          Effect.suspend(() => begins.length < 3 ? Effect.dieMessage("oh") : Effect.never)
        )
      )
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(begins, [0, 100, 300])
      assert.isTrue(Option.isNone(yield* Fiber.poll(watching)))
    }).pipe(Effect.provide(Supervised.layer)))

  it.scoped("may end by itself", () =>
    Effect.gen(function*() {
      const { fork } = yield* Supervised
      const begins: Array<number> = []
      yield* fork("supervision", noteTime(begins))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(begins, [0])
    }).pipe(Effect.provide(Supervised.layer)))

  it.effect("ends with the scope and is not started again", () =>
    Effect.gen(function*() {
      const begins: Array<number> = []
      const ends: Array<number> = []
      yield* Effect.scoped(Effect.gen(function*() {
        const { fork } = yield* Supervised
        yield* fork(
          "the socket",
          Effect.zipRight(noteTime(begins), Effect.never).pipe(Effect.ensuring(noteTime(ends)))
        )
        yield* TestClock.adjust("1 second")
      }))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([begins, ends], [[0], [1000]])
    }).pipe(Effect.provide(Supervised.layer)))

  it.scoped("has each of its failures logged with its name", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make(({ annotations, logLevel, message }) => {
        assert.strictEqual(HashMap.size(annotations), 0)
        lines.push(`${logLevel.label} ${String(message)}`)
      })
      const { fork } = yield* Supervised
      yield* Effect.provide(fork("the copy", Effect.fail("full")), Logger.replace(Logger.defaultLogger, logger))
      yield* TestClock.adjust("200 millis")
      assert.strictEqual(lines.length, 2)
      for (const line of lines) assert.match(line, /^ERROR the copy failed: .*full/)
    }).pipe(Effect.provide(Supervised.layer)))
})

// ===== Internal

const noteTime = (times: Array<number>) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    times.push(now)
  })
