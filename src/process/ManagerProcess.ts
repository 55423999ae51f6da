/**
 * The two ends of starting a manager: the client spawns it as a daemon, hands over its orders and listens to what it
 * reports, over one socket pair at descriptor 3.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import Process from "node:process"
import * as ProcessGroup from "./ProcessGroup.ts"
import { SpawnError } from "./ProcessSpawner.ts"
import * as SystemError from "./SystemError.ts"

/**
 * The manager's descriptor of the socket pair.
 *
 * @category models
 * @since 0.1.0
 */
export const clientDescriptor = 3

/**
 * A manager that was spawned: the conversation with it, and what it had written to its standard error when it closed
 * that, which is when it is up or has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface ManagerProcess {
  readonly socket: Net.Socket
  readonly complaints: Effect.Effect<string>
}

/**
 * The words behind Node's name that run a manager: the executable beside ours, unless somebody else's command says
 * otherwise.
 *
 * @category services
 * @since 0.1.0
 */
export class Code extends Context.Reference<Code>()("zdaemon/process/ManagerProcess/Code", {
  defaultValue: (): ReadonlyArray<string> => [
    Path.join(Path.dirname(FileSystem.realpathSync(Process.argv[1] ?? "")), "zdaemon-manager.cjs")
  ]
}) {}

/**
 * The words that run this very script again, with the word `mark` behind it. A debugger's options are left out, since its
 * port is taken.
 *
 * @category getters
 * @since 0.1.0
 */
export const again = (mark: string): ReadonlyArray<string> => [
  ...Process.execArgv.filter((option) => !option.startsWith("--inspect")),
  FileSystem.realpathSync(Process.argv[1] ?? ""),
  mark
]

/**
 * Spawns a manager in a session of its own (setsid(2)). Nothing of ours stays open in it but the socket pair and, until
 * it is up, a pipe for its standard error. When the scope closes the client lets go of it; it lives on.
 *
 * `words` are for whoever reads the process list, which has no use for more of them than a screen shows. Its environment is
 * ours, without what is meant for another Node (`NODE_OPTIONS`): with `--inspect` it would hold the port that the program
 * is to have.
 *
 * @category running
 * @since 0.1.0
 */
export const spawn = (
  words: ReadonlyArray<string>
): Effect.Effect<ManagerProcess, SpawnError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(Code, (code) =>
      Effect.async<ManagerProcess & { readonly release: () => void }, SpawnError>((resume) => {
        const fail = (cause: unknown) => {
          const code = SystemError.codeOf(cause)
          resume(Effect.fail(new SpawnError({ file: Process.execPath, code, reason: SystemError.describe(code) })))
        }
        let child: ChildProcess.ChildProcess
        try {
          child = ChildProcess.spawn(Process.execPath, [...lean, ...code, ...shown(words)], {
            detached: true,
            stdio: ["ignore", "ignore", "pipe", "pipe"],
            env: { ...Process.env, NODE_OPTIONS: undefined }
          })
        } catch (cause) {
          // Some errors are thrown: E2BIG, for one.
          return fail(cause)
        }
        child.once("error", fail)
        // Where there is no pid there may be no streams either: without descriptors, say. The error is on its way.
        if (child.pid === undefined) {
          return
        }
        const socket = child.stdio[3]
        if (!(socket instanceof Net.Socket)) {
          return
        }
        const complaints = Deferred.unsafeMake<string>(FiberId.none)
        const pieces: Array<Buffer> = []
        child.stderr?.on("data", (bytes: Buffer) =>
          pieces.push(bytes))
        child.stderr?.once(
          "close",
          () => Deferred.unsafeDone(complaints, Effect.succeed(Buffer.concat(pieces).toString()))
        )
        resume(Effect.succeed({
          socket,
          complaints: Deferred.await(complaints),
          release: () => {
            child.stderr?.destroy()
            child.unref()
          }
        }))
      })),
    ({ release }) =>
      Effect.sync(release)
  )

/**
 * Waits until a manager that is about to end has let go of its files and is gone, two seconds at most. It is not our
 * child, so that the system tells nobody.
 *
 * @category running
 * @since 0.1.0
 */
export const isGone = (pid: number): Effect.Effect<boolean> =>
  ProcessGroup.holds(() => !ProcessGroup.isAlive(pid), "2 seconds")

/**
 * The manager's end of the conversation with the client that spawned it. It dies with a plain sentence where there is no
 * such client.
 *
 * @category running
 * @since 0.1.0
 */
export const client: Effect.Effect<Net.Socket> = Effect.suspend(() => {
  try {
    return Effect.succeed(
      new Net.Socket({ fd: clientDescriptor, readable: true, writable: true, allowHalfOpen: true })
    )
  } catch {
    return Effect.dieMessage("the daemon manager is started by zdaemon, not by hand")
  }
})

// ===== Internal

/**
 * A manager has little to do and is there for months, so V8 is asked to favour memory over speed: its optimizing
 * compilers cost 4 MB, a new space that grows 1.5 MB, the baseline compiler 2 MB, helpers for the collection of garbage
 * half a megabyte.
 */
const lean = ["--optimize-for-size", "--no-opt", "--no-maglev", "--no-sparkplug", "--single-threaded-gc"]

const shown = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(0, 100).map((word) => word.slice(0, 500))
