// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

const inRunner = (...lines: ReadonlyArray<string>) => ["<runner>", ...lines, "</runner>"].join("\n")

/** The output of `check` with a configuration file `x.conf`, in which the directory is `DIR`. */
const check = (text: string, ...options: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const z = yield* Zdaemon.make
    z.write("x.conf", text)
    const { code, stderr, stdout } = yield* z.run(...options, "-C", "x.conf", "check")
    return { code, left: FileSystem.readdirSync(z.directory), stdout, stderr: linesOf(z, stderr) }
  })

const linesOf = (z: Zdaemon.Zdaemon, text: string): ReadonlyArray<string> =>
  text.replaceAll(z.directory, "DIR").split("\n").filter((line) => line !== "")

const hint = "For help, use zdaemon -h"

describe("zdaemon check", () => {
  it.scopedLive("finds nothing wrong with a configuration that works, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const text = inRunner("program sleep 100", "directory run", "transcript out.log", "socket-name run/zdsock")
      assert.deepStrictEqual(yield* check(text), {
        code: 0,
        left: ["x.conf"],
        stdout: "configuration OK\n",
        stderr: []
      })
    }))

  it.scopedLive("refuses a variable without a name, which only other formats than zdaemon's own can say", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write("x.toml", "[runner]\nprogram = \"true\"\n[environment]\n\"\" = \"x\"\n")
      const { code, stderr } = yield* z.run("-C", "x.toml", "check")
      assert.deepStrictEqual([code, linesOf(z, stderr)], [
        2,
        ["Error: illegal environment variable name: '' (line 4, in file://DIR/x.toml)", hint]
      ])
    }))

  it.scopedLive("tells every mistake of a kind at once", () =>
    Effect.gen(function*() {
      const text = inRunner("program x", "backoff-limit soon", "bogus 1")
      assert.deepStrictEqual(yield* check(text), {
        code: 2,
        left: ["x.conf"],
        stdout: "",
        stderr: [
          "Error: invalid literal for int() with base 10: 'soon' (line 3, in file://DIR/x.conf)",
          "Error: 'bogus' is not a known key name (line 4, in file://DIR/x.conf)",
          hint
        ]
      })
    }))

  it.scopedLive("looks for programs, users, directories and files", () =>
    Effect.gen(function*() {
      const text = inRunner(
        "program ./nothing",
        "start-test-program no-such-program-here",
        "user no-such-user-here",
        "directory a/b",
        "socket-name c/d/zdsock",
        "transcript e/out.log"
      ) + "\n<environment>\nPATH /nowhere\n</environment>\n<eventlog>\n<logfile>\npath f/x.log\n</logfile>\n</eventlog>"
      const { code, stderr } = yield* check(text)
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(stderr, [
        "Error: can't stat program './nothing' (line 2, in file://DIR/x.conf)",
        "Error: can't find program 'no-such-program-here' on PATH ['/nowhere'] (line 3, in file://DIR/x.conf)",
        "Error: username 'no-such-user-here' not found (line 4, in file://DIR/x.conf)",
        "Error: a/b is not an existing directory (line 5, in file://DIR/x.conf)",
        "Error: The directory named as part of the path c/d/zdsock does not exist. (line 6, in file://DIR/x.conf)",
        "Error: The directory named as part of the path e/out.log does not exist. (line 7, in file://DIR/x.conf)",
        "Error: can't use event log: [Errno 2] No such file or directory: 'DIR/f/x.log' (line 14, in file://DIR/x.conf)",
        hint
      ])
    }))

  it.scopedLive("tells wrong values, users, programs and paths together, as start does", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write(
        "x.conf",
        inRunner(
          "program ./nothing",
          "backof-limit 5",
          "user no-such-user-here",
          "forever $maybe",
          "transcript e/out.log"
        )
      )
      for (const action of ["check", "start"]) {
        const { code, stderr } = yield* z.run("-C", "x.conf", action)
        assert.strictEqual(code, 2)
        assert.deepStrictEqual(linesOf(z, stderr), [
          "Error: can't stat program './nothing' (line 2, in file://DIR/x.conf)",
          "Error: 'backof-limit' is not a known key name; did you mean 'backoff-limit'? (line 3, in file://DIR/x.conf)",
          "Error: username 'no-such-user-here' not found (line 4, in file://DIR/x.conf)",
          "Error: no replacement for 'maybe'",
          "(line 5 in file://DIR/x.conf)",
          "Error: The directory named as part of the path e/out.log does not exist. (line 6, in file://DIR/x.conf)",
          hint
        ])
      }
    }))

  it.scopedLive("does not tell what may only follow from a mistake in the file", () =>
    Effect.gen(function*() {
      const lines = ["program ./nothing", "transcript e/out.log", "start-test-program nothing"]
      for (const mistake of ["direktory /srv", "daemon maybe", "</runner>\n<environmnt>\n</environmnt>\n<runner>"]) {
        const { stderr } = yield* check(inRunner(...lines, mistake))
        assert.isEmpty(stderr.filter((line) => /nothing|e\/out/.test(line)), mistake)
      }
    }))

  it.scopedLive("warns of a syslog that cannot be reached, as start and restart do once, which go on", () =>
    Effect.gen(function*() {
      const told = Effect.fnUntraced(function*(action: string, address: string, path?: string) {
        const z = yield* Zdaemon.make
        z.write("log", "")
        const text = inRunner("program /bin/sleep 100", "<eventlog>", "<syslog>", `address ${address}`, "</syslog>")
        z.write("x.conf", text.replace("</syslog>", "</syslog>\n</eventlog>\nstart-grace 0"))
        const environment = path === undefined ? {} : { environment: { PATH: path } }
        const { code, stderr } = yield* (yield* z.begin(["-C", "x.conf", action], environment)).result
        return [code, linesOf(z, stderr)]
      })
      const said = (reason: string) => [0, [`Warning: can't reach syslog: ${reason} (line 5, in file://DIR/x.conf)`]]
      const noLogger = said("a Unix socket is reached through logger(1), which is not on PATH")
      const bin = (yield* Zdaemon.make).directory
      const mkfifo = ["/usr/bin/mkfifo", "/bin/mkfifo"].find((path) => FileSystem.existsSync(path))
      FileSystem.symlinkSync(mkfifo ?? "", `${bin}/mkfifo`)
      const none = said("[Errno 2] No such file or directory: 'DIR/none'")
      for (const action of ["check", "start"]) assert.deepStrictEqual(yield* told(action, "./none"), none)
      for (const action of ["check", "restart"]) assert.deepStrictEqual(yield* told(action, "./log", bin), noLogger)
      assert.deepStrictEqual(
        yield* told("check", "./log"),
        said("[Errno 88] Socket operation on non-socket: 'DIR/log'")
      )
    }))

  it.scopedLive("tells with its line what start would not open", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write(
        "x.conf",
        inRunner("program sleep 100", "<eventlog>", "<logfile>", "path f/x", "</logfile>", "</eventlog>")
      )
      for (const [action, code, ...more] of [["check", 2, hint], ["start", 1]] as const) {
        const result = yield* z.run("-C", "x.conf", action)
        assert.strictEqual(result.code, code)
        assert.deepStrictEqual(linesOf(z, result.stderr), [
          "Error: can't use event log: [Errno 2] No such file or directory: 'DIR/f/x' (line 5, in file://DIR/x.conf)",
          ...more
        ])
      }
    }))

  it.scopedLive("tells of a file that is a directory, and of one that is no program", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write("program", "")
      z.write("x.toml", "[runner]\nprogram = './program'")
      const { code, stderr } = yield* z.run("-C", "x.toml", "-t", z.directory, "check")
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(linesOf(z, stderr), [
        "Error: no permission to run program './program' (line 2, in file://DIR/x.toml)",
        "Error: can't open transcript: [Errno 21] Is a directory: 'DIR'",
        hint
      ])
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "tells of what must not be written, and who must not be become",
    () =>
      Effect.gen(function*() {
        const z = yield* Zdaemon.make
        z.write("out.log", "", 0o600)
        const { code, stderr } = yield* z.asNobody(
          "-p",
          "sleep 1",
          "-s",
          "run/s",
          "-t",
          "out.log",
          "-u",
          "root",
          "check"
        )
        assert.strictEqual(code, 2)
        assert.deepStrictEqual(linesOf(z, stderr), [
          "Error: only root can use -u USER to change users",
          "Error: can't create directory: [Errno 13] Permission denied: 'DIR/run'",
          "Error: can't open transcript: [Errno 13] Permission denied: 'DIR/out.log'",
          hint
        ])
      })
  )

  it.scopedLive.skipIf(!Zdaemon.isRoot)(
    "tells of links that root would not write through, and not where it is not root who writes",
    () =>
      Effect.gen(function*() {
        const z = yield* Zdaemon.make
        FileSystem.mkdirSync(z.at("shared"))
        FileSystem.chmodSync(z.at("shared"), 0o775)
        FileSystem.symlinkSync(z.write("target", ""), z.at("shared/log"))
        const log = `<eventlog>\n<logfile>\npath ${z.at("shared/log")}\n</logfile>\n</eventlog>`
        z.write("x.conf", `${inRunner("program sleep 100", "transcript shared/log")}\n${log}\n`)
        const { code, stderr } = yield* z.run("-C", "x.conf", "check")
        assert.strictEqual(code, 2)
        assert.deepStrictEqual(linesOf(z, stderr), [
          "Error: can't open transcript: a link in a directory that others can write: 'DIR/shared/log' (line 3, in file://DIR/x.conf)",
          "Error: can't use event log: a link in a directory that others can write: 'DIR/shared/log' (line 7, in file://DIR/x.conf)",
          hint
        ])
        assert.strictEqual((yield* z.run("-C", "x.conf", "-u", "nobody", "check")).code, 0)
      })
  )

  it.scopedLive("tells of what is in the place of a socket or a directory", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write("file", "")
      z.write("socket.conf", inRunner("program sleep 100", "socket-name file"))
      const socket = "Error: can't use socket 'DIR/file': it is there and is not a socket"
      for (const [action, line, last] of [["check", " (line 3, in file://DIR/socket.conf)", hint], ["start", ""]]) {
        const { stderr } = yield* z.run("-C", "socket.conf", action ?? "")
        assert.deepStrictEqual(linesOf(z, stderr), [`${socket}${line}`, last ?? "give another name (-s)"])
      }
      z.write("folders.conf", inRunner("program sleep 100", "socket-name file/zdsock", "directory file"))
      for (const action of ["check", "start"]) {
        const { code, stderr } = yield* z.run("-C", "folders.conf", action)
        assert.strictEqual(code, 2)
        assert.deepStrictEqual(linesOf(z, stderr), [
          "Error: The directory named as part of the path file/zdsock does not exist. (line 3, in file://DIR/folders.conf)",
          "Error: file is not an existing directory (line 4, in file://DIR/folders.conf)",
          hint
        ])
      }
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "tells of directories that the manager could not use, which is not known where it will be another user's",
    () =>
      Effect.gen(function*() {
        const z = yield* Zdaemon.make
        FileSystem.mkdirSync(z.at("closed"), { mode: 0o700 })
        FileSystem.mkdirSync(z.at("readable"), { mode: 0o755 })
        const words = ["-p", "sleep 1", "-z", "closed", "-s", "readable/s", "-t", "/dev/null", "check"]
        const { code, stderr } = yield* z.asNobody(...words)
        assert.strictEqual(code, 2)
        assert.deepStrictEqual(linesOf(z, stderr), [
          "Error: can't use socket 'DIR/readable/s': [Errno 13] Permission denied",
          "Error: can't chdir into 'DIR/closed': [Errno 13] Permission denied",
          hint
        ])
        assert.strictEqual((yield* z.run("-u", "nobody", ...words)).code, 0)
      })
  )

  it.scopedLive("finds nothing wrong with the socket of a manager that is up", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      assert.strictEqual((yield* z.run("-p", "sleep 1000", "--start-grace", "0", "start")).code, 0)
      assert.strictEqual((yield* z.run("-p", "sleep 1000", "check")).code, 0)
    }))

  it.scopedLive("tells of a socket whose path is too long", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      const { code, stderr } = yield* z.run("-p", "sleep 1", "-s", `/tmp/${"x".repeat(120)}`, "check")
      assert.strictEqual(code, 2)
      assert.match(stderr, /^Error: the path of the socket is 125 bytes long, the limit is 107\n/)
    }))

  it.scopedLive("warns of what contradicts itself", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* check(inRunner("program sleep \"1", "stop-timeout 0"), "-x", "0,-1")
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "configuration OK\n")
      assert.deepStrictEqual(stderr, [
        "Warning: a quote or a backslash in program has no end, so that all of them are taken literally (line 2, in file://DIR/x.conf)",
        "Warning: the exit code -1 stands for every death by a signal, after which there will be no restart; leave it out, or name the signals, as in on-signal TERM stop",
        "Warning: with a stop-timeout of 0 a program that ignores SIGTERM is never killed; use 10, or the seconds that it may take to end (line 3, in file://DIR/x.conf)"
      ])
    }))

  it.scopedLive("is not alone in warning of quotes that do not end: what runs the program does, once", () =>
    Effect.gen(function*() {
      const z = yield* Zdaemon.make
      z.write("x.conf", inRunner("program sleep 100 \"", "start-timeout 1"))
      const warning = /^Warning: a quote or a backslash in program has no end, .* \(line 2, in file:.*\/x\.conf\)$/gm
      for (const action of ["start", "restart", "fg"]) {
        assert.lengthOf((yield* z.run("-C", "x.conf", action)).stderr.match(warning) ?? [], 1, action)
      }
      assert.notMatch((yield* z.run("-C", "x.conf", "status")).stderr, /Warning/)
    }))

  it.scopedLive("asks for a program", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* (yield* Zdaemon.make).run("check")
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr, `Error: no program specified; use -p or -C\n${hint}\n`)
    }))
})
