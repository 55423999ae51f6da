import Process from "node:process"
import { isSaid, lines, play, quick, up } from "../../support/Catalogue.ts"
import * as Zdaemon from "../../support/Zdaemon.ts"

isSaid("command", {
  "unknown": lines(
    "dance",
    "strat",
    "help dance",
    "--progam sleep status",
    "--bogus status",
    "-y status",
    "completions",
    "completions tcsh",
    `${up} show me`,
    `${up} export`,
    `${up} export upstart`,
    `${up} check --jsn`,
    `${up} export systmd`
  ),
  "values": lines(
    "-p",
    "--program",
    "--start 1 status",
    "--forever=yes status",
    `${up} -b many status`,
    `${up} -m 9 status`,
    `${up} -s '' status`,
    `${up} -t '' status`,
    `${up} -z '' status`,
    `${up} --run-history '' status`,
    `${up} -x 0,none status`,
    `${up} -T -1 status`,
    `${up} --kill-mode all status`,
    `${up} --transcript-on-error panic status`,
    `${up} --transcript-timestamps local status`,
    `${up} --run-history no/where status`,
    `${up} -p false status`,
    `${up} -z no/where start`,
    `${up} -s no/where/zdsock start`
  ),
  "overrides": play(function*({ say, zdaemon }) {
    zdaemon.write("good.conf", "<runner>\n  program sleep 1000\n</runner>\n")
    for (const setting of ["runner/progam=x", "runner/backoff-limit=many", "rummer/program=x", "runner", "a/b/c"]) {
      yield* say(`-C good.conf -X ${setting} status`)
    }
    yield* say("-X runner/program=true status")
  }),
  "no-program": play(function*({ say, zdaemon }) {
    zdaemon.write("plain", "")
    yield* say("start")
    yield* say("export systemd")
    yield* say("-p ./missing start")
    yield* say("-p ./missing restart")
    yield* say("-p ./missing fg")
    yield* say("-p no-such-program-here start")
    yield* say("-p ./plain start")
    yield* say(`${up} -C nowhere.conf start`)
    yield* say(`${up} --start-test-program ./nowhere start`)
    yield* say(`-p sleep ${quick} -u no-such-user status`)
  }),
  "full-disk": play(function*({ show, zdaemon }) {
    const told = yield* zdaemon.begin(
      ["-c", "exec \"$@\" > /dev/full", "sh", Process.execPath, Zdaemon.executable, "-p", "sleep 1000", "stop"],
      { file: "sh" }
    )
    zdaemon.write("stderr", (yield* told.result).stderr)
    yield* show("stderr")
  }),
  "no-working-directory": play(function*({ show, zdaemon }) {
    const removed = yield* zdaemon.begin(
      [
        "-c",
        "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"",
        "sh",
        Process.execPath,
        Zdaemon.executable,
        "-p",
        "sleep 1000",
        "status"
      ],
      { file: "sh" }
    )
    zdaemon.write("stderr", (yield* removed.result).stderr)
    yield* show("stderr")
  })
})
