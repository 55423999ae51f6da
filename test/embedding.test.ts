// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * The package as it is published, and the examples of docs/embedding.md compiled and run against it.
 *
 * @since 0.1.0
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import { fileURLToPath } from "node:url"
import * as Zdaemon from "./support/Zdaemon.ts"

const project = fileURLToPath(new URL("..", import.meta.url))
const installed = Path.join(project, "node_modules")
const fixtures = Path.join(project, "test", "fixtures", "embedding")
const document = FileSystem.readFileSync(Path.join(project, "docs", "embedding.md"), "utf8")

/** The examples, by the names of their files, and what the page says that each prints. */
const examples = new Map(
  Array.from(
    document.matchAll(/^```ts\n\/\/ file: (\S+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm),
    ([, name = "", code = "", output]) => [name, { code, output }]
  )
)

let directory = ""
let tarball = ""
/** An application that has installed the package, and what it is used with. */
let application = ""
/** What the compiler says of the examples. */
let mistakes = ""

beforeAll(() =>
  Effect.runPromise(Effect.gen(function*() {
    directory = FileSystem.mkdtempSync(Path.join(FileSystem.realpathSync(OperatingSystem.tmpdir()), "zd-package-"))
    application = Path.join(directory, "application")
    FileSystem.mkdirSync(application)
    // Without the scripts: the package was built for the tests.
    tarball = Path.join(
      directory,
      (yield* run(project, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", directory)).trim()
    )
    FileSystem.writeFileSync(Path.join(application, "package.json"), JSON.stringify({ type: "module", private: true }))
    yield* run(
      application,
      "npm",
      "install",
      "--offline",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--silent",
      tarball
    )
    for (const name of ["effect", "@effect", "@types", "vitest"]) {
      FileSystem.symlinkSync(Path.join(installed, name), Path.join(application, "node_modules", name))
    }
    const readme = /^```ts\n([\s\S]*?)^```/m.exec(FileSystem.readFileSync(Path.join(project, "README.md"), "utf8"))
    FileSystem.writeFileSync(Path.join(application, "readme.ts"), `${readme?.[1] ?? ""}\nexport { database }\n`)
    for (const [name, { code }] of examples) FileSystem.writeFileSync(Path.join(application, name), code)
    FileSystem.writeFileSync(
      Path.join(application, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          module: "NodeNext",
          target: "ES2022",
          types: ["node"],
          // What the package publishes is checked; what others do is theirs.
          skipLibCheck: true
        },
        include: ["*.ts"]
      })
    )
    mistakes = (yield* ended(application, Process.execPath, Path.join(installed, "typescript", "bin", "tsc"))).stdout
  })), 120_000)

afterAll(() => FileSystem.rmSync(directory, { recursive: true, force: true }))

describe("the package", () => {
  it.live("is what package.json says, for publint", () => run(project, "npx", "publint", tarball, "--strict"), 60_000)

  it.live(
    "has types that resolve from ES modules and bundlers, for attw",
    () => run(project, "npx", "attw", tarball, "--profile", "esm-only"),
    60_000
  )

  it("has the schemas of what --json prints", () => {
    assert.sameMembers(
      FileSystem.readdirSync(Path.join(application, "node_modules/zdaemon/docs/schemas")),
      FileSystem.readdirSync(Path.join(project, "docs/schemas"))
    )
  })

  it.live("is there for CommonJS", () => {
    FileSystem.writeFileSync(
      Path.join(application, "common.cjs"),
      "const { Program } = require(\"zdaemon\")\nprocess.stdout.write(typeof Program.Tag)\n"
    )
    return Effect.map(
      run(application, Process.execPath, "common.cjs"),
      (output) => assert.strictEqual(output, "function")
    )
  })

  it("brings nothing else along", () => {
    assert.deepStrictEqual(
      FileSystem.readdirSync(Path.join(application, "node_modules"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name),
      ["zdaemon"]
    )
  })
})

describe("docs/embedding.md", () => {
  it("has examples that compile against the package", () => {
    assert.includeMembers([...examples.keys()], ["application.ts", "workers.ts", "database.test.ts"])
    assert.strictEqual(mistakes, "")
  })

  for (const [name, { output }] of examples) {
    if (output !== undefined) {
      it.live(
        `has ${name}, which prints what it says`,
        () =>
          Effect.map(
            run(application, Process.execPath, name.replace(/ts$/, "js")),
            (printed) => assert.strictEqual(printed, output)
          ),
        60_000
      )
    }
  }

  it.scopedLive(
    "has an application of two programs in less than 40 lines, which a SIGTERM takes down in order",
    () =>
      Effect.gen(function*() {
        const { code = "" } = examples.get("application.ts") ?? {}
        assert.isBelow(code.split("\n").length, 40)
        const { begin, processes } = yield* Zdaemon.make
        const at = (name: string) => Path.join(application, name)
        const log = () => FileSystem.existsSync(at("order.log")) ? FileSystem.readFileSync(at("order.log"), "utf8") : ""
        const running = yield* begin(["application.js"], {
          file: Process.execPath,
          directory: application,
          environment: { PATH: path }
        })
        yield* running.says(": up\n")
        assert.strictEqual(log(), "postgres serves\nweb serves\n")
        assert.isAtLeast(processes().length, 3)
        running.signal("SIGTERM")
        yield* running.result
        assert.strictEqual(log(), "postgres serves\nweb serves\nweb is down\npostgres is down\n")
        assert.match(FileSystem.readFileSync(at("database.log"), "utf8"), /^postgres -D data/)
        assert.deepStrictEqual(processes(), [])
      }),
    60_000
  )

  it.scopedLive(
    "has a command of its own, with an action, a setting and a request, and the session that it shows",
    () =>
      Effect.gen(function*() {
        const { begin, processes } = yield* Zdaemon.make
        const session = /```console\n([\s\S]*?)^```/m.exec(document)?.[1] ?? ""
        const [configuration = "", ...commands] = session.split(/^\$ /m).slice(1)
        FileSystem.writeFileSync(Path.join(application, "app.conf"), configuration.split("\n").slice(1).join("\n"))
        for (const command of commands) {
          const [line = "", ...output] = command.split("\n")
          const running = yield* begin(["-c", line], {
            file: "sh",
            directory: application,
            environment: { PATH: path }
          })
          const { stderr, stdout } = yield* running.result
          assert.strictEqual(plain(stdout + stderr), plain(output.join("\n")), line)
        }
        const unit = yield* begin(["appctl.js", "export", "systemd"], {
          file: Process.execPath,
          directory: application
        })
        const { stdout } = yield* unit.result
        assert.include(stdout, "# Made by \"appctl export systemd\" from ")
        assert.include(stdout, "# - pool-size 7: this has no counterpart here.\n")
        assert.deepStrictEqual(processes(), [])
      }),
    120_000
  )

  it.scopedLive(
    "has a command of its own that takes overrides of the file it reads by itself, and knows of a killed manager",
    () =>
      Effect.gen(function*() {
        const { begin, processes } = yield* Zdaemon.make
        const at = (name: string) => Path.join(application, name)
        FileSystem.writeFileSync(at("app.conf"), "<runner>\n  program sleep 1000\n</runner>\n")
        const ask = (...words: ReadonlyArray<string>) =>
          Effect.flatMap(
            begin(["appctl.js", ...words], { file: Process.execPath, directory: application }),
            ({ result }) => result
          )
        const overridden = yield* ask("-X", "runner/pool-size=9", "pool")
        assert.strictEqual(overridden.stdout, "configured: 9\ndaemon manager not running\n")
        yield* ask("--start-grace", "0", "start")
        const manager = Number(/^manager=(\d+)$/m.exec((yield* ask("status", "-l")).stdout)?.[1])
        assert.include(processes(), manager)
        Process.kill(manager, "SIGKILL")
        yield* Zdaemon.eventually("the manager's end", () => !processes().includes(manager))
        if (Process.platform === "linux") {
          const { code, stderr, stdout } = yield* ask("pool")
          assert.deepStrictEqual([code, stdout], [1, "configured: 5\ndaemon manager not running\n"])
          assert.match(stderr, /^Error: the manager of socket .* was killed; its program \(pid \d+\) is running still/)
        }
        yield* ask("stop")
      }),
    120_000
  )

  it.live(
    "has tests that pass: of a server that is supervised, and of a program on the test clock",
    () => run(application, Process.execPath, Path.join(installed, "vitest", "vitest.mjs"), "run", "--dir", "."),
    120_000
  )
})

// ===== Internal

const path = `${fixtures}:${Process.env["PATH"] ?? "/usr/bin:/bin"}`
const environment = { ...Process.env, PATH: path }

const plain = (text: string): string => Zdaemon.plain(text.replace(/^(\. ?)+$/gm, ""))

/** What a command prints; when it fails, that is in the error. */
const run = (cwd: string, file: string, ...words: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(ended(cwd, file, ...words), ({ hasFailed, stderr, stdout }) => {
    assert.isFalse(hasFailed, `${file} ${words.join(" ")}\n${stdout}\n${stderr}`)
    return stdout
  })

/** Waits for a command, and leaves the runner its thread: it takes a silence of a minute for a failure. */
const ended = (cwd: string, file: string, ...words: ReadonlyArray<string>) =>
  Effect.async<{ readonly hasFailed: boolean; readonly stdout: string; readonly stderr: string }>((resume) => {
    ChildProcess.execFile(file, words, { cwd, env: environment, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      resume(Effect.succeed({ hasFailed: error !== null, stdout, stderr }))
    })
  })
