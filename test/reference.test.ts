// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it } from "@effect/vitest"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as Reference from "./support/Reference.ts"

const file = Path.resolve(import.meta.dirname, "../docs/reference.md")

describe("docs/reference.md", () => {
  it("says what the program's tables say; UPDATE_REFERENCE=1 writes it anew", () => {
    const reference = Reference.render()
    if (Process.env["UPDATE_REFERENCE"] === "1") FileSystem.writeFileSync(file, reference)
    assert.strictEqual(FileSystem.readFileSync(file, "utf8"), reference)
  })
})
