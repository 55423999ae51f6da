// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { actions } from "../../../src/cli/Cli.ts"
import { isSaid, lines, loop, once, play, stays, up } from "../../support/Catalogue.ts"
import * as Zdaemon from "../../support/Zdaemon.ts"

/** The actions that ask a manager, or look at what is left of one. */
const others = "start restart fg foreground help completions show check config export explain simulate".split(" ")
const asking = actions.map(({ name }) => name).filter((name) => !others.includes(name))

isSaid("program", {
  "no-manager": lines(...asking.map((name) => `${up} ${name}`), `${up} status -v`),
  "running": lines(
    `${up} start`,
    `${up} start`,
    `${up} fg`,
    `${up} status`,
    `${up} status -v`,
    `${up} status all`,
    `${up} status --wacth`,
    `-p 'sleep 1001' status`,
    `${up} reopen_transcript`,
    `${up} reopen_transcript now`,
    `${up} restart`,
    `${up} stop now --timeout 5`,
    `${up} wait --jsn`,
    `${up} stop now`,
    `${up} stop`,
    `${up} status -v`
  ),
  "down": lines(
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
    `-p true ${once} start`,
    `-p 'sh -c "exit 75"' ${once} --on-exit '75 stop' start`,
    `-p 'sh -c "kill -SEGV $$"' ${once} --on-signal 'SEGV after 1000s' start`,
    `-p 'sh -c "kill -SEGV $$"' ${once} kill`,
    `-p 'sh -c "kill -SEGV $$"' ${once} stop`
  ),
  "failed-starts": play(function*({ say, zdaemon }) {
    zdaemon.write("garbage", "\u0001\u0002garbage\n", 0o755)
    zdaemon.write("orphan", "#!/nowhere/interpreter\n", 0o755)
    yield* say(`-p ./garbage ${once} start`)
    yield* say(`-p ./garbage ${once} history`)
    yield* say(`-p ./garbage ${once} crashes`)
    yield* say(`-p ./orphan ${once} start`)
    yield* say(`-p 'sh -c "kill -SEGV $$"' ${once} start`)
    yield* say(`-p 'sh -c "echo one; echo two >&2; exit 4"' ${once} start`)
    yield* say(`-p 'printf %0300d 1' ${once} start`)
    yield* say("-p 'sleep 1000' --start-test-program ./garbage start")
    yield* say("-p 'sleep 1000' --start-test-program ./garbage status -v")
  }),
  "late-start": lines(
    "-p 'sleep 1000' -T 2 --start-test-program false start",
    "-p 'sleep 1000' status",
    "-p 'sleep 1000' status -v"
  ),
  "restart": lines(
    "restart",
    `${up} restart`,
    `${up} restart`,
    `${up} -s other -C nowhere.conf restart`,
    `-p 'sh -c "exit 3"' ${once} -s other restart`
  ),
  "failed-restart": play(function*({ say, quietly, zdaemon }) {
    const app = zdaemon.write(
      "app",
      "#!/bin/sh\ntest -e broken && { echo it broke; exit 3; }\nexec sleep 1000\n",
      0o755
    )
    const program = `-p ${app} -b 1 --reset-after never`
    yield* quietly(`${program} --start-grace 0 start`)
    zdaemon.write("broken", "")
    yield* say(`${program} --start-grace 1000 restart`)
    yield* say(`${program} status -v`)
  }),
  "stubborn-stop": play(function*({ begin, say, zdaemon }) {
    const test = zdaemon.write("ready", "#!/bin/sh\ntest -e trapped\n", 0o755)
    const stubborn = zdaemon.write(
      "stubborn",
      "#!/bin/sh\ntrap '' TERM\n: > trapped\nwhile :; do sleep 1000; done\n",
      0o755
    )
    const program = `-p ${stubborn} --stop-timeout 600`
    yield* say(`${program} --start-test-program ${test} start`)
    const stop = yield* begin(`${program} stop`)
    yield* Zdaemon.until(zdaemon.socket, /should_be_up=0/)
    yield* say(`${program} status -v`)
    yield* say(`${program} kill KILL`)
    yield* stop.ends
    yield* say(`${program} history`)
  }),
  "overtaken-stop": play(function*({ begin, quietly, zdaemon }) {
    const test = zdaemon.write("ready", "#!/bin/sh\ntest -e trapped\n", 0o755)
    const stubborn = zdaemon.write(
      "stubborn",
      "#!/bin/sh\ntrap '' TERM\n: > trapped\nwhile :; do sleep 1000; done\n",
      0o755
    )
    const program = `-p ${stubborn} --start-test-program ${test}`
    yield* quietly(`${program} start`)
    const stop = yield* begin(`${program} stop`)
    yield* Zdaemon.until(zdaemon.socket, /should_be_up=0/)
    const start = yield* begin(`${program} start`)
    yield* stop.ends
    yield* quietly(`${program} kill KILL`)
    yield* start.ends
  }),
  "overtaken-restart": play(function*({ begin, quietly, zdaemon }) {
    zdaemon.write("ready", "")
    const program = "-p 'sleep 1000' --start-test-program 'test -e ready'"
    yield* quietly(`${program} start`)
    Fs.rmSync(zdaemon.at("ready"))
    const restart = yield* begin(`${program} restart`)
    yield* Zdaemon.until(zdaemon.socket, /testing=1/)
    yield* quietly(`${program} stop`)
    yield* restart.ends
  }),
  "wait": play(function*({ begin, quietly }) {
    yield* quietly(`${up} start`)
    const waiting = yield* begin(`${up} wait`)
    yield* waiting.says(". ")
    yield* quietly(`${up} stop`)
    yield* waiting.ends
  }),
  "interrupted": play(function*({ begin, quietly, say }) {
    yield* quietly(`${up} start`)
    const waiting = yield* begin(`${up} wait`)
    yield* waiting.says(". ")
    waiting.signal("SIGINT")
    yield* waiting.ends
    yield* say(`${up} status`)
  }),
  "kill": lines(
    `${up} start`,
    `${up} kill URG`,
    `${up} kill SIGURG`,
    `${up} kill 23`,
    `${up} kill FOO`,
    `${up} kill HPU`,
    `${up} kill -9`,
    `${up} kill -HUP`,
    `${up} kill 0`,
    `${up} kill 999`,
    `${up} kill 0x`,
    `${up} kill a b`,
    `${up} kill -l`,
    `${up} kill`
  ),
  "foreground": lines(
    "fg",
    "-p true fg",
    "-p 'sh -c \"exit 3\"' fg",
    "-p 'sh -c \"kill -KILL $$\"' fg",
    "-p echo foreground a 'b c'"
  ),
  "crashes-and-history": play(function*({ say, zdaemon }) {
    zdaemon.write("oops", "#!/bin/sh\necho oops\nexit 3\n", 0o755)
    yield* say(`-p ./oops ${once} start`)
    yield* say(`${up} crashes`)
    yield* say(`${up} crashes 1`)
    yield* say(`${up} crashes 2`)
    yield* say(`${up} crashes last`)
    yield* say(`${up} history`)
    yield* say(`${up} history 1`)
    yield* say(`${up} --run-history off crashes`)
    yield* say(`${up} status -v`)
  }),
  "terminal": {
    skip: !Zdaemon.hasTerminals,
    play: Effect.fnUntraced(function*({ quietly, sayOnTerminal }) {
      yield* sayOnTerminal(`${up} status`)
      yield* sayOnTerminal(`${up} stop`)
      yield* sayOnTerminal(`${up} status all`)
      yield* sayOnTerminal("dance")
      yield* sayOnTerminal(`${up} kill FOO`)
      yield* quietly(`${up} start`)
      yield* sayOnTerminal(`${up} status`)
      yield* quietly(`${up} stop`)
      yield* sayOnTerminal(`${up} status`)
      yield* quietly(`${loop} start`)
      yield* sayOnTerminal(`${loop} status`)
      yield* sayOnTerminal(`${loop} crashes`)
      yield* quietly(`${loop} stop`)
      yield* quietly(`${stays} start`)
      yield* sayOnTerminal(`${stays} status`)
    })
  }
})
