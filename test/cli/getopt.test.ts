import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** What `show` says of the settings. */
const settings = (zdaemon: Zdaemon.Zdaemon, ...words: ReadonlyArray<string>) =>
  Effect.map(zdaemon.run(...words, "show"), ({ stderr, stdout }) => {
    assert.strictEqual(stderr, "")
    return new Map(stdout.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(14)]))
  })

describe.concurrent("the command line", () => {
  it.scopedLive("takes the spellings of getopt", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [words, expected] of [
          [["-b7", "--prog", "sleep 5", "-m", "22", "-x", "", "-sother", "--"], {
            backofflimit: "7",
            program: "['sleep', '5']",
            umask: "0o22",
            exitcodes: "[]",
            sockname: "'other'",
            forever: "False"
          }],
          [["-b", "7", "--program=a=b", "-m0o22", "--exit-codes="], {
            backofflimit: "7",
            program: "['a=b']",
            umask: "0o22",
            exitcodes: "[]"
          }],
          [["-fb7", "-p", "--help", "-x", "-1, 0"], {
            forever: "True",
            backofflimit: "7",
            program: "['--help']",
            exitcodes: "[-1, 0]"
          }],
          [["-fdb7", "-p", "--"], { forever: "True", backofflimit: "7", program: "['--']" }],
          [["--backoff-limit=7", "--for"], { backofflimit: "7", forever: "True" }],
          [["--backoff-limit", "7", "--socket", "-s"], { backofflimit: "7", sockname: "'-s'" }],
          [["--b=7"], { backofflimit: "7" }],
          [["--back", " 1_000 "], { backofflimit: "1000" }],
          [["-b", "+07"], { backofflimit: "7" }]
        ] as const
      ) {
        const shown = yield* settings(zdaemon, ...words)
        for (const [label, value] of Object.entries(expected)) {
          assert.strictEqual(shown.get(label), value, words.join(" "))
        }
      }
    }))

  it.scopedLive("keeps values as they are: empty, blank, with line breaks, like options and actions", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [value, shown] of [
          [" ", "' '"],
          [" a ", "' a '"],
          ["a\nb", "'a\\nb'"],
          ["--help", "'--help'"],
          ["-", "'-'"],
          ["start", "'start'"],
          ["=", "'='"],
          [":", "':'"],
          ["a=b", "'a=b'"],
          ["it's", "\"it's\""],
          ["--umask=7", "'--umask=7'"]
        ] as const
      ) {
        const all = yield* settings(zdaemon, "-z", value, `--logfile=${value}`)
        assert.deepStrictEqual([all.get("logfile"), all.get("directory")], [shown, shown])
        assert.strictEqual((yield* settings(zdaemon, "--directory", value)).get("directory"), shown)
      }
      assert.strictEqual((yield* settings(zdaemon, "-l", "")).get("logfile"), "''")
    }))

  it.scopedLive("splits a program as a POSIX shell does, and literally where a quote is not closed", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [program, words] of [
          ["echo 'a b'", "['echo', 'a b']"],
          ["echo \"a b\"", "['echo', 'a b']"],
          ["echo a\\ b", "['echo', 'a b']"],
          ["echo ''", "['echo', '']"],
          [" echo \t a\nb ", "['echo', 'a', 'b']"],
          ["echo $HOME *", "['echo', '$HOME', '*']"]
        ] as const
      ) assert.strictEqual((yield* settings(zdaemon, "-p", program)).get("program"), words)
      const literal = yield* zdaemon.run("-p", "echo 'it", "show")
      assert.include(literal.stdout, "program:      ['echo', \"'it\"]\n")
    }))

  it.scopedLive("lets an option be repeated with the same meaning, and refuses another", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const shown = yield* settings(
        zdaemon,
        "-m",
        "22",
        "--umask",
        "0o022",
        "-x",
        "0,2",
        "-x",
        " 0 , 2 ",
        "-f",
        "--forever",
        "-ff"
      )
      assert.deepStrictEqual([shown.get("umask"), shown.get("exitcodes"), shown.get("forever")], [
        "0o22",
        "[0, 2]",
        "True"
      ])
      const { code, stderr } = yield* zdaemon.run("-b", "1", "-p", "true", "--backoff-limit", "2", "show")
      assert.deepStrictEqual([code, stderr], [
        2,
        "Error: conflicting command line option '--backoff-limit'\nFor help, use zdaemon -h\n"
      ])
    }))

  it.scopedLive("is told what is wrong with it, exit status 2, before anything is done", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("plain", "")
      const empty = zdaemon.write("empty.conf", "<runner>\n  program\n</runner>\n")
      for (
        const [words, reason] of [
          [["--bogus", "start"], "option --bogus not recognized"],
          [["-Z", "start"], "option -Z not recognized"],
          [["--help", "--bogus"], "option --bogus not recognized"],
          [["-p"], "option -p requires argument"],
          [["--program"], "option --program requires argument"],
          [["--daemon=on", "start"], "option --daemon must not have an argument"],
          [["--s", "start"], "option --s not a unique prefix"],
          [["-b", "x", "start"], "invalid value for -b 'x': invalid literal for int() with base 10: 'x'"],
          [["-b", "0x10", "start"], "invalid value for -b '0x10': invalid literal for int() with base 10: '0x10'"],
          [
            ["--backoff-limit", "", "start"],
            "invalid value for --backoff-limit '': invalid literal for int() with base 10: ''"
          ],
          [["-m", "9", "start"], "invalid value for -m '9': invalid literal for int() with base 8: '9'"],
          [["-x", "1,,2", "start"], "invalid value for -x '1,,2': invalid literal for int() with base 10: ''"],
          [["-x", "it's", "start"], "invalid value for -x \"it's\": invalid literal for int() with base 10: \"it's\""],
          [["-b", "1", "-b", "2", "start"], "conflicting command line option '-b'"],
          [["start"], "no program specified; use -p or -C"],
          [["-p", "", "start"], "no program specified; use -p or -C"],
          [["-p", " \n", "status"], "no program specified; use -p or -C"],
          [["-C", "empty.conf", "start"], `no program specified; use -p or -C (line 2, in file://${empty})`],
          [["-p", "./nowhere", "check"], "can't stat program './nowhere'"],
          [["-p", "./plain", "check"], "no permission to run program './plain'"],
          [
            ["-p", "true", "-s", "no/where/s", "start"],
            "invalid value for -s 'no/where/s': The directory named as part of the path no/where/s does not exist."
          ]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* zdaemon.run(...words)
        assert.deepStrictEqual([code, stdout, stderr], [2, "", `Error: ${reason}\nFor help, use zdaemon -h\n`])
      }
      assert.deepStrictEqual(zdaemon.processes(), [])
    }))

  it.scopedLive("names PATH when the program is not on it, and searches the usual places when it is empty", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const nowhere = yield* zdaemon.begin(["-p", "sleep 1", "fg"], { environment: { PATH: "/nowhere:/else" } })
      assert.include(
        (yield* nowhere.result).stderr,
        "Error: can't find program 'sleep' on PATH ['/nowhere', '/else']\n"
      )
      const empty = yield* zdaemon.begin(["-p", "true", "fg"], { environment: { PATH: "" } })
      assert.strictEqual((yield* empty.result).code, 0)
    }))

  it.scopedLive("begins an action wherever its line does", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const words of [["help start"], ["?start"], ["? start"], ["help", "start"], ["--", "help", "start"]]) {
        const { code, stdout } = yield* zdaemon.run(...words)
        assert.deepStrictEqual([code, stdout.slice(0, 8)], [0, "start --"], words.join(" "))
      }
    }))
})
