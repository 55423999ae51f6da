// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * The sentences that a user can see, one file of `golden/catalogue` for each situation, so that a change of wording is
 * seen. `UPDATE_GOLDEN=1` writes them anew. Help texts are in `golden/help*.txt`.
 */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import Process from "node:process"
import { actions } from "../../src/cli/Cli.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 120_000 })

const folder = Path.join(import.meta.dirname, "golden", "catalogue")

const up = "-p 'sleep 1000' --start-grace 0"

/** However busy the machine is, each end is a quick one, and before its start counts. */
const quick = "--reset-after never --start-grace 1000"

/** A program that ends quickly, and whose next run is far away. */
const loop = `-p 'sh -c "echo oops; exit 3"' -b 1000 --backoff-base 1000 ${quick}`

/** A program that ends quickly once, which is once too often. */
const once = `-b 1 ${quick}`

const stays = `-p false ${once} --give-up stay`

interface Scene {
  readonly zdaemon: Zdaemon.Zdaemon
  /** Runs a command line, and records it with all that came of it. */
  readonly say: (line: string) => Effect.Effect<void>
  /** The same on a terminal. */
  readonly sayOnTerminal: (line: string) => Effect.Effect<void>
  /** The same as another user. */
  readonly sayAsNobody: (line: string) => Effect.Effect<void>
  /** Runs a command line that is no part of the record. */
  readonly quietly: (line: string) => Effect.Effect<void>
  /** Records a file. */
  readonly show: (name: string) => Effect.Effect<void>
}

interface Situation {
  readonly skip?: boolean
  /** Whether all times and spans in it are imagined ones, and the same each time. */
  readonly imagined?: boolean
  readonly play: (scene: Scene) => Effect.Effect<void, never, Scope.Scope>
}

/** A situation that is nothing but command lines, one after the other. */
const lines = (...all: ReadonlyArray<string>): Situation => ({
  play: ({ say }) => Effect.forEach(all, (line) => say(line), { discard: true })
})

