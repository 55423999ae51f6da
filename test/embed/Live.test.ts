// @effect-diagnostics nodeBuiltinImport:off
/**
 * Embedded programs that are real processes: what they leave behind, which is nothing.
 *
 * @since 0.1.0
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import * as Supervisor from "effect/Supervisor"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as Output from "../../src/embed/Output.ts"
import * as Program from "../../src/embed/Program.ts"
import * as Readiness from "../../src/embed/Readiness.ts"
import { ExitStatus } from "../../src/policy/Run.ts"
import * as ProcessSpawner from "../../src/process/ProcessSpawner.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

const atOnce = Readiness.grace(0)

describe("a thousand programs", () => {
  it.live("are started and stopped, and leave no process, descriptor, timer or fiber", () =>
    Effect.gen(function*() {
      const supervisor = yield* Supervisor.track
      // What Node itself opens for its first child and its first socket stays.
      yield* Effect.scoped(Program.make({ command: ["sleep", "1000"], ready: atOnce }))
      const before = yield* left
      const started = yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, i) => i),
        (i) =>
          Effect.scoped(Effect.gen(function*() {
            const program = yield* Program.make({
              command: ["sleep", "1000"],
              ready: atOnce,
              output: i % 20 === 0 ? Output.stream : Output.discard
            })
            return yield* program.status
          })),
        { concurrency: 100 }
      ).pipe(Effect.supervised(supervisor))
      const pids = started.flatMap(({ activity }) => activity._tag === "Running" ? [activity.pid] : [])
      assert.strictEqual(pids.length, 1000)
      assert.deepStrictEqual(pids.filter(Zdaemon.isAlive), [])
      const after = yield* left
      assert.deepStrictEqual([after.descriptors, after.children], [before.descriptors, before.children])
      assert.isAtMost(after.timers, before.timers)
      assert.strictEqual((yield* supervisor.value).length, 0)
    }).pipe(Effect.provide(surroundings)), 180_000)
})

describe("a program's output", () => {
  it.scopedLive("is a stream that begins with what it wrote last, goes on through restarts, and ends with the program", () =>
    Effect.gen(function*() {
      const texts: Array<string> = []
      const twice = yield* Deferred.make<void>()
      const reading = yield* Effect.scoped(Effect.gen(function*() {
        const program = yield* Program.make({
          command: ["sh", "-c", "echo up $$; exec sleep 1000"],
          ready: Readiness.test("true")
        })
        const reading = yield* Stream.runForEach(Stream.decodeText(program.output), (text) => {
          texts.push(text)
          return texts.join("").split("up").length > 2 ? Deferred.succeed(twice, undefined) : Effect.void
        }).pipe(Effect.forkDaemon)
        yield* program.restart
        yield* Deferred.await(twice)
        return reading
      }))
      yield* Fiber.join(reading)
      assert.match(texts.join(""), /^up \d+\nup \d+\n$/)
    }).pipe(Effect.provide(surroundings)))

  it.scopedLive("makes the program wait for a reader that is slow, and loses nothing", () =>
    Effect.gen(function*() {
      const { at, exists, read } = yield* Zdaemon.make
      const blocks = "while [ $i -lt 80 ]; do head -c 100000 /dev/zero; i=$((i+1)); echo $i > $FILE; done"
      const program = yield* Program.make({
        command: ["sh", "-c", `mkfifo $GO; read go < $GO; i=0; ${blocks}; echo; echo written; exec sleep 1000`],
        environment: { FILE: at("written"), GO: at("go") },
        ready: atOnce
      })
      let taken = 0
      let ahead = 0
      yield* program.output.pipe(
        Stream.tap((bytes) =>
          Effect.sync(() => {
            taken += bytes.length
            ahead = Math.max(ahead, Number(read("written")) * 100_000 - taken)
          }).pipe(Effect.zipRight(Effect.sleep("1 millis")))
        ),
        Stream.takeUntil((bytes) => new TextDecoder().decode(bytes).endsWith("written\n")),
        Stream.runDrain,
        Effect.zipLeft(
          // Written before it is a FIFO it would be a file, of which mkfifo complains.
          Effect.map(
            Zdaemon.eventually("the FIFO", () => exists("go")),
            () => FileSystem.writeFileSync(at("go"), "go\n")
          ),
          { concurrent: true }
        )
      )
      assert.strictEqual(taken, 8_000_000 + "\nwritten\n".length)
      // What is held, one block more, and the pipe.
      assert.isAtMost(ahead, (1024 + 64 + 64 + 64) * 1024)
    }).pipe(Effect.provide(surroundings)))

  it.scopedLive("is appended to a file, which is opened anew when it was renamed", () =>
    Effect.gen(function*() {
      const { at, read } = yield* Zdaemon.make
      const program = yield* Program.make({
        command: ["sh", "-c", "echo up; exec sleep 1000"],
        ready: Readiness.test("test", "-s", at("log")),
        output: Output.file(at("log"))
      })
      assert.strictEqual(read("log"), "up\n")
      FileSystem.renameSync(at("log"), at("log.1"))
      yield* program.reopen
      yield* program.restart
      assert.deepStrictEqual([read("log.1"), read("log")], ["up\n", "up\n"])
    }).pipe(Effect.provide(surroundings)))

  it.live("is in the error when the program does not start", () =>
    Effect.gen(function*() {
      const error = yield* Program.make({ command: ["sh", "-c", "echo no config >&2; exit 3"] }).pipe(
        Effect.scoped,
        Effect.flip
      )
      assert.instanceOf(error, Program.StartError)
      const { failure } = error
      assert.isTrue(Readiness.Failure.$is("Ended")(failure))
      if (Readiness.Failure.$is("Ended")(failure)) {
        assert.deepStrictEqual([failure.status, failure.output], [ExitStatus.Exited({ code: 3 }), "no config\n"])
      }
    }).pipe(Effect.provide(surroundings)))
})

describe("a program's environment", () => {
  it.scopedLive("is this process's with what the definition says, and its directory is the definition's", () =>
    Effect.gen(function*() {
      const { directory } = yield* Zdaemon.make
      const program = yield* Program.make({
        command: ["sh", "-c", "echo $ADDED ${HOME-none} $(pwd); exec sleep 1000"],
        environment: { ADDED: "a b", HOME: undefined },
        directory,
        ready: atOnce
      })
      const text = yield* Stream.decodeText(program.output).pipe(
        Stream.splitLines,
        Stream.take(1),
        Stream.runCollect
      )
      assert.deepStrictEqual(Chunk.toArray(text), [`a b none ${directory}`])
    }).pipe(Effect.provide(surroundings)))
})

const surroundings = Layer.merge(ProcessSpawner.layer, Logger.minimumLogLevel(LogLevel.None))

/** What this process holds: descriptors, timers, children. */
const left = Effect.sync(() => ({
  descriptors: FileSystem.readdirSync("/proc/self/fd").length,
  timers: Process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length,
  children: FileSystem.readFileSync(`/proc/self/task/${Process.pid}/children`, "utf8").trim()
}))
