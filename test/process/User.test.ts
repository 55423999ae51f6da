// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as ChildProcess from "node:child_process"
import Process from "node:process"
import * as User from "../../src/process/User.ts"
import * as Isolated from "../support/Isolated.ts"
import * as Proc from "../support/Proc.ts"

const root = { name: "root", uid: 0, gid: 0 }

describe("find", () => {
  it.effect("takes a name or a numeric id", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* User.find("root"), root)
      assert.deepStrictEqual(yield* User.find("0"), root)
    }))

  it.effect("refuses who is not in the password database", () =>
    Effect.gen(function*() {
      const refusal = (user: string) => Effect.map(Effect.flip(User.find(user)), ({ message }) => message)
      assert.strictEqual(yield* refusal("no-such-user"), "username 'no-such-user' not found")
      assert.strictEqual(yield* refusal("4123456"), "uid '4123456' not found")
      assert.strictEqual(yield* refusal("--help"), "username '--help' not found")
      assert.strictEqual(yield* refusal(""), "username '' not found")
      assert.strictEqual(yield* refusal("ro*t"), "username 'ro*t' not found")
    }))
})

describe("become", () => {
  it.effect("does nothing for the user that runs already", () =>
    Effect.gen(function*() {
      const before = Proc.status("self", "Groups")
      yield* User.become({ name: "me", uid: Process.geteuid?.() ?? 0, gid: 12345 })
      assert.strictEqual(Proc.status("self", "Groups"), before)
      assert.notStrictEqual(Process.getgid?.(), 12345)
    }))

  it.scopedLive(
    "leaves a process with the ids and groups of the user and no others, for good",
    (test) =>
      Effect.gen(function*() {
        if (Isolated.obstacle !== undefined) return test.skip(Isolated.obstacle)
        const id = (option: string) =>
          ChildProcess.execFileSync("id", [option, "nobody"], { encoding: "utf8" }).trim().split(" ")
        const [uid = "", gid = ""] = [...id("-u"), ...id("-g")]
        const groups = Arr.sort(id("-G").map(Number), Order.number).join(" ")
        const expected = [`Uid: ${uid} ${uid} ${uid} ${uid}`, `Gid: ${gid} ${gid} ${gid} ${gid}`, `Groups: ${groups}`]
        for (const user of ["nobody", uid]) {
          const lines = yield* Isolated.run("become-user.ts", [user], ["setpriv", "--groups", "0,1,2,3,65533"])
          assert.deepStrictEqual(lines.map((line) => line.trim().replace(/\s+/g, " ")), [...expected, ...expected])
        }
      }),
    30_000
  )

  it.scopedLive("is refused to an ordinary user", (test) =>
    Effect.gen(function*() {
      if (Isolated.obstacle !== undefined) return test.skip(Isolated.obstacle)
      assert.deepStrictEqual(yield* Isolated.run("become-user.ts", ["root"], Isolated.asNobody), [
        "only root can use -u USER to change users"
      ])
    }), 30_000)
})
