// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as ProgramFile from "../../src/process/ProgramFile.ts"
import * as Live from "../support/Live.ts"

describe("a word without a slash", () => {
  it.scopedLive("is the first executable file of that name on the path", () =>
    Effect.gen(function*() {
      const root = yield* tree({ "a/prog": 0o644, "b/prog": 0o755, "c/prog": 0o755 })
      FileSystem.mkdirSync(`${root}/d/prog`, { recursive: true })
      const path = ["d", "a", "missing", "b", "c"].map((folder) => `${root}/${folder}`).join(":")
      assert.strictEqual(yield* ProgramFile.find("prog", { here: "/", directory: undefined, path }), `${root}/b/prog`)
    }))

  it.scopedLive("is found when anybody may execute it", () =>
    Effect.gen(function*() {
      for (const mode of [0o700, 0o010, 0o001]) {
        const path = yield* tree({ prog: mode })
        assert.strictEqual(yield* ProgramFile.find("prog", { here: "/", directory: undefined, path }), `${path}/prog`)
      }
    }))

  it.scopedLive("is searched for where the operator is in a relative or empty folder of the path", () =>
    Effect.gen(function*() {
      const here = yield* tree({ "bin/prog": 0o755, "other": 0o755 })
      const where = { here, directory: "/", path: "bin:" }
      assert.strictEqual(yield* ProgramFile.find("prog", where), `${here}/bin/prog`)
      assert.strictEqual(yield* ProgramFile.find("other", where), `${here}/other`)
    }))

  it.scopedLive("is not searched for in the directory that the program will run in", () =>
    Effect.gen(function*() {
      const directory = yield* tree({ prog: 0o755 })
      assert.strictEqual(
        yield* refusal("prog", { here: directory, directory, path: "/no/such:/nor/this" }),
        "can't find program 'prog' on PATH ['/no/such', '/nor/this']"
      )
    }))

  it.effect("is searched for in /bin, /usr/bin and /usr/local/bin without a path, or with an empty one", () =>
    Effect.gen(function*() {
      for (const path of [undefined, ""]) {
        assert.strictEqual(yield* ProgramFile.find("sh", { here: "/", directory: undefined, path }), "/bin/sh")
        assert.strictEqual(
          yield* refusal("no-such-program", { here: "/", directory: undefined, path }),
          "can't find program 'no-such-program' on PATH ['/bin', '/usr/bin', '/usr/local/bin']"
        )
      }
    }))

  it.scopedLive("is searched for past whatever on the path is no folder", () =>
    Effect.gen(function*() {
      const root = yield* tree({ prog: 0o755 })
      FileSystem.symlinkSync("loop", `${root}/loop`)
      const path = `/etc/passwd:${root}/loop:${root}`
      assert.strictEqual(yield* ProgramFile.find("prog", { here: "/", directory: undefined, path }), `${root}/prog`)
    }))

  it.effect("is quoted as Python does", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* refusal("it's", { here: "/", directory: undefined, path: "/a" }),
        "can't find program \"it's\" on PATH ['/a']"
      )
    }))
})

describe("a word with a slash", () => {
  it.scopedLive("is a path, whatever PATH is", () =>
    Effect.gen(function*() {
      const root = yield* tree({ prog: 0o755 })
      const where = { here: "/", directory: undefined, path: "/bin" }
      assert.strictEqual(yield* ProgramFile.find(`${root}/prog`, where), `${root}/prog`)
    }))

  it.scopedLive("is the file in the directory where the program will run, if there is one", () =>
    Effect.gen(function*() {
      const root = yield* tree({ "here/prog": 0o755, "there/prog": 0o755, "here/only": 0o755 })
      const where = { here: `${root}/here`, directory: `${root}/there`, path: undefined }
      assert.strictEqual(yield* ProgramFile.find("./prog", where), `${root}/there/prog`)
      assert.strictEqual(yield* ProgramFile.find("../here/prog", where), `${root}/here/prog`)
      assert.strictEqual(yield* ProgramFile.find("./only", where), `${root}/here/only`)
      assert.strictEqual(yield* ProgramFile.find("./prog", { ...where, directory: undefined }), `${root}/here/prog`)
    }))

  it.scopedLive("must be there, a file, and executable", () =>
    Effect.gen(function*() {
      const here = yield* tree({ "prog": 0o644, "folder/x": 0o755 })
      const where = { here, directory: undefined, path: undefined }
      assert.strictEqual(yield* refusal("./nope", where), "can't stat program './nope'")
      assert.strictEqual(yield* refusal("./prog", where), "no permission to run program './prog'")
      assert.strictEqual(yield* refusal("./folder", where), "no permission to run program './folder'")
    }))
})

// ===== Internal

const refusal = (word: string, where: Parameters<typeof ProgramFile.find>[1]) =>
  Effect.map(Effect.flip(ProgramFile.find(word, where)), ({ message }) => message)

/** A directory with empty files of the given modes. */
const tree = Effect.fnUntraced(function*(files: Readonly<Record<string, number>>) {
  const root = yield* Live.directory
  for (const [name, mode] of Object.entries(files)) {
    const path = Path.join(root, name)
    FileSystem.mkdirSync(Path.dirname(path), { recursive: true })
    FileSystem.writeFileSync(path, "")
    FileSystem.chmodSync(path, mode)
  }
  return root
})
