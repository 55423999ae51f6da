// @effect-diagnostics nodeBuiltinImport:off
/**
 * The shell sessions of the documents, executed.
 *
 * @since 0.1.0
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as ManualRunner from "./support/ManualRunner.ts"

const project = fileURLToPath(new URL("..", import.meta.url))
const executable = Path.join(project, "dist", "zdaemon.cjs")

const documents = [
  "README.md",
  ...["first-five-minutes", "manual", "configuration", "systemd", "containers", "cron"].map((name) => `docs/${name}.md`)
]

for (const document of documents) {
  describe.concurrent(document, () => {
    for (const section of ManualRunner.sections(FileSystem.readFileSync(Path.join(project, document), "utf8"))) {
      it.scopedLive(
        `"${section.title}" shows what happens`,
        () =>
          Effect.gen(function*() {
            const result = yield* ManualRunner.run(section, { executable, timeout: "2 minutes" })
            assert.strictEqual(
              ManualRunner.transcript(result.commands),
              ManualRunner.transcript(section.commands)
            )
            assert.deepStrictEqual(result.leftBehind, [])
          }),
        150_000
      )
    }
  })
}

describe("sections", () => {
  const document = [
    "# Title",
    "```console",
    "$ echo 1",
    "1",
    "```",
    "## Other",
    "```sh",
    "$ not a session",
    "```",
    "```console",
    "$ cat <<EOF",
    "> a",
    "> EOF",
    "a",
    "",
    "$ true",
    "```",
    "## For copying",
    "```sh session",
    "X=1",
    "echo $X",
    "```",
    "```text",
    "1",
    "```",
    "## None"
  ].join("\n")

  it("are found with their commands and outputs", () =>
    assert.deepStrictEqual(ManualRunner.sections(document), [
      { title: "Title", commands: [{ text: "echo 1", output: "1\n" }] },
      { title: "Other", commands: [{ text: "cat <<EOF\na\nEOF", output: "a\n\n" }, { text: "true", output: "" }] },
      { title: "For copying", commands: [{ text: ":\nX=1\necho $X", output: "1\n" }] }
    ]))

  it.scopedLive("keep directory, variables and exit status from command to command", () =>
    Effect.gen(function*() {
      const texts = [
        "mkdir a; cd a; X=1",
        "(exit 3)",
        "echo $? $X",
        "basename \"$PWD\"",
        "echo no >&2; command -v zdaemon"
      ]
      const { commands } = yield* ManualRunner.run(
        { title: "", commands: texts.map((text) => ({ text, output: "" })) },
        { executable, timeout: "1 minute" }
      )
      assert.deepStrictEqual(commands.map(({ output }) => output), [
        "",
        "",
        "3 1\n",
        "a\n",
        "no\n/home/me/bin/zdaemon\n"
      ])
    }), 70_000)

  it.scopedLive("are told of processes that they leave behind, which are ended", () =>
    Effect.gen(function*() {
      const { leftBehind } = yield* ManualRunner.run(
        {
          title: "",
          commands: [{ text: "setsid sleep 1000 & until grep -q ^sleep /proc/$!/cmdline; do :; done", output: "" }]
        },
        { executable, timeout: "1 minute" }
      )
      assert.deepStrictEqual(leftBehind, ["sleep 1000"])
    }), 70_000)
})
