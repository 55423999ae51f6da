// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const program = ["-p", "sh -c 'echo token is out; exit 3' -- --password=x"] as const

const folderOf = (zdaemon: Zdaemon.Zdaemon) =>
  Path.join(zdaemon.at("state"), "zdaemon", encodeURIComponent(zdaemon.socket))

describe.concurrent("crashes and history", () => {
  it.scopedLive("tell what happened when the manager has gone", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...program, "-b1", "--start-test-program", "true --token x", "start")
      const list = yield* zdaemon.run(...program, "crashes")
      assert.strictEqual(
        Zdaemon.timeless(list.stdout),
        "1  T  run 1 ended after N s: exit status 3; restarting too frequently; gave up\n"
      )
      const one = yield* zdaemon.run(...program, "crashes", "1")
      assert.deepStrictEqual([list.code, one.code, one.stderr], [0, 0, ""])
      assert.match(one.stdout, /^crash: {5}1\ntime: /)
      assert.match(one.stdout, /\nend: {7}exit status 3\nnext: {6}restarting too frequently; gave up\n/)
      assert.match(one.stdout, /\nprogram: {3}\S+\/sh \['sh', .* '--password=<redacted>'\]\n/)
      assert.match(one.stdout, /\nsettings: {2}socket-name zdsock, daemon on, backoff-limit 1, /)
      assert.match(one.stdout, /, start-test-program true --token <redacted>, /)
      assert.match(one.stdout, /\nvariables: [^=\n]*\bPATH\b[^=\n]*\noutput:\n {2}token is out\n$/)
      const history = yield* zdaemon.run(...program, "history")
      assert.strictEqual(
        Zdaemon.timeless(history.stdout),
        "T  manager N began\nT  run 1 began, pid=N\n" +
          "T  run 1 ended after N s: exit status 3; restarting too frequently; gave up (crash 1)\n" +
          "T  manager ended: restarting too frequently; gave up\n"
      )
    }))

  it.scopedLive("tell what was ordered, as soon as stop has answered, and of a stop that it is no crash", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const sleep = ["-p", "sleep 1000", "--start-grace=0"]
      yield* zdaemon.run(...sleep, "start")
      yield* zdaemon.run(...sleep, "kill", "URG")
      yield* zdaemon.run(...sleep, "stop")
      assert.strictEqual(
        Zdaemon.timeless((yield* zdaemon.run(...sleep, "history")).stdout),
        "T  manager N began\nT  run 1 began, pid=N\nT  ordered: kill 23\nT  ordered: stop\n" +
          "T  run 1 ended after N s: terminated by SIGTERM, as it was told\nT  manager ended: stopped\n"
      )
      assert.strictEqual(
        (yield* zdaemon.run(...sleep, "crashes")).stdout,
        `no crashes are known in ${folderOf(zdaemon)}\n`
      )
      assert.match((yield* zdaemon.run(...sleep, "status", "-v")).stdout, /\n\S+ \S+ {2}manager ended: stopped\n$/)
    }))

  it.scopedLive("know nothing, of another socket as well, and mistakes are told", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...program, "-b1", "start")
      const other = [...program, "-s", "other"]
      const folder = `${zdaemon.at("state")}/zdaemon/${encodeURIComponent(zdaemon.at("other"))}`
      assert.strictEqual((yield* zdaemon.run(...other, "crashes")).stdout, `no crashes are known in ${folder}\n`)
      assert.strictEqual((yield* zdaemon.run(...other, "history")).stdout, `no history is known in ${folder}\n`)
      const mistakes = [
        [["crashes", "2"], 1, "Error: there is no crash 2; \"crashes\" lists all that are known\n"],
        [["crashes", "last"], 2, "Error: crashes takes the number of a crash, or nothing\nFor help, use zdaemon -h\n"],
        [["history", "1"], 2, "Error: history takes no arguments\nFor help, use zdaemon -h\n"],
        [["--run-history", "off", "history"], 1, "Error: no history is kept: run-history is off\n"]
      ] as const
      for (const [words, code, stderr] of mistakes) {
        const result = yield* zdaemon.run(...program, ...words)
        assert.deepStrictEqual([result.code, result.stderr], [code, stderr])
      }
    }))

  it.scopedLive("are where the manager says, whatever the state directory of whoever asks is", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...program, "--give-up", "stay", "-b1", "start")
      const asked = (...words: ReadonlyArray<string>) =>
        Effect.flatMap(
          zdaemon.begin([...program, ...words], { environment: { XDG_STATE_HOME: zdaemon.at("elsewhere") } }),
          ({ result }) => result
        )
      assert.match((yield* asked("crashes")).stdout, /^1 {2}.*exit status 3/)
      assert.match((yield* asked("--run-history", "off", "crashes", "1")).stdout, /^crash: {5}1\n/)
      assert.match((yield* asked("history")).stdout, /run 1 ended .*\(crash 1\)\n/)
      assert.deepInclude(JSON.parse((yield* asked("history", "--json")).stdout), { folder: folderOf(zdaemon) })
      const watching = yield* zdaemon.begin([...program, "status", "--watch"], {
        environment: { XDG_STATE_HOME: zdaemon.at("elsewhere") }
      })
      yield* watching.says("no run is due")
      yield* zdaemon.run(...program, "stop")
      const { code, stdout } = yield* watching.result
      assert.strictEqual(code, 3)
      assert.match(stdout, /daemon manager not running\n[^\n]*\n.* run 1 ended .*\n.* manager ended: stopped\n/)
      const elsewhere = `${zdaemon.at("elsewhere")}/zdaemon/${encodeURIComponent(zdaemon.socket)}`
      assert.strictEqual((yield* asked("crashes")).stdout, `no crashes are known in ${elsewhere}\n`)
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "are not denied where the manager may not be asked",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        yield* zdaemon.run(...program, "--give-up", "stay", "-b1", "start")
        for (const action of ["crashes", "history"]) {
          assert.deepStrictEqual(yield* zdaemon.asNobody(...program, "-s", zdaemon.socket, action), {
            code: 4,
            stdout: "",
            stderr: `Error: permission denied for socket ${zdaemon.socket}\n` +
              "it belongs to user root; give the command as that user, or as root\n"
          })
        }
      })
  )

  it.scopedLive("are where run-history says, or nowhere", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...program, "-b1", "--run-history", "off", "start")
      assert.isFalse(zdaemon.exists("state"))
      yield* zdaemon.run(...program, "-b1", "--run-history", "kept", "start")
      assert.isFalse(zdaemon.exists("state"))
      assert.deepStrictEqual(Fs.readdirSync(zdaemon.at("kept")), [encodeURIComponent(zdaemon.socket)])
      assert.match((yield* zdaemon.run(...program, "--run-history", "kept", "crashes")).stdout, /exit status 3/)
      const wrong = yield* zdaemon.run(...program, "--run-history", "no/where", "start")
      assert.deepStrictEqual([wrong.code, wrong.stderr], [
        2,
        "Error: invalid value for --run-history 'no/where': no/where is not an existing directory\nFor help, use zdaemon -h\n"
      ])
    }))

  it.scopedLive("cost a warning in the transcript where they cannot be written, and the program nothing", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("state", "no directory")
      const { code } = yield* zdaemon.run("-p", "sleep 1000", "--start-grace=0", "-t", "log", "start")
      assert.strictEqual(code, 0)
      yield* zdaemon.run("-p", "sleep 1000", "stop")
      assert.match(zdaemon.read("log"), /^can't write history: \[Errno 20\] Not a directory: '[^']+'\n$/)
    }))

  it.scopedLive("cannot drive the terminal, whatever the program wrote or somebody put into the files", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const evil = ["-p", "sh -c 'printf \"\\033]0;owned\\007\\302\\2332J\"; exit 3'"]
      yield* zdaemon.run(...evil, "-b1", "start")
      Fs.appendFileSync(
        Path.join(folderOf(zdaemon), "history.jsonl"),
        `${JSON.stringify({ time: "2026-11-25T00:00:00.000Z", event: "over", reason: "\u001b[2J\n\u009b31m" })}\n`
      )
      for (const words of [["crashes"], ["crashes", "1"], ["history"], ["status", "-v"], ["history", "--json"]]) {
        const { stdout } = yield* zdaemon.run(...evil, ...words)
        assert.notMatch(stdout.replaceAll("\n", ""), /[^\P{Cc}]/u)
      }
    }))

  it.scopedLive.skipIf(!Zdaemon.hasTerminals)(
    "are pointed to after a start that failed, on a terminal only",
    () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        const { stdout } = yield* (yield* zdaemon.onTerminal([...program, "-b1", "start"])).result
        assert.include(stdout, "\"zdaemon crashes\" tells more")
        const script = yield* zdaemon.run(...program, "-b1", "start")
        assert.notInclude(script.stdout + script.stderr, "tells more")
        assert.include((yield* zdaemon.run(...program, "status", "-v")).stdout, "\n\"zdaemon crashes\" tells more\n")
        const off = yield* (yield* zdaemon.onTerminal([...program, "-b1", "--run-history", "off", "start"])).result
        assert.notInclude(off.stdout, "tells more")
      })
  )
})
