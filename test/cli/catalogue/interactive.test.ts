import { isSaid, play, up } from "../../support/Catalogue.ts"

isSaid("interactive", {
  "session": play(function*({ type, zdaemon }) {
    zdaemon.write("conf", "<runner>\n  program sleep 1000\n</runner>\n")
    yield* type(up, ["start", "", "kill ded", "stop", "quit"])
    yield* type(up, ["dance with me", "quitt", "help me", "config --all", "!exit 3", "!echo said", "help quit", "EOF"])
    yield* type(up, ["?"])
    yield* type(`${up} -i status`, ["crashes last"])
  }),
  "reload": play(function*({ type, zdaemon }) {
    zdaemon.write("conf", "<runner>\n  program sleep 1000\n</runner>\n")
    zdaemon.write("bad", "<runner>\n  program sleep 1000\n  backoff-limit many\n</runner>\n")
    yield* type("-C conf", ["reload", "reload -C bad", "reload -b", "reload start"])
    yield* type(up, ["reload", "reload -p false"])
  }),
  "quit": play(function*({ type, zdaemon }) {
    zdaemon.write("conf", "<runner>\n  program sleep 1000\n  hang-around on\n  start-grace 0\n</runner>\n")
    zdaemon.write("loop", "<runner>\n  program false\n  backoff-base 1000\n  backoff-limit 1000\n</runner>\n")
    yield* type("-C conf", ["start", "quit"])
    yield* type("-C conf", ["stop", "quit"])
    yield* type("-C loop", ["start", "quit"])
  }),
  "refused": play(function*({ say, type, zdaemon }) {
    zdaemon.write("conf", "<runner>\n  program sleep 1000\n  default-to-interactive no\n</runner>\n")
    yield* say("")
    yield* say("-C conf")
    yield* type("-C conf -i", [])
    for (const action of ["quit", "EOF", "reload", "shell"]) yield* say(`${up} ${action}`)
  })
})
