import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type * as ConfigDocument from "../../src/config/ConfigDocument.ts"
import * as ConfigDocumentTree from "../../src/config/ConfigDocumentTree.ts"
import type * as ConfigFile from "../../src/config/ConfigFile.ts"
import * as ConfigSection from "../../src/config/ConfigSection.ts"
import * as EventLogDocument from "../../src/config/EventLogDocument.ts"
import type { Mistake } from "../../src/config/Mistake.ts"
import * as Override from "../../src/config/Override.ts"
import * as Settings from "../../src/config/Settings.ts"
import * as ZConfig from "../../src/config/ZConfig.ts"
import * as ConfigFormats from "../../src/process/ConfigFormats.ts"
import * as Mistakes from "../support/Mistakes.ts"

const file = "/etc/zdaemon.yaml"

const treeOf = (format: ConfigDocument.Format, text: string) =>
  ConfigDocumentTree.make(ConfigFormats.parse(format, text), file)

const configurationOf = (format: ConfigDocument.Format, text: string) => Mistakes.decode(treeOf(format, text))

const zconfigurationOf = (text: string) =>
  Mistakes.decode(
    Effect.runSync(ZConfig.parse({ file, text }, { environment: new Map(), include: () => Effect.succeed("") }))
  )

/** A configuration without the lines, and with its settings decoded. */
const meaning = (configuration: Either.Either<ConfigFile.Configuration, ReadonlyArray<Mistake>>) => {
  const { environment, eventLog, legacy, settings } = Either.getOrThrowWith(
    configuration,
    (errors) => new Error(Mistakes.lines(errors).join("\n"))
  )
  const texts = (placed: ReadonlyMap<string, ConfigFile.PlacedText>) =>
    new Map(Array.from(placed, ([key, { text }]) => [key, text]))
  return {
    settings: Settings.texts(Either.getOrThrow(Settings.decode(texts(settings)))),
    legacy: [...legacy.keys()],
    environment,
    eventLog
  }
}

/** Each error as `line: reason`. */
const errorsOf = (format: ConfigDocument.Format, text: string): ReadonlyArray<string> =>
  Either.match(configurationOf(format, text), {
    onLeft: Mistakes.lines,
    onRight: () => []
  })

const inRunner = (line: string) => `runner:\n  program: x\n  ${line}`

/** The canonical text of a setting in YAML, or the error in line 3. */
const settingOf = (key: string, value: string): string => {
  const text = inRunner(`${key}: ${value}`)
  return errorsOf("YAML", text)[0] ?? meaning(configurationOf("YAML", text)).settings.get(key) ?? "none"
}

const zconfig = `
<runner>
  program sleep 'a b' 100
  socket-name /run/x/zdsock
  daemon off
  directory /run/x
  backoff-limit 7
  backoff exponential
  backoff-base 500ms
  backoff-factor 1.5
  backoff-jitter 30%
  reset-after 1m30s
  give-up-after 5 in 10m
  give-up retry after 1h
  on-exit 75 after 60s
  on-exit 4,5 stop
  on-signal SEGV at most 3 in 1h
  forever on
  exit-codes 0,3
  start-timeout 6m
  start-grace 0.5
  start-test-program test -e up
  stop-timeout 20
  kill-mode process
  user 1000
  umask 027
  logfile /log/x.log
  transcript /log/x.out
  transcript-stderr /log/x.err
  transcript-on-error drop
  transcript-max-size 10MB
  transcript-max-age 1d
  transcript-keep 3
  transcript-compress on
  transcript-timestamps iso
  transcript-marks on
  run-history /var/lib/app
  hang-around no
  prompt me>
</runner>
<environment>
  PORT 8080
  HOME /home/x
  EMPTY
</environment>
<eventlog>
  level debug
  <logfile>
    path STDERR
    level 30
  </logfile>
  <logfile>
    path events.log
    format %(levelname)s\\n%(message)s
    max-size 10MB
    old-files 3
    delay yes
  </logfile>
  <syslog>
    facility daemon
    address localhost:1514
  </syslog>
  <email-notifier>
    from a@example.org
    to b@example.org
    to c@example.org
    smtp-username me
    smtp-password 1234
  </email-notifier>
</eventlog>
`

