// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import { actions } from "../../src/cli/Cli.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** Compares with the text that was agreed on, in `golden/NAME.txt`; `UPDATE_GOLDEN=1` writes it anew. */
const isGolden = (name: string, actual: string): void => {
  const file = Path.join(import.meta.dirname, "golden", `${name}.txt`)
  if (Process.env["UPDATE_GOLDEN"] === "1") Fs.writeFileSync(file, actual)
  assert.strictEqual(actual, Fs.readFileSync(file, "utf8"))
}

describe.concurrent("help", () => {
  it.scopedLive("of the options is the usage text", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("-h")
      assert.deepStrictEqual([code, stderr], [0, ""])
      isGolden("usage", stdout)
      const tokens = "-b/--backoff-limit -C/--configure -d/--daemon -f/--forever -h/--help -l/--logfile -m/--umask " +
        "-p/--program -s/--socket-name -t/--transcript -T/--start-timeout -u/--user -x/--exit-codes -z/--directory --version"
      for (const token of tokens.split(" ")) assert.include(stdout, `\n${token} `)
    }))

  it.scopedLive("without an action is the list of actions", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run("help")
      assert.strictEqual(code, 0)
      isGolden("help", stdout)
    }))

  it.scopedLive("of an action says what it does", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const { name: action } of actions) {
        const { code, stdout } = yield* zdaemon.run("help", action)
        assert.strictEqual(code, 0)
        isGolden(`help-${action}`, stdout)
      }
    }))

  it.scopedLive("of anything else is none", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("help", "me", "out")
      assert.deepStrictEqual([code, stdout, stderr], [
        2,
        "*** No help on me out\n",
        ""
      ])
    }))

  it.scopedLive("is what --help and -h behind an action ask for, with or without a program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [["kill", "--help"], ["-p", "sleep 1", "kill", "-h"], ["kill", "HUP", "--help"]]) {
        const { code, stdout } = yield* zdaemon.run(...words)
        assert.strictEqual(code, 0)
        isGolden("help-kill", stdout)
      }
    }))

  it.scopedLive("of start and restart is what a sole --help asks for; any other word is the program's", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const help = yield* zdaemon.run("-p", "echo", "start", "--help")
      assert.strictEqual(help.code, 0)
      isGolden("help-start", help.stdout)
      assert.isTrue((yield* zdaemon.run("restart", "--help")).stdout.startsWith("restart -- "))
      for (const words of [["-h"], ["--help", "--version"]]) {
        yield* zdaemon.run("-p", "echo", "-t", "log", "start", ...words)
        yield* Zdaemon.eventually("the output", () => zdaemon.read("log").endsWith(`${words.join(" ")}\n`))
      }
    }))

  it.scopedLive("of fg is what --help asks for where no program is named", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const help = yield* zdaemon.run("fg", "--help")
      assert.strictEqual(help.code, 0)
      isGolden("help-fg", help.stdout)
      const say = zdaemon.write("say", "#!/bin/sh\necho \"$@\"\n", 0o755)
      zdaemon.write("conf", `<runner>\n  program ${say}\n</runner>\n`)
      for (const options of [["-p", say], ["-C", "conf"]]) {
        const { code, stdout } = yield* zdaemon.run(...options, "fg", "--help")
        assert.deepStrictEqual([code, stdout], [0, `${say} --help\n--help\n`])
      }
    }))
})

describe.concurrent("what is not known", () => {
  it.scopedLive("as an action is told as ever on standard output, with the nearest one beside it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [words, line, advice] of [
          [["strat"], "strat", "Did you mean start?\n"],
          [
            ["reopen-transcript"],
            "reopen-transcript",
            "Did you mean reopen_transcript?\n"
          ],
          [["dance", "with me"], "dance with me", ""]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* zdaemon.run("-p", "sleep 1000", ...words)
        assert.deepStrictEqual([code, stdout, stderr], [2, `*** Unknown syntax: ${line}\n`, advice])
      }
    }))

  it.scopedLive("as an option is told in getopt's words, with the nearest one below", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* zdaemon.run("--progam", "sleep 1000", "status")
      assert.deepStrictEqual([code, stdout, stderr], [
        2,
        "",
        "Error: option --progam not recognized\nDid you mean --program?\nFor help, use zdaemon -h\n"
      ])
      for (const action of ["check", "explain", "history", "crashes", "stop", "logtail"]) {
        const behind = yield* zdaemon.run("-p", "sleep 1000", action, "--jsn")
        assert.deepStrictEqual([behind.code, behind.stdout, behind.stderr], [
          2,
          "",
          "Error: option --jsn not recognized\nDid you mean --json?\nFor help, use zdaemon -h\n"
        ])
      }
      for (
        const [action, word, meant] of [
          ["config", "--shema", "--schema"],
          ["export", "kubernets", "kubernetes"]
        ] as const
      ) {
        const behind = yield* zdaemon.run("-p", "sleep 1000", action, word)
        assert.strictEqual(behind.code, 2)
        assert.include(behind.stderr, `\nDid you mean ${meant}?\nFor help, use zdaemon -h\n`)
      }
      const other = yield* zdaemon.run("--bogus", "status")
      assert.strictEqual(other.stderr, "Error: option --bogus not recognized\nFor help, use zdaemon -h\n")
    }))
})
