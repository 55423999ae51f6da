/**
 * The program's output on disk: copied byte for byte from the pipe that the program writes into, appended to a file that
 * can be reopened, renamed, removed and rotated at any moment.
 *
 * Bytes are never decoded and nothing is queued: what was read is written before the next read. While the file cannot
 * take them (full disk, I/O error) the bytes stay where they are and the program waits in its write(2), or they are dropped
 * and counted; the copy goes on by itself when the file can be written again. The program never sees a broken pipe.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as FileSystem from "node:fs"
import * as Appender from "./Appender.ts"
import * as Copy from "./Copy.ts"
import * as LastOutput from "./LastOutput.ts"
import type * as LineStamp from "./LineStamp.ts"
import type { Rotation } from "./Rotation.ts"
import type { TranscriptError, Trouble } from "./TranscriptError.ts"

/**
 * Where output comes from, and the file that it is appended to: `input` is the non-blocking end of a pipe, which is closed
 * in the end.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly path: string
  readonly input: number
}

/**
 * What a transcript is made of.
 *
 * - `path`, `input`: where output comes from and goes to; `stderr`: where standard error does, if that is kept apart.
 * - `umask`: what a new file's mode leaves out.
 * - `onError`: what happens to output while the file cannot be written; by default it waits, and the program with it.
 * - `timestamps`: whether each line begins with the time at which its first byte came; by default not.
 * - `rotation`: when a file is full; by default never.
 * - `onNewFile`: called whenever the file at `path` was opened again, after a rotation, say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Source {
  readonly umask: number
  readonly stderr?: Source | undefined
  readonly onError?: "block" | "drop"
  readonly timestamps?: "off" | LineStamp.Format
  readonly rotation?: Rotation
  readonly onNewFile?: () => void
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
   * Copies what is in the pipe. After a run has ended its output is complete then. When output waits for a file that cannot
   * be written this waits for it, two seconds at most; what is left stays in the pipe.
   */
  readonly drain: Effect.Effect<void>
  /**
   * Gives up output that waits: what the file does not take now is dropped, and so is what comes from now on while it takes
   * nothing. How much that was is told when the copy ends.
   */
  readonly giveUp: Effect.Effect<void>
  /** Opens the file by its name again, so that a renamed one is let go. When that fails the old file stays. */
  readonly reopen: Effect.Effect<void, TranscriptError>
  /**
   * Appends a line of the manager's own. While a run lasts it does not come between the parts of a line of output: it waits
   * for the end of the line, or of the run.
   */
  readonly note: (line: string) => void
  /**
   * Why output waits or is dropped, or goes to a file that has lost its name or is beyond its limit: one for each file that
   * it is so of.
   */
  readonly troubles: Effect.Effect<ReadonlyArray<Trouble>>
  /**
   * Copies until interrupted, and gives up what waits then. Runs as a supervised fiber; it sleeps while bytes flow, and wakes
   * when there is trouble or an old file.
   */
  readonly copy: Effect.Effect<never, TranscriptError>
}>() {
  /** Opens the files. When one cannot be opened, or when the layer is released, the pipes are closed. */
  static readonly layer = (options: Options): Layer.Layer<Transcript, TranscriptError> =>
    Layer.scoped(Transcript, make(options))

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
        giveUp: Effect.void,
        reopen: Effect.void,
        note,
        troubles: Effect.succeed([]),
        copy: Effect.never
      })
    )
}

// ===== Internal

const rememberedSize = 8 * 1024

const make = Effect.fnUntraced(function*(options: Options) {
  const sources = Arr.make<Arr.NonEmptyArray<Source>>(options, ...Option.toArray(Option.fromNullable(options.stderr)))
  const closeInputs = Effect.sync(() => sources.forEach(({ input }) => FileSystem.closeSync(input)))
  const appenders = yield* Effect.onError(
    Effect.forEach(sources, ({ path }) =>
      Appender.make({
        path,
        umask: options.umask,
        onError: options.onError ?? "block",
        rotation: Option.fromNullable(options.rotation),
        onNewFile: path === options.path ? options.onNewFile ?? (() => {}) : () => {}
      })),
    () => closeInputs
  )
  const lastOutput = LastOutput.make(rememberedSize)
  const timestamps = options.timestamps ?? "off"
  const copies = yield* Effect.forEach(
    Arr.zip(sources, appenders),
    ([source, appender]) => Copy.make({ ...source, appender, lastOutput, timestamps })
  )
  const [main, ...others] = copies
  const each = <A, E>(what: (copy: Copy.Copy) => Effect.Effect<A, E>) =>
    others.length === 0
      ? Effect.asVoid(what(main))
      : Effect.forEach(copies, what, { concurrency: "unbounded", discard: true })
  return Transcript.of({
    begin: Effect.zipRight(Effect.sync(lastOutput.clear), each(({ begin }) => begin)),
    lastOutput: Effect.sync(lastOutput.bytes),
    drain: each(({ drain }) => drain),
    giveUp: each(({ giveUp }) => giveUp),
    reopen: Effect.flatten(Effect.map(
      Effect.forEach(copies, ({ reopen }) => Effect.either(reopen)),
      (results) => Effect.all(results, { discard: true })
    )),
    note: main.note,
    troubles: Effect.map(Effect.forEach(copies, ({ trouble }) => trouble), Arr.getSomes),
    copy: Effect.zipRight(each(({ copy }) => copy), Effect.never)
  })
})
