// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as Zdaemon from "./support/Zdaemon.ts"

/** An installation of its own that no command has run from, with what is seen of its code caches. */
const installed = Effect.map(Zdaemon.make, (zdaemon) => {
  const folder = zdaemon.at("dist")
  Fs.cpSync(Zdaemon.dist, folder, { recursive: true, filter: (path) => !/\/lib|\.cache$/.test(path) })
  const executable = Path.join(folder, "zdaemon.cjs")
  const environment = { HOME: zdaemon.directory, XDG_CACHE_HOME: zdaemon.at("caches") }
  const run = (file: string, ...words: ReadonlyArray<string>) =>
    Effect.flatMap(zdaemon.begin(words, { file, environment }), ({ result }) => result).pipe(
      Effect.tap(({ code }) => Effect.sync(() => assert.strictEqual(code, 0)))
    )
  const cachesIn = (folder: string) =>
    Fs.existsSync(folder) ? Fs.readdirSync(folder).filter((name) => name.includes(".cache")) : []
  return {
    zdaemon,
    executable,
    environment,
    run,
    version: run(Process.execPath, executable, "--version"),
    caches: () => cachesIn(folder),
    personal: () => cachesIn(zdaemon.at("caches/zdaemon")),
    cache: () => Path.join(folder, cachesIn(folder)[0] ?? "no cache")
  }
})

describe("the code cache", () => {
  it.scopedLive("is kept by the first run, for its owner alone, and used by the next one", () =>
    Effect.gen(function*() {
      const { cache, caches, personal, version } = yield* installed
      yield* version
      const first = Fs.statSync(cache())
      assert.strictEqual(first.mode & 0o777, 0o600)
      yield* version
      assert.strictEqual(Fs.statSync(cache()).ino, first.ino)
      assert.deepStrictEqual([caches().length, personal()], [1, []])
    }))

  it.scopedLive("is on the disk before it has its name", () =>
    Effect.gen(function*() {
      const { executable, run, zdaemon } = yield* installed
      zdaemon.write(
        "told.cjs",
        `const fs = require("node:fs")
        for (const name of ["fsyncSync", "renameSync"]) {
          const real = fs[name]
          fs[name] = (...parameters) => {
            const path = name === "fsyncSync" ? fs.readlinkSync("/proc/self/fd/" + parameters[0]) : parameters[0]
            real(...parameters)
            fs.appendFileSync(${JSON.stringify(zdaemon.at("told"))}, name + " " + path + "\\n")
          }
        }`
      )
      yield* run(Process.execPath, "-r", zdaemon.at("told.cjs"), executable, "--version")
      assert.match(zdaemon.read("told"), /^fsyncSync (.*\.cache\.\d+)\nrenameSync \1\n$/)
    }))

  it.scopedLive("is made anew where it is cut off, empty, or of something else", () =>
    Effect.gen(function*() {
      const { cache, version } = yield* installed
      yield* version
      const whole = Fs.readFileSync(cache())
      const size = whole.length
      for (const wrong of [whole.subarray(0, size / 2), "", Buffer.alloc(size), "x".repeat(size)]) {
        Fs.writeFileSync(cache(), wrong)
        const { stdout } = yield* version
        assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
        assert.isAbove(Fs.statSync(cache()).size, size / 2)
        assert.isFalse(Fs.readFileSync(cache()).equals(Buffer.from(wrong)))
      }
    }))

  it.scopedLive("is not taken where others can write it, by way of a link, or from what is no file", () =>
    Effect.gen(function*() {
      const { cache, caches, run, version, zdaemon } = yield* installed
      yield* version
      const path = cache()
      Fs.chmodSync(path, 0o620)
      yield* version
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o600)
      Fs.renameSync(path, zdaemon.at("elsewhere"))
      Fs.symlinkSync(zdaemon.at("elsewhere"), path)
      yield* version
      assert.isFalse(Fs.lstatSync(path).isSymbolicLink())
      Fs.rmSync(path)
      yield* run("mkfifo", path)
      yield* version
      assert.isTrue(Fs.lstatSync(path).isFile())
      assert.lengthOf(caches(), 1)
    }))

  it.scopedLive("leaves nothing where it cannot be written whole", () =>
    Effect.gen(function*() {
      const { caches, executable, personal, run } = yield* installed
      yield* run("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh", Process.execPath, executable, "--version")
      assert.deepStrictEqual([caches(), personal()], [[], []])
    }))

  it.scopedLive.skipIf(!Zdaemon.canBeNobody)(
    "is kept at home by who may not write where the command is",
    () =>
      Effect.gen(function*() {
        const { caches, executable, personal, run, zdaemon } = yield* installed
        Fs.mkdirSync(zdaemon.at("caches"))
        Fs.chmodSync(zdaemon.at("caches"), 0o777)
        const nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        const version = run("setpriv", ...nobody, Process.execPath, executable, "--version")
        yield* version
        const [name = "no cache"] = personal()
        const { ino } = Fs.statSync(zdaemon.at(`caches/zdaemon/${name}`))
        yield* version
        assert.deepStrictEqual([caches(), personal()], [[], [name]])
        assert.strictEqual(Fs.statSync(zdaemon.at(`caches/zdaemon/${name}`)).ino, ino)
      })
  )
})
