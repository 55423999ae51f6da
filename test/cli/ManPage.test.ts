// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { spelling } from "../../src/cli/Action.ts"
import { actions, interactiveActions } from "../../src/cli/Cli.ts"
import * as Grammar from "../../src/cli/Grammar.ts"
import * as ManPage from "../../src/cli/ManPage.ts"
import { version } from "../../src/cli/Version.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

const project = Path.resolve(import.meta.dirname, "../..")

/** Runs a page through a formatter, and answers with what that printed, and what it complained of. */
const formatted = (file: string, words: ReadonlyArray<string>, page: string) => {
  const { stderr, stdout } = ChildProcess.spawnSync(file, words, { input: page, encoding: "utf8" })
  // What is bold or underlined is printed over itself.
  // oxlint-disable-next-line eslint/no-control-regex
  return { text: stdout.replaceAll(/.\u0008/g, "").replaceAll(/\s+/g, " "), complaints: stderr }
}

const groff = ["-man", "-Tascii", "-P-c", "-ww", "-rLL=300n"]

const grammar = Grammar.make(actions)

const page = () => ManPage.render(grammar, interactiveActions, version)

describe("the man page", () => {
  it("is a file of the package, which npm finds in a list only", () => {
    const { files, man: [man] } = Schema.decodeUnknownSync(
      Schema.parseJson(Schema.Struct({ man: Schema.Tuple(Schema.String), files: Schema.Array(Schema.String) }))
    )(FileSystem.readFileSync(Path.join(project, "package.json"), "utf8"))
    assert.include(files, man.split("/")[1])
    assert.strictEqual(FileSystem.readFileSync(Path.join(project, man), "utf8"), page())
  })

  it("has the sections that a man page has", () =>
    assert.deepStrictEqual(Array.from(page().matchAll(/^\.SH (.*)$/gm), ([, title]) => title), [
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "ACTIONS",
      "OPTIONS",
      "FILES",
      "EXIT STATUS",
      "SIGNALS",
      "ENVIRONMENT",
      "EXAMPLES",
      "SEE ALSO"
    ]))

  it.skipIf(!Zdaemon.canRun("groff", "--version"))("shows every action and option, and groff has no complaints", () => {
    const { complaints, text } = formatted("groff", groff, page())
    assert.strictEqual(complaints, "")
    for (const action of [...actions, ...interactiveActions]) {
      for (const { summary, synopsis } of action.forms) assert.include(text, `${synopsis} ${summary.join(" ")}`)
    }
    for (const { examples, options } of actions) {
      for (const option of options) assert.include(text, spelling(option).join(" "))
      for (const { line } of examples) assert.include(text, line)
    }
    for (const { description, long, short, value } of grammar.options) {
      const names = [short === undefined ? [] : [`-${short}`], long === undefined ? [] : [`--${long}`]].flat().join(
        ", "
      )
      assert.include(text, `${names}${value === undefined ? "" : ` ${value}`} ${description}`)
    }
  })

  it.skipIf(!Zdaemon.canRun("groff", "--version"))("shows every character as it is typed", () => {
    const odd = String.raw`.x 'a b' "c d" e\ f ~/g ^h ${"`i`"} -- --j \fBk %l`
    const { complaints, text } = formatted(
      "groff",
      groff,
      ManPage.render(
        {
          ...grammar,
          actions: [{
            name: "odd",
            forms: [{ synopsis: odd, summary: [odd] }],
            options: [{ name: "-o", description: odd }],
            examples: [{ line: odd, description: odd }],
            words: "none"
          }]
        },
        [],
        version
      )
    )
    assert.deepStrictEqual([complaints, text.split(odd).length - 1], ["", 5])
  })

  it.skipIf(!Zdaemon.canRun("mandoc", "/dev/null"))(
    "is fine for mandoc",
    () => {
      const { stdout } = ChildProcess.spawnSync("mandoc", ["-T", "lint", "-W", "warning"], {
        input: page(),
        encoding: "utf8"
      })
      // A page without a date can be built again, and is the same.
      assert.deepStrictEqual(stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date")), [])
    }
  )
})
