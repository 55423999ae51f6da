import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Output from "../../src/embed/Output.ts"
import * as Program from "../../src/embed/Program.ts"
import * as Readiness from "../../src/embed/Readiness.ts"
import { Activity } from "../../src/manager/ProgramState.ts"
import * as RestartPolicy from "../../src/policy/RestartPolicy.ts"
import { ExitStatus } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"
import type { Play } from "../../src/testing/ScriptedSpawner.ts"
import * as ScriptedSpawner from "../../src/testing/ScriptedSpawner.ts"
import { Transcript } from "../../src/transcript/Transcript.ts"

const server = "/bin/sh"
const tester = "/bin/true"
const policy = RestartPolicy.zdaemon({ backoffLimit: 3, forever: false, exitCodes: [0] })
const definition: Program.Definition = { command: [server], policy, output: Output.discard }
const crash = { lifetime: "300 millis", status: ExitStatus.Exited({ code: 1 }) } as const

class Database extends Program.Tag("test/Database")<Database>() {}
class Web extends Program.Tag("test/Web")<Web>() {}

describe("building the layer of a program", () => {
  it.effect("starts it, and waits until it has been up for the grace", () =>
    Effect.gen(function*() {
      const building = yield* Effect.fork(Effect.scoped(Layer.build(Database.layer(definition))))
      yield* TestClock.adjust("999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(building)))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Option.isSome(yield* Fiber.poll(building)))
      assert.deepStrictEqual(yield* begins, [0])
    }).pipe(Effect.provide(world(() => ({})))))

  it.effect("waits until its start test has passed, where it has one", () =>
    Effect.gen(function*() {
      const ready = Readiness.test(tester)
      const building = yield* Effect.fork(Effect.scoped(Layer.build(Database.layer({ ...definition, ready }))))
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(building)))
      yield* TestClock.adjust("1 seconds")
      assert.isTrue(Option.isSome(yield* Fiber.poll(building)))
    }).pipe(Effect.provide(world((file, before) =>
      file === server ? {} : { lifetime: "100 millis", status: ExitStatus.Exited({ code: before < 2 ? 1 : 0 }) }
    ))))

  it.effect("fails with the exit status and the last output when it ends before that, and leaves nothing", () =>
    Effect.gen(function*() {
      const building = yield* Effect.fork(
        Effect.scoped(Layer.build(Database.layer({ ...definition, output: Output.stream })))
      )
      yield* TestClock.adjust("1 hour")
      const error = yield* Effect.flip(Fiber.join(building))
      assert.instanceOf(error, Program.StartError)
      assert.deepStrictEqual(
        error.failure,
        Readiness.Failure.Ended({
          status: ExitStatus.Exited({ code: 1 }),
          uptime: Duration.nanos(300_000_000n),
          output: "no such table\n"
        })
      )
      assert.strictEqual(
        error.message,
        "test/Database did not start: it ended 0.3 s after its start: exit status 1; its last output:\nno such table"
      )
      assert.deepStrictEqual(yield* begins, [0])
    }).pipe(Effect.provide(world(() => ({ ...crash, output: "no such table\n" })))))

  it.effect("fails when that takes longer than the start timeout, and stops it", () =>
    Effect.gen(function*() {
      const building = yield* Effect.fork(Effect.scoped(Layer.build(
        Database.layer({ ...definition, ready: Readiness.test(tester), startTimeout: "10 seconds" })
      )))
      yield* TestClock.adjust("10 seconds")
      const error = yield* Effect.flip(Fiber.join(building))
      assert.instanceOf(error, Program.StartError)
      assert.deepStrictEqual(
        error.failure,
        Readiness.Failure.TookTooLong({ after: Duration.seconds(10), output: "" })
      )
      assert.strictEqual(yield* alive, 0)
    }).pipe(Effect.provide(world((file) => file === server ? {} : crash))))

  it.effect("fails when its start test cannot be run", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Program.make({ ...definition, ready: Readiness.test(tester) }))
      assert.strictEqual(
        error.message,
        "/bin/sh did not start: it is up, but its start test cannot be run: can't exec '/bin/true': EACCES"
      )
    }).pipe(Effect.scoped, Effect.provide(world((file) => file === server ? {} : { refused: "EACCES" }))))

  it.effect("fails when there is no such program, and spawns nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Program.make({ ...definition, command: ["no-such-program", "-x"] }, "web"))
      assert.match(error.message, /^web did not start: can't find program 'no-such-program' on PATH /)
      assert.deepStrictEqual(yield* begins, [])
    }).pipe(
      Effect.scoped,
      Effect.provide(world(() => ({})))
    ))

  const invalid: ReadonlyArray<readonly [reason: string, definition: object]> = [
    ["no program specified", { command: [] }],
    ["no program specified", { ready: { _tag: "Test", command: [] } }],
    ["an argument has a NUL character in it", { command: [server, "a\0b"] }],
    ["an argument has a NUL character in it", { ready: Readiness.test(tester, "\0") }],
    ["the variable 'A' has a NUL character in it", { environment: { A: "a\0b", B: undefined } }],
    ["the directory has a NUL character in it", { directory: "/tmp\0" }],
    ["the stopTimeout -5000 is no length of time", { stopTimeout: -5000 }],
    ["the stopTimeout -5 seconds is no length of time", { stopTimeout: "-5 seconds" }],
    ["the stopTimeout -1 is no length of time", { stopTimeout: -1n }],
    ["the stopTimeout NaN is no length of time", { stopTimeout: Number.NaN }],
    ["the startTimeout soon is no length of time", { startTimeout: "soon" }]
  ]
  it.effect.each(invalid)("fails when %s, and spawns nothing", ([reason, given]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Program.make({ ...definition, ...given }, "web"))
      assert.deepStrictEqual(
        error,
        new Program.StartError({ program: "web", failure: Readiness.Failure.Invalid({ reason }) })
      )
      assert.strictEqual(error.message, `web did not start: ${reason}`)
      assert.deepStrictEqual(yield* begins, [])
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))

  it.effect("fails when it cannot be spawned", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Program.make(definition))
      assert.instanceOf(error, Program.StartError)
      assert.deepStrictEqual(
        Readiness.Failure.$is("Ended")(error.failure) && error.failure.status,
        ExitStatus.NotSpawned({ reason: "can't exec '/bin/sh': EAGAIN" })
      )
    }).pipe(Effect.scoped, Effect.provide(world(() => ({ refused: "EAGAIN" })))))
})

