/**
 * The executable's front door.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import Process from "node:process"
import * as Cli from "./cli/Cli.ts"
import * as Main from "./process/Main.ts"

/**
 * Runs the command line of this process and exits with its status. With `daemon off` the manager takes this process
 * over, from a bundle of its own.
 *
 * @category running
 * @since 0.1.0
 */
export const main = (): void => {
  Process.once("SIGUSR1", endByUsr1)
  Main.run(Effect.flatMap(Cli.run(Process.argv.slice(2)), (ended) =>
    ended._tag === "Exit"
      ? Effect.succeed(ended.code)
      : Effect.zipRight(
        Effect.promise(() =>
          import("./manage.ts").then(({ foreground }) => {
            Process.off("SIGUSR1", endByUsr1)
            return foreground(ended.handover)
          })
        ),
        Effect.never
      )))
}

// ===== Internal

/** What the signal does to any other command: left alone, Node opens a port for a debugger, and goes on. */
const endByUsr1 = (): void => void Process.kill(Process.pid, "SIGUSR1")
