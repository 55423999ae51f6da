/**
 * The file that a transcript is written to at present: looked for by its name now and then, and replaced by a new one when
 * it is full.
 *
 * Everything here is synchronous and happens between two reads of the program's output.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as OldFiles from "./OldFiles.ts"
import * as OpenFile from "./OpenFile.ts"
import * as Rotation from "./Rotation.ts"
import type { TranscriptError } from "./TranscriptError.ts"
import { because } from "./TranscriptError.ts"

/**
 * What a file is opened with. A new one gets the mode that `umask` leaves.
 *
 * - `onNewFile`: the file has become another one.
 * - `onFull`: an old file was made.
 * - `onLost`: the name does not lead to the file that is written, or it cannot be rotated; told once for each reason.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly path: string
  readonly umask: number
  readonly rotation: Option.Option<Rotation.Rotation>
  readonly onNewFile: () => void
  readonly onFull: () => void
  readonly onLost: (error: TranscriptError) => void
}

/**
 * The present file.
 *
 * @category models
 * @since 0.1.0
 */
export interface CurrentFile {
  /** Writes what the file takes, and answers with how many bytes that are. When they are not all, {@link failure} says why. */
  readonly write: (bytes: Buffer) => number
  readonly failure: () => Option.Option<TranscriptError>
  /** Why output goes to a file that has lost its name or its limit, if it does. */
  readonly lost: () => Option.Option<TranscriptError>
  /** Whether the last byte was no newline. */
  readonly isInLine: () => boolean
  /** Opens the file by its name again. When that fails the old one stays. */
  readonly reopen: () => Option.Option<TranscriptError>
  /** Opens it again if it was removed, or if for a second it has not been the one of that name. */
  readonly find: () => void
  /** Takes the last bytes out of the file again, if it is one that can be cut; `isInLine` is how it ended before them. */
  readonly takeBack: (count: number, isInLine: boolean) => void
}

