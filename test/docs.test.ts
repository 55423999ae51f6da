// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * What the documents say of the project, checked against it.
 *
 * @since 0.1.0
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import { fileURLToPath } from "node:url"
import { usage } from "../src/cli/help.ts"

const project = fileURLToPath(new URL("..", import.meta.url))
const read = (path: string): string => FileSystem.readFileSync(Path.join(project, path), "utf8")

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...FileSystem.readdirSync(Path.join(project, "docs"), { recursive: true, encoding: "utf8" })
    .map((path) => Path.join("docs", path))
    .filter((path) => path.endsWith(".md") && !path.startsWith(Path.join("docs", "modules")))
]

describe("every document", () => {
  for (const document of documents) {
    it(`${document} has links that lead somewhere`, () => {
      assert.deepStrictEqual(links(document).filter((link) => !leadsSomewhere(document, link)), [])
    })
  }
})

describe("README.md", () => {
  it("names commands that package.json has", () => {
    const { scripts } = Schema.decodeUnknownSync(
      Schema.parseJson(Schema.Struct({ scripts: Schema.Record({ key: Schema.String, value: Schema.String }) }))
    )(read("package.json"))
    const named = Array.from(
      read("README.md").matchAll(/npm (?:run (\S+)|(test))/g),
      ([, script, test]) => script ?? test
    )
    assert.includeMembers(named, ["demo", "test"])
    assert.deepStrictEqual(named.filter((name) => name === undefined || scripts[name] === undefined), [])
    assert.strictEqual(scripts["demo"], "sh docs/demo.sh")
  })

  it("says the Node version that package.json asks for", () => {
    const { engines } = Schema.decodeUnknownSync(
      Schema.parseJson(Schema.Struct({ engines: Schema.Struct({ node: Schema.String }) }))
    )(read("package.json"))
    assert.include(read("README.md"), `Node (${engines.node.replace(">=", "")} or later)`)
  })
})

describe("docs/manual.md", () => {
  it("has every option of -h, in the table of options", () => {
    const options = Array.from(
      usage.matchAll(/^(-\S+)( \S+)? -- /gm),
      ([, names = "", value = ""]) => names.split("/").map((name) => `\`${name}${value}\``).join(", ")
    )
    assert.isAbove(options.length, 10)
    const rows = read("docs/manual.md").split("\n").filter((line) => line.startsWith("|"))
    assert.deepStrictEqual(options.filter((option) => !rows.some((row) => row.startsWith(`| ${option} `))), [])
  })
})

describe("docs/architecture.md", () => {
  it("names every room and every file that sees all rooms", () => {
    const entries = FileSystem.readdirSync(Path.join(project, "src"), { withFileTypes: true })
    const names = entries
      .filter(({ name }) => name !== "tsconfig.json")
      .map((entry) => entry.isDirectory() ? `${entry.name}/` : entry.name)
    const text = read("docs/architecture.md")
    assert.deepStrictEqual(names.filter((name) => !text.includes(`  ${name} `)), [])
  })
})

describe("docs/demo.sh", () => {
  it.scopedLive("shows what it promises, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const { code, left, output } = yield* demo(Process.execPath)
      assert.strictEqual(code, 0, output)
      assert.include(output, "program running; pid=")
      assert.include(output, "daemon process stopped")
      assert.deepStrictEqual(left, [])
    }), 120_000)

  it.scopedLive("cleans up when it is interrupted", () =>
    Effect.gen(function*() {
      const { code, left, output } = yield* demo(Process.execPath, "program running; pid=")
      assert.strictEqual(code, 143, output)
      assert.deepStrictEqual(left, [])
      assert.isFalse(isAlive(Number(/ pid=(\d+)/.exec(output)?.[1])))
    }), 120_000)

  it.scopedLive("fails where something is not as it should be", () =>
    Effect.gen(function*() {
      const { code, left } = yield* demo("/bin/false")
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(left, [])
    }), 120_000)
})

/** The text without what stands in fences and code spans. */
const prose = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "code")

const links = (document: string): ReadonlyArray<string> =>
  Array.from(prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))

const leadsSomewhere = (document: string, link: string): boolean => {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? document : Path.join(Path.dirname(document), path)
  if (!FileSystem.existsSync(Path.join(project, target))) return false
  return anchor === undefined || anchors(target).includes(anchor)
}

/** As GitHub makes them of headings. */
const anchors = (document: string): ReadonlyArray<string> =>
  Array.from(
    read(document).matchAll(/^#+ (.*)$/gm),
    ([, heading = ""]) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")
  )

const isAlive = (pid: number): boolean => {
  try {
    return Process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * Runs the demo with something in the place of Node, until it has ended or has printed a text, and tells what is left in
 * its directory for temporary files.
 */
const demo = (node: string, until?: string) =>
  Effect.gen(function*() {
    const root = yield* Effect.acquireRelease(
      Effect.sync(() => FileSystem.mkdtempSync(Path.join(OperatingSystem.tmpdir(), "zdaemon-demo-"))),
      (path) => Effect.sync(() => FileSystem.rmSync(path, { recursive: true, force: true }))
    )
    for (const name of ["bin", "tmp"]) FileSystem.mkdirSync(Path.join(root, name))
    FileSystem.symlinkSync(node, Path.join(root, "bin", "node"))
    const env = {
      ...Process.env,
      PATH: `${Path.join(root, "bin")}:${Process.env["PATH"] ?? "/usr/bin:/bin"}`,
      TMPDIR: Path.join(root, "tmp")
    }
    return yield* Effect.async<{ readonly code: number; readonly output: string; readonly left: Array<string> }>(
      (resume) => {
        let output = ""
        const child = ChildProcess.spawn("sh", [Path.join(project, "docs", "demo.sh")], {
          env,
          stdio: ["ignore", "pipe", "pipe"]
        })
        child.stdout.on("data", (bytes: Buffer) => {
          output += bytes.toString()
          if (until !== undefined && output.includes(until)) child.kill("SIGTERM")
        })
        child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()))
        child.once("close", (code) =>
          resume(Effect.sync(() => ({
            code: code ?? -1,
            output,
            left: FileSystem.readdirSync(Path.join(root, "tmp"))
          }))))
        // Its own trap cleans up.
        return Effect.async<void>((done) => {
          child.once("close", () => done(Effect.void))
          child.kill("SIGTERM")
        })
      }
    )
  })