const situations: { readonly [name: string]: Situation } = {
  "no-manager": lines(
    ...actions.map(({ name }) => name).filter((name) =>
      !["start", "restart", "fg", "foreground", "help", "completions", "show", "config", "explain", "simulate"]
        .includes(
          name
        )
    ).map((name) => `${up} ${name}`),
    `${up} status -v`
  ),
  "manager-running": lines(
    `${up} start`,
    `${up} start`,
    `${up} status`,
    `${up} status -v`,
    `${up} status all`,
    `${up} status --wacth`,
    `-p 'sleep 1001' status`,
    `${up} reopen_transcript`,
    `${up} reopen_transcript now`,
    `${up} restart`,
    `${up} stop now`,
    `${up} stop`,
    `${up} status -v`
  ),
  "program-down": lines(
    `${loop} start`,
    `${loop} status`,
    `${loop} status -v`,
    `${loop} kill`,
    `${loop} wait`,
    `${loop} fg`,
    `${loop} restart`,
    `${loop} stop`
  ),
  "gave-up": lines(
    `${stays} start`,
    `${stays} status`,
    `${stays} status -v`,
    `${stays} kill`,
    `${stays} stop`,
    `-p false ${once} start`,
    `-p true ${once} start`
  ),
  "nothing-to-start": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("plain", "")
        yield* say("start")
        yield* say("-p ./missing start")
        yield* say("-p no-such-program-here start")
        yield* say("-p ./plain start")
        yield* say(`${up} -z no/where start`)
        yield* say(`${up} -t no/where/log start`)
        yield* say(`${up} -t . start`)
        yield* say(`${up} -C nowhere.conf start`)
        yield* say(`${up} -s no/where/zdsock start`)
        yield* say(`${up} --start-test-program ./nowhere start`)
      })
  },
  "start-failures": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("garbage", "\u0001\u0002garbage\n", 0o755)
        zdaemon.write("orphan", "#!/nowhere/interpreter\n", 0o755)
        yield* say(`-p ./garbage ${once} start`)
        yield* say(`-p ./garbage ${once} history`)
        yield* say(`-p ./garbage ${once} crashes`)
        yield* say(`-p ./orphan ${once} start`)
        yield* say(`-p 'sh -c "exit 3"' ${once} start`)
        yield* say(`-p 'sh -c "kill -SEGV $$"' ${once} start`)
        yield* say(`-p 'sh -c "echo one; echo two >&2; exit 4"' ${once} start`)
        yield* say("-p 'sleep 1000' --start-test-program ./garbage start")
      })
  },
  "start-timeout": lines(
    "-p 'sleep 1000' -T 2 --start-test-program false start",
    "-p 'sleep 1000' status",
    "-p 'sleep 1000' status -v"
  ),
  "restart": lines(
    "restart",
    "-p ./missing restart",
    `${up} restart`,
    `${up} restart`,
    `${up} -s other -C nowhere.conf restart`,
    `-p 'sh -c "exit 3"' ${once} -s other restart`
  ),
  "stubborn-stop": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        const test = zdaemon.write("ready", "#!/bin/sh\ntest -e trapped\n", 0o755)
        const stubborn = zdaemon.write(
          "stubborn",
          "#!/bin/sh\ntrap '' TERM\n: > trapped\nwhile :; do sleep 1000; done\n",
          0o755
        )
        yield* say(`-p ${stubborn} --start-test-program ${test} --stop-timeout 1 start`)
        yield* say(`-p ${stubborn} --stop-timeout 1 stop`)
        yield* say(`-p ${stubborn} --stop-timeout 1 history`)
      })
  },
  "kill": lines(
    `${up} start`,
    `${up} kill URG`,
    `${up} kill SIGURG`,
    `${up} kill 23`,
    `${up} kill FOO`,
    `${up} kill HPU`,
    `${up} kill 0`,
    `${up} kill 999`,
    `${up} kill 0x`,
    `${up} kill a b`,
    `${up} kill -l`,
    `${up} kill`
  ),
  "foreground": lines(
    "fg",
    "-p ./missing fg",
    "-p true fg",
    "-p 'sh -c \"exit 3\"' fg",
    "-p 'sh -c \"kill -KILL $$\"' fg",
    "-p echo foreground a 'b c'"
  ),
  "logtail": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("log", "one\ntwo\nthree")
        yield* say(`${up} logtail --no-follow`)
        yield* say(`${up} -l log logtail --no-follow`)
        yield* say(`${up} logtail -n 2 --no-follow log`)
        yield* say(`${up} logtail --no-follow nowhere`)
        yield* say(`${up} logtail --no-follow .`)
        yield* say(`${up} logtail -n many log`)
        yield* say(`${up} logtail --no-folow log`)
        yield* say(`${up} logtail log log`)
        yield* say(`${up} -t log logreopen`)
      })
  },
  "reopening": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        yield* say(`${up} -t log start`)
        yield* say(`${up} -t log logreopen`)
        yield* say(`${up} -t log reopen_transcript`)
        Fs.rmSync(zdaemon.at("log"))
        Fs.mkdirSync(zdaemon.at("log"))
        yield* say(`${up} reopen_transcript`)
      })
  },
  "show": lines(`${up} show`, `${up} show options`, `${up} show me`),
  "check-and-config": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("good.conf", "<runner>\n  program sleep 1000\n</runner>\n")
        zdaemon.write(
          "values.conf",
          "<runner>\n  program ./nothing\n  directory a/b\n  user no-such-user-here\n  socket-name c/d/zdsock\n" +
            "  transcript e/out.log\n</runner>\n"
        )
        zdaemon.write("number.conf", "<runner>\n  program sleep 1000\n  backoff-limit many\n</runner>\n")
        zdaemon.write("key.conf", "<runner>\n  program sleep 1000\n  progam sleep\n</runner>\n")
        zdaemon.write("section.conf", "<rummer>\n</rummer>\n")
        zdaemon.write("open.conf", "<runner>\n  program sleep 1000\n")
        zdaemon.write("define.conf", "<runner>\n  program $nothing\n</runner>\n")
        zdaemon.write("bad.toml", "[runner\nprogram = 1\n")
        zdaemon.write("bad.yaml", "runner:\n  program: [sleep\n")
        zdaemon.write("bad.json", "{\"runner\": {\"program\": \"sleep 1000\", \"progam\": 1}}\n")
        yield* say("check")
        yield* say(`${up} check now`)
        yield* say("-C good.conf check")
        yield* say("-C good.conf config")
        for (const name of ["values", "number", "section", "open", "define"]) {
          yield* say(`-C ${name}.conf check`)
        }
        for (const name of ["bad.toml", "bad.yaml", "bad.json", "."]) yield* say(`-C ${name} check`)
        yield* say("-C values.conf config")
        yield* say("-C key.conf status")
      })
  },
  "policy": {
    imagined: true,
    ...lines(
      `${up} explain`,
      `${up} --backoff exponential --backoff-jitter 0.2 -f explain`,
      `${up} --on-exit '75 after 60s' --on-signal 'SEGV at most 3 in 1h' --give-up 'retry after 10m' explain`,
      `${up} explain it`,
      `${up} --backoff cubic explain`,
      `${up} --on-exit nonsense explain`,
      `${up} --give-up never explain`,
      `${up} simulate`,
      `${up} simulate --dies-after 1m --exit 1 --exit 2 --for 1h`,
      `${up} simulate --dies-after soon`,
      `${up} simulate --signal FOO`,
      `${up} simulate --scenario nowhere`,
      `${up} simulate --against nowhere.conf`,
      `${up} simulate --fro 1h`
    )
  },
  "crashes-and-history": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("oops", "#!/bin/sh\necho oops\nexit 3\n", 0o755)
        yield* say(`-p ./oops ${once} start`)
        yield* say(`${up} crashes`)
        yield* say(`${up} crashes 1`)
        yield* say(`${up} crashes 2`)
        yield* say(`${up} crashes last`)
        yield* say(`${up} history`)
        yield* say(`${up} history 1`)
        yield* say(`${up} --run-history off crashes`)
        yield* say(`${up} --run-history no/where history`)
        yield* say(`${up} status -v`)
      })
  },
  "export": lines(
    `${up} export`,
    `${up} export upstart`,
    "export systemd"
  ),
  "completions": lines("completions", "completions tcsh"),
  "command-line": lines(
    "dance",
    "strat",
    "help dance",
    "--progam sleep status",
    "--bogus status",
    "-y status",
    "-p",
    "--program",
    "--start 1 status",
    "--forever=yes status",
    `${up} -b many status`,
    `${up} -m 9 status`,
    `${up} -x 0,none status`,
    `${up} -T -1 status`,
    `${up} --kill-mode all status`,
    `${up} --transcript-on-error panic status`,
    `${up} --transcript-timestamps local status`,
    `${up} -p false status`
  ),
  "settings-on-the-command-line": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("good.conf", "<runner>\n  program sleep 1000\n</runner>\n")
        for (const setting of ["runner/progam=x", "runner/backoff-limit=many", "rummer/program=x", "runner", "a/b/c"]) {
          yield* say(`-C good.conf -X ${setting} status`)
        }
        yield* say("-X runner/program=true status")
      })
  },
  "users": {
    skip: !Zdaemon.canBeNobody,
    play: ({ say, sayAsNobody, quietly, zdaemon }) =>
      Effect.gen(function*() {
        yield* say(`${up} -u no-such-user status`)
        yield* quietly(`${up} start`)
        yield* sayAsNobody(`${up} -s ${zdaemon.socket} status`)
        yield* sayAsNobody(`${up} -s ${zdaemon.socket} stop`)
        yield* sayAsNobody(`${up} -u root -s ${zdaemon.socket} start`)
      })
  },
  "sockets": {
    play: ({ say, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("file", "no socket\n")
        yield* listening(zdaemon.at("other"), "HTTP/1.1 400 Bad Request\r\n\r\n")
        for (const action of ["status", "start"]) {
          for (const name of ["file", ".", "other"]) yield* say(`${up} -s ${name} ${action}`)
        }
        yield* say(`${up} -s /tmp/${"x".repeat(120)} start`)
      })
  },
  "killed-manager": {
    play: ({ say, quietly, zdaemon }) =>
      Effect.gen(function*() {
        yield* quietly(`${up} start`)
        for (const pid of zdaemon.managers()) Process.kill(pid, "SIGKILL")
        yield* Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
        yield* say(`${up} status -v`)
        yield* say(`${up} start`)
      })
  },
  "terminal": {
    skip: !Zdaemon.hasTerminals,
    play: ({ quietly, sayOnTerminal }) =>
      Effect.gen(function*() {
        yield* sayOnTerminal(`${up} status`)
        yield* sayOnTerminal(`${up} stop`)
        yield* quietly(`${up} start`)
        yield* sayOnTerminal(`${up} status`)
        yield* quietly(`${up} stop`)
        yield* sayOnTerminal(`${up} status`)
        yield* quietly(`${loop} start`)
        yield* sayOnTerminal(`${loop} status`)
        yield* quietly(`${loop} stop`)
        yield* quietly(`${stays} start`)
        yield* sayOnTerminal(`${stays} status`)
      })
  },
  "life": {
    play: ({ quietly, show, zdaemon }) =>
      Effect.gen(function*() {
        zdaemon.write("ready", "#!/bin/sh\ntest -e go || { : > go; exit 1; }\n", 0o755)
        zdaemon.write(
          "conf",
          "<runner>\n  program sleep 1000\n  start-test-program ./ready\n  transcript out.log\n  transcript-marks on\n" +
            "  backoff-base 10ms\n  reset-after never\n</runner>\n<eventlog>\n  level all\n  <logfile>\n    path " +
            `${zdaemon.at("event.log")}\n  </logfile>\n</eventlog>\n`
        )
        const passes = (times: number) =>
          Zdaemon.eventually(
            `start test ${times}`,
            () => zdaemon.read("event.log").split("start test succeeded").length > times
          )
        const gone = Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)
        yield* quietly("-C conf start")
        yield* passes(1)
        yield* quietly("-C conf kill KILL")
        yield* passes(2)
        yield* quietly("-C conf stop")
        yield* gone
        yield* quietly("-C conf start")
        yield* passes(3)
        for (const pid of zdaemon.managers()) Process.kill(pid, "SIGTERM")
        yield* gone
        yield* show("event.log")
        yield* show("out.log")
      })
  }
}

