// @effect-diagnostics nodeBuiltinImport:off
/**
 * What the pages about other tools show, given to those tools. A tool that is missing is skipped.
 *
 * @since 0.1.0
 */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zdaemon from "./support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

/** The blocks of a page that have this mark. */
const blocks = (page: string, mark: string): ReadonlyArray<string> =>
  Array.from(
    Fs.readFileSync(Path.resolve(import.meta.dirname, "../docs", page), "utf8")
      .matchAll(new RegExp(`^\`\`\`${mark}\n([^]*?)^\`\`\``, "gm")),
    ([, text = ""]) => text
  )

describe("docs/systemd.md", () => {
  it.skipIf(!Zdaemon.canRun("systemd-analyze", "--version"))("has a unit that systemd takes", () => {
    const directory = Fs.mkdtempSync("/tmp/zd-")
    try {
      const [unit = ""] = blocks("systemd.md", "ini")
      const file = Path.join(directory, "app.service")
      Fs.writeFileSync(file, unit)
      const { status, stderr } = ChildProcess.spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" })
      assert.deepStrictEqual([unit.includes("ExecStart="), stderr, status], [true, "", 0])
    } finally {
      Fs.rmSync(directory, { recursive: true, force: true })
    }
  })

  it.scopedLive("has a configuration that is fine", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (const page of ["systemd.md", "containers.md"]) {
        const [configuration = ""] = blocks(page, "conf")
        assert.include(configuration, "daemon off")
        zdaemon.write("app.conf", configuration.replace(/program .*/, "program sleep 100"))
        const { code, stdout } = yield* zdaemon.run("-C", "app.conf", "check")
        assert.deepStrictEqual([code, stdout], [0, "configuration OK\n"])
      }
    }))
})

const logrotate = ["/usr/sbin/logrotate", "/usr/bin/logrotate"].find((file) => Fs.existsSync(file)) ?? "logrotate"

describe.skipIf(!Zdaemon.canRun(logrotate, "--version"))("docs/logrotate.md", () => {
  it.scopedLive("has a configuration with which a log is rotated and not a line lost", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("count", "#!/bin/sh\ni=0; while :; do i=$((i + 1)); echo $i; sleep 0.005; done\n", 0o755)
      zdaemon.write(
        "app.conf",
        `<runner>\n  program ${zdaemon.at("count")}\n  transcript ${zdaemon.at("app.log")}\n` +
          `  socket-name ${zdaemon.socket}\n  start-grace 0\n</runner>\n`
      )
      const [configuration = ""] = blocks("logrotate.md", "logrotate")
      assert.include(configuration, "postrotate")
      zdaemon.write(
        "rotate",
        configuration
          .replace("/var/log/app/app.log", zdaemon.at("app.log"))
          .replace(
            "zdaemon -C /etc/app.conf",
            `'${process.execPath}' '${Zdaemon.executable}' -C ${zdaemon.at("app.conf")}`
          )
          .replace("    compress\n", "")
      )
      yield* zdaemon.run("-C", "app.conf", "start")
      const lines = (name: string) => zdaemon.read(name).split("\n").slice(0, -1)
      for (let round = 1; round <= 3; round++) {
        yield* Zdaemon.eventually("some lines", () => lines("app.log").length > 5)
        const rotating = yield* zdaemon.begin(["-f", "-s", zdaemon.at("rotate.state"), zdaemon.at("rotate")], {
          file: logrotate
        })
        const { code, stderr } = yield* rotating.result
        assert.deepStrictEqual([code, stderr], [0, ""])
      }
      yield* zdaemon.run("-C", "app.conf", "stop")
      const all = ["app.log.3", "app.log.2", "app.log.1", "app.log"].flatMap(lines).map(Number)
      assert.isAbove(all.length, 15)
      assert.deepStrictEqual(all, Array.from(all, (_, i) => i + 1))
    }))
})
