// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import Process from "node:process"
import { isSaid, play, up } from "../../support/Catalogue.ts"
import { listening } from "../../support/Impostor.ts"
import * as Zdaemon from "../../support/Zdaemon.ts"

const gone = (zdaemon: Zdaemon.Zdaemon) =>
  Zdaemon.eventually("the manager's end", () => zdaemon.managers().length === 0)

const killManagers = (zdaemon: Zdaemon.Zdaemon, signal: NodeJS.Signals) =>
  Effect.suspend(() => {
    for (const pid of zdaemon.managers()) Process.kill(pid, signal)
    return gone(zdaemon)
  })

const logged = (zdaemon: Zdaemon.Zdaemon, text: string, times = 1) =>
  Zdaemon.eventually(`${text} in the log`, () => zdaemon.read("event.log").split(text).length > times)

/** Waits until the history has as many beginnings of runs: it is written behind the back of whoever waits for a start. */
const remembered = (zdaemon: Zdaemon.Zdaemon, runs: number) =>
  Zdaemon.eventually(
    "the history",
    () =>
      zdaemon.read(`state/zdaemon/${encodeURIComponent(zdaemon.socket)}/history.jsonl`)
        .split("\"event\":\"began\"").length > runs
  )

/** A configuration whose event log has everything. */
const logging = (zdaemon: Zdaemon.Zdaemon, ...settings: ReadonlyArray<string>) =>
  zdaemon.write(
    "conf",
    ["<runner>", ...settings.map((setting) => `  ${setting}`), "</runner>", "<eventlog>", "  level all", "  <logfile>"]
      .concat([`    path ${zdaemon.at("event.log")}`, "  </logfile>", "</eventlog>", ""]).join("\n")
  )

