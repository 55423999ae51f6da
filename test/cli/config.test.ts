import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Zdaemon from "../support/Zdaemon.ts"

const text = `
runner:
  program: [sleep, 100]
  umask: "027"
environment:
  LANG: C
  API_KEY: a
  my_token: b
  PGPASSWORD: c
  KEYBOARD: d
  DATABASE: db://me:e@host
eventlog:
  email-notifier: {from: a, to: b, smtp-username: me, smtp-password: hidden}
  http-logger: {url: "http://me:hidden@localhost/log?a=b&token=hunter2"}
`

const Value = Schema.Struct({ value: Schema.Unknown, origin: Schema.Unknown })

const Shown = Schema.parseJson(Schema.Struct({
  file: Schema.NullOr(Schema.String),
  runner: Schema.Record({ key: Schema.String, value: Value }),
  environment: Schema.Record({ key: Schema.String, value: Schema.String }),
  eventlog: Schema.NullOr(Schema.Struct({ "http-logger": Schema.Unknown, "email-notifier": Schema.Unknown })),
  origins: Schema.Struct({
    environment: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
    eventlog: Schema.Struct({
      level: Schema.Unknown,
      "http-logger": Schema.Tuple(Schema.Struct({ url: Schema.Unknown, method: Schema.Unknown }))
    })
  })
}))

const configure = (...words: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const z = yield* Zdaemon.make
    z.write("x.yaml", text)
    const ended = yield* z.run("-C", "x.yaml", "-X", "runner/stop-timeout=5", "-b", "7", "config", ...words)
    return { ...ended, stdout: ended.stdout.replaceAll(z.directory, "/dir") }
  })

describe("zdaemon config", () => {
  it.scopedLive("shows each setting with its origin as JSON, and no secrets", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* configure("--json")
      assert.strictEqual(code, 0)
      assert.notInclude(stdout, "hidden")
      const { environment, file, origins, runner } = yield* Schema.decode(Shown)(stdout)
      assert.strictEqual(file, "/dir/x.yaml")
      assert.deepStrictEqual(runner["program"], {
        value: ["sleep", "100"],
        origin: { file: "/dir/x.yaml", line: 3 }
      })
      assert.deepStrictEqual(runner["umask"], { value: "027", origin: { file: "/dir/x.yaml", line: 4 } })
      assert.deepStrictEqual(runner["stop-timeout"], { value: 5, origin: { option: "-X" } })
      assert.deepStrictEqual(runner["backoff-limit"], { value: 7, origin: { option: "-b" } })
      assert.deepStrictEqual(runner["forever"], { value: false, origin: "default" })
      assert.deepStrictEqual(runner["directory"], { value: null, origin: "default" })
      const redacted = "<redacted>"
      assert.deepStrictEqual(environment, {
        LANG: "C",
        API_KEY: redacted,
        my_token: redacted,
        PGPASSWORD: redacted,
        DATABASE: `db://me:${redacted}@host`,
        KEYBOARD: "d"
      })
      assert.deepStrictEqual(origins.environment["LANG"], { file: "/dir/x.yaml", line: 6 })
      assert.deepStrictEqual(origins.eventlog, {
        level: "default",
        "http-logger": [{ url: { file: "/dir/x.yaml", line: 14 }, method: "default" }]
      })
    }))

  it.scopedLive("shows the same in lines for people", () =>
    Effect.gen(function*() {
      const { stdout } = yield* configure()
      assert.notInclude(stdout, "hidden")
      for (
        const line of [
          /^runner\/program +sleep 100 +\/dir\/x\.yaml:3$/m,
          /^runner\/backoff-limit +7 +-b$/m,
          /^runner\/stop-timeout +5 +-X$/m,
          /^runner\/forever +off +default$/m,
          /^runner\/user +- +default$/m,
          /^environment\/API_KEY +<redacted> +\/dir\/x\.yaml:7$/m,
          /^eventlog\/level +20 +default$/m,
          /^eventlog\/http-logger\/url +http:\/\/<redacted>@localhost\/log\?a=b&token=<redacted> +\/dir\/x\.yaml:14$/m,
          /^eventlog\/http-logger\/method +GET +default$/m
        ]
      ) assert.match(stdout, line)
    }))

  it.scopedLive("prints the schema without a configuration", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* (yield* Zdaemon.make).run("config", "--schema")
      assert.strictEqual(code, 0)
      const schema = yield* Schema.decode(Schema.parseJson(Schema.Struct({ $schema: Schema.String })))(stdout)
      assert.strictEqual(schema.$schema, "https://json-schema.org/draft/2020-12/schema")
    }))

  it.scopedLive("takes -S of the original, but not one of a file that is not there", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write("conf", "<runner>\n  program true\n</runner>\n")
      z.write("own.xml", "<schema/>")
      for (const schema of ["schema.xml", "own.xml"]) {
        assert.strictEqual((yield* z.run("-C", "conf", "-S", "nope", "-S", schema, "status")).code, 3, schema)
      }
      const { code, stderr } = yield* z.run("-C", "conf", "-S", "nope", "status")
      assert.deepStrictEqual([code, stderr.split("\n")[0]], [
        2,
        `Error: error opening file ${z.at("nope")}: [Errno 2] No such file or directory: '${z.at("nope")}'`
      ])
    }))

  it.scopedLive("knows no other words", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* configure("--yaml")
      assert.strictEqual(code, 2)
      assert.include(stderr, "config argument must be absent, --json or --schema")
    }))
})