const toml = `
[runner]
program = ["sleep", "a b", 100]
socket-name = "/run/x/zdsock"
daemon = false
directory = '/run/x'
backoff-limit = 7
backoff = "exponential"
backoff-base = 0.5
backoff-factor = 1.5
backoff-jitter = 0.3
reset-after = 90
give-up-after = "5 in 10m"
give-up = "retry after 1h"
on-exit = ["75 after 60s", "4,5 stop"]
on-signal = "SEGV at most 3 in 1h"
forever = true
exit-codes = [0, 3]
start-timeout = "6m"
start-grace = 0.5
start-test-program = "test -e up"
stop-timeout = 20
kill-mode = "process"
user = 1000
umask = 0o27
logfile = "/log/x.log"
transcript = "/log/x.out"
transcript-stderr = "/log/x.err"
transcript-on-error = "drop"
transcript-max-size = "10MB"
transcript-max-age = 86400
transcript-keep = 3
transcript-compress = true
transcript-timestamps = "iso"
transcript-marks = true
run-history = "/var/lib/app"
hang-around = false
prompt = "me>"

[environment]
PORT = 8080
HOME = "/home/x"
EMPTY = ""

[eventlog]
level = "debug"

[[eventlog.logfile]]
path = "STDERR"
level = 30

[[eventlog.logfile]]
path = "events.log"
format = '%(levelname)s\\n%(message)s'
max-size = "10MB"
old-files = 3
delay = true

[eventlog.syslog]
facility = "daemon"
address = "localhost:1514"

[[eventlog.email-notifier]]
from = "a@example.org"
to = ["b@example.org", "c@example.org"]
smtp-username = "me"
smtp-password = 1234
`

const yaml = `
runner:
  program: [sleep, a b, 100]
  socket-name: /run/x/zdsock
  daemon: off
  directory: /run/x
  backoff-limit: 7
  backoff: Exponential
  backoff-base: 500ms
  backoff-factor: 1.5
  backoff-jitter: 30%
  reset-after: 90s
  give-up-after: 5 in 600
  give-up: retry after 1h
  on-exit:
    - 75 after 1m
    - 4, 5 stop
  on-signal: [sigsegv at most 3 in 1h]
  forever: true
  exit-codes: [0, 3]
  start-timeout: 6m
  start-grace: 0.5
  start-test-program: test -e up
  stop-timeout: 20
  kill-mode: process
  user: 1000
  umask: "027"
  logfile: /log/x.log
  transcript: /log/x.out
  transcript-stderr: /log/x.err
  transcript-on-error: drop
  transcript-max-size: 10485760
  transcript-max-age: 24h
  transcript-keep: 3
  transcript-compress: on
  transcript-timestamps: iso
  transcript-marks: true
  run-history: /var/lib/app
  hang-around: no
  prompt: me>
environment:
  PORT: 8080
  HOME: /home/x
  EMPTY: ""
eventlog:
  level: debug
  logfile:
    - path: STDERR
      level: 30
    - path: events.log
      format: |-
        %(levelname)s
        %(message)s
      max-size: 10485760
      old-files: 3
      delay: true
  syslog: {facility: daemon, address: "localhost:1514"}
  email-notifier:
    from: a@example.org
    to: [b@example.org, c@example.org]
    smtp-username: me
    smtp-password: 1234
`

const json = `{
  "$schema": "zdaemon.schema.json",
  "runner": {
    "program": "sleep 'a b' 100",
    "socket-name": "/run/x/zdsock",
    "daemon": "no",
    "directory": "/run/x",
    "backoff-limit": 7,
    "backoff": "exponential",
    "backoff-base": "0.5s",
    "backoff-factor": "1.5",
    "backoff-jitter": "0.3",
    "reset-after": "1m30s",
    "give-up-after": "5 in 10m",
    "give-up": "retry after 1h",
    "on-exit": ["75 after 60s", "4,5 stop"],
    "on-signal": ["SEGV at most 3 in 1h"],
    "forever": true,
    "exit-codes": "0,3",
    "start-timeout": 360,
    "start-grace": "0.5s",
    "start-test-program": ["test", "-e", "up"],
    "stop-timeout": 2e1,
    "kill-mode": "process",
    "user": "1000",
    "umask": "027",
    "logfile": "/log/x.log",
    "transcript": "/log/x.out",
    "transcript-stderr": "/log/x.err",
    "transcript-on-error": "drop",
    "transcript-max-size": "10MB",
    "transcript-max-age": "1d",
    "transcript-keep": 3,
    "transcript-compress": "yes",
    "transcript-timestamps": "iso",
    "transcript-marks": true,
    "run-history": "/var/lib/app",
    "hang-around": false,
    "prompt": "me>"
  },
  "environment": { "PORT": 8080, "HOME": "/home/x", "EMPTY": "" },
  "eventlog": {
    "level": 10,
    "logfile": [
      { "path": "STDERR", "level": "warn" },
      {
        "path": "events.log",
        "format": "%(levelname)s\\n%(message)s",
        "max-size": "10MB",
        "old-files": 3,
        "delay": true
      }
    ],
    "syslog": { "facility": "daemon", "address": "localhost:1514" },
    "email-notifier": [{
      "from": "a@example.org",
      "to": ["b@example.org", "c@example.org"],
      "smtp-username": "me",
      "smtp-password": "1234"
    }]
  }
}`

