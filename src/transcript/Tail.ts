/**
 * The last lines of a file, and what is written to it afterwards: `tail -n 10 -F` on bytes, for the action `logtail`.
 *
 * Bytes are passed on as they are in the file, in chunks of at most 64 KiB that do not end at lines; nothing is
 * decoded. While following, the file system wakes the reader (`fs.watch`). A watch that cannot be had (no inotify
 * instances or watches left, no permission) is tried again each second, and each try is a look at the file too; a name
 * that is missing is also looked for each second, since its directory may be gone with it.
 *
 * What a follower can show of a file that is rotated:
 *
 * - The descriptor stays open when the file is renamed or removed, and what is still written to it is shown.
 * - When another file has the name, the old one is left as soon as the new one has bytes, and is read to its end
 *   before that. A writer that writes on into the old file until it reopens the name loses nothing, even when the new
 *   file was created for it in advance.
 * - The old files of a transcript that the manager rotates are shown in their order, compressed ones too. Any other file
 *   that came and went between two looks is never seen, and of a file that is truncated in place (logrotate's
 *   `copytruncate`) what was not yet read is lost. A file that grew beyond its old size before the next look was not
 *   visibly truncated.
 * - Not noticed at once: changes by another machine on a network file system, and a symbolic link changed in the
 *   middle of a path or of a chain of links.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as FsPromises from "node:fs/promises"
import * as Path from "node:path"
import type { TailedFile, TailError } from "./TailedFile.ts"
import * as Files from "./TailedFile.ts"

/**
 * Streams the last `lines` lines of the file `path`, and of the old files before it where it is a transcript that the
 * manager rotates, and then, with `follow`, what is added to it, until interrupted;
 * without `follow` the stream ends at the size that the file had when it was opened.
 *
 * A last line without a newline counts as a line. Finding the lines costs reading what is shown, backwards, whatever
 * the size of the file, and a compressed file from its beginning; at most 64 KiB are held at a time, and of a compressed
 * file where its last lines begin. An old file that cannot be read ends the looking back. When the file has shrunk, `==> File truncated <==` and a
 * newline are emitted, as zdaemon's `logtail` prints it, and reading starts over at the beginning. While following, a
 * name that is missing or is not a readable regular file is waited for.
 *
 * Fails with {@link TailError} when the file cannot be opened at the start, or when reading the open file fails. Ending
 * the stream closes all descriptors and watches.
 *
 * @category running
 * @since 0.1.0
 */
export const follow = (
  options: { readonly path: string; readonly lines: number; readonly follow: boolean }
): Stream.Stream<Uint8Array, TailError> => Stream.unwrapScoped(start(options))

// ===== Internal

const newline = 0x0a

const truncated = new TextEncoder().encode("==> File truncated <==\n")

/** Where the follower is: `offset` in `current`, and the file that has taken the name, `begun` once `current` is over. */
interface Position {
  readonly current: TailedFile
  readonly offset: number
  readonly successor: Option.Option<{ readonly file: TailedFile; readonly begun: boolean }>
}

const start = Effect.fnUntraced(function*(
  options: { readonly path: string; readonly lines: number; readonly follow: boolean }
) {
  const scope = yield* Effect.scope
  const wakes = yield* Queue.dropping<void>(1)
  const watches = options.follow ? watchName(options.path, () => wakes.unsafeOffer(undefined)) : Effect.void
  const open = Files.open(options.path, scope, watches)
  const file = yield* open
  const next = (current: TailedFile) => Files.next(options.path, scope, current, open)
  const parts = yield* lastLines(file, options.lines, (file) => Files.previous(options.path, scope, file))
  const old = Stream.concatAll(Chunk.unsafeFromArray(parts.map((part) => {
    const shown = content(part)
    return part.file === file ? shown : Stream.ensuring(shown, Scope.close(part.file.scope, Exit.void))
  })))
  return options.follow
    ? Stream.concat(
      old,
      Stream.paginateChunkEffect(
        { current: file, offset: file.size, successor: Option.none() },
        advance(options.path, next, Queue.take(wakes))
      )
    )
    : old
})

