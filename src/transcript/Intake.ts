/**
 * Takes what comes out of a pipe, block by block, as long as somebody wants it.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as Net from "node:net"

/**
 * An open intake.
 *
 * @category models
 * @since 0.1.0
 */
export interface Intake {
  /** Takes what is in the pipe now, until it is empty or nothing is wanted. */
  readonly drain: Effect.Effect<void>
  /** Goes on after nothing was wanted. */
  readonly resume: () => void
  /** Fails when the pipe does. */
  readonly broken: Effect.Effect<never, Broken>
}

/**
 * Why the pipe cannot be read.
 *
 * @category errors
 * @since 0.1.0
 */
export interface Broken {
  readonly cause: unknown
}

/**
 * Reads from `input`, the non-blocking end of a pipe, which is closed with the scope. Each block is given to `take`, is
 * valid until that returns, and has 64 KiB at most; nothing is read while `isWanted` says no.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  input: number,
  take: (bytes: Buffer) => void,
  isWanted: () => boolean
) => Effect.Effect<Intake, never, Scope.Scope> = Effect.fnUntraced(function*(input, take, isWanted) {
  const block = Buffer.allocUnsafeSlow(blockSize)
  let onError: (cause: unknown) => void = () => {}
  // One static buffer for every read: Node's types know `onread` for connections only.
  const options = {
    fd: input,
    readable: true,
    writable: false,
    onread: {
      buffer: block,
      callback: (length: number): boolean => {
        take(block.subarray(0, length))
        return isWanted()
      }
    }
  }
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => new Net.Socket(options).on("error", (cause) => onError(cause))),
    (socket) => Effect.sync(() => socket.destroy())
  )
  return {
    drain: Effect.sync(() => {
      for (let left = pipeSize; left > 0 && isWanted();) {
        let length: number
        try {
          length = FileSystem.readSync(input, block, 0, block.length, null)
        } catch {
          // EAGAIN: the pipe is empty.
          return
        }
        if (length === 0) return
        left -= length
        take(block.subarray(0, length))
      }
    }),
    resume: () => void socket.resume(),
    broken: Effect.async((resume) => {
      onError = (cause) => resume(Effect.fail({ cause }))
    })
  }
})

// ===== Internal

const blockSize = 64 * 1024

/** A pipe holds 64 KiB, and a program may enlarge its own up to 1 MiB (pipe(7)). */
const pipeSize = 1024 * 1024
