// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Zdaemon from "../support/Zdaemon.ts"

const start = ["--start-grace", "0", "-t", "log"]

describe("the transcript", () => {
  it.scopedLive("is rotated, compressed and pruned as the settings say, and the manager's own messages follow it", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const conf = zdaemon.write(
        "conf",
        `<runner>
          program sh -c 'seq 1 2000; exec sleep 1000'
          transcript log
          transcript-max-size 1KB
          transcript-keep 2
          transcript-compress on
          start-grace 0
        </runner>`
      )
      assert.strictEqual((yield* zdaemon.run("-C", conf, "start")).code, 0)
      const old = () => Fs.readdirSync(zdaemon.directory).filter((name) => name.startsWith("log."))
      yield* Zdaemon.eventually(
        "two old files",
        () =>
          zdaemon.read("log").endsWith("\n2000\n") && old().length === 2 && old().every((name) => name.endsWith(".gz"))
      )
      const [manager] = zdaemon.managers()
      // They follow when no thread of Node's is at work, which the compression of the last file was until now; for a moment
      // there is no such descriptor.
      const stderr = () => {
        try {
          return Fs.readlinkSync(`/proc/${manager}/fd/2`)
        } catch {
          return ""
        }
      }
      yield* Zdaemon.eventually("the manager's standard error in the new file", () => stderr() === zdaemon.at("log"))
      yield* zdaemon.run("-C", conf, "stop")
    }))

  it.scopedLive("has the manager's marks and the time in front of each line, and no standard error when that is apart", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const program = "sh -c 'echo one; echo two >&2; exec sleep 1000'"
      const options = [
        "--transcript-stderr",
        "err",
        "--transcript-timestamps",
        "iso",
        "--transcript-marks",
        "-p",
        program
      ]
      yield* zdaemon.run(...start, ...options, "start")
      yield* Zdaemon.eventually("both lines", () => zdaemon.read("log").includes("one") && zdaemon.exists("err"))
      yield* zdaemon.run("-p", program, "stop")
      const plain = (name: string) =>
        zdaemon.read(name).replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /gm, "TIME ").replaceAll(
          /pid \d+/g,
          "pid N"
        )
          .replace(/after [\d.]+s/, "after Ns")
      assert.strictEqual(
        plain("log"),
        "TIME -- zdaemon: pid N started, run 1\nTIME one\n" +
          "TIME -- zdaemon: pid N terminated by SIGTERM after Ns; ended by an order\n"
      )
      assert.strictEqual(plain("err"), "TIME two\n")
    }))

  it.scopedLive("is found again, and its trouble told, without a command", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const program = "sh -c 'while echo line; do sleep 0.1; done'"
      yield* zdaemon.run(...start, "-p", program, "start")
      Fs.rmSync(zdaemon.at("log"))
      Fs.mkdirSync(zdaemon.at("log"))
      const status = yield* Zdaemon.until(zdaemon.socket, /transcript_error/)
      assert.include(
        status,
        `transcript_error="can't open transcript: [Errno 21] Is a directory: '${zdaemon.at("log")}'"`
      )
      Fs.rmdirSync(zdaemon.at("log"))
      yield* Zdaemon.eventually("the file again", () => zdaemon.read("log").includes("line\n"))
      yield* Zdaemon.eventually("that it is told", () => zdaemon.read("log").includes("is written again\n"))
      assert.notInclude(yield* Zdaemon.until(zdaemon.socket, /status=/), "transcript_error")
    }))

  it.scopedLive("has the system's reason told as long as writes to it fail, and every line afterwards", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const command = yield* withFaults(zdaemon)
      const program = "sh -c 'i=0; while i=$((i+1)); do echo $i; sleep 0.05; done'"
      yield* Effect.flatMap(command(...start, "-p", program, "start"), ({ result }) => result)
      for (
        const [code, reason] of [
          ["EIO", "[Errno 5] Input/output error"],
          ["EROFS", "[Errno 30] Read-only file system"],
          ["EDQUOT", "[Errno 122] Disk quota exceeded"]
        ] as const
      ) {
        zdaemon.write("fault", code)
        assert.include(
          yield* Zdaemon.until(zdaemon.socket, /transcript_error/),
          `transcript_error="can't write transcript: ${reason}: '${zdaemon.at("log")}'"\n`
        )
        Fs.rmSync(zdaemon.at("fault"))
        yield* Zdaemon.until(zdaemon.socket, /^(?!.*transcript_error)/s)
      }
      yield* zdaemon.run("-p", program, "stop")
      const counted = zdaemon.read("log").split("\n").slice(0, -1).filter((line) => !line.includes("transcript"))
      assert.deepStrictEqual(counted, counted.map((_, i) => String(i + 1)))
    }))

  it.scopedLive("of root's is no link where others may write", (test) =>
    Effect.gen(function*() {
      if (!Zdaemon.isRoot) return test.skip("only root could write into the files of others")
      const zdaemon = yield* Zdaemon.make
      zdaemon.write("target", "root's\n")
      Fs.mkdirSync(zdaemon.at("shared"))
      Fs.chmodSync(zdaemon.at("shared"), 0o1777)
      Fs.symlinkSync(zdaemon.at("target"), zdaemon.at("shared/log"))
      const { code, stderr } = yield* zdaemon.run("-t", "shared/log", "-p", "echo hello", "start")
      assert.strictEqual(code, 1)
      assert.include(
        stderr,
        `Error: can't open transcript: a link in a directory that others can write: '${zdaemon.at("shared/log")}'\n`
      )
      assert.strictEqual(zdaemon.read("target"), "root's\n")
    }))
})

/** The command, with a manager whose writes to `log` fail with the error that the file `fault` names, while that is there. */
const withFaults = (zdaemon: Zdaemon.Zdaemon) =>
  Effect.sync(() => {
    const folder = zdaemon.at("dist")
    Fs.cpSync(Zdaemon.dist, folder, { recursive: true, filter: (path) => !/\/lib|\.cache$/.test(path) })
    Fs.renameSync(`${folder}/zdaemon-manager.cjs`, `${folder}/own.cjs`)
    Fs.writeFileSync(
      `${folder}/zdaemon-manager.cjs`,
      `const fs = require("node:fs")
      const write = fs.writeSync
      fs.writeSync = (descriptor, ...rest) => {
        if (fs.readlinkSync("/proc/self/fd/" + descriptor) === ${JSON.stringify(zdaemon.at("log"))}) {
          let code
          try { code = fs.readFileSync(${JSON.stringify(zdaemon.at("fault"))}, "utf8") } catch {}
          if (code) throw Object.assign(new Error(code), { code })
        }
        return write(descriptor, ...rest)
      }
      require("./own.cjs")`
    )
    return (...words: ReadonlyArray<string>) =>
      zdaemon.begin([`${folder}/zdaemon.cjs`, ...words], { file: process.execPath })
  })
