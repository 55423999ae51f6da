/**
 * A program's output as a stream, for whoever looks after the program in the same process: a transcript without a file.
 *
 * Each reader gets every byte from when it began to read, and the last of the present run before that. While nobody
 * reads, output is taken and forgotten but for the last 8 KiB; a reader that is slow slows the program down, as a slow
 * disk does, and nothing is lost.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Intake from "./Intake.ts"
import * as LastOutput from "./LastOutput.ts"
import { Transcript } from "./Transcript.ts"
import { because } from "./TranscriptError.ts"

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
    const remembered = LastOutput.make(rememberedSize)
    const calm = yield* Effect.makeLatch(true)
    const isCalm = () => Array.from(readers).every(({ held }) => held < heldLimit)

    const pass = (bytes: Buffer): void => {
      remembered.add(bytes)
      for (const reader of readers) {
        reader.held += bytes.length
        reader.queue.unsafeOffer(Uint8Array.from(bytes))
      }
      if (!isCalm()) calm.unsafeClose()
    }

    let isOver = false
    const intake = yield* Intake.make(input, pass, isCalm)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isOver = true
        for (const { queue } of readers) queue.unsafeOffer(end)
      })
    )

    const goOn = Effect.suspend(() => {
      if (!isCalm()) return Effect.void
      intake.resume()
      return calm.open
    })

    return {
      transcript: Transcript.of({
        begin: Effect.sync(remembered.clear),
        lastOutput: Effect.sync(remembered.bytes),
        drain: Effect.interruptible(calm.await).pipe(
          Effect.zipRight(intake.drain),
          Effect.timeoutOption("2 seconds"),
          Effect.asVoid
        ),
        giveUp: Effect.void,
        reopen: Effect.void,
        note: () => {},
        troubles: Effect.succeed([]),
        copy: Effect.mapError(intake.broken, ({ cause }) => because("pipe", "write", cause))
      }),
      stream: Stream.unwrapScoped(Effect.map(
        Effect.acquireRelease(
          Effect.map(Queue.unbounded<Uint8Array>(), (queue): Reader => {
            const earlier = remembered.bytes()
            const reader = { queue, held: earlier.length }
            if (earlier.length > 0) queue.unsafeOffer(earlier)
            if (isOver) queue.unsafeOffer(end)
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

const rememberedSize = 8 * 1024
/** What a reader may be behind before the program has to wait for it. */
const heldLimit = 1024 * 1024

/** Nothing more comes. */
const end = new Uint8Array()

interface Reader {
  readonly queue: Queue.Queue<Uint8Array>
  /** The bytes that were not taken yet. */
  held: number
}