isSaid("manager", {
  "no-socket": play(function*({ say, zdaemon }) {
    zdaemon.write("file", "no socket\n")
    Fs.symlinkSync("loop", zdaemon.at("loop"))
    for (const action of ["status", "start"]) {
      for (const name of ["file", ".", "loop"]) yield* say(`${up} -s ${name} ${action}`)
    }
    yield* say(`${up} -s /tmp/${"x".repeat(120)} start`)
    yield* say(`${up} -s /tmp/${"x".repeat(120)} check`)
  }),
  "strangers-link": {
    skip: !Zdaemon.isRoot,
    play: Effect.fnUntraced(function*({ say, zdaemon }) {
      for (const [name, mode] of [["open", 0o777], ["shared", 0o775], ["secret", 0o755]] as const) {
        Fs.mkdirSync(zdaemon.at(name))
        Fs.chmodSync(zdaemon.at(name), mode)
        Fs.symlinkSync("../secret", zdaemon.at(`${name}/run`))
      }
      yield* say(`${up} -s open/run/sub/zdsock status`)
      yield* say(`${up} -z open/run start`)
      yield* say(`${up} -z shared/run/sub start`)
      yield* say(`${up} -u nobody -z open/new start`)
      yield* say(`${up} -t shared/run start`)
      const log = `<logfile>\npath ${zdaemon.at("shared/run/log")}\n</logfile>`
      zdaemon.write("conf", `<runner>\nprogram sleep 1000\n</runner>\n<eventlog>\n${log}\n</eventlog>\n`)
      yield* say("-C conf start")
      yield* say("-C conf -t shared/run check")
      yield* say("-C conf -u nobody -z open/run check")
    })
  },
  "wrong-answer": play(function*({ say, zdaemon }) {
    yield* listening(zdaemon.at("other"), (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
    yield* listening(zdaemon.at("endless"), (socket) => socket.write("x".repeat(2 * 1024 * 1024)))
    for (const action of ["status", "start", "stop"]) yield* say(`${up} -s other ${action}`)
    yield* say(`${up} -s endless status`)
  }),
  "silent": play(function*({ say, zdaemon }) {
    yield* listening(zdaemon.socket, () => {})
    yield* say(`${up} status`)
  }),
  "about-to-end": play(function*({ say, zdaemon }) {
    yield* listening(zdaemon.socket, (socket) => socket.end())
    yield* say(`${up} status -v`)
  }),
  "not-permitted": {
    skip: !Zdaemon.canBeNobody,
    play: Effect.fnUntraced(function*({ quietly, sayAsNobody, zdaemon }) {
      Fs.mkdirSync(zdaemon.at("closed/run"), { recursive: true })
      const closed = zdaemon.at("closed/run/zdsock")
      yield* quietly(`${up} start`)
      yield* quietly(`${up} -s ${closed} start`)
      yield* sayAsNobody(`${up} -s ${zdaemon.socket} status`)
      yield* sayAsNobody(`${up} -s ${zdaemon.socket} stop`)
      yield* sayAsNobody(`${up} -s ${zdaemon.socket} crashes`)
      yield* sayAsNobody(`${up} -u root -s ${zdaemon.socket} start`)
      Fs.chmodSync(zdaemon.at("closed/run"), 0o600)
      yield* sayAsNobody(`${up} -s ${closed} status`)
    })
  },
  "killed": play(function*({ say, show, zdaemon }) {
    logging(zdaemon, "program sleep 1000", "start-grace 0")
    yield* say("-C conf start")
    yield* remembered(zdaemon, 1)
    yield* killManagers(zdaemon, "SIGKILL")
    for (const action of ["status -v", "kill", "wait", "fg", "reopen_transcript", "logreopen"]) {
      yield* say(`-C conf ${action}`)
    }
    yield* say("-C conf start")
    yield* remembered(zdaemon, 2)
    yield* say("-C conf history")
    yield* killManagers(zdaemon, "SIGTERM")
    yield* show("event.log")
  }),
  "killed-with-its-program": play(function*({ quietly, say, zdaemon }) {
    yield* quietly(`${up} start`)
    yield* remembered(zdaemon, 1)
    for (const pid of [...zdaemon.managers(), ...zdaemon.processes()]) Process.kill(pid, "SIGKILL")
    yield* Zdaemon.eventually("the end of both", () => zdaemon.processes().length === 0)
    yield* say(`${up} status -v`)
    yield* say(`${up} kill`)
    yield* quietly(`${up} start`)
    yield* remembered(zdaemon, 2)
    yield* say(`${up} history`)
  }),
  "removed-socket": play(function*({ quietly, say, show, zdaemon }) {
    logging(zdaemon, "program sleep 1000", "start-grace 0")
    yield* quietly("-C conf start")
    Fs.rmSync(zdaemon.socket)
    yield* logged(zdaemon, "was removed")
    yield* Zdaemon.until(zdaemon.socket, /status=running/)
    yield* say("-C conf status -v")
    yield* killManagers(zdaemon, "SIGTERM")
    yield* show("event.log")
  }),
  "taken": play(function*({ quietly, say, show, zdaemon }) {
    logging(zdaemon, "program sleep 1000", "daemon off")
    yield* quietly(`${up} start`)
    yield* say("-C conf start")
    const second = yield* zdaemon.foreground({})
    zdaemon.write("stderr", (yield* second.result).stderr.replaceAll(/^\w+=.*\n/gm, ""))
    yield* show("stderr")
  }),
  "life": play(function*({ quietly, show, zdaemon }) {
    zdaemon.write("ready", "#!/bin/sh\ntest -e go || { : > go; exit 1; }\n", 0o755)
    logging(
      zdaemon,
      "program sleep 1000",
      "start-test-program ./ready",
      `directory ${zdaemon.directory}`,
      "transcript out.log",
      "transcript-marks on",
      "backoff-base 10ms",
      "reset-after never"
    )
    yield* quietly("-C conf start")
    yield* logged(zdaemon, "start test succeeded")
    yield* quietly("-C conf kill KILL")
    yield* logged(zdaemon, "start test succeeded", 2)
    yield* quietly("-C conf stop")
    yield* gone(zdaemon)
    yield* quietly("-C conf start")
    yield* logged(zdaemon, "start test succeeded", 3)
    yield* killManagers(zdaemon, "SIGTERM")
    yield* show("event.log")
    yield* show("out.log")
  }),
  "gives-up": play(function*({ quietly, show, zdaemon }) {
    const begun = (program: string, ...settings: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        logging(
          zdaemon,
          `program ${program}`,
          "reset-after never",
          "start-grace 1000",
          "transcript out.log",
          "transcript-marks on",
          ...settings
        )
        return quietly("-C conf start")
      })
    const told = killManagers(zdaemon, "SIGTERM")
    zdaemon.write("garbage", "\u0001\u0002garbage\n", 0o755)
    yield* begun("false", "backoff-limit 1")
    yield* gone(zdaemon)
    yield* begun("false", "backoff-limit 1", "give-up stay")
    yield* told
    yield* begun("false", "backoff-limit 1", "give-up retry after 1000s")
    yield* told
    yield* begun("true", "backoff-limit 2")
    yield* gone(zdaemon)
    yield* begun("./garbage", "backoff-limit 1")
    yield* gone(zdaemon)
    yield* begun("sleep 1000", "start-test-program ./garbage")
    yield* told
    yield* show("event.log")
    yield* show("out.log")
  }),
  "signals": play(function*({ quietly, show, zdaemon }) {
    const app = zdaemon.write(
      "app",
      "#!/bin/sh\ntrap 'echo got HUP' HUP\necho up\nwhile :; do sleep 0.02; done\n",
      0o755
    )
    logging(zdaemon, `program ${app}`, "daemon off", "give-up stay", "backoff-limit 1", "reset-after never")
    const manager = yield* zdaemon.begin(["-C", "conf", "start"], { detached: true })
    yield* manager.says("up\n")
    manager.signal("SIGHUP")
    yield* logged(zdaemon, "passed SIGHUP on")
    yield* manager.says("got HUP\n")
    yield* quietly("-C conf kill KILL")
    yield* Zdaemon.until(zdaemon.socket, /resting=/)
    manager.signal("SIGHUP")
    yield* logged(zdaemon, "there is no program")
    manager.signal("SIGTERM")
    yield* manager.result
    yield* show("event.log")
  }),
  "transcript": play(function*({ quietly, say, show, zdaemon }) {
    const app = zdaemon.write(
      "app",
      "#!/bin/sh\nuntil test -e go; do sleep 0.02; done\nwhile :; do echo line; sleep 0.1; done\n",
      0o755
    )
    yield* say(`${up} -t no/where/log start`)
    yield* say(`${up} -t . start`)
    logging(zdaemon, `program ${app}`, "transcript log", "start-grace 0")
    yield* quietly("-C conf start")
    Fs.rmSync(zdaemon.at("log"))
    Fs.mkdirSync(zdaemon.at("log"))
    zdaemon.write("go", "")
    yield* Zdaemon.until(zdaemon.socket, /transcript_error/)
    yield* say("-C conf status -v")
    yield* say("-C conf reopen_transcript")
    yield* say("-C conf logreopen")
    Fs.rmdirSync(zdaemon.at("log"))
    yield* logged(zdaemon, "is written again")
    yield* killManagers(zdaemon, "SIGTERM")
    yield* show("event.log")
  }),
  "renamed-transcripts": play(function*({ quietly, say, zdaemon }) {
    const app = zdaemon.write("app", "#!/bin/sh\nwhile :; do echo line; echo error >&2; sleep 0.1; done\n", 0o755)
    logging(zdaemon, `program ${app}`, "transcript log", "transcript-stderr errors", "start-grace 0")
    yield* quietly("-C conf start")
    for (const name of ["log", "errors"]) {
      Fs.renameSync(zdaemon.at(name), zdaemon.at(`${name}.1`))
      Fs.mkdirSync(zdaemon.at(name))
    }
    yield* quietly("-C conf reopen_transcript")
    yield* Zdaemon.until(zdaemon.socket, /(transcript_error.*\n){2}/)
    yield* say("-C conf status -v")
    yield* quietly("-C conf stop")
  }),
  "full-disk": {
    skip: !Fs.existsSync("/dev/full"),
    play: Effect.fnUntraced(function*({ quietly, say, show, zdaemon }) {
      logging(zdaemon, "program sh -c 'echo line; exec sleep 1000'", "transcript /dev/full", "start-grace 0")
      for (const mode of ["block", "drop"]) {
        yield* quietly(`-C conf --transcript-on-error ${mode} start`)
        yield* Zdaemon.until(zdaemon.socket, /transcript_error/)
        yield* say("-C conf status -v")
        yield* say("-C conf stop")
        yield* gone(zdaemon)
      }
      yield* show("event.log")
    })
  },
  "reopening": play(function*({ say }) {
    yield* say(`${up} -t log logreopen`)
    yield* say(`${up} -t log start`)
    yield* say(`${up} -t log logreopen`)
    yield* say(`${up} -t log reopen_transcript`)
  }),
  "no-history": play(function*({ say, show, zdaemon }) {
    Fs.mkdirSync(zdaemon.at("runs"))
    zdaemon.write(`runs/${encodeURIComponent(zdaemon.socket)}`, "")
    logging(zdaemon, "program sleep 1000", "start-grace 0")
    yield* say(`-C conf --run-history ${zdaemon.at("runs")} start`)
    yield* say(`-C conf --run-history ${zdaemon.at("runs")} history`)
    yield* say("-C conf stop")
    yield* gone(zdaemon)
    yield* show("event.log")
  }),
  "logtail": play(function*({ say, zdaemon }) {
    zdaemon.write("log", "one\ntwo\nthree")
    yield* say(`${up} logtail --no-follow`)
    yield* say(`${up} -l log logtail --no-follow`)
    yield* say(`${up} logtail -n 2 --no-follow log`)
    yield* say(`${up} logtail --no-follow nowhere`)
    yield* say(`${up} logtail --no-follow .`)
    yield* say(`${up} logtail -n many log`)
    yield* say(`${up} logtail --no-folow log`)
    yield* say(`${up} logtail -n`)
    yield* say(`${up} logtail -5 log`)
    yield* say(`${up} logtail log -n 1 --no-follow`)
    yield* say(`${up} logtail /dev/null`)
    yield* say(`${up} --json logtail log`)
  }),
  "event-log": play(function*({ begin, say, zdaemon }) {
    const handlers = {
      folder: `<logfile>\n    path ${zdaemon.directory}\n  </logfile>`,
      encoding: `<logfile>\n    path ${zdaemon.at("log")}\n    encoding klingon\n  </logfile>`,
      socket: `<syslog>\n    address ${zdaemon.at("log")}\n  </syslog>`,
      facility: "<syslog>\n    facility nowhere\n  </syslog>",
      url: "<http-logger>\n    url ftp://localhost/\n  </http-logger>"
    }
    for (const [name, handler] of Object.entries(handlers)) {
      zdaemon.write(name, `<runner>\n  program sleep 1000\n</runner>\n<eventlog>\n  ${handler}\n</eventlog>\n`)
      yield* say(`-C ${name} check`)
    }
    yield* say("-C folder start")
    yield* say("-C encoding start")
    yield* say("-C socket start")
    const start = yield* begin("-C socket check", { environment: { PATH: "/nowhere" } })
    yield* start.ends
  }),
  "no-pipe": play(function*({ begin }) {
    const start = yield* begin("-p '/bin/sleep 1000' start", { environment: { PATH: "/nowhere" } })
    yield* start.ends
  }),
  "no-directory": {
    skip: !Zdaemon.canBeNobody,
    play: Effect.fnUntraced(function*({ sayAsNobody, zdaemon }) {
      Fs.mkdirSync(zdaemon.at("closed"), { mode: 0o700 })
      Fs.mkdirSync(zdaemon.at("open"))
      Fs.chmodSync(zdaemon.at("open"), 0o777)
      yield* sayAsNobody(`${up} -z ${zdaemon.at("closed")} -s ${zdaemon.at("open/zdsock")} start`)
      yield* sayAsNobody(`${up} -z ${zdaemon.at("closed")} -s ${zdaemon.at("zdsock")} check`)
    })
  }
})