const advance = (
  path: string,
  next: (current: TailedFile) => Effect.Effect<TailedFile, TailError>,
  awaitWake: Effect.Effect<void>
) =>
  Effect.fnUntraced(function*(position: Position) {
    const { current, offset, successor } = position
    const bytes = yield* current.read(offset, Files.blockSize)
    if (bytes.length > 0) {
      return emit(Chunk.of(bytes), { ...position, offset: offset + bytes.length })
    }
    if ((yield* current.sizeNow) < offset) {
      return emit(Chunk.of(truncated), { ...position, offset: 0 })
    }
    if (Option.isSome(successor) && successor.value.begun) {
      yield* Scope.close(current.scope, Exit.void)
      return emit(Chunk.empty(), { current: successor.value.file, offset: 0, successor: Option.none() })
    }
    const newest = Option.match(successor, { onNone: () => current, onSome: ({ file }) => file })
    const named = yield* Effect.option(Files.attempt(path, () => FsPromises.stat(path, { bigint: true })))
    const isReplaced = Option.isSome(named) && !Files.isSame(named.value, newest)
    if (Option.isSome(successor)) {
      if (isReplaced || (yield* newest.sizeNow) > 0) {
        // Another round before leaving: the old file may have grown between its last read and this.
        return emit(Chunk.empty(), { ...position, successor: Option.some({ file: newest, begun: true }) })
      }
    } else if (isReplaced) {
      const file = yield* openOther(current, next(current))
      if (Option.isSome(file)) {
        return emit(Chunk.empty(), { ...position, successor: Option.some({ file: file.value, begun: false }) })
      }
    }
    // The directory of a missing name may be gone too, of which an open file in it keeps the kernel from telling.
    yield* Option.isNone(named) ? Effect.timeoutOption(awaitWake, "1 second") : awaitWake
    return emit(Chunk.empty(), position)
  })

const emit = (
  bytes: Chunk.Chunk<Uint8Array>,
  position: Position
): readonly [Chunk.Chunk<Uint8Array>, Option.Option<Position>] => [bytes, Option.some(position)]

/** Opens the file that follows, unless that cannot be opened or turns out to be `file` itself. */
const openOther = Effect.fnUntraced(function*(file: TailedFile, open: Effect.Effect<TailedFile, TailError>) {
  const other = yield* Effect.option(open)
  if (Option.isSome(other) && Files.isSame(other.value, file)) {
    yield* Scope.close(other.value.scope, Exit.void)
    return Option.none()
  }
  return other
})

/** A file that is shown from `offset`. */
interface Part {
  readonly file: TailedFile
  readonly offset: number
}

/** The files that the last lines are in, the oldest first. */
const lastLines = Effect.fnUntraced(function*(
  file: TailedFile,
  lines: number,
  previous: (file: TailedFile) => Effect.Effect<Option.Option<TailedFile>>
) {
  if (lines === 0) return [{ file, offset: file.size }]
  let found = yield* search(file, lines, true)
  const parts: Array<Part> = [{ file, offset: found.offset }]
  let isEnd = file.size === 0
  for (let current = file; found.left > 0;) {
    const older = yield* previous(current)
    if (Option.isNone(older)) break
    const searched = yield* Effect.option(search(older.value, found.left, isEnd))
    if (Option.isNone(searched)) {
      yield* Scope.close(older.value.scope, Exit.void)
      break
    }
    current = older.value
    found = searched.value
    isEnd = isEnd && found.isEmpty
    parts.unshift({ file: current, offset: found.offset })
  }
  return parts
})

/** Where the last lines begin in a file, and how many newlines before them are `left` to be found in older ones. */
interface Found {
  readonly offset: number
  readonly left: number
  readonly isEmpty: boolean
}

/**
 * Looks for the newline that stands before the last `lines` lines. The one that ends everything (`isEnd`) ends its last line
 * and begins none.
 */
