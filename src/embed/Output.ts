/**
 * Where the output of an embedded program goes.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import type { OutputPipeError } from "../process/OutputPipe.ts"
import * as OutputPipe from "../process/OutputPipe.ts"
import * as OutputStream from "../transcript/OutputStream.ts"
import type * as Transcripts from "../transcript/Transcript.ts"
import { Transcript } from "../transcript/Transcript.ts"
import type { TranscriptError } from "../transcript/TranscriptError.ts"

/**
 * A place for output. It is a value: nothing is opened before a program is started with it, and several programs that are
 * given the same value share no more than, with {@link file}, the file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Output {
  readonly open: Effect.Effect<Opened, OutputError, Scope.Scope>
}

/**
 * Why a place for output cannot be had.
 *
 * @category errors
 * @since 0.1.0
 */
export type OutputError = OutputPipeError | TranscriptError

/**
 * A place that is open for one program: the descriptors that its processes write to, what looks after the bytes, and the
 * bytes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opened {
  readonly stdout: number
  readonly stderr: number
  readonly transcript: Transcript["Type"]
  readonly stream: Stream.Stream<Uint8Array>
}

/**
 * Output comes through this process, as the stream `Program.output`. The last 8 KiB of a run are remembered, the rest is
 * forgotten while nobody reads the stream.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stream: Output = {
  open: Effect.flatMap(
    OutputPipe.make,
    ({ input, output }) =>
      Effect.map(
        OutputStream.make(input),
        ({ stream, transcript }) => ({ stdout: output, stderr: output, transcript, stream })
      )
  )
}

/**
 * Output is copied by a transcript of your own, whose layer is given `input`, the non-blocking end of a pipe, which it has
 * to close when it is released.
 *
 * @category constructors
 * @since 0.1.0
 */
export const through = (layer: (input: number) => Layer.Layer<Transcript, TranscriptError>): Output => ({
  open: Effect.flatMap(OutputPipe.make, ({ input, output }) =>
    Effect.map(Layer.build(layer(input)), (context) => ({
      stdout: output,
      stderr: output,
      transcript: Context.get(context, Transcript),
      stream: Stream.empty
    })))
})

/**
 * Output is appended to a file, as the command `zdaemon` does it: `reopen` of the program lets go of a renamed one, and
 * while the disk is full the program waits and nothing is lost. A relative path is relative to this process's directory.
 * A new file gets this process's umask. `options` say when it is rotated, what happens while the disk is full, and whether
 * lines have a time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const file = (
  path: string,
  options: Pick<Transcripts.Options, "onError" | "rotation" | "timestamps"> = {}
): Output =>
  through((input) =>
    Layer.unwrapEffect(
      Effect.zipWith(
        FilePath.here,
        Daemon.umask,
        (here, umask) => Transcript.layer({ ...options, path: FilePath.resolve(here, path), input, umask })
      )
    )
  )

/**
 * Output is thrown away, and costs nothing; a program that fails to start cannot say why.
 *
 * @category constructors
 * @since 0.1.0
 */
export const discard: Output = {
  open: Effect.flatMap(OutputPipe.nowhere, (descriptor) => unseen(descriptor, descriptor))
}

/**
 * Output goes to this process's own standard output and standard error.
 *
 * @category constructors
 * @since 0.1.0
 */
export const inherit: Output = { open: unseen(1, 2) }

// ===== Internal

function unseen(stdout: number, stderr: number): Effect.Effect<Opened, never, Scope.Scope> {
  return Effect.map(Layer.build(Transcript.layerNone(() => {})), (context) => ({
    stdout,
    stderr,
    transcript: Context.get(context, Transcript),
    stream: Stream.empty
  }))
}
