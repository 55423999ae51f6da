// @effect-diagnostics nodeBuiltinImport:off
/** What becomes of an answer that cannot be written, or that nobody reads any more. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** Runs the words of a shell, in which `$zd` is the command. */
const inShell = (zdaemon: Zdaemon.Zdaemon, script: string) =>
  zdaemon.begin(["-c", `zd="$0 $1 -p cat"; ${script}`, process.execPath, Zdaemon.executable], { file: "/bin/sh" })

describe.concurrent("an answer", () => {
  it.scopedLive.skipIf(!Fs.existsSync("/dev/full"))(
    "that cannot be written is a failure, and said so",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const words: ReadonlyArray<readonly [words: string, code: number]> = [
          ["help", 1],
          ["--help", 1],
          ["--version", 1],
          ["stop", 1],
          ["--json stop", 1],
          ["completions bash", 1],
          // It was not 0 before.
          ["status", 3],
          ["--json status", 3]
        ]
        yield* Effect.forEach(words, ([words, code]) =>
          Effect.gen(function*() {
            const result = yield* (yield* inShell(zdaemon, `$zd ${words} > /dev/full`)).result
            assert.deepStrictEqual([words, result.code, result.stdout, result.stderr], [
              words,
              code,
              "",
              "Error: can't write standard output: [Errno 28] No space left on device\n"
            ])
          }), { discard: true })
      })
  )

  it.scopedLive("that nobody reads is none", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      // The reader has gone for certain when the fifo's other end is opened and closed before.
      const script = "mkfifo pipe; exec 3<>pipe; { exec 4>pipe; exec 3>&-; $zd help >&4; echo $?; }"
      const { stderr, stdout } = yield* (yield* inShell(zdaemon, script)).result
      assert.deepStrictEqual([stdout, stderr], ["0\n", ""])
    }))

  it.scopedLive("that goes on ends when nobody reads it any more", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const json of ["", "--json"]) {
        yield* zdaemon.run("-p", "sleep 1000", "--start-grace", "0", "start")
        const watching = yield* inShell(zdaemon, `$0 $1 -p 'sleep 1000' ${json} status --watch | head -n 1; echo over`)
        yield* Zdaemon.eventually("the first line", () => watching.output() !== "")
        yield* zdaemon.run("-p", "sleep 1000", "stop")
        const { stderr, stdout } = yield* watching.result
        assert.match(stdout, /^.*\nover\n$/)
        assert.strictEqual(stderr, "")
      }
    }))
})
