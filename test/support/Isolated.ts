/**
 * Programs in TypeScript that a test runs in a process of their own, since what they do to themselves cannot be undone.
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import { buildSync } from "esbuild"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as Live from "./Live.ts"

/**
 * Bundles a program of `test/fixtures` where every user can read it, runs it behind the words of `prefix` (as
 * `setpriv --reuid nobody`), and answers with the lines that it printed.
 */
export const run = Effect.fnUntraced(function*(
  name: string,
  words: ReadonlyArray<string>,
  prefix: ReadonlyArray<string> = []
) {
  const directory = yield* Live.directory
  const outfile = Path.join(directory, "program.cjs")
  return yield* Effect.sync(() => {
    FileSystem.chmodSync(directory, 0o755)
    buildSync({
      entryPoints: [Live.fixture(name)],
      bundle: true,
      platform: "node",
      format: "cjs",
      outfile,
      logLevel: "error"
    })
    const [file = Process.execPath, ...rest] = [...prefix, Process.execPath, outfile, ...words]
    return ChildProcess.execFileSync(file, rest, { encoding: "utf8", cwd: "/" }).split("\n").slice(0, -1)
  })
})

/**
 * The words that run a command as the user nobody.
 */
export const asNobody: ReadonlyArray<string> = ["setpriv", "--reuid", "nobody", "--regid", "65534", "--clear-groups"]

/**
 * Why processes of another user cannot be tested here, or nothing where they can.
 */
export const obstacle: string | undefined = ((): string | undefined => {
  if (Process.geteuid?.() !== 0) return "only root can become another user"
  try {
    ChildProcess.execFileSync("setpriv", [...asNobody.slice(1), Process.execPath, "--version"], {
      cwd: "/",
      stdio: "ignore"
    })
    return undefined
  } catch {
    return "setpriv(1) or the user nobody is missing, or that user cannot execute node"
  }
})()
