/**
 * Standard output and standard error of this process, written at once and in order.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as TTY from "node:tty"
import * as SystemError from "./SystemError.ts"

/**
 * What stands for standard output; it answers whether anybody reads it.
 *
 * @category services
 * @since 0.1.0
 */
export class Output extends Context.Reference<Output>()("zdaemon/process/StandardStreams/Output", {
  defaultValue: () => (output: string | Uint8Array): Effect.Effect<boolean> => put(1, output)
}) {}

/**
 * Writes to standard output. When nobody reads it any more (`zdaemon ... | head`) that is not an error: the rest is
 * dropped.
 *
 * @category running
 * @since 0.1.0
 */
export const write = (output: string | Uint8Array): Effect.Effect<void> => Effect.asVoid(offer(output))

/**
 * Writes to standard output, and answers whether anybody reads it.
 *
 * @category running
 * @since 0.1.0
 */
export const offer = (output: string | Uint8Array): Effect.Effect<boolean> =>
  Effect.flatMap(Output, (write) => write(output))

/**
 * Writes a line to standard output.
 *
 * @category running
 * @since 0.1.0
 */
export const print = (line: string): Effect.Effect<void> => write(`${line}\n`)

/**
 * Writes a line to standard error.
 *
 * @category running
 * @since 0.1.0
 */
export const complain = (line: string): Effect.Effect<void> => Effect.asVoid(put(2, `${line}\n`))

/**
 * Whether standard output is a terminal: a person reads it, and no script.
 *
 * @category getters
 * @since 0.1.0
 */
export const isTerminal = (): boolean => TTY.isatty(1)

/**
 * Whether standard error is a terminal.
 *
 * @category getters
 * @since 0.1.0
 */
export const isErrorTerminal = (): boolean => TTY.isatty(2)

// ===== Internal

const put = (descriptor: 1 | 2, output: string | Uint8Array): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const bytes = typeof output === "string" ? Buffer.from(output) : output
    let written = 0
    try {
      while (written < bytes.length) written += FileSystem.writeSync(descriptor, bytes, written)
    } catch (cause) {
      return SystemError.codeOf(cause) === "EAGAIN"
        ? whenReady(descriptor, bytes.subarray(written))
        : Effect.succeed(false)
    }
    return Effect.succeed(true)
  })

/** The stream is a pipe or terminal in non-blocking mode that is full: Node's own stream waits for it. */
const whenReady = (descriptor: 1 | 2, bytes: Uint8Array): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const stream = descriptor === 1 ? Process.stdout : Process.stderr
    // A failure is an event as well, after the callback; unheard it would be thrown.
    const ignore = () => {}
    stream.on("error", ignore)
    stream.write(bytes, (cause) => {
      const isWritten = cause === undefined || cause === null
      if (isWritten) stream.off("error", ignore)
      resume(Effect.succeed(isWritten))
    })
  })
