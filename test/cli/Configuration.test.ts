// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import * as Configuration from "../../src/cli/Configuration.ts"
import * as Invocation from "../../src/cli/Invocation.ts"
import { zdaemon } from "../../src/cli/zdaemon.ts"
import * as Given from "../../src/config/Given.ts"
import * as Settings from "../../src/config/Settings.ts"

/** For each setting: what nobody says, what the file says, what an option says, each as `zdaemon show` would have it. */
const table: ReadonlyArray<readonly [key: string, fallback: string | undefined, file: string, option: string]> = [
  ["program", undefined, "from file", "from option"],
  ["socket-name", "zdsock", "file.sock", "option.sock"],
  ["daemon", "on", "off", "on"],
  ["directory", undefined, "/file", "/option"],
  ["backoff-limit", "10", "11", "12"],
  ["forever", "off", "off", "on"],
  ["backoff", "linear", "constant", "fibonacci"],
  ["backoff-base", "1s", "2s", "0.5s"],
  ["backoff-factor", "2", "1.5", "3"],
  ["backoff-jitter", "0", "0.5", "1"],
  ["reset-after", undefined, "1m", "never"],
  ["give-up-after", undefined, "5", "5 in 10m"],
  ["give-up", "exit", "stay", "retry after 1h"],
  ["on-exit", "", "75 after 1m", "3 stop"],
  ["on-signal", "", "SEGV at most 3 in 1h", "TERM stay"],
  ["exit-codes", "0,2", "1", "2,3"],
  ["start-timeout", "300", "11", "12"],
  ["start-grace", "1", "0.5", "2"],
  ["start-test-program", undefined, "file test", "option test"],
  ["stop-timeout", "300", "11", "12"],
  ["kill-mode", "group", "group", "process"],
  ["user", undefined, "file", "option"],
  ["umask", "022", "027", "077"],
  ["logfile", undefined, "/file.log", "/option.log"],
  ["transcript", "/dev/null", "/file.out", "/option.out"],
  ["transcript-stderr", undefined, "/file.err", "/option.err"],
  ["transcript-on-error", "block", "block", "drop"],
  ["transcript-max-size", "0", "1048576", "4096"],
  ["transcript-max-age", "0", "60", "86400"],
  ["transcript-keep", undefined, "3", "5"],
  ["transcript-compress", "off", "off", "on"],
  ["transcript-timestamps", "off", "iso", "unix"],
  ["transcript-marks", "off", "off", "on"],
  ["run-history", undefined, "/tmp", "off"]
]

const isFlag = (key: string): boolean =>
  Settings.spellings.some((spelling) => spelling.key === key && spelling.value === undefined)

const load = (file: string | undefined, options: Readonly<Record<string, string>>) =>
  Effect.provideService(Configuration.load, zdaemon.tag, {
    configure: Option.fromNullable(file),
    override: [],
    schema: Option.none(),
    settings: Object.entries(options).map(([key, text]): readonly [string, Given.Given] => [
      key,
      { text, origin: Given.Origin.Option({ as: `--${key}` }) }
    ])
  })

const written = (text: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = FileSystem.mkdtempSync(Path.join(OperatingSystem.tmpdir(), "zdaemon-"))
      FileSystem.writeFileSync(Path.join(directory, "x.conf"), text)
      return Path.join(directory, "x.conf")
    }),
    (path) => Effect.sync(() => FileSystem.rmSync(Path.dirname(path), { recursive: true }))
  )

const filled = written(["<runner>", ...table.map(([key, , file]) => `  ${key} ${file}`), "</runner>"].join("\n"))

const texts = ({ settings }: Configuration.Configuration) => Settings.texts(settings)

describe("Configuration", () => {
  it("has a table of every setting", () => {
    assert.deepStrictEqual(table.map(([key]) => key), Settings.spellings.map(({ key }) => key))
  })

  it.effect("takes the defaults when nobody says anything", () =>
    Effect.gen(function*() {
      const found = texts(yield* load(undefined, {}))
      for (const [key, fallback] of table) assert.strictEqual(found.get(key), fallback, key)
    }))

  it.scoped("takes from the file what no option says", () =>
    Effect.gen(function*() {
      const configuration = yield* load(yield* filled, {})
      const found = texts(configuration)
      for (const [index, [key, , file]] of table.entries()) {
        assert.strictEqual(found.get(key), file, key)
        const place = configuration.given.get(key)?.origin
        assert.strictEqual(place?._tag === "File" ? place.place.line : 0, index + 2, key)
      }
    }))

  for (const [key, , , option] of table) {
    it.scoped(`takes ${key} from its option, and nothing else`, () =>
      Effect.gen(function*() {
        const configuration = yield* load(yield* filled, { [key]: option })
        const found = texts(configuration)
        for (const [other, , file] of table) assert.strictEqual(found.get(other), other === key ? option : file, other)
        assert.deepStrictEqual(configuration.given.get(key)?.origin, Given.Origin.Option({ as: `--${key}` }))
      }))
  }

  it("knows flags that can only be switched on", () => {
    assert.deepStrictEqual(table.map(([key]) => key).filter(isFlag), [
      "daemon",
      "forever",
      "transcript-compress",
      "transcript-marks"
    ])
    for (const option of ["--no-forever", "--no-daemon"]) {
      assert.strictEqual(
        Either.match(Invocation.read([option, "status"]), { onLeft: ({ reason }) => reason, onRight: () => "" }),
        `option ${option} not recognized`
      )
    }
    assert.strictEqual(
      Either.match(Invocation.read(["--forever=off", "status"]), { onLeft: ({ reason }) => reason, onRight: () => "" }),
      "option --forever must not have an argument"
    )
  })

  it.scoped("tells what stands for itself in each format", () =>
    Effect.gen(function*() {
      const file = yield* written("<runner>\n  program x\n</runner>")
      for (
        const [ending, text] of [["toml", "runner = 1"], ["YML", "runner: 1"], ["json", "{\"runner\": 1}"]] as const
      ) {
        const path = `${file}.${ending}`
        FileSystem.writeFileSync(path, text)
        const error = yield* Effect.flip(load(path, {}))
        assert.strictEqual(
          error.reason.split(" (line")[0],
          "'runner' is a section"
        )
      }
    }))
})
