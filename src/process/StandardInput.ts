/**
 * Standard input of this process, line by line.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off globalTimers:off
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as FileSystem from "node:fs"
import * as TTY from "node:tty"
import * as SystemError from "./SystemError.ts"

/**
 * Whether standard input is a terminal.
 *
 * @category getters
 * @since 0.1.0
 */
export const isTerminal = (): boolean => TTY.isatty(0)

/**
 * Reads the next line, without its newline; `None` at the end. Not a byte more is taken, as sh(1) does it, so that what
 * follows is there for a program that is run meanwhile. A line is cut off at 64 KiB.
 *
 * @category running
 * @since 0.1.0
 */
export const line: Effect.Effect<Option.Option<string>> = Effect.async((resume) => {
  const bytes = Buffer.alloc(1)
  const read: Array<number> = []
  const next = (): void => FileSystem.read(0, bytes, 0, 1, null, take)
  const take = (error: NodeJS.ErrnoException | null, count: number): void => {
    // Somebody has made the pipe or terminal non-blocking, which nothing tells of.
    if (error !== null && SystemError.codeOf(error) === "EAGAIN") return void setTimeout(next, 20)
    if (error !== null || count === 0) {
      return resume(Effect.succeed(read.length === 0 ? Option.none() : Option.some(text())))
    }
    const [byte = newline] = bytes
    if (byte === newline) return resume(Effect.succeed(Option.some(text())))
    if (read.length < limit) read.push(byte)
    next()
  }
  const text = (): string => Buffer.from(read).toString()
  next()
})

// ===== Internal

const newline = 0x0a

const limit = 65_536
