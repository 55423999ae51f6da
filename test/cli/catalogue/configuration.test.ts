// @effect-diagnostics nodeBuiltinImport:off
import * as Fs from "node:fs"
import { isSaid, lines, play, up } from "../../support/Catalogue.ts"

isSaid("configuration", {
  "fine": play(function*({ say, zdaemon }) {
    zdaemon.write("good.conf", "<runner>\n  program sleep 1000\n</runner>\n")
    yield* say(`${up} check`)
    yield* say("-C good.conf check")
    yield* say("-C good.conf config")
    yield* say(`${up} show`)
  }),
  "mistakes": play(function*({ say, zdaemon }) {
    zdaemon.write(
      "values.conf",
      "<runner>\n  program ./nothing\n  directory a/b\n  user no-such-user-here\n  socket-name c/d/zdsock\n" +
        "  transcript e/out.log\n</runner>\n"
    )
    zdaemon.write("number.conf", "<runner>\n  program sleep 1000\n  backoff-limit many\n</runner>\n")
    zdaemon.write("key.conf", "<runner>\n  program sleep 1000\n  progam sleep\n</runner>\n")
    zdaemon.write("many.conf", `<runner>\n  program sleep 1000\n${"  bogus\n".repeat(22)}</runner>\n`)
    zdaemon.write("section.conf", "<rummer>\n</rummer>\n")
    zdaemon.write("open.conf", "<runner>\n  program sleep 1000\n")
    zdaemon.write("define.conf", "<runner>\n  program $nothing\n</runner>\n")
    zdaemon.write("bad.toml", "[runner\nprogram = 1\n")
    zdaemon.write("bad.yaml", "runner:\n  program: [sleep\n")
    zdaemon.write("bad.json", "{\"runner\": {\"program\": \"sleep 1000\", \"progam\": 1}}\n")
    zdaemon.write("empty.conf", "<runner>\n  program\n</runner>\n")
    Fs.writeFileSync(zdaemon.at("latin.conf"), "<runner>\n  program caf\xe9\n</runner>\n", "latin1")
    yield* say("check")
    yield* say(`${up} check now`)
    for (const name of ["values", "number", "many", "section", "open", "define"]) yield* say(`-C ${name}.conf check`)
    for (const name of ["empty.conf", "latin.conf", "/dev/null", "bad.toml", "bad.yaml", "bad.json", "."]) {
      yield* say(`-C ${name} check`)
    }
    yield* say(`${up} -t no/where/log check`)
    yield* say(`${up} -s values.conf check`)
    yield* say(`${up} -z values.conf -s values.conf/zdsock check`)
    yield* say("-C values.conf config")
    yield* say("-C key.conf config")
    yield* say(`${up} config --all`)
  }),
  "doubts": {
    imagined: true,
    ...lines(...[
      "-p 'echo \"one'",
      "--start-timeout 0",
      "--start-timeout 1 --start-grace 2",
      "--start-timeout 1 --start-test-program true",
      "--stop-timeout 0",
      "--transcript-keep 3",
      "--transcript-compress",
      "-t log --transcript-max-size 1",
      "-b 1",
      "-b 0 -f",
      "-f --give-up-after '5 in 1h'",
      "-f --give-up stay",
      "--give-up-after '100 in 1s'",
      "--reset-after never",
      "--reset-after 0.5",
      "--exit-codes 0,-1",
      "--exit-codes 0,1",
      "--exit-codes 127"
    ].map((options) => options.startsWith("-p") ? `${options} check` : `-p 'sleep 1000' ${options} check`))
  },
  "export": {
    imagined: true,
    ...play(function*({ say, zdaemon }) {
      zdaemon.write(
        "app.conf",
        "<runner>\n  program /bin/sleep 1000\n  directory /srv\n  transcript app.log\n  start-test-program /bin/true\n" +
          "  user nobody\n  forever on\n  stop-timeout 20\n</runner>\n" +
          "<environment>\n  PASSWORD secret\n  LANG C\n</environment>\n"
      )
      yield* say("-C app.conf export systemd")
      yield* say("-C app.conf export kubernetes")
      yield* say("-p /bin/true -z /tmp -t 'a\nb' export systemd")
      yield* say(
        "-p /bin/true -z / --give-up-after '5 in 10m' --on-exit '75 stop' --on-exit '3 after 1m' export systemd"
      )
      yield* say("-p /bin/true -z / --reset-after never export systemd")
    })
  },
  "policy": {
    imagined: true,
    ...lines(
      `${up} explain`,
      `${up} --backoff exponential --backoff-jitter 0.2 -f explain`,
      `${up} --on-exit '75 after 60s' --on-signal 'SEGV at most 3 in 1h' --give-up 'retry after 10m' explain`,
      `${up} --on-exit '0,75 after 60s' --on-signal 'HUP after 1s' -x 0,2,-1 explain`,
      `${up} -b 1001 explain`,
      `${up} explain it`,
      `${up} --backoff cubic explain`,
      `${up} --on-exit nonsense explain`,
      `${up} --give-up never explain`,
      `${up} simulate`,
      `${up} simulate --dies-after 1m --exit 1 --exit 2 --for 1h`,
      `${up} simulate --dies-after soon`,
      `${up} simulate --signal FOO`,
      `${up} simulate --seed x`,
      `${up} simulate --scenario nowhere`,
      `${up} simulate --scenario nowhere --exit 1`,
      `${up} simulate --against nowhere.conf`,
      `${up} simulate --fro 1h`,
      `${up} simulate it`
    )
  }
})
