// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as OutputPipe from "../../src/process/OutputPipe.ts"
import * as Live from "../support/Live.ts"
import * as Proc from "../support/Proc.ts"

describe("the output pipe", () => {
  it.scopedLive("is one real pipe, which a program can open again by the name of its standard error", () =>
    Effect.gen(function*() {
      const { input, output } = yield* pipe
      assert.isTrue(FileSystem.fstatSync(output).isFIFO())
      ChildProcess.execFileSync("/bin/sh", ["-c", "echo one; echo two > /dev/stderr; echo three > /dev/stdout"], {
        stdio: ["ignore", output, output]
      })
      assert.strictEqual(taken(input), "one\ntwo\nthree\n")
    }))

  it.scopedLive("is empty, and not at its end, while nobody has written", () =>
    Effect.gen(function*() {
      const { input } = yield* pipe
      assert.throws(() => FileSystem.readSync(input, Buffer.alloc(1)), /EAGAIN/)
    }))

  it.scopedLive("makes a program that writes too much wait instead of failing", () =>
    Effect.gen(function*() {
      const { input, output } = yield* pipe
      const child = ChildProcess.spawn("/bin/sh", ["-c", "head -c 200000 /dev/zero && echo done"], {
        stdio: ["ignore", output, output]
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      let text = ""
      yield* Live.until(() => {
        text += taken(input)
        return text.endsWith("done\n")
      })
      assert.strictEqual(text.length, 200_005)
    }))

  it.scopedLive("leaves nothing in the directory for temporary files, and no descriptor when its scope is closed", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      yield* temporaryDirectoryIs(directory)
      const before = Proc.descriptors("self").length
      yield* Effect.scoped(Effect.gen(function*() {
        yield* pipe
        assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
        assert.strictEqual(Proc.descriptors("self").length, before + 2)
      }))
      assert.strictEqual(Proc.descriptors("self").length, before)
    }))

  it.scopedLive("is made elsewhere where there is no directory for temporary files, and leaves nothing there", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      yield* temporaryDirectoryIs("/no/such")
      const { input, output } = yield* OutputPipe.named("output", directory)
      yield* Effect.addFinalizer(() => Effect.sync(() => FileSystem.closeSync(input)))
      FileSystem.writeSync(output, "hello")
      assert.strictEqual(taken(input), "hello")
      assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
    }))

  it.scopedLive("that cannot be made says why, and leaves nothing either", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      yield* temporaryDirectoryIs("/no/such")
      const missing = yield* Effect.flip(OutputPipe.make)
      assert.strictEqual(
        missing.message,
        "can't make a pipe for the program's output: [Errno 2] No such file or directory: '/no/such/zdaemon-XXXXXX'"
      )
      const neither = yield* Effect.flip(OutputPipe.named("output", "/nor/such"))
      assert.strictEqual(neither.message, missing.message)
      yield* temporaryDirectoryIs(directory)
      yield* environmentIs("PATH", "/no/such")
      const toolless = yield* Effect.flip(OutputPipe.make)
      assert.include(toolless.message, "No such file or directory: 'mkfifo'")
      assert.deepStrictEqual(FileSystem.readdirSync(directory), [])
    }))
})

// ===== Internal

/** The pipe, with the end closed that its reader would close. */
const pipe = Effect.tap(
  OutputPipe.make,
  ({ input }) => Effect.addFinalizer(() => Effect.sync(() => FileSystem.closeSync(input)))
)

/** What is in the pipe now. */
const taken = (input: number): string => {
  const buffer = Buffer.alloc(1 << 20)
  try {
    return buffer.toString("latin1", 0, FileSystem.readSync(input, buffer))
  } catch {
    return ""
  }
}

const environmentIs = (name: string, value: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = Process.env[name]
      Process.env[name] = value
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete Process.env[name]
        else Process.env[name] = before
      })
  )

const temporaryDirectoryIs = (directory: string) => environmentIs("TMPDIR", directory)