/**
 * Opens the file, and closes it with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options: Options) => Effect.Effect<CurrentFile, TranscriptError, Scope.Scope> = Effect.fnUntraced(
  function*({ onFull, onLost, onNewFile, path, rotation, umask }) {
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    const monotonic = () => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
    const open = (): Begun => {
      const opened = OpenFile.open(path, umask)
      // A file whose birth is unknown, or lies ahead since the clock was set, is taken to be new.
      const age = opened.size > 0 && opened.born > 0 ? Math.max(0, now() - opened.born) : 0
      return { ...opened, ...Option.match(rotation, { onNone: () => unlimited, onSome: limits(monotonic() - age) }) }
    }
    const file = yield* Effect.acquireRelease(
      Effect.map(
        Effect.try({ try: open, catch: (cause) => because(path, "open", cause) }),
        (opened): Present => ({ ...opened })
      ),
      (file) => Effect.sync(() => FileSystem.closeSync(file.descriptor))
    )
    const limited = Option.getOrUndefined(rotation)
    let failure = Option.none<TranscriptError>()
    let lost = Option.none<TranscriptError>()
    let lookedAt = now()
    /** When it was found that the name leads elsewhere, or 0. */
    let missedAt = 0
    let rotatedAt = 0

    const lose = (error: TranscriptError): void => {
      if (!Option.exists(lost, ({ code, operation }) => code === error.code && operation === error.operation)) {
        onLost(error)
      }
      lost = Option.some(error)
    }

    const reopen = (): Option.Option<TranscriptError> => {
      let opened: Begun
      try {
        opened = open()
      } catch (cause) {
        const error = because(path, "open", cause)
        lose(error)
        return Option.some(error)
      }
      FileSystem.closeSync(file.descriptor)
      // A line that was begun in the old file goes on in a new one.
      Object.assign(file, opened, { isInLine: opened.size > 0 ? opened.isInLine : file.isInLine })
      lost = Option.none()
      missedAt = 0
      onNewFile()
      return Option.none()
    }

    const find = (): void => {
      lookedAt = now()
      if (!file.isRegular) return
      const name = OpenFile.nameNow(path, file)
      if (name === "Other") {
        // Whoever has renamed it may be about to say so, and until then output belongs to the old file.
        const isFresh = missedAt === 0 && OpenFile.changedAt(file) > lookedAt - renamingTakes
        if (missedAt === 0) missedAt = lookedAt
        if (!isFresh || OpenFile.isRemoved(file)) reopen()
      } else if (name === "Same") {
        missedAt = 0
        file.size = OpenFile.sizeOf(file)
        if (Option.exists(lost, ({ operation }) => operation === "open")) lost = Option.none()
      }
    }

    /** Once a second of activity; a clock that is set back makes it sooner. */
    const isDue = (since: number): boolean => Math.abs(now() - since) >= 1000

    const rollOver = ({ keep }: Rotation.Rotation): void => {
      rotatedAt = now()
      try {
        if (OpenFile.nameNow(path, file) === "Same") OldFiles.rename(path, now())
        // Where somebody else has renamed it, that was the rotation.
        if (Option.isSome(reopen())) return
        rotatedAt = 0
        OldFiles.removeOutdated(path, keep)
        onFull()
      } catch (cause) {
        lose(because(path, "rotate", cause))
      }
    }

    /** How many of the bytes the file may have: all, where it cannot be rotated or that was tried in vain just now. */
    const room = (bytes: Buffer): number => {
      if (!file.isRegular || (rotatedAt !== 0 && !isDue(rotatedAt))) return bytes.length
      if (file.dueAt !== Infinity && monotonic() >= file.dueAt) file.limit = Math.min(file.limit, file.size)
      return Rotation.fit(bytes, file)
    }

    const writeOnce = (bytes: Buffer, from: number, count: number): number => {
      const written = FileSystem.writeSync(file.descriptor, bytes, from, count)
      file.size += written
      if (written > 0) file.isInLine = bytes[from + written - 1] !== newline
      return written
    }

    return {
      write: (bytes) => {
        let written = 0
        try {
          if (isDue(lookedAt)) find()
          if (Option.isSome(lost) && OpenFile.isRemoved(file)) {
            // What would be written now would be gone.
            failure = lost
            return 0
          }
          while (written < bytes.length) {
            const count = limited === undefined ? bytes.length - written : room(bytes.subarray(written))
            if (count > 0) written += writeOnce(bytes, written, count)
            else if (limited !== undefined) rollOver(limited)
          }
        } catch (cause) {
          failure = Option.some(because(path, "write", cause))
        }
        return written
      },
      failure: () => failure,
      lost: () => lost,
      isInLine: () => file.isInLine,
      reopen,
      find,
      takeBack: (count, isInLine) => {
        if (!file.isRegular || count === 0) return
        try {
          file.size = OpenFile.sizeOf(file) - count
          FileSystem.ftruncateSync(file.descriptor, file.size)
          file.isInLine = isInLine
        } catch {
          // It stays, and what follows begins a line.
        }
      }
    }
  }
)

// ===== Internal

/** An open file with its limits: it is full at `limit` bytes, and from `dueAt` on, in milliseconds of the monotonic clock. */
interface Begun extends OpenFile.OpenFile {
  readonly limit: number
  readonly slack: number
  readonly dueAt: number
}

/** What changes of a file while it is written. */
type Present = { -readonly [key in keyof Begun]: Begun[key] }

const unlimited = { limit: Infinity, slack: 0, dueAt: Infinity }

const limits = (born: number) => (rotation: Rotation.Rotation) => ({
  limit: rotation.maxSize === 0 ? Infinity : rotation.maxSize,
  slack: Rotation.slackOf(rotation),
  dueAt: rotation.maxAge === 0 ? Infinity : born + rotation.maxAge * 1000
})

/** How long whoever renames a file may take to have it reopened, in milliseconds, where there is no output meanwhile. */
const renamingTakes = 10_000

const newline = 0x0a
