// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"]

describe.concurrent("status", () => {
  it.scopedLive("is 3 without a manager, 0 with one", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const none = yield* zdaemon.run(...sleep, "status")
      assert.deepStrictEqual([none.code, none.stdout], [3, "daemon manager not running\n"])
      yield* zdaemon.run(...sleep, "start")
      const up = yield* zdaemon.run(...sleep, "status")
      assert.deepStrictEqual([up.code, Zdaemon.plain(up.stdout)], [0, "program running; pid=N\n"])
      yield* zdaemon.run("-p", "false", "-s", "other", "start")
      yield* Zdaemon.until(zdaemon.at("other"), /backoff=2\n/)
      const down = yield* zdaemon.run("-p", "false", "-s", "other", "status")
      assert.deepStrictEqual([down.code, down.stdout], [0, "daemon manager running; daemon process not running\n"])
    }))

  it.scopedLive("adds the raw reply and an empty line with -l", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      for (const words of [["status", "-l"], ["status -l"], ["status-l"]]) {
        const { code, stdout } = yield* zdaemon.run(...sleep, ...words)
        assert.strictEqual(code, 0)
        assert.match(stdout, /^program running; pid=(\d+)\nstatus=running\nnow=[^]*\napplication=\1\n[^]*\n\n$/)
      }
    }))

  it.scopedLive("takes no other argument", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const word of ["-x", "-l -l", "all"]) {
        const { code, stdout } = yield* zdaemon.run(...sleep, "status", word)
        assert.deepStrictEqual([code, stdout], [1, "status argument must be absent or -l\n"])
      }
    }))

  it.scopedLive("does not take a file that is no socket for a manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("zdsock", "precious")
      const { code, stderr, stdout } = yield* zdaemon.run("-p", "sleep 1000", "status")
      assert.deepStrictEqual([code, stdout, stderr], [
        1,
        "",
        `Error: can't use socket '${zdaemon.socket}': it is there and is not a socket\ngive another name (-s)\n`
      ])
      assert.strictEqual(zdaemon.read("zdsock"), "precious")
    }))
})

describe.concurrent("kill", () => {
  it.scopedLive("sends the signal that it is told by name or number", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write(
        "signals",
        "#!/bin/bash\nfor s in HUP USR1 USR2 TERM RTMIN; do trap \"echo $s >> got\" $s; done\necho up > up\n" +
          "while :; do sleep 0.02; done\n",
        0o755
      )
      yield* zdaemon.run("-p", script, "--start-grace=0", "--stop-timeout=1", "start")
      yield* Zdaemon.eventually("the traps", () => zdaemon.exists("up"))
      let got = ""
      for (
        const [words, number, name, trap] of [
          [[], 15, "SIGTERM", "TERM"],
          [["HUP"], 1, "SIGHUP", "HUP"],
          [["sigusr1"], 10, "SIGUSR1", "USR1"],
          [["Signals.SIGUSR2"], 12, "SIGUSR2", "USR2"],
          [["1"], 1, "SIGHUP", "HUP"],
          [["34"], 34, "SIGRTMIN", "RTMIN"]
        ] as const
      ) {
        const { code, stdout } = yield* zdaemon.run("-p", script, "kill", ...words)
        const pid = /^kill\((\d+), /.exec(stdout)?.[1]
        assert.deepStrictEqual([code, stdout], [
          0,
          `kill(${pid}, ${number})\nsignal ${name} sent to process ${pid}\n`
        ])
        got += `${trap}\n`
        yield* Zdaemon.eventually(`signal ${name}`, () => zdaemon.read("got") === got)
      }
    }))

  it.scopedLive("refuses what is no signal", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const signal of ["ded", "0", "-9", "32", "1 2", "SIG_IGN", ""]) {
        const { code, stdout } = yield* zdaemon.run("-p", "sleep 1000", "kill", signal)
        assert.deepStrictEqual([code, stdout], [1, `invalid signal '${signal}'\n`])
      }
    }))

  it.scopedLive("says what was probably meant beside what it refuses", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [signal, advice] of [
          ["-KILL", "Did you mean SIGKILL?"],
          ["-9", "Did you mean SIGKILL?"],
          ["-99", ""],
          ["-s HUP", "Did you mean SIGHUP?"],
          ["TREM", "Did you mean TERM?"],
          ["35", ""]
        ]
      ) {
        const { stderr } = yield* zdaemon.run("-p", "sleep 1000", "kill", signal ?? "")
        assert.strictEqual(stderr, advice === "" ? "" : `${advice}\n`)
      }
    }))

  it.scopedLive("lists every signal with -l, by numbers that it takes, without a program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run("kill", "-l")
      assert.strictEqual(code, 0)
      const lines = stdout.trimEnd().split("\n")
      assert.includeMembers(lines, [" 1 SIGHUP", " 6 SIGABRT", "15 SIGTERM", "29 SIGIO", "34 SIGRTMIN", "64 SIGRTMAX"])
      assert.deepStrictEqual(lines.filter((line) => !/^[ \d]\d SIG[A-Z0-9]+$/.test(line)), [])
    }))

  it.scopedLive("says when nothing runs", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* zdaemon.run("-p", "sleep 1000", "kill")
      assert.deepStrictEqual([code, stdout], [0, "daemon process not running\n"])
    }))
})

