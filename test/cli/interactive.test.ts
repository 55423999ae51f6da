import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const sleep = ["-p", "sleep 1000", "--start-grace=0"]

/** A session whose lines come through a pipe. */
const piped = Effect.fnUntraced(
  function*(zdaemon: Zdaemon.Zdaemon, words: ReadonlyArray<string>, ...lines: ReadonlyArray<string>) {
    const session = yield* zdaemon.begin(words, { input: true })
    yield* session.type(lines.map((line) => `${line}\n`).join(""))
    yield* session.hangUp
    return yield* session.result
  }
)

describe.concurrent("the interactive mode through a pipe", () => {
  it.scopedLive("shows program and status, and then obeys every line, in the words of the command line", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* piped(zdaemon, sleep, "start", "", "status-l", "stop")
      assert.deepStrictEqual([code, stderr], [0, ""])
      const said = Zdaemon.plain(stdout).split("zdaemon> ").map((text) => text.replace(/^(\. )+/, ""))
      assert.deepStrictEqual(said.map((text) => text.replace(/\nstatus=[^]*$/, "…")), [
        "program: sleep 1000\ndaemon manager not running\n",
        "\ndaemon process started, pid=N\n",
        "program running; pid=N\n",
        "program running; pid=N…",
        "\ndaemon process stopped\n",
        "\n"
      ])
    }))

  it.scopedLive("ends at once, with exit status 0, where there is no input", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const greeting = "program: sleep 1000\ndaemon manager not running\nzdaemon> \n"
      const none = yield* zdaemon.run(...sleep)
      assert.deepStrictEqual([none.code, none.stdout, none.stderr], [0, greeting, ""])
      const closed = yield* zdaemon.begin(
        ["-c", `exec "$@" <&-`, "sh", process.execPath, Zdaemon.executable, ...sleep],
        {
          file: "sh"
        }
      )
      const { code, stdout } = yield* closed.result
      assert.deepStrictEqual([code, stdout], [0, greeting])
    }))

  it.scopedLive("does not begin when the action is an empty word, which is a status as an empty line is", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [[""], [" ", ""]]) {
        const { code, stdout } = yield* piped(zdaemon, [...sleep, ...words], "quit")
        assert.deepStrictEqual([code, stdout], [3, "daemon manager not running\n"])
      }
    }))

  it.scopedLive("comes after the action with -i, whatever becomes of that", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stdout } = yield* piped(zdaemon, [...sleep, "-i", "kill", "ded"], "quit")
      assert.deepStrictEqual([code, stdout], [
        0,
        "invalid signal 'ded'\nprogram: sleep 1000\ndaemon manager not running\nzdaemon> daemon manager not running\n"
      ])
    }))

  it.scopedLive("does not begin with a mistake on the command line or in the configuration", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", "<runner>\n  program true\n  backoff-limit soon\n</runner>\n")
      for (const words of [[], ["-i", "start"], ["-C", "conf"], ["-p", "true", "-z", "no/where"]]) {
        const { code, stderr, stdout } = yield* piped(zdaemon, words, "status")
        assert.deepStrictEqual([code, stdout], [2, ""])
        assert.match(stderr, /^Error: .*\nFor help, use zdaemon -h\n$/s)
      }
    }))

  it.scopedLive("begins with -i only when default-to-interactive is off", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", "<runner>\n  program true\n  default-to-interactive no\n  prompt me>\n</runner>\n")
      const off = yield* piped(zdaemon, ["-C", "conf"], "status")
      assert.deepStrictEqual([off.code, off.stdout, off.stderr], [
        2,
        "",
        "Error: either -i or an action argument is required\nFor help, use zdaemon -h\n"
      ])
      const on = yield* piped(zdaemon, ["-C", "conf", "-i"])
      assert.deepStrictEqual([on.code, on.stdout], [0, "program: true\ndaemon manager not running\nme> \n"])
    }))

  it.scopedLive("goes on after mistakes, and says what was meant", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { code, stderr, stdout } = yield* piped(
        zdaemon,
        sleep,
        "dance with me",
        "quitt",
        "config --all",
        "help me",
        "?",
        "EOF"
      )
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(stdout.split("zdaemon> ").slice(1, 5), [
        "*** Unknown syntax: dance with me\n",
        "*** Unknown syntax: quitt\n",
        "",
        "*** No help on me\n"
      ])
      const listed = /\n=+\n(.*)\n\nzdaemon> \n$/s.exec(stdout)?.[1] ?? ""
      assert.includeMembers(listed.split(/\s+/), ["EOF", "quit", "reload", "shell"])
      assert.deepStrictEqual(stderr.split("\n").slice(0, 3), [
        "Did you mean quit?",
        "Error: config argument must be absent, --json or --schema",
        "For help, type help"
      ])
    }))

  it.scopedLive("has help for its own actions, too", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { stdout } = yield* piped(zdaemon, sleep, "help quit", "reload --help", "?shell", "help EOF")
      const firsts = stdout.split(/^zdaemon> /m).slice(1).map((text) => text.split("\n")[0])
      assert.deepStrictEqual(firsts, [
        "quit -- Exit the zdctl shell.",
        "reload [options] -- Reload the configuration.",
        "shell [command] -- Execute a shell command.",
        "EOF -- To quit, type ^D or use the quit command.",
        ""
      ])
    }))

  it.scopedLive("has no actions of its own outside", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const action of ["quit", "EOF", "reload", "shell", "opening"]) {
        const { code, stdout } = yield* zdaemon.run(...sleep, action)
        assert.deepStrictEqual([code, stdout], [2, `*** Unknown syntax: ${action}\n`])
      }
    }))

  it.scopedLive("gives start the words of its line, with quotes, or else those of the command line", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const say = zdaemon.write("say", "#!/bin/sh\nfor word; do echo \"<$word>\"; done\n", 0o755)
      const { stdout } = yield* piped(zdaemon, ["-p", say, "-i", "fg", "one two"], "fg", "fg 'three  four' five")
      assert.deepStrictEqual(
        stdout.split("\n").filter((line) => line.startsWith("<")),
        ["<one two>", "<one two>", "<three  four>", "<five>"]
      )
    }))

  it.scopedLive("leaves what follows a line to the program that it runs", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { stdout } = yield* piped(
        zdaemon,
        ["-p", "sh -c 'read x; echo \"got $x\"'"],
        "fg",
        "one",
        "!read y; echo $y",
        "two"
      )
      assert.match(stdout, /\ngot one\n/)
      assert.match(stdout, /zdaemon> two\nzdaemon> \n$/)
    }))

  it.scopedLive("runs shell commands as they were typed, with the program's environment", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write(
        "conf",
        "<runner>\n  program true\n</runner>\n<environment>\n  ANSWER 42\n  SHELL /bin/echo\n</environment>\n"
      )
      const { code, stdout } = yield* piped(
        zdaemon,
        ["-C", "conf"],
        "!echo \"a  b\" | tr a A",
        "shell echo $ANSWER",
        "! exit 3",
        "shell --help | cat",
        "!"
      )
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(stdout.split("zdaemon> ").slice(1), ["A  b\n", "42\n", "", "", "\n", "\n"])
    }))

  it.scopedLive("keeps the configuration until it is told to reload it, and the old one when that fails", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const conf = (limit: string) =>
        zdaemon.write("conf", `<runner>\n  program true\n  backoff-limit ${limit}\n</runner>\n`)
      conf("5")
      const session = yield* zdaemon.begin(["-C", "conf", "-b", "6"], { input: true })
      const prompts = () => [...session.output().matchAll(/^zdaemon> /gm)].length
      const answered = Effect.fnUntraced(function*(line: string) {
        const before = prompts()
        yield* session.type(`${line}\n`)
        yield* Zdaemon.eventually(`an answer to ${line}`, () => prompts() > before)
        return session.output()
      })
      yield* session.says("zdaemon> ")
      const limit = Effect.map(answered("show"), (output) => [...output.matchAll(/backofflimit: (\d+)/g)].at(-1)?.[1])
      assert.strictEqual(yield* limit, "6")
      yield* answered("reload")
      assert.strictEqual(yield* limit, "6")
      yield* answered("reload -f")
      assert.strictEqual(yield* limit, "5")
      conf("7")
      assert.strictEqual(yield* limit, "5")
      conf("bad")
      yield* answered("reload -f")
      yield* answered("reload -b")
      yield* answered("reload start")
      yield* answered("reload --help")
      assert.strictEqual(yield* limit, "5")
      conf("8")
      yield* answered("reload -p 'echo  b'")
      assert.strictEqual(yield* limit, "8")
      yield* answered("reload -X runner/backoff-limit=9")
      assert.strictEqual(yield* limit, "9")
      yield* session.hangUp
      const { code, stderr, stdout } = yield* session.result
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout.split("Configuration reloaded from conf\n").length, 5)
      assert.strictEqual(stdout.split("Configuration not reloaded\n").length, 4)
      assert.match(stderr, /invalid literal for int\(\)[^]*option -b requires argument[^]*reload takes options/)
      assert.include(stdout, "program:      ['echo', 'b']")
    }))

  it.scopedLive("reloads without a file as well", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { stdout } = yield* piped(zdaemon, ["-p", "true"], "reload -p false", "show")
      assert.match(stdout, /Configuration reloaded without a config file\n[^]*program: {6}\['false'\]/)
    }))

  it.scopedLive("runs the manager of `daemon off` as a child, and goes on when that has ended", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("conf", "<runner>\n  program sh -c 'echo \"up $$1\"; exit 0' sh\n  daemon off\n</runner>\n")
      const { code, stdout } = yield* piped(zdaemon, ["-C", "conf", "-i"], "start one", "status")
      assert.strictEqual(code, 0)
      assert.match(stdout, /zdaemon> up one\nzdaemon> daemon manager not running\nzdaemon> \n$/)
    }))

  it.scopedLive("interrupts an action at SIGINT, and goes on", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const session = yield* zdaemon.begin(sleep, { input: true })
      yield* session.type("wait\n")
      yield* session.says("zdaemon> . ")
      session.signal("SIGINT")
      yield* session.says("^C\nzdaemon> ")
      yield* session.type("quit\n")
      const { code, stdout } = yield* session.result
      assert.strictEqual(code, 0)
      assert.isTrue(stdout.endsWith("zdaemon> daemon process and daemon manager still running\n"), stdout)
    }))

  it.scopedLive("does not end a manager that waits to start the program again", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run("-p", "false", "start")
      yield* Zdaemon.until(zdaemon.socket, /application=0/)
      const { stdout } = yield* piped(zdaemon, ["-p", "false"], "quit")
      assert.match(stdout, /zdaemon> (daemon manager running; daemon process not running|.*still running)\n$/)
      assert.match(yield* Zdaemon.ask(zdaemon.socket, "status\n"), /should_be_up=1/)
    }))
})

