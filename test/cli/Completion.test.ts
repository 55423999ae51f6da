// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { actions, interactiveActions } from "../../src/cli/Cli.ts"
import * as Completion from "../../src/cli/Completion.ts"
import * as Live from "../support/Live.ts"

const complete = (line: string, here = "/") => Completion.complete([...actions, ...interactiveActions], line, here)

describe("completion of a line", () => {
  it("takes the first word for an action", () => {
    assert.deepStrictEqual(complete("re"), [["restart ", "reopen_transcript ", "reload "], "re"])
    assert.deepStrictEqual(complete("  quit"), [["quit "], "quit"])
    assert.deepStrictEqual(complete("?kil"), [["kill "], "kil"])
    assert.deepStrictEqual(complete("nothing"), [[], "nothing"])
    assert.deepStrictEqual(complete("")[0].length, actions.length + interactiveActions.length)
  })

  it("takes what follows for what the action takes", () => {
    assert.deepStrictEqual(complete("help sto"), [["stop "], "sto"])
    assert.deepStrictEqual(complete("show "), [["options ", "python ", "all "], ""])
    assert.deepStrictEqual(complete("config --s"), [["--schema "], "--s"])
    assert.deepStrictEqual(complete("stop "), [[], ""])
    assert.deepStrictEqual(complete("start "), [[], ""])
    assert.deepStrictEqual(complete("nothing s"), [[], "s"])
  })

  it("knows signals with and without SIG, in either case", () => {
    assert.deepStrictEqual(complete("kill TER"), [["TERM "], "TER"])
    assert.deepStrictEqual(complete("kill SIGTER"), [["SIGTERM "], "SIGTER"])
    assert.deepStrictEqual(complete("kill hu"), [["hup "], "hu"])
    assert.includeMembers([...complete("kill ")[0]], ["HUP ", "TERM ", "USR1 "])
  })

  it.scopedLive("lists files where a file is meant", () =>
    Effect.gen(function*() {
      const here = yield* Live.directory
      FileSystem.mkdirSync(Path.join(here, "logs"))
      for (const name of ["logs/app", "logs/.hidden", "log"]) FileSystem.writeFileSync(Path.join(here, name), "")
      assert.deepStrictEqual(complete("logtail lo", here), [["log", "logs/"], "lo"])
      assert.deepStrictEqual(complete("logtail logs/", here), [["logs/app"], "logs/"])
      assert.deepStrictEqual(complete("!cat logs/.", here), [["logs/.hidden"], "logs/."])
      assert.deepStrictEqual(complete(`shell ls ${here}/logs/a`, here), [[`${here}/logs/app`], `${here}/logs/a`])
      assert.deepStrictEqual(complete("logtail no/where/", here), [[], "no/where/"])
    }))
})