describe.concurrent("foreground", () => {
  it.scopedLive("prints the words, and exits with the program's status", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [words, expected] of [
          [["-p", "echo one", "fg", "two", "--three"], [0, "echo one two --three\none two --three\n"]],
          [["-p", "sh -c 'exit 7'", "foreground"], [7, "sh -c exit 7\n"]],
          [["-p", "sh -c 'kill -9 $$'", "fg"], [137, "sh -c kill -9 $$\n"]],
          [["-p", "sh -c 'kill -TERM $$'", "fg"], [143, "sh -c kill -TERM $$\n"]]
        ] as const
      ) {
        const { code, stdout } = yield* zdaemon.run(...words)
        assert.deepStrictEqual([code, stdout], [...expected])
      }
    }))

  it.scopedLive("is 127 when there is no program, 126 when it cannot be run", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("plain", "")
      zdaemon.write("garbage", "\u0001\u0002", 0o755)
      for (
        const [program, code, reason] of [
          ["./nowhere", 127, "can't stat program './nowhere'"],
          ["nowhere-to-be-found", 127, "can't find program 'nowhere-to-be-found' on PATH ["],
          ["./plain", 126, "no permission to run program './plain'"],
          ["./garbage", 126, "[Errno 8] Exec format error"]
        ] as const
      ) {
        const result = yield* zdaemon.run("-p", program, "fg")
        assert.strictEqual(result.code, code, program)
        assert.include(result.stderr, reason)
      }
    }))

  it.scopedLive("refuses while the program is up", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const { code, stdout } = yield* zdaemon.run(...sleep, "fg")
      assert.deepStrictEqual([code, stdout], [1, "To run the program in the foreground, please stop it first.\n"])
    }))

  it.scopedLive("waits for a program that is still cleaning up after SIGINT", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write(
        "tidy",
        "#!/bin/sh\ntrap 'sleep 0.3; echo tidied; exit 3' INT\necho up\nwhile :; do sleep 0.05; done\n",
        0o755
      )
      // As a terminal does: the signal goes to the whole group.
      const group = yield* zdaemon.begin(
        ["-p", script, "fg"],
        { detached: true }
      )
      yield* group.says("up")
      process.kill(-group.pid, "SIGINT")
      const { code, stdout } = yield* group.result
      assert.deepStrictEqual([code, stdout], [3, `${script}\nup\ntidied\n`])
    }))

  it.scopedLive("passes SIGTERM and SIGHUP on to the program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const fg = yield* zdaemon.begin(["-p", "sh -c 'echo up; exec sleep 1000'", "fg"])
        yield* fg.says("up\n")
        fg.signal(signal)
        const result = yield* fg.result
        assert.strictEqual(result.code, code)
      }
    }))
})

