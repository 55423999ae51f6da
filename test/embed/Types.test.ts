/**
 * What the compiler makes of the library: these tests are its verdict, and run as well so as to be counted.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import type { Output, PolicySettings, ProgramState, Verdict } from "../../src/index.ts"
import { PlanInWords, ProcessSpawner, Program, Readiness, RestartPlan, RestartPolicy } from "../../src/index.ts"
import type { PolicyTest } from "../../src/testing.ts"
import { Scenario, ScriptedSpawner, Simulation } from "../../src/testing.ts"

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

describe("the type of a restart plan", () => {
  const plan = RestartPlan.zdaemon({ backoffLimit: 10, forever: false, exitCodes: [0] })

  it("is that of its Schema, with JSON and the texts of settings on the other side", () => {
    expectTypeOf(plan).toEqualTypeOf<RestartPlan.RestartPlan>()
    expectTypeOf<Schema.Schema.Type<typeof RestartPlan.RestartPlan>>().toExtend<RestartPlan.RestartPlan>()
    expectTypeOf<Schema.Schema.Encoded<typeof RestartPlan.RestartPlan>["longest"]>().toEqualTypeOf<number>()
    expectTypeOf<Schema.Schema.Type<typeof PolicySettings.PlanFromSettings>>().toExtend<RestartPlan.RestartPlan>()
    expectTypeOf<Schema.Schema.Encoded<typeof PolicySettings.PlanFromSettings>["giveUpAfter"]>().toEqualTypeOf<
      string | undefined
    >()
    expectTypeOf<Schema.Schema.Context<typeof RestartPlan.RestartPlan>>().toBeNever()
  })

  it("is told by a misspelled tag, and a time that is none", () => {
    // @ts-expect-error: there is no such limit
    void ({ ...plan, limit: { _tag: "Row", count: 3 } } satisfies RestartPlan.RestartPlan)
    // @ts-expect-error: times are durations
    void ({ ...plan, longest: 10 } satisfies RestartPlan.RestartPlan)
  })

  it("becomes a policy, sentences, and a simulation", () => {
    expectTypeOf(RestartPlan.policy(plan)).toEqualTypeOf<RestartPolicy.RestartPolicy>()
    expectTypeOf(PlanInWords.sentences(plan)).toEqualTypeOf<ReadonlyArray<string>>()
    expectTypeOf(Simulation.run(RestartPlan.policy(plan), Scenario.run([]), { span: "1 day" })).toEqualTypeOf<
      Effect.Effect<Simulation.Simulation>
    >()
  })
})
