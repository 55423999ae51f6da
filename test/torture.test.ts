// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Process from "node:process"
import { fileURLToPath } from "node:url"
import * as Zdaemon from "./support/Zdaemon.ts"

const run = fileURLToPath(new URL("torture/run.mjs", import.meta.url))

describe("the transcript, tortured briefly (npm run torture does it at length)", () => {
  for (const part of ["rotation", "reopen", "disk", "binary", "crashes", "killed"]) {
    it.scopedLive(`has the numbers that it has to have: ${part}`, () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const torture = yield* zdaemon.begin([run, "--short", part], {
          file: Process.execPath,
          environment: { TMPDIR: zdaemon.directory }
        })
        const { code, stderr, stdout } = yield* torture.result
        assert.strictEqual(code, 0, stdout + stderr)
      }), 60_000)
  }
})