describe.concurrent("reopening the log", () => {
  it.scopedLive("reopen_transcript writes on into a new file, and prints nothing", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write(
        "chatter",
        "#!/bin/sh\nn=0\nwhile :; do n=$((n+1)); echo $n; sleep 0.02; done\n",
        0o755
      )
      yield* zdaemon.run("-p", script, "-t", "log", "--start-grace=0", "start")
      yield* Zdaemon.eventually("output", () => zdaemon.read("log").includes("\n5\n"))
      Fs.renameSync(zdaemon.at("log"), zdaemon.at("log.1"))
      const { code, stderr, stdout } = yield* zdaemon.run("-p", script, "reopen_transcript", "ignored")
      assert.deepStrictEqual([code, stdout, stderr], [0, "", ""])
      yield* Zdaemon.eventually("output in the new file", () => zdaemon.read("log").split("\n").length > 5)
      yield* zdaemon.run("-p", script, "stop")
      const lines = (zdaemon.read("log.1") + zdaemon.read("log")).trimEnd().split("\n")
      assert.deepStrictEqual(lines, lines.map((_, i) => String(i + 1)))
    }))

  it.scopedLive("reopen_transcript says why when it cannot, and goes on with the old file", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      Fs.mkdirSync(zdaemon.at("logs"))
      yield* zdaemon.run("-p", "sleep 1000", "-t", "logs/log", "--start-grace=0", "start")
      Fs.renameSync(zdaemon.at("logs"), zdaemon.at("old"))
      const { code, stderr } = yield* zdaemon.run("-p", "sleep 1000", "reopen_transcript")
      assert.strictEqual(code, 1)
      assert.include(stderr, "[Errno 2] No such file or directory")
      assert.include(yield* Zdaemon.ask(zdaemon.socket, "status\n"), "status=running")
    }))

  it.scopedLive("reopen_transcript and logreopen say when there is no manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const transcript = yield* zdaemon.run("-p", "sleep 1000", "reopen_transcript")
      assert.deepStrictEqual([transcript.code, transcript.stdout], [0, "daemon manager not running\n"])
      const log = yield* zdaemon.run("-p", "sleep 1000", "logreopen", "ignored")
      assert.deepStrictEqual([log.code, log.stdout], [0, "daemon manager not running\ndaemon process not running\n"])
    }))

  it.scopedLive("logreopen reopens the transcript, then sends SIGUSR2", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write(
        "listens",
        "#!/bin/sh\ntrap 'echo reopened' USR2\necho up\nwhile :; do sleep 0.02; done\n",
        0o755
      )
      yield* zdaemon.run("-p", script, "-t", "log", "--start-grace=0", "start")
      yield* Zdaemon.eventually("the trap", () => zdaemon.read("log") === "up\n")
      Fs.renameSync(zdaemon.at("log"), zdaemon.at("log.1"))
      const { code, stdout } = yield* zdaemon.run("-p", script, "logreopen")
      const pid = /^kill\((\d+), /.exec(stdout)?.[1]
      assert.deepStrictEqual([code, stdout], [0, `kill(${pid}, 12)\nsignal SIGUSR2 sent to process ${pid}\n`])
      yield* Zdaemon.eventually("the program's answer", () => zdaemon.read("log") === "reopened\n")
      assert.strictEqual(zdaemon.read("log.1"), "up\n")
    }))
})

describe.concurrent("logtail", () => {
  it.scopedLive("follows the transcript through restarts of the program, and of its manager", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const words = ["-p", "sh -c 'echo run $$; exec sleep 1000'", "-t", "log", "--start-grace=0"] as const
      const pidOf = (output: string) => `run ${Zdaemon.pidOf(output)}\n`
      const first = pidOf((yield* zdaemon.run(...words, "start")).stdout)
      const tail = yield* zdaemon.begin([...words, "logtail"])
      yield* tail.says(first)
      const second = pidOf((yield* zdaemon.run(...words, "restart")).stdout)
      yield* tail.says(second)
      yield* zdaemon.run(...words, "stop")
      const third = pidOf((yield* zdaemon.run(...words, "start")).stdout)
      yield* tail.says(third)
      tail.signal("SIGINT")
      const { code, stdout } = yield* tail.result
      assert.deepStrictEqual([code, stdout], [0, `${first}${second}${third}\n`])
    }))

  it.scopedLive("shows the last lines, then what is added, until Ctrl-C", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("my log", Array.from({ length: 12 }, (_, i) => `${i}\n`).join(""))
      const tail = yield* zdaemon.begin(["-p", "true", "-l", "my log", "logtail"])
      const named = yield* zdaemon.begin(["-p", "true", "logtail", "my", "log"])
      for (const process of [tail, named]) {
        yield* process.says("11\n")
        assert.strictEqual(process.output(), Array.from({ length: 10 }, (_, i) => `${i + 2}\n`).join(""))
      }
      Fs.appendFileSync(zdaemon.at("my log"), "more\n")
      for (const process of [tail, named]) {
        yield* process.says("more\n")
        process.signal("SIGINT")
        const { code, stdout } = yield* process.result
        assert.strictEqual(code, 0)
        assert.isTrue(stdout.endsWith("more\n\n"))
      }
    }))

  it.scopedLive("ends when nobody reads it any more", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "first\n")
      const script = `"$0" "$1" -p true logtail log | head -n 1; echo over`
      const tail = yield* zdaemon.begin(["-c", script, process.execPath, Zdaemon.executable], { file: "/bin/sh" })
      yield* tail.says("first\n")
      yield* Zdaemon.eventually("the end", () => {
        Fs.appendFileSync(zdaemon.at("log"), "more\n")
        return tail.output() === "first\nover\n"
      })
    }))

  it.scopedLive("ends in order when its reader, who was too slow, hangs up", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "x".repeat(3_000_000))
      const script = `const [node, ...words] = process.argv.slice(1)
        const tail = require("child_process").spawn(node, words, { stdio: ["ignore", "pipe", "inherit"] })
        tail.stdout.once("readable", () => tail.stdout.destroy())
        tail.once("exit", (code) => console.log(code))`
      const words = ["-e", script, process.execPath, Zdaemon.executable, "-p", "true", "logtail", "log"]
      const { stderr, stdout } = yield* (yield* zdaemon.begin(words, { file: process.execPath })).result
      assert.deepStrictEqual([stderr, stdout], ["", "0\n"])
    }))

  it.scopedLive("shows as many lines as it is to, and no more, of the transcript where there is no logfile", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", Array.from({ length: 12 }, (_, i) => `${i}\n`).join(""))
      Fs.mkdirSync(zdaemon.at("there"))
      zdaemon.write("there/log", "there\n")
      const shown = (...words: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run("-p", "true", ...words), ({ code, stderr, stdout }) => [code, stdout + stderr])
      assert.deepStrictEqual(yield* shown("-t", "log", "logtail", "-n", "2", "--no-follow"), [0, "10\n11\n"])
      assert.deepStrictEqual(yield* shown("logtail", "-f", "-n1", "--no-follow", "--", "log"), [0, "11\n"])
      assert.deepStrictEqual(yield* shown("logtail", "log", "-n", "2", "--no-follow"), [0, "10\n11\n"])
      zdaemon.write("-n 1", "odd\n")
      assert.deepStrictEqual(yield* shown("logtail", "--no-follow", "--", "-n", "1"), [0, "odd\n"])
      assert.deepStrictEqual(
        yield* shown("logtail", "-5"),
        [2, "Error: option -5 not recognized\nDid you mean -n 5?\nFor help, use zdaemon -h\n"]
      )
      assert.deepStrictEqual(
        yield* shown("-z", "there", "-t", "log", "logtail", "--no-follow"),
        [0, "there\n"]
      )
      for (const words of [["-n"], ["-n", "x"], ["-n", "-1"], ["--bogus"]]) {
        const [code, output] = yield* shown("logtail", ...words)
        assert.strictEqual(code, 2)
        assert.match(String(output), /^Error: (option|invalid value for -n) /)
      }
    }))

  it.scopedLive("needs no program", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("log", "one\n")
      const tail = yield* zdaemon.begin(["logtail", "log"])
      yield* tail.says("one\n")
      tail.signal("SIGINT")
      assert.strictEqual((yield* tail.result).code, 0)
    }))

  it.scopedLive("says when there is no file", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const none = yield* zdaemon.run("-p", "true", "logtail")
      assert.deepStrictEqual([none.code, none.stdout], [
        0,
        "No default log file specified; use logtail <logfile>\n"
      ])
      const missing = yield* zdaemon.run("-p", "true", "logtail", "/nowhere/log")
      assert.strictEqual(missing.code, 1)
      assert.include(missing.stderr, "[Errno 2] No such file or directory: '/nowhere/log'")
    }))
})

