// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it, vi } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as Fs from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import { actions } from "../../src/cli/Cli.ts"
import * as Documents from "../../src/cli/Documents.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const folder = Path.resolve(import.meta.dirname, "../../docs/schemas")

const json = Schema.encodeSync(Schema.parseJson(Schema.Unknown, { space: 2 }))

const published = (name: string) => Fs.readFileSync(Path.join(folder, `${name}.json`), "utf8")

const parse = Schema.decodeUnknownSync(Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown })))

/** A version of a document may get more fields, so that whoever checks one must not mind them. */
const jsonSchema = (ast: AST.AST) => {
  const definitions = {}
  const schema = JSONSchema.fromAST(ast, {
    definitions,
    target: "jsonSchema2020-12",
    additionalPropertiesStrategy: "allow"
  })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema, $defs: definitions }
}

/** Checks what was printed with the published schema that it names, and answers with it. */
const valid = (text: string): { readonly [key: string]: unknown } => {
  const document = parse(text)
  const name = /^zdaemon\/([a-z-]+)\/\d+$/.exec(String(document["schema"]))?.[1] ?? "none"
  const check = new Ajv2020({ strict: false }).compile(parse(published(name)))
  assert.isTrue(check(document), `${text}\n${json(check.errors)}`)
  // What our own schema does not know should be in it.
  const ast = Documents.all.find((document) => document.name === name)?.schema().ast
  if (ast !== undefined) Schema.decodeUnknownSync(Schema.make(ast), { onExcessProperty: "error" })(document)
  return document
}

describe("docs/schemas", () => {
  for (const { name, schema } of Documents.all) {
    it(`${name}.json is the schema of what is printed; UPDATE_SCHEMAS=1 writes it anew`, () => {
      const text = `${json(jsonSchema(schema().ast))}\n`
      if (Process.env["UPDATE_SCHEMAS"] === "1") Fs.writeFileSync(Path.join(folder, `${name}.json`), text)
      assert.strictEqual(published(name), text)
      assert.match(text, new RegExp(`"zdaemon/${name}/\\d+"`))
    })
  }

  it("has nothing else", () =>
    assert.sameMembers(Fs.readdirSync(folder), Documents.all.map(({ name }) => `${name}.json`)))
})