/** What a terminal shows, without what moves the cursor. */
const shown = (output: string): string =>
  // oxlint-disable-next-line eslint/no-control-regex
  output.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "")

describe.skipIf(!Zdaemon.hasTerminals)("the interactive mode on a terminal", { concurrent: true }, () => {
  /** Begins a session, and waits for its prompt. */
  const begun = Effect.fnUntraced(function*(zdaemon: Zdaemon.Zdaemon, ...words: ReadonlyArray<string>) {
    const session = yield* zdaemon.onTerminal(words, { environment: { TERM: "xterm" } })
    yield* session.says("zdaemon> ")
    const shows = (text: string) =>
      Zdaemon.eventually(`${JSON.stringify(text)} on the terminal`, () => shown(session.output()).includes(text))
    /** Types what ends a line, and waits for the next prompt. */
    const enter = Effect.fnUntraced(function*(keys: string) {
      const before = session.output().length
      yield* session.type(keys)
      yield* Zdaemon.eventually(
        `a prompt after ${JSON.stringify(keys)}`,
        () => shown(session.output().slice(before)).endsWith("\nzdaemon> ")
      )
      return shown(session.output().slice(before))
    })
    return { ...session, shows, enter }
  })

  it.scopedLive("edits lines, brings back earlier ones, and ends at Ctrl-D", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const session = yield* begun(zdaemon, ...sleep)
      assert.include(yield* session.enter("statusx\x7f\r"), "daemon manager not running\n")
      assert.include(yield* session.enter("kill x\r"), "invalid signal 'x'\n")
      assert.include(yield* session.enter("\x1b[A\x1b[A\r"), "daemon manager not running\n")
      yield* session.type("\x04")
      assert.strictEqual((yield* session.result).code, 0)
    }))

  it.scopedLive("remembers lines from session to session, but none that begins with a blank", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const first = yield* begun(zdaemon, ...sleep)
      yield* first.enter("kill x\r")
      yield* first.enter(" kill y\r")
      yield* first.type("\x04")
      yield* first.result
      assert.strictEqual(zdaemon.read("state/zdaemon/history"), "kill x\n")
      const second = yield* begun(zdaemon, ...sleep)
      assert.include(yield* second.enter("\x1b[A\r"), "invalid signal 'x'\n")
      yield* second.type("\x04")
      assert.strictEqual((yield* second.result).code, 0)
    }))

  it.scopedLive("completes actions, signals and files with the tab key", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("some.log", "its text\n")
      const session = yield* begun(zdaemon, ...sleep)
      yield* session.type("relo")
      yield* session.shows("relo")
      yield* session.type("\t")
      yield* session.shows("reload ")
      yield* session.enter("\x15kill KIL\r")
      yield* session.type("!cat so")
      yield* session.shows("cat so")
      yield* session.type("\t")
      yield* session.shows("cat some.log")
      assert.include(yield* session.enter("\r"), "its text\n")
    }))

  it.scopedLive("gives a line up at Ctrl-C, and an action while it waits", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      yield* zdaemon.run(...sleep, "start")
      const session = yield* begun(zdaemon, ...sleep)
      yield* session.type("stop it")
      yield* session.shows("stop it")
      assert.strictEqual(yield* session.enter("\x03"), "^C\nzdaemon> ")
      yield* session.type("wait\r")
      yield* session.shows("waiting for pid ")
      assert.include(yield* session.enter("\x03"), "^C\n")
      assert.include(yield* session.enter("status\r"), "program running; pid=")
      assert.include(
        yield* session.enter("quit\r").pipe(Effect.timeoutTo({
          duration: "1 seconds",
          onSuccess: (text) => text,
          onTimeout: () => "over"
        })),
        "over"
      )
      assert.strictEqual((yield* session.result).code, 0)
    }))

  it.scopedLive("lets Ctrl-C reach a program in the foreground, and comes back when that has ended", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const script = zdaemon.write(
        "app",
        "#!/bin/sh\ntrap 'echo cleaned; exit 5' INT\necho up\nwhile :; do sleep 0.02; done\n",
        0o755
      )
      const session = yield* begun(zdaemon, "-p", script)
      yield* session.type("fg\r")
      yield* session.shows("\nup\n")
      assert.match(yield* session.enter("\x03"), /cleaned\n/)
      assert.include(yield* session.enter("!stty -a | tr ' ;' '\\n\\n' | grep -x -e -icanon -e icanon\r"), "\nicanon\n")
    }))

  it.scopedLive("obeys every line of a text that is pasted", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const session = yield* begun(zdaemon, ...sleep)
      yield* session.type("!echo one\r!echo two\r!echo thr")
      yield* session.shows("\ntwo\n")
      yield* session.shows("zdaemon> !echo thr")
      assert.include(yield* session.enter("ee\r"), "\nthree\n")
    }))
})
