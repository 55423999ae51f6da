/**
 * What can go wrong with a transcript.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Option from "effect/Option"
import * as SystemError from "../process/SystemError.ts"

/**
 * The transcript could not be opened, written or rotated, or an old file not compressed: `code` is the name of the system's error (`"ENOSPC"`).
 *
 * @category errors
 * @since 0.1.0
 */
export class TranscriptError extends Data.TaggedError("TranscriptError")<{
  readonly path: string
  readonly operation: "compress" | "open" | "rotate" | "write"
  readonly code: string
}> {
  override get message(): string {
    return `can't ${this.operation} transcript: ${SystemError.describe(this.code, this.path)}`
  }
}

/**
 * What is wrong at present, and what becomes of output: it waits, it is dropped, or it is written all the same, to a file
 * that has lost its name or is beyond its limit. `dropped` is how many bytes were dropped since that began, where they are.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trouble {
  readonly error: TranscriptError
  readonly output: "dropped" | "waits" | "written"
  readonly dropped: Option.Option<number>
}

/**
 * The error that an unknown cause stands for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const because = (path: string, operation: TranscriptError["operation"], cause: unknown): TranscriptError =>
  new TranscriptError({ path: SystemError.pathOf(cause, path), operation, code: SystemError.codeOf(cause) })
