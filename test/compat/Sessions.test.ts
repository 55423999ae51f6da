// @effect-diagnostics nodeBuiltinImport:off
/** The sessions of `sessions.md`, executed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as ManualRunner from "../support/ManualRunner.ts"

const executable = Path.resolve(import.meta.dirname, "../../dist/zdaemon.cjs")
const sessions = FileSystem.readFileSync(Path.join(import.meta.dirname, "sessions.md"), "utf8")

describe.concurrent("what the original printed is printed:", () => {
  for (const section of ManualRunner.sections(sessions)) {
    it.scopedLive(section.title, () =>
      Effect.gen(function*() {
        const result = yield* ManualRunner.run(section, { executable, timeout: "2 minutes" })
        assert.strictEqual(ManualRunner.transcript(result.commands), ManualRunner.transcript(section.commands))
        assert.deepStrictEqual(result.leftBehind, [])
      }), 150_000)
  }
})
