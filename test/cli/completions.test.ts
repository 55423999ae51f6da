// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * The completions, asked of the shells themselves. A shell that is missing is skipped.
 *
 * @since 0.1.0
 */
import { assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import { actions } from "../../src/cli/Cli.ts"
import * as CompletionScript from "../../src/cli/CompletionScript.ts"
import * as Grammar from "../../src/cli/Grammar.ts"
import * as OwnOption from "../../src/cli/OwnOption.ts"
import * as Settings from "../../src/config/Settings.ts"
import * as Live from "../support/Live.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const longOptions = [
  ...OwnOption.all.flatMap(({ long }) => long ?? []),
  ...Settings.spellings.map(({ key }) => key)
].map((name) => `--${name}`)

const starting = (begun: string) => actions.map(({ name }) => name).filter((name) => name.startsWith(begun))

/** Lines, and what they could become; signals in whatever case. The directory has `app.conf` in it, and `other`. */
const cases: ReadonlyArray<readonly [line: string, words: ReadonlyArray<string>]> = [
  ["zdaemon ", starting("")],
  ["zdaemon --", longOptions],
  ["zdaemon st", starting("st")],
  ["zdaemon -C app.conf ki", ["kill"]],
  ["zdaemon -Capp.conf ki", ["kill"]],
  ["zdaemon -fb 3 --umask 022 ki", ["kill"]],
  ["zdaemon --backoff-limit=3 ki", ["kill"]],
  ["zdaemon -s start st", starting("st")],
  ["zdaemon -- ki", ["kill"]],
  ["zdaemon -C ap", ["app.conf"]],
  ["zdaemon -fC ap", ["app.conf"]],
  ["zdaemon --transcript ap", ["app.conf"]],
  ["zdaemon --kill-mode ", ["group", "process"]],
  ["zdaemon --kill-mode=g", ["group"]],
  ["zdaemon --umask ", []],
  ["zdaemon --conf", ["--configure"]],
  ["zdaemon -u roo", ["root"]],
  ["zdaemon kill TER", ["TERM"]],
  ["zdaemon kill sigter", ["SIGTERM"]],
  ["zdaemon kill --", ["--json"]],
  ["zdaemon -f config --", ["--json", "--schema"]],
  ["zdaemon show ", ["all", "options", "python"]],
  ["zdaemon help sta", starting("sta")],
  ["zdaemon completions ", ["bash", "fish", "zsh"]],
  ["zdaemon logtail ap", ["app.conf"]],
  ["zdaemon start ap", ["app.conf"]]
]

const shells = [
  { shell: "bash", words: ["bash", "--norc"] },
  { shell: "zsh", words: ["zsh", "-f"] },
  { shell: "fish", words: ["fish"] }
]

for (const { shell, words } of shells) {
  describe.skipIf(!Zdaemon.canRun(shell, "-c", "true"))(`completion in ${shell}`, () => {
    let completed: ReadonlyArray<string> = []
    beforeAll(() => {
      const directory = FileSystem.mkdtempSync(Path.join(OperatingSystem.tmpdir(), "zd-"))
      try {
        for (const name of ["app.conf", "other"]) FileSystem.writeFileSync(Path.join(directory, name), "")
        const [file = "", ...rest] = words
        completed = ChildProcess.execFileSync(
          file,
          [
            ...rest,
            Live.fixture(`complete.${shell}`),
            Path.join(
              Zdaemon.dist,
              "completions",
              { bash: "zdaemon", zsh: "_zdaemon", fish: "zdaemon.fish" }[shell] ?? ""
            ),
            ...cases.map(([line]) => line)
          ],
          {
            cwd: directory,
            encoding: "utf8",
            env: { PATH: Process.env["PATH"], HOME: directory, TERM: "dumb", LC_ALL: "C" },
            timeout: 50_000
          }
        ).split("==\n")
      } finally {
        FileSystem.rmSync(directory, { recursive: true, force: true })
      }
    }, 60_000)

    it.for(cases.map(([line, words], i) => [line, words, i] as const))("%s", ([, words, i]) => {
      const found = (completed[i] ?? "nothing").split("\n").map((word) => word.trim()).filter((word) => word !== "")
        .map((word) => word.replace(/^--kill-mode=/, "").replace(/^(--.*)=$/, "$1").replace(/^sig/, "SIG"))
      const offered = found.map((word) => word.startsWith("SIG") ? word.toUpperCase() : word)
      assert.sameMembers([...new Set(offered)], [...words])
    })
  })
}

describe("the completion of somebody else's command", () => {
  const pool = {
    name: "pool",
    forms: [{ synopsis: "pool", summary: ["Print the size of the pool."] }],
    options: [],
    examples: [{ line: "app-ctl pool", description: "" }],
    words: "none"
  } as const
  const grammar = Grammar.make([...actions, pool], {
    name: "app-ctl",
    settings: [{
      key: "pool-size",
      short: "n",
      value: "NUMBER",
      fallback: "5",
      description: "how many workers there are",
      datatype: Either.right
    }]
  })

  it.scopedLive("has its name, its actions and its settings in every shell, and no function of zdaemon's", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* Live.directory, "script")
      const own = {
        bash: [
          /^complete -F _app_ctl app-ctl$/m,
          /--pool-size -n"$/m,
          / n\|pool-size\) kind=other ;;$/m,
          / pool\) : ;;$/m
        ],
        zsh: [
          /^#compdef app-ctl$/m,
          /'\(-n --pool-size\)--pool-size=\[how many workers there are\]:number: '/,
          /^ +'pool:Print the size of the pool'$/m,
          /^ +compdef _app_ctl app-ctl$/m
        ],
        fish: [
          /^complete -c app-ctl -n __app_ctl_needs_action -s n -l pool-size -x -d 'how many workers there are'$/m,
          /^complete -c app-ctl -n __app_ctl_needs_action -a pool -d 'Print the size of the pool'$/m
        ]
      }
      for (const shell of CompletionScript.shells) {
        const script = CompletionScript.render(shell, grammar)
        for (const line of own[shell]) assert.match(script, line)
        assert.notMatch(script, /_zdaemon|-c zdaemon/)
        FileSystem.writeFileSync(file, script)
        if (Zdaemon.canRun(shell, "-c", "true")) ChildProcess.execFileSync(shell, ["-n", file])
      }
    }))
})

describe("zdaemon completions", () => {
  it.scopedLive("prints the scripts that the package has as files", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const [shell, name] of [["bash", "zdaemon"], ["zsh", "_zdaemon"], ["fish", "zdaemon.fish"]] as const) {
        const { code, stderr, stdout } = yield* zdaemon.run("completions", shell)
        assert.deepStrictEqual([code, stderr], [0, ""])
        assert.strictEqual(stdout, FileSystem.readFileSync(Path.join(Zdaemon.dist, "completions", name), "utf8"))
      }
    }))

  it.scopedLive("knows no other shell", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [[], ["csh"], ["bash", "zsh"]]) {
        const { code, stderr, stdout } = yield* zdaemon.run("completions", ...words)
        assert.deepStrictEqual([code, stdout, stderr], [
          2,
          "",
          "Error: completions argument must be bash, zsh or fish\nFor help, use zdaemon -h\n"
        ])
      }
    }))
})
