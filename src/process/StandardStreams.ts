/**
 * Standard output and standard error of this process, written at once and in order.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
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
  defaultValue: () => (output: string | Uint8Array): Effect.Effect<boolean> => Effect.isSuccess(put(1, output))
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
 * Answers with what an effect does, and why something that it wrote to standard output could not be written, if so. That
 * nobody reads it any more is no reason.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withFailure = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<readonly [result: A, failure: Option.Option<string>], E, R> =>
  Effect.gen(function*() {
    const failure = yield* Ref.make(Option.none<string>())
    const result = yield* Effect.provideService(effect, Output, (output) =>
      Effect.match(put(1, output), { onFailure: Option.some, onSuccess: Option.none }).pipe(
        Effect.tap((code) =>
          Ref.update(
            failure,
            Option.orElse(() =>
              Option.map(
                Option.filter(code, (code) =>
                  code !== "EPIPE"),
                SystemError.describe
              )
            )
          )
        ),
        Effect.map(Option.isNone)
      ))
    return [result, yield* Ref.get(failure)]
  })

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
export const complain = (line: string): Effect.Effect<void> => Effect.ignore(put(2, `${line}\n`))

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

/** Fails with the code of the system's error. */
const put = (descriptor: 1 | 2, output: string | Uint8Array): Effect.Effect<void, string> =>
  Effect.suspend(() => {
    const bytes = typeof output === "string" ? Buffer.from(output) : output
    let written = 0
    try {
      while (written < bytes.length) written += FileSystem.writeSync(descriptor, bytes, written)
    } catch (cause) {
      const code = SystemError.codeOf(cause)
      return code === "EAGAIN" ? whenReady(descriptor, bytes.subarray(written)) : Effect.fail(code)
    }
    return Effect.void
  })

/** The stream is a pipe or terminal in non-blocking mode that is full: Node's own stream waits for it. */
const whenReady = (descriptor: 1 | 2, bytes: Uint8Array): Effect.Effect<void, string> =>
  Effect.async((resume) => {
    const stream = descriptor === 1 ? Process.stdout : Process.stderr
    // A failure is an event as well, after the callback; unheard it would be thrown.
    const ignore = () => {}
    stream.on("error", ignore)
    stream.write(bytes, (cause) => {
      if (cause === undefined || cause === null) {
        stream.off("error", ignore)
        resume(Effect.void)
      } else resume(Effect.fail(SystemError.codeOf(cause)))
    })
  })
