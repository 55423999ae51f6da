/**
 * What the compiler makes of the library: these tests are its verdict, and run as well so as to be counted.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import type { Output, ProgramState, Verdict } from "../../src/index.ts"
import { ProcessSpawner, Program, Readiness, RestartPolicy } from "../../src/index.ts"
import type { PolicyTest } from "../../src/testing.ts"
import { ScriptedSpawner } from "../../src/testing.ts"

class Database extends Program.Tag("test/Database")<Database>() {}
class Web extends Program.Tag("test/Web")<Web>() {}

type Failure = Output.OutputError | Program.StartError

const database = Database.layer({ command: ["postgres"] })

describe("the type of a program", () => {
  it("is its tag's own, with what can go wrong and what it needs", () => {
    expectTypeOf(database).toEqualTypeOf<Layer.Layer<Database, Failure, ProcessSpawner.ProcessSpawner>>()
    expectTypeOf(Program.make({ command: ["sh"] })).toEqualTypeOf<
      Effect.Effect<Program.Program, Failure, ProcessSpawner.ProcessSpawner | Scope.Scope>
    >()
    expectTypeOf(Database.key).toEqualTypeOf<"test/Database">()
  })

  it("tells programs apart", () => {
    const web = Layer.unwrapEffect(Effect.map(Database, () => Web.layer({ command: ["web"] })))
    expectTypeOf(web).toEqualTypeOf<Layer.Layer<Web, Failure, Database | ProcessSpawner.ProcessSpawner>>()
    expectTypeOf(web.pipe(Layer.provideMerge(database), Layer.provide(ProcessSpawner.layer))).toEqualTypeOf<
      Layer.Layer<Database | Web, Failure>
    >()
    expectTypeOf(web).not.toExtend<Layer.Layer<Web, Failure, ProcessSpawner.ProcessSpawner>>()
  })

  it("is that of the service when it is asked for", () => {
    expectTypeOf(Effect.flatMap(Database, ({ start }) => start)).toEqualTypeOf<
      Effect.Effect<void, Program.StartError, Database>
    >()
    expectTypeOf<Program.Program["changes"]>().toEqualTypeOf<Stream.Stream<ProgramState.ProgramState>>()
    expectTypeOf<Program.Program["ended"]>().toEqualTypeOf<Effect.Effect<Verdict.Verdict>>()
  })

  it("wants a command, and knows every field", () => {
    // @ts-expect-error: a command has at least the name of a program
    void (() => Database.layer({ command: [] }))
    // @ts-expect-error: a misspelled field
    void (() => Database.layer({ command: ["sh"], stoptimeout: "1 second" }))
    void (() =>
      Database.layer({
        command: ["sh"],
        policy: RestartPolicy.restartAfter(Schedule.jittered(Schedule.spaced("1 second"))),
        ready: Readiness.test("pg_isready", "-q"),
        stopTimeout: "1 minute",
        killMode: "process"
      }))
  })

  it("is the same on a scripted spawner", () => {
    expectTypeOf(Layer.provideMerge(database, ScriptedSpawner.layer(() => ({})))).toEqualTypeOf<
      Layer.Layer<Database | ProcessSpawner.ProcessSpawner | ScriptedSpawner.ScriptedSpawner, Failure>
    >()
    expectTypeOf<Parameters<typeof PolicyTest.verdicts>[0]>().toEqualTypeOf<RestartPolicy.RestartPolicy>()
  })
})