const search = (file: TailedFile, lines: number, isEnd: boolean): Effect.Effect<Found, TailError> =>
  Number.isFinite(file.size) ? searchBackwards(file, lines, isEnd) : searchForwards(file, lines, isEnd)

const searchBackwards = Effect.fnUntraced(function*(file: TailedFile, lines: number, isEnd: boolean) {
  const { size } = file
  let end = size
  let left = lines
  while (end > 0) {
    const from = Math.max(0, end - Files.blockSize)
    const bytes = yield* file.read(from, end - from)
    for (let index = bytes.length - 1; index >= 0; index--) {
      if (bytes[index] === newline && !(isEnd && from + index === size - 1)) {
        left--
        if (left === 0) return { offset: from + index + 1, left, isEmpty: false }
      }
    }
    end = from
  }
  return { offset: 0, left, isEmpty: size === 0 }
})

const searchForwards = Effect.fnUntraced(function*(file: TailedFile, lines: number, isEnd: boolean) {
  // Where lines begin, the latest ones, and one more, since the end of everything begins none.
  const begins: Array<number> = []
  let count = 0
  let offset = 0
  while (true) {
    const bytes = yield* file.read(offset, Files.blockSize)
    if (bytes.length === 0) break
    for (let index = bytes.indexOf(newline); index >= 0; index = bytes.indexOf(newline, index + 1)) {
      begins[count % (lines + 1)] = offset + index + 1
      count++
    }
    offset += bytes.length
  }
  if (isEnd && count > 0 && begins[(count - 1) % (lines + 1)] === offset) count--
  return count < lines
    ? { offset: 0, left: lines - count, isEmpty: offset === 0 }
    : { offset: begins[(count - lines) % (lines + 1)] ?? 0, left: 0, isEmpty: false }
})

const content = ({ file, offset }: Part): Stream.Stream<Uint8Array, TailError> =>
  Stream.unfoldEffect(
    offset,
    (offset) =>
      Effect.map(
        file.read(offset, Math.min(Files.blockSize, file.size - offset)),
        (bytes) => bytes.length > 0 ? Option.some([bytes, offset + bytes.length] as const) : Option.none()
      )
  )

/**
 * Calls `wake` when the file at `path` is written, or when its name is given away or taken, in its directory or, for a
 * symbolic link, in that of the link's target.
 */
const watchName = Effect.fnUntraced(function*(path: string, wake: () => void) {
  const link = Path.resolve(path)
  const target = yield* Effect.orElseSucceed(Files.attempt(path, () => FsPromises.realpath(path)), () => link)
  yield* Effect.forkScoped(watch(target, wake, () => true))
  for (const name of new Set([link, target])) {
    // Of other files in the directory, what is written to them is of no interest.
    const concerns = (event: string, entry: string | null) => event === "rename" || entry === Path.basename(name)
    yield* Effect.forkScoped(watch(Path.dirname(name), wake, concerns))
  }
})

/**
 * Watches `path` for ever and calls `wake` for the events that `concerns` accepts. A watch that cannot be had or breaks
 * is tried again each second. Calls `wake` at each try, since something may have happened before.
 */
const watch = (
  path: string,
  wake: () => void,
  concerns: (event: string, entry: string | null) => boolean
): Effect.Effect<number> =>
  Effect.gen(function*() {
    const broken = yield* Deferred.make<void>()
    yield* Effect.acquireRelease(
      Effect.try(() =>
        Fs.watch(path, (event, entry) => {
          if (concerns(event, entry)) {
            wake()
          }
        }).on("error", () => Deferred.unsafeDone(broken, Effect.void))
      ),
      (watcher) => Effect.sync(() => watcher.close())
    )
    wake()
    yield* Deferred.await(broken)
  }).pipe(
    Effect.scoped,
    Effect.catchAll(() => Effect.sync(wake)),
    Effect.repeat(Schedule.spaced("1 second"))
  )