describe.concurrent("--json", () => {
  it.scopedLive("has every step of a program's life answered with one document and nothing else", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const sleep = ["-p", "sleep 1000"] as const
      const answer = (words: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run(...words), ({ code, stdout }) => {
          const { exitCode, outcome } = valid(stdout)
          assert.strictEqual(code, exitCode)
          return [code, outcome]
        })
      assert.deepStrictEqual(yield* answer([...sleep, "stop", "--json"]), [0, "manager-not-running"])
      assert.deepStrictEqual(yield* answer(["-p", "sleep", "--json", "start", "1000"]), [0, "started"])
      assert.deepStrictEqual(yield* answer([...sleep, "--json", "start"]), [0, "already-running"])
      assert.deepStrictEqual(yield* answer([...sleep, "--json", "restart"]), [0, "restarted"])
      assert.deepStrictEqual(yield* answer([...sleep, "reopen_transcript", "--json"]), [0, "reopened"])
      assert.deepStrictEqual(yield* answer([...sleep, "kill", "0x", "--json"]), [1, undefined])
      assert.deepStrictEqual(yield* answer([...sleep, "kill", "URG", "--json"]), [0, "signal-sent"])
      assert.deepStrictEqual(yield* answer([...sleep, "--json", "stop"]), [0, "stopped"])
      assert.deepStrictEqual(yield* answer([...sleep, "wait", "--json"]), [0, "stopped"])
    }))

  it.scopedLive("has a start that fails say why", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run("-b1", "-p", "false", "--json", "start")
      const { errors, messages, outcome } = valid(stdout)
      assert.deepStrictEqual([code, outcome, messages], [1, "manager-not-running", ["daemon manager not running"]])
      assert.match(String(errors), /exit status 1; restarting too frequently; gave up/)
    }))

  it.scopedLive("has the status in a document of its own, on a line each where it goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const words = ["-p", "sh -c 'echo hello; exit 3'", "-b0"] as const
      const absent = yield* zdaemon.run(...words, "status", "--json")
      assert.deepInclude(valid(absent.stdout), { schema: "zdaemon/status/1", state: "absent", exitCode: 3 })
      assert.strictEqual(absent.code, 3)
      yield* zdaemon.run(...words, "start")
      const watching = yield* zdaemon.begin([...words, "--json", "status", "--watch"])
      yield* watching.says("\"state\":\"running\"")
      yield* watching.says("\"state\":\"waiting\"")
      yield* zdaemon.run(...words, "stop")
      const { stderr, stdout } = yield* watching.result
      assert.strictEqual(stderr, "")
      const documents = stdout.trimEnd().split("\n").map(valid)
      assert.strictEqual(documents.at(-1)?.["state"], "absent")
      const waiting = documents.find(({ state }) => state === "waiting")
      assert.containsAllKeys(waiting, ["nextStart", "lastRun", "manager", "run"])
      assert.deepInclude(waiting?.["lastRun"], { end: "exit status 3", output: ["hello"] })
      yield* zdaemon.run("-p", "sleep 1000", "start")
      const up = valid((yield* zdaemon.run("-p", "sleep 1000", "status", "--json")).stdout)
      assert.deepInclude(up, { state: "running", run: 1, program: ["sleep", "1000"], shouldBeUp: true })
      assert.match(String(up["since"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }))

  it.scopedLive("has the configuration shown, and checked", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const printed = (...words: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run("-p", "sleep 1000", ...words), ({ stdout }) => valid(stdout)["schema"])
      assert.strictEqual(yield* printed("config", "--json"), "zdaemon/config/1")
      assert.strictEqual(yield* printed("--json", "config"), "zdaemon/config/1")
      assert.strictEqual(yield* printed("check", "--json"), "zdaemon/check/1")
      assert.strictEqual(yield* printed("show", "all", "--json"), "zdaemon/show/1")
      const wrong = yield* zdaemon.run("-p", "./nothing", "--json", "check")
      assert.strictEqual(wrong.code, 2)
      assert.deepInclude(valid(wrong.stdout), { isFine: false })
      const misuse = yield* zdaemon.run("-p", "sleep 1000", "check", "now", "--json")
      assert.deepInclude(valid(misuse.stdout), { exitCode: 2, errors: ["check takes no arguments"] })
    }))

  it.scopedLive("has what is past told, a crash and all of them", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const crash = ["-b1", "--reset-after", "never", "-p", "sh -c 'echo oops; exit 3'"] as const
      const printed = (...words: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run(...crash, ...words), ({ stdout }) => valid(stdout))
      assert.deepInclude(yield* printed("crashes", "--json"), { schema: "zdaemon/crashes/1", crashes: [] })
      assert.deepInclude(yield* printed("history", "--json"), { schema: "zdaemon/history/1", events: [] })
      yield* zdaemon.run(...crash, "start")
      const { crashes } = yield* printed("crashes", "--json")
      assert.lengthOf(Array.isArray(crashes) ? crashes : [], 1)
      const { events } = yield* printed("history", "--json")
      assert.isAbove(Array.isArray(events) ? events.length : 0, 2)
      assert.deepInclude(yield* printed("crashes", "1", "--json"), { schema: "zdaemon/crash/1", number: 1 })
      const errors = ["there is no crash 2; \"crashes\" lists all that are known"]
      assert.deepInclude(yield* printed("crashes", "2", "--json"), { exitCode: 1, errors })
    }))

  it.scopedLive("has the policy explained, and simulated", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("other.conf", "<runner>\n  program sleep 1000\n  backoff fibonacci\n</runner>\n")
      const printed = (...words: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run("-p", "sleep 1000", ...words), ({ stdout }) => valid(stdout)["schema"])
      assert.strictEqual(yield* printed("explain", "--json"), "zdaemon/explain/1")
      const rich = ["--on-exit", "75 after 60s", "--on-signal", "SEGV at most 3 in 1h", "--give-up", "retry after 10m"]
      assert.strictEqual(yield* printed(...rich, "--backoff", "exponential", "explain", "--json"), "zdaemon/explain/1")
      assert.strictEqual(yield* printed("simulate", "--json"), "zdaemon/simulate/1")
      assert.strictEqual(yield* printed("simulate", "--against", "other.conf", "--json"), "zdaemon/simulate/1")
    }))

  it.scopedLive("has what is refused answered, with what to do about it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const hints = ["For help, use zdaemon -h"]
      const refusals: ReadonlyArray<readonly [ReadonlyArray<string>, number, string, ReadonlyArray<string>]> = [
        [["--json", "strat"], 2, "*** Unknown syntax: strat", ["Did you mean start?"]],
        [["--json", "--bogus", "status"], 2, "option --bogus not recognized", hints],
        [
          ["--json", "-b", "x", "status"],
          2,
          "invalid value for -b 'x': invalid literal for int() with base 10: 'x'",
          hints
        ],
        [["--json", "status"], 2, "no program specified; use -p or -C", hints],
        [
          ["-p", "sleep 1000", "-X", "a/b=c", "--json"],
          2,
          "configuration overrides (-X) cannot be used without a configuration file",
          hints
        ],
        [["--json"], 2, "no program specified; use -p or -C", hints],
        [["-p", "sleep 1000", "--json", "status", "foo"], 1, "status argument must be absent or -l", []],
        [["--json", "kill", "HPU"], 1, "invalid signal 'HPU'", ["Did you mean HUP?"]]
      ]
      for (const [words, exitCode, error, hints] of refusals) {
        const { code, stderr, stdout } = yield* zdaemon.run(...words)
        assert.strictEqual(code, exitCode)
        assert.deepInclude(valid(stdout), { exitCode, errors: [error], messages: [], hints })
        assert.include(stderr, error)
      }
    }))

  it.scopedLive("has what the original refuses on standard output among the errors", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const shown = yield* zdaemon.run("--json", "show", "me")
      const refusal = "'ZDCmd' object has no attribute 'show_me'"
      assert.deepInclude(valid(shown.stdout), { exitCode: 2, errors: [refusal] })
      assert.strictEqual(shown.stderr, `${refusal}\n`)
      yield* zdaemon.run("-p", "sleep 1000", "--start-grace", "0", "start")
      const errors = ["To run the program in the foreground, please stop it first."]
      const refused = yield* zdaemon.run("-p", "sleep 1000", "--json", "fg")
      assert.deepInclude(valid(refused.stdout), { exitCode: 1, errors, messages: [] })
    }))

  it.scopedLive("has an interactive session answer with nothing else", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const session = yield* zdaemon.begin(["-p", "sleep 1000", "--json"], { input: true })
      yield* session.type("dance\nhelp stop\nreload\nstop\n")
      yield* session.hangUp
      const { stdout } = yield* session.result
      const documents = stdout.split(/^(?=\{)/m).map(valid)
      assert.deepStrictEqual(
        documents.map(({ action, exitCode, schema }) => [schema, action, exitCode]),
        [
          ["zdaemon/status/1", undefined, 3],
          ["zdaemon/result/1", "", 2],
          ["zdaemon/result/1", "help", 0],
          ["zdaemon/result/1", "reload", 0],
          ["zdaemon/result/1", "stop", 0]
        ]
      )
    }))

  it.scopedLive("leaves the words of a program alone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      assert.strictEqual((yield* zdaemon.run("-p", "echo", "fg", "--json")).stdout, "echo --json\n--json\n")
    }))

  it("is an option of every action but those whose words belong to a program, and those that print for others", () =>
    assert.sameMembers(
      actions.filter(({ options }) => !options.some(({ name }) => name === "--json")).map(({ name }) => name),
      ["completions", "export", "fg", "foreground", "help", "logtail", "restart", "start"]
    ))
})