describe("the catalogue", () => {
  describe.concurrent("has what is said", () => {
    for (const [name, { imagined, play, skip }] of Object.entries(situations)) {
      it.scopedLive.skipIf(skip === true)(
        `where this is so: ${name.replaceAll("-", " ")}`,
        () =>
          Effect.gen(function*() {
            const zdaemon = yield* Zdaemon.make
            const record: Array<string> = []
            yield* play(scene(zdaemon, record, imagined === true))
            isGolden(name, record.join("\n"))
          })
      )
    }
  })

  it("has no other files", () => {
    assert.sameMembers(Fs.readdirSync(folder), Object.keys(situations).map((name) => `${name}.txt`))
  })
})

// ===== Internal

/** The words of a command line; both kinds of quotes quote. */
function words(line: string): ReadonlyArray<string> {
  return Array.from(line.matchAll(/'([^']*)'|"([^"]*)"|\S+/g), ([word, single, double]) => single ?? double ?? word)
}

function scene(zdaemon: Zdaemon.Zdaemon, record: Array<string>, imagined: boolean): Scene {
  const indented = (text: string) => {
    const placeless = Zdaemon.placeless(text, zdaemon.directory)
    const said = imagined ? placeless : Zdaemon.timeless(placeless)
    return said.replaceAll(/^(?=.)/gm, "  ").replace(/(?<=.)$/, "\n")
  }
  const write = (prompt: string, line: string) => ({ code, stderr, stdout }: Zdaemon.Result) => {
    const texts = [["stdout", stdout], ["stderr", stderr]] as const
    const said = texts.map(([name, text]) => [name, indented(text)]).filter(([, text]) => text !== "")
    record.push(
      `${prompt} zdaemon ${line.replaceAll(zdaemon.directory, "DIR")}\nexit status ${code}\n` +
        said.map(([name, text]) => `${name}:\n${text}`).join("")
    )
  }
  return {
    zdaemon,
    say: (line) => Effect.map(zdaemon.run(...words(line)), write("$", line)),
    sayOnTerminal: (line) =>
      zdaemon.onTerminal(words(line), { environment: { TERM: "xterm", NO_COLOR: "1" } }).pipe(
        Effect.flatMap(({ result }) => result),
        Effect.map(write("terminal$", line))
      ),
    sayAsNobody: (line) => Effect.map(zdaemon.asNobody(...words(line)), write("nobody$", line)),
    quietly: (line) => Effect.asVoid(zdaemon.run(...words(line))),
    show: (name) => Effect.sync(() => void record.push(`${name}:\n${indented(zdaemon.read(name))}`))
  }
}

function isGolden(name: string, actual: string): void {
  const file = Path.join(folder, `${name}.txt`)
  if (Process.env["UPDATE_GOLDEN"] === "1") Fs.writeFileSync(file, actual)
  assert.strictEqual(actual, Fs.readFileSync(file, "utf8"))
}

/** Something else than a manager, that gives everybody the same answer. */
function listening(path: string, answer: string) {
  return Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const server = Net.createServer((socket) => socket.on("error", () => {}).end(answer))
      server.listen(path, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  )
}
