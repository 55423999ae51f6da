// @effect-diagnostics nodeBuiltinImport:off
/**
 * The manager in the foreground as a container has it: as PID 1 of a namespace, or below tini. Namespaces need unshare(1) and the
 * right to use it; what cannot be made here is skipped.
 *
 * @since 0.1.0
 */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import Process from "node:process"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const unshare = ["-pf", "--mount-proc", "--kill-child"]

const canUnshare = Zdaemon.canRun("unshare", ...unshare, "true")

/** Begins a command as the first process of a namespace; `first` is the pid that it has out here, while it is there. */
const inNamespace = Effect.fnUntraced(function*(zdaemon: Zdaemon.Zdaemon, init: ReadonlyArray<string>) {
  const running = yield* zdaemon.begin(
    [...unshare, ...init, Process.execPath, Zdaemon.executable, "-C", "conf", "start"],
    { file: "unshare", detached: true }
  )
  const first = () => Number(Fs.readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "latin1").trim())
  yield* running.says("up\n")
  return { ...running, first }
})

const configuration = (zdaemon: Zdaemon.Zdaemon, script: string, ...more: ReadonlyArray<string>): void => {
  zdaemon.write("app", `#!/bin/sh\n${script}\n`, 0o755)
  zdaemon.write(
    "conf",
    ["<runner>", `  program ${zdaemon.at("app")}`, "  daemon off", ...more, "</runner>", ""].join("\n")
  )
}

const wait = "while :; do sleep 0.02; done"

/** Leaves a process to PID 1, waits until that has ended, and says when it is gone, or that it is a zombie. */
const orphaning = `orphan=$(sh -c 'sleep 0.05 >/dev/null & echo $!')
until grep -q '^State:.Z' /proc/$orphan/status 2>/dev/null || [ ! -e /proc/$orphan ]; do sleep 0.01; done
if [ "$1" = reaped ]; then while [ -e /proc/$orphan ]; do sleep 0.01; done; fi
[ -e /proc/$orphan ] && echo zombie || echo gone`

for (
  const { init, needs, title } of [
    { title: "as PID 1", init: [], needs: canUnshare },
    { title: "below tini", init: ["tini", "--"], needs: canUnshare && Zdaemon.canRun("tini", "--version") }
  ]
) {
  describe.skipIf(!needs)(`a manager ${title}`, { concurrent: true }, () => {
    it.scopedLive("ends with the exit status of the program", () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        configuration(zdaemon, "echo up; exit 7", "  exit-codes 7")
        const { result } = yield* inNamespace(zdaemon, init)
        assert.strictEqual((yield* result).code, 7)
      }))

    it.scopedLive("stops the program at SIGTERM, and ends as that does", () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        configuration(zdaemon, `trap 'echo bye; exit 5' TERM; echo up; ${wait}`)
        const container = yield* inNamespace(zdaemon, init)
        Process.kill(container.first(), "SIGTERM")
        const { code, stdout } = yield* container.result
        assert.deepStrictEqual([code, stdout], [5, "up\nbye\n"])
        assert.deepStrictEqual(zdaemon.processes(), [])
      }))

    it.scopedLive("passes other signals on", () =>
      Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        configuration(zdaemon, `for s in HUP USR1 USR2; do trap "echo got $s" $s; done; echo up; ${wait}`)
        const container = yield* inNamespace(zdaemon, init)
        for (const name of ["HUP", "USR1", "USR2"]) {
          Process.kill(container.first(), `SIG${name}`)
          yield* container.says(`got ${name}\n`)
        }
        Process.kill(container.first(), "SIGTERM")
        assert.strictEqual((yield* container.result).code, 143)
      }))

    it.scopedLive(
      init.length === 0 ? "goes on and ends as ever beside a zombie" : "has its orphans reaped",
      () =>
        Effect.gen(function*() {
          const zdaemon = yield* Zdaemon.make
          configuration(zdaemon, `echo up\nset -- ${init.length === 0 ? "" : "reaped"}\n${orphaning}\nexec sleep 1000`)
          const container = yield* inNamespace(zdaemon, init)
          yield* container.says(init.length === 0 ? "zombie\n" : "gone\n")
          Process.kill(container.first(), "SIGTERM")
          assert.strictEqual((yield* container.result).code, 143)
        })
    )
  })
}

describe("a manager in the foreground", () => {
  it.scopedLive("without a terminal passes SIGHUP on, and keeps SIGUSR2 for its event log", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("app", `#!/bin/sh\ntrap 'echo got HUP' HUP; trap 'exit 9' USR2; echo up; ${wait}\n`, 0o755)
      zdaemon.write(
        "conf",
        `<runner>\n  program ${zdaemon.at("app")}\n  daemon off\n</runner>\n` +
          `<eventlog>\n  <logfile>\n    path ${zdaemon.at("events")}\n  </logfile>\n</eventlog>\n`
      )
      const manager = yield* zdaemon.begin(["-C", "conf", "start"], { detached: true })
      yield* manager.says("up\n")
      manager.signal("SIGUSR2")
      manager.signal("SIGHUP")
      yield* manager.says("got HUP\n")
      yield* Zdaemon.eventually("the event", () => zdaemon.read("events").includes("passed SIGHUP on to the program"))
      manager.signal("SIGTERM")
      assert.strictEqual((yield* manager.result).code, 143)
    }))

  it.skipIf(!Zdaemon.hasTerminals)(
    "ends at SIGHUP where it has a terminal",
    () =>
      Effect.runPromise(Effect.scoped(Effect.gen(function*() {
        const zdaemon = yield* Zdaemon.make
        zdaemon.write("app", `#!/bin/sh\ntrap 'echo got HUP' HUP; echo up; ${wait}\n`, 0o755)
        zdaemon.write("conf", `<runner>\n  program ${zdaemon.at("app")}\n  daemon off\n</runner>\n`)
        const session = yield* zdaemon.onTerminal(["-C", "conf", "start"])
        yield* session.says("up\r\n")
        const status = yield* Zdaemon.ask(zdaemon.socket, "status\n")
        Process.kill(Number(/manager=(\d+)/.exec(status)?.[1]), "SIGHUP")
        const { stdout } = yield* session.result
        assert.notInclude(stdout, "got HUP")
        assert.include(stdout, "daemon manager killed by SIGHUP")
      })))
  )
})
