// @effect-diagnostics nodeBuiltinImport:off globalDate:off
/**
 * Our commands with a manager that hears one client at a time, as the original's does: whoever connects while another
 * has not yet sent its line throws that one out.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import * as ControlClient from "../../src/control/ControlClient.ts"

const executable = Path.resolve(import.meta.dirname, "../../dist/zdaemon.cjs")

/** A directory with such a manager on `zdsock`. Its program, `sleep 100`, is no process, only a number. */
const manager = Effect.acquireRelease(
  Effect.async<{ directory: string; server: Net.Server; heard: Array<string> }>((resume) => {
    const directory = FileSystem.mkdtempSync(Path.join(OperatingSystem.tmpdir(), "zdaemon-compat-"))
    const heard: Array<string> = []
    let pid = 3_999_999
    let begun = Date.now() / 1000
    let current: Net.Socket | undefined
    const answer = (command: string): string => {
      heard.push(command)
      switch (command) {
        case "status":
          return `status=${pid === 0 ? "stopped" : "running"}\nnow=${Date.now() / 1000}\nshould_be_up=${
            pid === 0 ? 0 : 1
          }\ndelay=0\n` +
            `backoff=0\nlasttime=${begun}\napplication=${pid}\ntesting=0\nmanager=1\nbackofflimit=10\n` +
            "filename='/bin/sleep'\nargs=['sleep', '100']\n"
        case "stop":
          pid = 0
          return "Sent SIGTERM\n"
        case "restart":
          pid -= 1
          begun = Date.now() / 1000
          return "Sent SIGTERM; will restart later\n"
        default:
          return `Unknown command '${command}'; 'help' for a list\n`
      }
    }
    const server = Net.createServer({ allowHalfOpen: true }, (client) => {
      const close = (reply: string) => {
        client.write(reply)
        client.destroySoon()
        if (current === client) current = undefined
      }
      if (current !== undefined) {
        current.write("Command superseded by new command\n")
        current.destroySoon()
      }
      current = client
      let said = ""
      client.on("error", () => undefined)
      client.on("data", (bytes: Buffer) => {
        said += bytes.toString()
        const newline = said.indexOf("\n")
        if (newline >= 0 && current === client) close(answer(said.slice(0, newline)))
      })
    })
    server.listen(
      Path.join(directory, "zdsock"),
      () => resume(Effect.succeed({ directory, server, heard }))
    )
  }),
  ({ directory, server }) =>
    Effect.sync(() => {
      server.close()
      FileSystem.rmSync(directory, { recursive: true, force: true })
    })
)

const zdaemon = (directory: string, ...words: ReadonlyArray<string>) =>
  Effect.async<readonly [code: number | string | null | undefined, output: string]>((resume) => {
    ChildProcess.execFile(
      Process.execPath,
      [executable, "-p", "sleep 100", ...words],
      { cwd: directory },
      (error, stdout, stderr) => resume(Effect.succeed([error === null ? 0 : error.code, stdout + stderr]))
    )
  })

describe("with a manager that hears one client at a time", () => {
  it.scopedLive("stop stops the program", () =>
    Effect.gen(function*() {
      const { directory, heard } = yield* manager
      const [code, output] = yield* zdaemon(directory, "stop")
      assert.deepStrictEqual([code, output.replace(/^(\. )+/, "")], [0, "\ndaemon process stopped\n"])
      assert.strictEqual(heard.filter((command) => command === "stop").length, 1)
    }), 60_000)

  it.scopedLive("restart restarts it, once", () =>
    Effect.gen(function*() {
      const { directory, heard } = yield* manager
      const [code, output] = yield* zdaemon(directory, "restart")
      assert.deepStrictEqual(
        [code, output.replace(/^(\. )+/, "")],
        [0, "\ndaemon process restarted, pid=3999998\n"]
      )
      assert.strictEqual(heard.filter((command) => command === "restart").length, 1)
    }), 60_000)

  it.scopedLive("many requests at once are all heard in the end", () =>
    Effect.gen(function*() {
      const { directory } = yield* manager
      const replies = yield* Effect.all(
        Array.from({ length: 8 }, () => ControlClient.request(Path.join(directory, "zdsock"), "status")),
        { concurrency: "unbounded" }
      )
      for (const reply of replies) assert.match(reply, /^application=3999999$/m)
    }), 60_000)
})
