/**
 * The program's output on disk: copied byte for byte from the pipe that the program writes into, appended to a file that
 * can be reopened at any moment.
 *
 * Bytes are never decoded and nothing is queued: what was read is written before the next read. While the file cannot
 * take them (full disk, I/O error) the bytes stay where they are, the program waits in its write(2), and the copy goes on
 * by itself when the file can be written again. The program never sees a broken pipe.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import Process from "node:process"
import * as SystemError from "../process/SystemError.ts"

/**
 * The transcript could not be opened or written: `code` is the name of the system's error (`"ENOSPC"`).
 *
 * @category errors
 * @since 0.1.0
 */
export class TranscriptError extends Data.TaggedError("TranscriptError")<{
  readonly path: string
  readonly operation: "open" | "write"
  readonly code: string
}> {
  override get message(): string {
    return `can't ${this.operation} transcript: ${SystemError.describe(this.code, this.path)}`
  }
}

/**
 * The transcript of one program.
 *
 * @category services
 * @since 0.1.0
 */
export class Transcript extends Context.Tag("zdaemon/transcript/Transcript")<Transcript, {
  /** Begins a new run: what {@link Transcript} remembers of the last one's output is forgotten. */
  readonly begin: Effect.Effect<void>
  /** The last bytes that the present run wrote, at most 8 KiB. */
  readonly lastOutput: Effect.Effect<Uint8Array>
  /**
   * Copies what is in the pipe. After a run has ended its output is complete then. When the file cannot be written this
   * waits for it, two seconds at most; what is left stays in the pipe.
   */
  readonly drain: Effect.Effect<void>
  /** Opens the file by its name again, so that a renamed one is let go. When that fails the old file stays. */
  readonly reopen: Effect.Effect<void, TranscriptError>
  /** Appends a line of the manager's own. */
  readonly note: (line: string) => void
  /** Why output is waiting to be written, or still goes to the old file after a failed reopen, if one of them is so. */
  readonly trouble: Effect.Effect<Option.Option<TranscriptError>>
  /** Copies until interrupted. Runs as a supervised fiber; it sleeps while bytes flow and wakes when the file has trouble. */
  readonly copy: Effect.Effect<never, TranscriptError>
}>() {
  /**
   * Opens the file at `path` and reads from `input`, the non-blocking end of a pipe, which it closes in the end. A new
   * file gets the mode that `umask` leaves, now and whenever it is opened again: that of whoever started the manager,
   * not the program's.
   */
  static readonly layer = (options: {
    readonly path: string
    readonly input: number
    readonly umask: number
  }): Layer.Layer<Transcript, TranscriptError> =>
    Layer.scoped(Transcript, make(options.path, options.input, options.umask))

  /**
   * No transcript: the program writes somewhere else, and nothing is known of its output. Lines of the manager's own go
   * to `note`.
   */
  static readonly layerNone = (note: (line: string) => void): Layer.Layer<Transcript> =>
    Layer.succeed(
      Transcript,
      Transcript.of({
        begin: Effect.void,
        lastOutput: Effect.succeed(new Uint8Array()),
        drain: Effect.void,
        reopen: Effect.void,
        note,
        trouble: Effect.succeedNone,
        copy: Effect.never
      })
    )
}

// ===== Internal

const blockSize = 64 * 1024
const rememberedSize = 8 * 1024
/** A pipe holds 64 KiB, and a program may enlarge its own up to 1 MiB (pipe(7)). */
const pipeSize = 1024 * 1024

const writeAgain = Schedule.exponential("50 millis").pipe(Schedule.union(Schedule.spaced("500 millis")))

