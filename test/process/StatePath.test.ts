// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as StatePath from "../../src/process/StatePath.ts"

const here = (
  environment: Readonly<Record<string, string | undefined>>,
  { folder, user = 4242 }: { readonly folder?: string; readonly user?: number } = {}
) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  return StatePath.runHistory("/run/app.sock", Option.fromNullable(folder), user)
}

describe("the folder of the run history", () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it("is in the one that is given", () =>
    assert.strictEqual(
      here({ XDG_STATE_HOME: "/state" }, { folder: "/var/log/app" }),
      "/var/log/app/%2Frun%2Fapp.sock"
    ))

  it("is in the state directory, where that is absolute and the user's own", () => {
    const user = Fs.statSync(import.meta.dirname).uid
    for (const name of ["", "/not/there/yet"]) {
      const state = `${import.meta.dirname}${name}`
      assert.strictEqual(here({ XDG_STATE_HOME: state }, { user }), `${state}/zdaemon/%2Frun%2Fapp.sock`)
      assert.notInclude(here({ XDG_STATE_HOME: state }, { user: user + 1 }), state)
    }
    assert.notInclude(here({ XDG_STATE_HOME: "state" }), "state/zdaemon/%2F")
  })

  it("is the system's for root, a user's own for a user, and beside the socket for who has none", () => {
    const nowhere = { XDG_STATE_HOME: undefined }
    assert.strictEqual(here(nowhere, { user: 0 }), "/var/lib/zdaemon/%2Frun%2Fapp.sock")
    const user = Fs.statSync(import.meta.dirname).uid
    assert.strictEqual(
      here({ ...nowhere, HOME: import.meta.dirname }, { user: user === 0 ? 4242 : user }),
      user === 0 ? "/run/app.sock.history" : `${import.meta.dirname}/.local/state/zdaemon/%2Frun%2Fapp.sock`
    )
    for (const home of [undefined, "", "relative", "/nonexistent/home", "/"]) {
      assert.strictEqual(here({ ...nowhere, HOME: home }), "/run/app.sock.history")
    }
  })
})
