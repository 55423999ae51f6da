/**
 * Running the one effect of an executable.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off globalTimers:off
import * as Runtime from "@effect/platform/Runtime"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as Terminal from "node:tty"

/**
 * Runs an effect that answers with the exit status of this process, and exits with it. A defect is printed and exits
 * with 1. Signals are left to the effect.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Runtime.makeRunMain(({ fiber, teardown }) => {
  // The largest delay that Node takes: it only keeps the process alive.
  const alive = setInterval(() => {}, 2 ** 31 - 1)
  fiber.addObserver((exit) => {
    clearInterval(alive)
    teardown(exit, (code) => {
      letTerminalGo()
      Process.exit(code)
    })
  })
})({
  disablePrettyLogger: true,
  teardown: (exit, onExit) =>
    onExit(Exit.match(exit, {
      onSuccess: (code) => typeof code === "number" ? code : 0,
      onFailure: (cause) => Cause.isInterruptedOnly(cause) ? 130 : 1
    }))
})

// ===== Internal

/**
 * Node restores the mode of the terminal when it exits, and aborts where that has hung up. What is a device and is no terminal,
 * or is none any more, is replaced by /dev/null, which Node leaves alone.
 */
const letTerminalGo = (): void => {
  for (const descriptor of [0, 1, 2]) {
    try {
      if (Terminal.isatty(descriptor) || !FileSystem.fstatSync(descriptor).isCharacterDevice()) continue
      // open(2) answers with the lowest free number, which is the one just closed.
      FileSystem.closeSync(descriptor)
      FileSystem.openSync("/dev/null", "r+")
    } catch {
      // It is closed already.
    }
  }
}
