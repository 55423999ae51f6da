/**
 * A program's output as a stream, for whoever looks after the program in the same process: a transcript without a file.
 *
 * Each reader gets every byte from when it began to read, and the last of the present run before that. While nobody
 * reads, output is taken and forgotten but for the last 8 KiB; a reader that is slow slows the program down, as a slow
 * disk does, and nothing is lost.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import * as SystemError from "../process/SystemError.ts"
import { Transcript } from "./Transcript.ts"
import { TranscriptError } from "./TranscriptError.ts"

/**
 * A transcript without a file, and the bytes that come through it. The stream ends when the scope of the program closes,
 * and each block of it has at most 64 KiB.
 *
 * @category models
 * @since 0.1.0
 */
export interface OutputStream {
  readonly transcript: Transcript["Type"]
  readonly stream: Stream.Stream<Uint8Array>
}

/**
 * Reads from `input`, the non-blocking end of a pipe, which it closes in the end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: number): Effect.Effect<OutputStream, never, Scope.Scope> =>
  Effect.gen(function*() {
    const readers = new Set<Reader>()
    let remembered = Buffer.alloc(0)
    const calm = yield* Effect.makeLatch(true)
    const isCalm = () => Array.from(readers).every(({ held }) => held < heldLimit)

    const pass = (bytes: Buffer): void => {
      remembered = Buffer.concat([remembered, bytes]).subarray(-rememberedSize)
      for (const reader of readers) {
        reader.held += bytes.length
        reader.queue.unsafeOffer(Uint8Array.from(bytes))
      }
      if (!isCalm()) calm.unsafeClose()
    }

    let broken: (error: TranscriptError) => void = () => {}
    const block = Buffer.allocUnsafeSlow(blockSize)
    // One static buffer for every read: Node's types know `onread` for connections only.
    const options = {
      fd: input,
      readable: true,
      writable: false,
      onread: {
        buffer: block,
        callback: (length: number): boolean => {
          pass(block.subarray(0, length))
          return isCalm()
        }
      }
    }
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Net.Socket(options).on("error", (cause) =>
          broken(new TranscriptError({ path: "pipe", operation: "write", code: SystemError.codeOf(cause) })))
      ),
      (socket) =>
        Effect.sync(() => socket.destroy())
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const { queue } of readers) queue.unsafeOffer(end)
      })
    )

    const goOn = Effect.suspend(() => {
      if (!isCalm()) return Effect.void
      socket.resume()
      return calm.open
    })

    const drainNow = Effect.sync(() => {
      const buffer = Buffer.allocUnsafe(blockSize)
      for (let left = pipeSize; left > 0 && isCalm();) {
        let length: number
        try {
          length = FileSystem.readSync(input, buffer, 0, buffer.length, null)
        } catch {
          // EAGAIN: the pipe is empty.
          return
        }
        if (length === 0) return
        left -= length
        pass(buffer.subarray(0, length))
      }
    })

    return {
      transcript: Transcript.of({
        begin: Effect.sync(() => {
          remembered = Buffer.alloc(0)
        }),
        lastOutput: Effect.sync(() => Uint8Array.from(remembered)),
        drain: Effect.interruptible(calm.await).pipe(
          Effect.zipRight(drainNow),
          Effect.timeoutOption("2 seconds"),
          Effect.asVoid
        ),
        reopen: Effect.void,
        note: () => {},
        trouble: Effect.succeed(Option.none()),
        copy: Effect.async((resume) => {
          broken = (error) => resume(Effect.fail(error))
        })
      }),
      stream: Stream.unwrapScoped(Effect.map(
        Effect.acquireRelease(
          Effect.map(Queue.unbounded<Uint8Array>(), (queue): Reader => {
            const reader = { queue, held: remembered.length }
            if (remembered.length > 0) queue.unsafeOffer(Uint8Array.from(remembered))
            if (socket.destroyed) queue.unsafeOffer(end)
            readers.add(reader)
            return reader
          }),
          (reader) =>
            Effect.zipRight(
              Effect.sync(() => readers.delete(reader)),
              Effect.zipRight(goOn, Queue.shutdown(reader.queue))
            )
        ),
        (reader) =>
          Stream.fromQueue(reader.queue, { maxChunkSize: 1 }).pipe(
            Stream.takeWhile((bytes) => bytes.length > 0),
            Stream.tap((bytes) => {
              reader.held -= bytes.length
              return goOn
            })
          )
      ))
    }
  })

// ===== Internal

const blockSize = 64 * 1024
const rememberedSize = 8 * 1024
/** What a reader may be behind before the program has to wait for it. */
const heldLimit = 1024 * 1024
/** A pipe holds 64 KiB, and a program may enlarge its own up to 1 MiB (pipe(7)). */
const pipeSize = 1024 * 1024

/** Nothing more comes. */
const end = new Uint8Array()

interface Reader {
  readonly queue: Queue.Queue<Uint8Array>
  /** The bytes that were not taken yet. */
  held: number
}
