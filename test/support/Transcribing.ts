/**
 * Transcripts that copy what programs write, in directories of their own.
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import * as OutputPipe from "../../src/process/OutputPipe.ts"
import { ProcessSpawner } from "../../src/process/ProcessSpawner.ts"
import * as Transcripts from "../../src/transcript/Transcript.ts"
import * as Live from "./Live.ts"

/** Other than usual. */
export interface Options extends Partial<Omit<Transcripts.Options, "input" | "stderr">> {
  /** What the transcript's path is a link to, when it is one. */
  readonly target?: string
  /** Where standard error is kept apart. */
  readonly stderr?: string
}

/**
 * A transcript that copies, and programs that write to it; `run` waits for the end of one and drains. Its path can be
 * linked to another file.
 */
export const opened = Effect.fnUntraced(function*(options: Options = {}) {
  const directory = yield* Live.directory
  const path = options.path ?? Path.join(directory, "transcript")
  const link = (target: string) => {
    FileSystem.rmSync(path, { force: true })
    FileSystem.symlinkSync(target, path)
  }
  if (options.target !== undefined) link(options.target)
  const { input, output } = yield* OutputPipe.make
  const errors = options.stderr === undefined ? undefined : yield* OutputPipe.make
  const context = yield* Layer.build(Transcripts.Transcript.layer({
    umask: 0o022,
    ...options,
    path,
    input,
    stderr: options.stderr === undefined || errors === undefined
      ? undefined
      : { path: options.stderr, input: errors.input }
  }))
  const transcript = Context.get(context, Transcripts.Transcript)
  const log: Array<string> = []
  yield* Effect.provide(
    Effect.forkScoped(transcript.copy),
    Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ logLevel, message }) => {
        log.push(`${logLevel.label} ${String(message)}`)
      })
    )
  )
  const { spawn } = yield* Effect.provide(ProcessSpawner, ProcessSpawner.layer)
  const command = (words: Parameters<typeof Live.command>[0]) =>
    Live.command(words, output, { stderr: errors?.output ?? output, stopTimeout: Duration.seconds(1) })
  return {
    directory,
    path,
    link,
    output,
    transcript,
    log,
    spawn: (words: Parameters<typeof Live.command>[0]) => spawn(command(words)),
    run: (words: Parameters<typeof Live.command>[0]) =>
      Effect.scoped(Effect.flatMap(spawn(command(words)), ({ exit }) => exit)).pipe(Effect.tap(transcript.drain))
  }
})

/** The bytes of a file. */
export const read = (path: string): Buffer => FileSystem.readFileSync(path)

/** What seq(1) prints. */
export const seq = (last: number): string => Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("")

/** Whether a transcript has trouble now. */
export const isTroubled = (transcript: Transcripts.Transcript["Type"]): boolean =>
  Effect.runSync(transcript.troubles).length > 0

/** A file system of 64 KiB, where one can be mounted. */
export const smallDisk = Effect.flatMap(Live.directory, (directory) =>
  Effect.acquireRelease(
    Effect.option(Effect.try(() => {
      ChildProcess.execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "zdaemon-test", directory], {
        stdio: "ignore"
      })
      return directory
    })),
    Option.match({
      onNone: () => Effect.void,
      onSome: () => Effect.sync(() => ChildProcess.execFileSync("umount", ["-l", directory]))
    })
  ))