describe.concurrent("show", () => {
  it.scopedLive("shows the settings without a program, and those that it is given", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const none = yield* zdaemon.run("show")
      assert.strictEqual(none.code, 0)
      assert.include(none.stdout, "program:      None\n")
      const { stdout } = yield* zdaemon.run(
        "-p",
        "sleep '1 0'",
        "-x",
        "1, 2",
        "-m7",
        "-fb5",
        "-tlog",
        "show",
        "options"
      )
      for (
        const line of [
          "zdctl/zdrun options:",
          "program:      ['sleep', '1 0']",
          "backofflimit: 5",
          "daemon:       True",
          "forever:      True",
          "sockname:     'zdsock'",
          "exitcodes:    [1, 2]",
          "user:         None",
          "umask:        0o7",
          "directory:    None",
          "logfile:      None",
          "transcript:   'log'"
        ]
      ) assert.include(stdout.split("\n"), line)
    }))

  it.scopedLive("shows the runtime, and all, and knows nothing else", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const runtime = yield* zdaemon.run("show", "python")
      assert.match(runtime.stdout, /^version: +v\d+[^]*\nplatform: [^]*\nexecutable: [^]*\ndirectory: [^]*\npath: /)
      const all = yield* zdaemon.run("show", "all")
      assert.match(all.stdout, /^zdctl\/zdrun options:\n[^]*\nversion: /)
      const other = yield* zdaemon.run("show", "me")
      assert.strictEqual(other.code, 2)
      assert.match(other.stdout, /^'ZDCmd' object has no attribute 'show_me'\nshow options -- show zdctl options\n/)
    }))
})

describe.concurrent("an action that there is not", () => {
  it.scopedLive("is told on standard output, exit status 2", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [["nope"], ["Start"], ["nope", "a  b"], ["stat"], ["-"], ["constructor"], ["__proto__"]]) {
        const { code, stdout } = yield* zdaemon.run("-p", "true", ...words)
        assert.deepStrictEqual([code, stdout], [2, `*** Unknown syntax: ${words.join(" ")}\n`])
      }
    }))
})
