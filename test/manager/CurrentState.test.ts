import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as CurrentState from "../../src/manager/CurrentState.ts"
import type { ProgramState } from "../../src/manager/ProgramState.ts"
import { initial } from "../../src/manager/ProgramState.ts"

const next = ({ runs }: ProgramState) => ({ runs: runs + 1 })

describe("CurrentState", () => {
  it.effect("answers with the state before a change", () =>
    Effect.gen(function*() {
      const current = yield* CurrentState.make(initial)
      assert.strictEqual((yield* current.update(next)).runs, 0)
      assert.strictEqual((yield* current.get).runs, 1)
    }))

  it.live("tells every change once and in order, whenever it is asked", () =>
    Effect.gen(function*() {
      // A fiber that yields can be overtaken by the changes at every one of its steps.
      const moments = Array.from({ length: 400 }, (_, i) => ({ steps: 15 + (i % 100), turns: Math.floor(i / 100) * 3 }))
      yield* Effect.forEach(moments, told, { discard: true })
    }))
})

const told = Effect.fnUntraced(function*({ steps, turns }: { readonly steps: number; readonly turns: number }) {
  const current = yield* CurrentState.make(initial)
  const seen: Array<number> = []
  const fiber = yield* current.changes.pipe(
    Stream.runForEach(({ runs }) => Effect.sync(() => void seen.push(runs))),
    Effect.withMaxOpsBeforeYield(steps),
    Effect.fork
  )
  yield* Effect.repeatN(Effect.yieldNow(), turns)
  yield* Effect.repeatN(current.update(next), 2)
  yield* Effect.sleep("1 millis")
  yield* current.update(next)
  yield* Effect.sleep("1 millis")
  yield* Fiber.interrupt(fiber)
  assert.deepStrictEqual(seen, [0, 1, 2, 3, 4].slice(-seen.length), `${steps} steps, ${turns} turns`)
  assert.isAtLeast(seen.length, 2)
})