describe("releasing it", () => {
  it.effect("stops the program and returns when it has ended", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      yield* ready(Scope.extend(Layer.build(Database.layer(definition)), scope))
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("2999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Option.isSome(yield* Fiber.poll(closing)))
      assert.strictEqual(yield* alive, 0)
    }).pipe(Effect.provide(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("answers what waits for it, and what is asked of it afterwards", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const program = yield* ready(Scope.extend(Program.make(definition), scope))
      const waiting = yield* Effect.fork(Effect.all([
        Effect.flip(program.restart),
        Effect.map(Stream.runLast(program.changes), Option.map(({ activity }) => activity._tag)),
        program.ended
      ], { concurrency: "unbounded" }))
      yield* TestClock.adjust(0)
      yield* Scope.close(scope, Exit.void)
      const released = new Program.StartError({ program: server, failure: Readiness.Failure.Released() })
      assert.deepStrictEqual(yield* Fiber.join(waiting), [
        released,
        Option.some("Down" as const),
        Verdict.Stay({ reason: "released" })
      ])
      assert.strictEqual(released.message, "/bin/sh did not start: its scope is closed")
      yield* program.stop
      assert.deepStrictEqual(yield* Effect.flip(program.start), released)
      assert.deepStrictEqual(yield* Effect.flip(program.restart), released)
      assert.deepStrictEqual(yield* program.ended, Verdict.Stay({ reason: "released" }))
      assert.strictEqual(yield* Stream.runCount(program.changes), 1)
      yield* Stream.runDrain(program.output)
      yield* program.reopen
      assert.deepStrictEqual((yield* begins).length, 2)
      assert.strictEqual(yield* alive, 0)
    }).pipe(Effect.provide(world(() => ({})))))

  it.effect("leaves it the verdict with which its policy ended it before", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const program = yield* ready(Scope.extend(Program.make({ ...definition, ready: Readiness.grace(0) }), scope))
      yield* TestClock.adjust("1 minute")
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* program.ended, Verdict.GiveUp())
    }).pipe(Effect.provide(world(() => crash))))

  it.effect("stops what depends on it first, and it was started first", () =>
    Effect.gen(function*() {
      const database = Database.layer(definition)
      const web = Layer.unwrapEffect(
        Effect.map(Database, () => Web.layer({ ...definition, command: [tester] }))
      )
      const scope = yield* Scope.make()
      yield* ready(Scope.extend(Layer.build(Layer.provideMerge(web, database)), scope))
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(closing)
      const { lives } = yield* ScriptedSpawner.ScriptedSpawner
      assert.deepStrictEqual(
        (yield* lives).map(({ began, ended, file }) => [file, began, Option.getOrThrow(ended).at]),
        [[server, 0, 7000], [tester, 1000, 5000]]
      )
    }).pipe(Effect.provide(world(() => ({ stopsIn: "2 seconds" })))))
})