const make = Effect.fnUntraced(function*(path: string, input: number, umask: number) {
  const open = Effect.suspend(() => openWith(path, umask))
  let file = yield* Effect.onError(open, () => Effect.sync(() => FileSystem.closeSync(input)))
  yield* Effect.addFinalizer(() => Effect.sync(() => FileSystem.closeSync(file)))

  const block = Buffer.allocUnsafeSlow(blockSize)
  const remembered = Buffer.allocUnsafeSlow(rememberedSize)
  let rememberedLength = 0
  const remember = (bytes: Uint8Array): void => {
    const kept = bytes.subarray(Math.max(0, bytes.length - rememberedSize))
    const before = Math.min(rememberedLength, rememberedSize - kept.length)
    remembered.copyWithin(0, rememberedLength - before, rememberedLength)
    remembered.set(kept, before)
    rememberedLength = before + kept.length
  }

  let waiting: Buffer = Buffer.alloc(0)
  let trouble = Option.none<TranscriptError>()
  /** Why the name could not be opened again, until it can. */
  let lost = Option.none<TranscriptError>()
  const troubled = yield* Effect.makeLatch(false)
  const calm = yield* Effect.makeLatch(true)
  const append = (bytes: Buffer): void => {
    if (waiting.length > 0) {
      waiting = Buffer.concat([waiting, bytes])
      return
    }
    let written = 0
    try {
      while (written < bytes.length) written += FileSystem.writeSync(file, bytes, written)
    } catch (cause) {
      waiting = Buffer.from(bytes.subarray(written))
      trouble = Option.some(failure(path, "write", cause))
      calm.unsafeClose()
      troubled.unsafeOpen()
    }
  }

  const writeWaiting = Effect.suspend(() => {
    try {
      while (waiting.length > 0) waiting = waiting.subarray(FileSystem.writeSync(file, waiting))
    } catch (cause) {
      const error = failure(path, "write", cause)
      trouble = Option.some(error)
      return Effect.fail(error)
    }
    trouble = Option.none()
    troubled.unsafeClose()
    calm.unsafeOpen()
    return Effect.void
  })

  let broken: (error: TranscriptError) => void = () => {}
  // One static buffer for every read: Node's types know `onread` for connections only.
  const options = {
    fd: input,
    readable: true,
    writable: false,
    onread: {
      buffer: block,
      callback: (length: number): boolean => {
        const bytes = block.subarray(0, length)
        remember(bytes)
        append(bytes)
        return waiting.length === 0
      }
    }
  }
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => new Net.Socket(options).on("error", (cause) => broken(failure(path, "write", cause)))),
    (socket) => Effect.sync(() => socket.destroy())
  )

  const drainNow = Effect.sync(() => {
    const buffer = Buffer.allocUnsafe(blockSize)
    for (let left = pipeSize; left > 0 && waiting.length === 0;) {
      let length: number
      try {
        length = FileSystem.readSync(input, buffer, 0, buffer.length, null)
      } catch {
        // EAGAIN: the pipe is empty.
        return
      }
      if (length === 0) return
      left -= length
      remember(buffer.subarray(0, length))
      append(buffer.subarray(0, length))
    }
  })

  return Transcript.of({
    begin: Effect.sync(() => {
      rememberedLength = 0
    }),
    lastOutput: Effect.sync(() => Uint8Array.from(remembered.subarray(0, rememberedLength))),
    drain: Effect.interruptible(calm.await).pipe(
      Effect.zipRight(drainNow),
      Effect.zipRight(Effect.interruptible(calm.await)),
      Effect.timeoutOption("2 seconds"),
      Effect.asVoid
    ),
    reopen: Effect.map(Effect.tapError(open, (error) => Effect.sync(() => (lost = Option.some(error)))), (opened) => {
      lost = Option.none()
      const old = file
      file = opened
      FileSystem.closeSync(old)
    }),
    note: (line) => append(Buffer.from(`${line}\n`)),
    trouble: Effect.sync(() => Option.orElse(trouble, () => lost)),
    copy: Effect.raceFirst(
      Effect.async<never, TranscriptError>((resume) => {
        broken = (error) => resume(Effect.fail(error))
      }),
      troubled.await.pipe(
        Effect.tap(() =>
          Effect.logError(Option.match(trouble, { onNone: () => "", onSome: (error) => error.message }))
        ),
        Effect.zipRight(Effect.retry(writeWaiting, writeAgain)),
        Effect.tap(() => Effect.logWarning(`transcript '${path}' is written again`)),
        Effect.zipRight(Effect.sync(() => socket.resume())),
        Effect.forever
      )
    )
  })
})

const openWith = (path: string, umask: number): Effect.Effect<number, TranscriptError> =>
  // Opening a FIFO would wait for a reader, and so would every write to it.
  isFifo(path) ? Effect.fail(new TranscriptError({ path, operation: "open", code: "ENXIO" })) : Effect.try({
    try: () => {
      const mask = Process.umask(umask)
      try {
        return FileSystem.openSync(path, "a", 0o666)
      } finally {
        Process.umask(mask)
      }
    },
    catch: (cause) => failure(path, "open", cause)
  })

const isFifo = (path: string): boolean => {
  try {
    return FileSystem.statSync(path).isFIFO()
  } catch {
    return false
  }
}

const failure = (path: string, operation: "open" | "write", cause: unknown): TranscriptError =>
  new TranscriptError({ path, operation, code: SystemError.codeOf(cause) })