describe("ConfigDocumentTree", () => {
  const expected = meaning(zconfigurationOf(zconfig))

  it("has a configuration to compare with that sets everything", () => {
    const defaults = Settings.texts(Either.getOrThrow(Settings.decode(new Map())))
    assert.deepStrictEqual(
      Settings.spellings.filter(({ key }) => expected.settings.get(key) === defaults.get(key)),
      []
    )
  })

  for (const [format, text] of [["TOML", toml], ["YAML", yaml], ["JSON", json]] as const) {
    it(`reads the same settings, environment and event log from ${format} as from ZConfig`, () => {
      assert.deepStrictEqual(meaning(configurationOf(format, text)), expected)
    })
  }

  it("reads back how the event log is shown", () => {
    const shown = Schema.encodeSync(Schema.parseJson(Schema.Unknown))({
      runner: { program: "x" },
      eventlog: expected.eventLog === undefined
        ? null
        : EventLogDocument.make(EventLogDocument.entries(expected.eventLog, undefined), ({ value }) => value)
    })
    assert.deepStrictEqual(meaning(configurationOf("JSON", shown)).eventLog, expected.eventLog)
  })

  describe("lines", () => {
    it("places keys and sections where they stand", () => {
      assert.deepStrictEqual(
        errorsOf(
          "YAML",
          "runner:\n  # x\n  backof-limit: 1\n  user: {a: 1}\neventlog:\n  logfile:\n  - level: 5\n    x: 1\n"
        ),
        [
          "3: 'backof-limit' is not a known key name; did you mean 'backoff-limit'?",
          "4: no values for 'program'; 1 required",
          "4: unknown type name: 'user'",
          "8: 'x' is not a known key name",
          "8: no values for 'path'; 1 required"
        ]
      )
    })

    it("reports what is refused and what is wrong together", () => {
      assert.deepStrictEqual(errorsOf("YAML", inRunner("umask: 22\n  backoff-limit: x\n  bogus: 1")), [
        "3: 'umask': 22 is a decimal number here, and this is an octal one; write it as text: \"022\"",
        "4: invalid literal for int() with base 10: 'x'",
        "5: 'bogus' is not a known key name"
      ])
    })

    it("counts the mistakes of syntax behind the twentieth", () => {
      assert.strictEqual(errorsOf("YAML", "a: 1\n".repeat(50))[20], "and 29 more")
    })

    it("says once that something is nested too deeply", () => {
      const deep = `${"[".repeat(100)}${"]".repeat(100)}`
      assert.deepStrictEqual(errorsOf("YAML", `a: ${deep}\nb: ${deep}\n`), ["1: this is nested too deeply"])
    })
  })

  describe("values", () => {
    for (
      const [key, value, expected] of [
        ["start-test-program", "x --y 'a b'", "x --y 'a b'"],
        ["start-test-program", "[x, --y, a b]", "x --y 'a b'"],
        ["start-test-program", "[x, \"1.10\"]", "x 1.10"],
        ["start-test-program", "[]", ""],
        ["exit-codes", "[]", ""],
        ["exit-codes", "1", "1"],
        ["exit-codes", "1, 2", "1,2"],
        ["umask", "\"022\"", "022"],
        ["umask", "0o22", "022"],
        ["user", "1000", "1000"],
        ["user", "\"007\"", "007"],
        ["backoff-limit", "0x1F", "31"],
        ["backoff-limit", "1e1", "10"],
        ["start-timeout", "2d", "172800"],
        ["forever", "yes", "on"],
        ["forever", "True", "on"],
        ["transcript", "\"42\"", "42"]
      ] as const
    ) {
      it(`takes ${key}: ${value}`, () => assert.strictEqual(settingOf(key, value).replace(/^4: /, ""), expected))
    }

    const asText = (source: string, meaning: string) =>
      `${source} is ${meaning} here; if it is meant as text, write "${source}"`

    for (
      const [key, value, reason] of [
        ["umask", "022", "'umask': 022 is a decimal number here, and this is an octal one; write it as text: \"022\""],
        [
          "umask",
          "0x12",
          "'umask': 0x12 is a decimal number here, and this is an octal one; write it as text: \"022\""
        ],
        ["user", "007", `'user': ${asText("007", "a number")}`],
        ["user", "true", `'user': ${asText("true", "a boolean")}`],
        ["user", "1.10", `'user': ${asText("1.10", "a number")}`],
        ["transcript", "42", `'transcript': ${asText("42", "a number")}`],
        ["start-test-program", "true", `'start-test-program': ${asText("true", "a boolean")}`],
        ["start-test-program", "[test, true]", `'start-test-program': ${asText("true", "a boolean")}`],
        ["start-test-program", "[test, 1.10]", `'start-test-program': ${asText("1.10", "a number")}`],
        ["start-test-program", "[test, [x]]", "'start-test-program': a list is not allowed here"],
        ["backoff-limit", "true", `'backoff-limit': ${asText("true", "a boolean")}`],
        ["backoff-limit", "[1]", "'backoff-limit': a list is not allowed here"],
        ["backoff-limit", "1.5", "invalid literal for int() with base 10: '1.5'"],
        ["backoff-limit", "1h", "invalid literal for int() with base 10: '1h'"],
        ["backoff-limit", ".nan", "invalid literal for int() with base 10: 'NaN'"],
        ["forever", "1", "not a valid boolean value: '1'"],
        ["exit-codes", "[0, x]", "invalid literal for int() with base 10: 'x'"],
        ["directory", "", "'directory': there is no value; leave the key out, or write \"\" for an empty one"],
        ["eventlog", "yes", "'eventlog' is a section"],
        ["eventlog", "[{}, 1]", "'eventlog' is a section"]
      ] as const
    ) {
      it(`refuses ${key}: ${value}`, () => assert.strictEqual(settingOf(key, value), `3: ${reason}`))
    }

    it("takes numbers for environment variables if they read as they are written", () => {
      const text = "runner: {program: x}\nenvironment:\n  A: 8080\n  B: \"1.10\"\n  runner: -1.5\n"
      assert.deepStrictEqual(
        meaning(configurationOf("YAML", text)).environment,
        new Map([["A", "8080"], ["B", "1.10"], ["runner", "-1.5"]])
      )
      assert.deepStrictEqual(
        errorsOf("YAML", "runner: {program: x}\nenvironment:\n  A: 1.10\n  B: yes\n  C: true\n  D:\n  E: {}"),
        [
          `3: 'A': ${asText("1.10", "a number")}`,
          `5: 'C': ${asText("true", "a boolean")}`,
          "6: 'D': there is no value; leave the key out, or write \"\" for an empty one",
          "7: 'E': a section is not allowed here"
        ]
      )
    })

    it("substitutes nothing", () => {
      const text = "runner: {program: \"echo $HOME $$ $(X)\"}"
      assert.strictEqual(meaning(configurationOf("YAML", text)).settings.get("program"), "echo $HOME $$ $(X)")
    })

    it("ignores the case of keys and sections, and finds the same one twice", () => {
      assert.strictEqual(meaning(configurationOf("YAML", "RUNNER: {Program: x}")).settings.get("program"), "x")
      assert.deepStrictEqual(errorsOf("YAML", "runner:\n  program: x\n  Program: y\n"), [
        "3: 'Program' does not support multiple values"
      ])
      assert.deepStrictEqual(errorsOf("YAML", "runner: {program: x}\nRunner: {program: x}\n"), [
        "2: too many instances of 'runner' section"
      ])
    })

    it("lets -X replace them", () => {
      const overridden = Either.gen(function*() {
        const reading = treeOf("YAML", "runner:\n  program: x\n  backoff-limit: 3\n")
        const overrides = yield* Override.parse(["runner/backoff-limit=5"])
        return yield* Mistakes.decode({
          ...reading,
          root: yield* Override.apply(reading.root, overrides, ConfigSection.keyOf)
        })
      })
      assert.strictEqual(Either.getOrThrow(overridden).settings.get("backoff-limit")?.text, "5")
    })

    it("takes names of objects for unknown keys", () => {
      assert.deepStrictEqual(
        errorsOf("JSON", "{\"runner\": {\"program\": \"x\",\n\"__proto__\": 1, \"constructor\": {}}}"),
        [
          "2: value did not match regular expression: '__proto__'",
          "2: unknown type name: 'constructor'"
        ]
      )
    })
  })

  it("says of an empty file what is missing", () => {
    assert.deepStrictEqual(errorsOf("YAML", ""), ["1: no values for section type 'runner'; 1 required"])
  })
})

describe("a setting that somebody else's command adds", () => {
  it("is read as a number or a text, in every format", () => {
    const own = [{ key: "pool-size", value: "NUMBER", fallback: "5", description: "", datatype: Either.right }]
    const texts: ReadonlyArray<readonly [ConfigDocument.Format, string]> = [
      ["TOML", "[runner]\nprogram = \"true\"\npool-size = 7\n"],
      ["YAML", inRunner("pool-size: 7")],
      ["JSON", "{\"runner\": {\"program\": \"true\", \"pool-size\": \"7\"}}"]
    ]
    for (const [format, text] of texts) {
      const configuration = Mistakes.decode(ConfigDocumentTree.make(ConfigFormats.parse(format, text), file, own), own)
      assert.strictEqual(Either.getOrThrow(configuration).own.get("pool-size")?.text, "7", format)
    }
  })
})
