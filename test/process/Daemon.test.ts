// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as Isolated from "../support/Isolated.ts"
import * as Live from "../support/Live.ts"

describe.skipIf(!FileSystem.existsSync("/proc/self/fd"))("the standard streams of a daemon", () => {
  it.scopedLive("move to a file when no thread of Node's could be given their numbers", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      assert.deepStrictEqual(yield* Isolated.run("redirect-output.ts", [directory]), [])
      assert.strictEqual(FileSystem.readFileSync(Path.join(directory, "file"), "utf8"), "true\ntrue\n")
    }))
})