describe("a program", () => {
  it.effect("is stopped and started again, each time until that is so", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      yield* TestClock.adjust("9 seconds")
      const stopping = yield* Effect.fork(program.stop)
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* Fiber.poll(stopping)))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(stopping)
      assert.deepStrictEqual((yield* program.status).activity, Activity.Resting({ reason: "stopped" }))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* alive, 0)
      yield* ready(program.start)
      assert.deepStrictEqual(yield* begins, [0, 3_615_000])
      yield* program.start
      assert.strictEqual((yield* begins).length, 2)
      const last = yield* Effect.fork(program.stop)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(last)
    }).pipe(Effect.scoped, Effect.provide(world(() => ({ stopsIn: "3 seconds" })))))

  it.effect("is restarted in a new process", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      yield* ready(program.restart)
      assert.deepStrictEqual((yield* program.status).runs, 2)
      assert.strictEqual(yield* alive, 1)
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))

  it.effect("whose start is overruled by a stop does not start", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      yield* program.stop
      const starting = yield* Effect.fork(program.start)
      yield* TestClock.adjust("500 millis")
      yield* program.stop
      const error = yield* Effect.flip(Fiber.join(starting))
      assert.deepStrictEqual(error.failure, Readiness.Failure.Overruled())
      assert.strictEqual(yield* alive, 0)
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))

  it.effect("is kept up by its policy, whose final verdict can be waited for", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      const ended = yield* Effect.fork(program.ended)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(ended), Verdict.GiveUp())
      assert.deepStrictEqual(yield* begins, [0, 3000, 3300 + 1000, 3300 + 1300 + 2000])
    }).pipe(
      Effect.scoped,
      Effect.provide(world((_, before) => before === 0 ? { ...crash, lifetime: "3 seconds" } : crash))
    ))

  it.effect("has its policy forget earlier ends when that is asked for", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make({ ...definition, ready: Readiness.grace(0) }))
      assert.deepStrictEqual(yield* begins, [0, 1300])
      yield* program.resetBackoff
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* begins, [0, 300 + 1000, 1600 + 2000, 3900 + 1000, 5200 + 2000])
    }).pipe(Effect.scoped, Effect.provide(world(() => crash))))

  it.effect("takes any Schedule as its policy", () =>
    Effect.gen(function*() {
      yield* ready(Program.make({
        ...definition,
        policy: RestartPolicy.restartAfter(
          Schedule.exponential("100 millis").pipe(Schedule.intersect(Schedule.recurs(3)))
        ),
        ready: Readiness.grace(0)
      }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* begins, [0, 400, 900, 1600])
    }).pipe(Effect.scoped, Effect.provide(world(() => crash))))

  it.effect("tells of every change of its state", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      const seen = yield* program.changes.pipe(
        Stream.map(({ activity }) => activity._tag),
        Stream.changes,
        Stream.takeUntil((tag) => tag === "Down"),
        Stream.runCollect,
        Effect.fork
      )
      yield* TestClock.adjust(0)
      yield* program.stop
      assert.deepStrictEqual(Chunk.toArray(yield* Fiber.join(seen)), ["Running", "Stopping", "Down"])
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))

  it.effect("gets signals by their names, and only those that there are", () =>
    Effect.gen(function*() {
      const program = yield* ready(Program.make(definition))
      yield* program.signal("HUP")
      const refused = yield* Effect.either(program.signal("SIGNOTHING"))
      assert.deepStrictEqual(refused, Either.left(new Program.UnknownSignal({ signal: "SIGNOTHING" })))
      yield* program.stop
      assert.strictEqual((yield* Effect.flip(program.signal("HUP"))).message, "the program is not running")
      const { lives } = yield* ScriptedSpawner.ScriptedSpawner
      assert.deepStrictEqual((yield* lives).map(({ signals }) => signals), [["SIGHUP", "SIGTERM"]])
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))

  it.effect("has its output copied by a transcript of your own", () =>
    Effect.gen(function*() {
      const calls: Array<string> = []
      const own = Output.through((input) =>
        Layer.map(Transcript.layerNone(() => {}), (context) =>
          Context.make(
            Transcript,
            Transcript.of({
              ...Context.get(context, Transcript),
              begin: Effect.sync(() => calls.push(`begin ${typeof input}`))
            })
          ))
      )
      yield* ready(Program.make({ ...definition, output: own }))
      assert.deepStrictEqual(calls, ["begin number"])
    }).pipe(Effect.scoped, Effect.provide(world(() => ({})))))
})

describe("a hundred programs in one process", () => {
  it.effect("are looked after apart from one another, on the test clock", () =>
    Effect.gen(function*() {
      const programs = yield* ready(
        Effect.forEach(
          Array.from({ length: 100 }, (_, i) => i),
          (i) => Program.make({ ...definition, ready: Readiness.grace(0) }, `program ${i}`),
          { concurrency: "unbounded" }
        )
      )
      assert.strictEqual(yield* alive, 100)
      yield* Effect.forEach(programs, (program, i) => i % 2 === 0 ? program.stop : Effect.void, { concurrency: 10 })
      assert.strictEqual(yield* alive, 50)
    }).pipe(
      Effect.scoped,
      Effect.zipRight(Effect.map(alive, (count) => assert.strictEqual(count, 0))),
      Effect.provide(world(() => ({})))
    ), 60_000)
})

const world = (play: Play) => Layer.merge(ScriptedSpawner.layer(play), Logger.minimumLogLevel(LogLevel.None))

/** Carries out what takes the time of a grace or less. */
const ready = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.fork(effect), (fiber) => Effect.zipRight(TestClock.adjust("3 seconds"), Fiber.join(fiber)))

const lives = Effect.flatMap(ScriptedSpawner.ScriptedSpawner, ({ lives }) => lives)

const begins = Effect.map(lives, (lives) => lives.map(({ began }) => began))

const alive = Effect.map(lives, (lives) => lives.filter(({ ended }) => Option.isNone(ended)).length)
