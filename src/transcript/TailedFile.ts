/**
 * Files that are read while others write, rename and compress them.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as FsPromises from "node:fs/promises"
import * as Path from "node:path"
import { Readable } from "node:stream"
import * as SystemError from "../process/SystemError.ts"
import * as Rotation from "./Rotation.ts"

/**
 * The file cannot be shown: `reason` is the system's error in the form of Python's `OSError`
 * (`[Errno 2] No such file or directory`), or `Not a regular file` for a FIFO, socket or device, which are refused
 * because reading them could wait for ever.
 *
 * @category errors
 * @since 0.1.0
 */
export class TailError extends Data.TaggedError("TailError")<{ readonly path: string; readonly reason: string }> {
  override get message(): string {
    return `${this.reason}: '${this.path}'`
  }
}

/**
 * An open file, which is closed with `scope`.
 *
 * - `read`: a copy of bytes from `offset`, at most a block, and of a plain file at most `length`; empty at the end. A
 *   compressed file is read forwards: going back begins anew.
 * - `sizeNow`: how long it is now, at least; `size` is how long it was when it was opened. Of a compressed file neither is
 *   known: `Infinity`.
 * - `old`: its name, when it was opened as an old file of a rotated transcript; else that of the newest old file at that
 *   time.
 *
 * @category models
 * @since 0.1.0
 */
export interface TailedFile {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: number
  readonly sizeNow: Effect.Effect<number, TailError>
  readonly read: (offset: number, length: number) => Effect.Effect<Uint8Array, TailError>
  readonly old: { readonly isThis: boolean; readonly name: string }
  readonly scope: Scope.CloseableScope
}

/**
 * How many bytes are read at a time.
 *
 * @category getters
 * @since 0.1.0
 */
export const blockSize = 64 * 1024

/**
 * Opens the file at a path, with what `besides` needs for as long as it is open.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  path: string,
  parent: Scope.Scope,
  besides: Effect.Effect<void, never, Scope.Scope>
): Effect.Effect<TailedFile, TailError> =>
  within(parent, (scope) =>
    Effect.gen(function*() {
      const before = newestOld(path)
      const file = yield* plain(path, scope)
      yield* besides
      // When it was rotated just now it is not clear which of them it is.
      return { ...file, old: { isThis: false, name: before === newestOld(path) ? before : last } }
    }))

/**
 * Opens the file that follows one which has lost the name `path`: the next old file of a rotated transcript, compressed or
 * not, or else the one that has the name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const next = (
  path: string,
  parent: Scope.Scope,
  current: TailedFile,
  openNamed: Effect.Effect<TailedFile, TailError>
): Effect.Effect<TailedFile, TailError> =>
  Effect.suspend(() => {
    const { folder, old } = oldFilesOf(path)
    const following = old.slice(placeOf(folder, old, current))
    const [file] = following
    if (file === undefined) return openNamed
    // It was removed just now.
    return Effect.catchAll(openOld(folder, file, parent), () => next(path, parent, current, openNamed))
  })

/**
 * Opens the old file that comes before one, compressed or not. `None` when there is none, or it cannot be read.
 *
 * @category constructors
 * @since 0.1.0
 */
export const previous = (
  path: string,
  parent: Scope.Scope,
  current: TailedFile
): Effect.Effect<Option.Option<TailedFile>> =>
  Effect.suspend(() => {
    const { folder, old } = oldFilesOf(path)
    const own = current.old.isThis ? current.old.name : old.find((other) => isNamed(folder, other, current))?.name
    const file = Arr.findLast(old, ({ name }) => own === undefined ? name <= current.old.name : name < own)
    return Option.isNone(file) ? Effect.succeedNone : Effect.option(openOld(folder, file.value, parent))
  })

/**
 * Asks the file system.
 *
 * @category running
 * @since 0.1.0
 */
export const attempt = <A>(path: string, evaluate: () => Promise<A>): Effect.Effect<A, TailError> =>
  Effect.tryPromise({
    try: evaluate,
    catch: (cause) => new TailError({ path, reason: SystemError.describe(SystemError.codeOf(cause)) })
  })

/**
 * Whether two are the same file.
 *
 * @category judging
 * @since 0.1.0
 */
export const isSame = (
  a: { readonly dev: bigint; readonly ino: bigint },
  b: { readonly dev: bigint; readonly ino: bigint }
): boolean => a.dev === b.dev && a.ino === b.ino

// ===== Internal

type Opened = Omit<TailedFile, "old">

const within = <A>(
  parent: Scope.Scope,
  open: (scope: Scope.CloseableScope) => Effect.Effect<A, TailError, Scope.Scope>
): Effect.Effect<A, TailError> =>
  Effect.flatMap(
    Scope.fork(parent, ExecutionStrategy.sequential),
    (scope) =>
      open(scope).pipe(Scope.extend(scope), Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))))
  )

const openOld = (
  folder: string,
  { isPlain, name }: Rotation.OldFile,
  parent: Scope.Scope
): Effect.Effect<TailedFile, TailError> => {
  const at = Path.join(folder, name)
  const opened = (open: (scope: Scope.CloseableScope) => Effect.Effect<Opened, TailError, Scope.Scope>) =>
    within(parent, (scope) => Effect.map(open(scope), (opened) => ({ ...opened, old: { isThis: true, name } })))
  const fromCompressed = opened((scope) => compressed(`${at}.gz`, scope))
  // A plain one may be compressed just now.
  return isPlain ? Effect.orElse(opened((scope) => plain(at, scope)), () => fromCompressed) : fromCompressed
}

const handleOf = Effect.fnUntraced(function*(path: string) {
  // Looked at before it is opened: opening alone can rewind a tape or let a FIFO's writer go on.
  yield* requireRegular(path, yield* attempt(path, () => FsPromises.stat(path)))
  const handle = yield* Effect.acquireRelease(
    attempt(path, () => FsPromises.open(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)),
    (handle) => Effect.ignore(attempt(path, () => handle.close()))
  )
  const stats = yield* attempt(path, () => handle.stat({ bigint: true }))
  yield* requireRegular(path, stats)
  return { handle, dev: stats.dev, ino: stats.ino, size: Number(stats.size) }
})

const plain = Effect.fnUntraced(function*(path: string, scope: Scope.CloseableScope) {
  const { handle, ...stats } = yield* handleOf(path)
  const block = new Uint8Array(blockSize)
  const opened: Opened = {
    ...stats,
    scope,
    sizeNow: Effect.map(attempt(path, () => handle.stat()), ({ size }) => size),
    read: (offset, length) =>
      Effect.map(
        attempt(path, () => handle.read(block, 0, length, offset)),
        ({ bytesRead }) => block.slice(0, bytesRead)
      )
  }
  return opened
})

const compressed = Effect.fnUntraced(function*(path: string, scope: Scope.CloseableScope) {
  const { handle, ...stats } = yield* handleOf(path)
  const { createGunzip } = yield* attempt(path, () => import("node:zlib"))
  const begin = () => {
    const source = blocksOf(handle)
    const bytes = source.pipe(createGunzip())
    source.on("error", (cause) => bytes.destroy(cause))
    return { source, blocks: bytes[Symbol.asyncIterator](), position: 0 }
  }
  let reading = begin()
  yield* Effect.addFinalizer(() => Effect.sync(() => reading.source.destroy()))
  const read = (offset: number): Effect.Effect<Uint8Array, TailError> =>
    Effect.suspend(() => {
      if (offset < reading.position) {
        reading.source.destroy()
        reading = begin()
      }
      return Effect.flatMap(attempt(path, () => reading.blocks.next()), ({ done, value }) => {
        if (done === true || !(value instanceof Uint8Array)) return Effect.succeed(new Uint8Array())
        const from = offset - reading.position
        reading.position += value.length
        return from < value.length ? Effect.succeed(value.subarray(from)) : read(offset)
      })
    })
  const opened: Opened = {
    ...stats,
    size: Infinity,
    scope,
    sizeNow: Effect.succeed(Infinity),
    read
  }
  return opened
})

/** From the beginning, and without the end of the handle when it is destroyed, as a stream of the handle's own has it. */
const blocksOf = (handle: FsPromises.FileHandle): Readable => {
  let offset = 0
  return new Readable({
    read() {
      handle.read(new Uint8Array(blockSize), 0, blockSize, offset).then(
        ({ buffer, bytesRead }) => {
          offset += bytesRead
          this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead))
        },
        (cause) => this.destroy(cause)
      )
    }
  })
}

const requireRegular = (
  path: string,
  stats: { readonly isFile: () => boolean; readonly isDirectory: () => boolean }
): Effect.Effect<void, TailError> =>
  stats.isFile()
    ? Effect.void
    : Effect.fail(
      new TailError({ path, reason: stats.isDirectory() ? SystemError.describe("EISDIR") : "Not a regular file" })
    )

const oldFilesOf = (path: string): { readonly folder: string; readonly old: ReadonlyArray<Rotation.OldFile> } => {
  try {
    const file = Fs.existsSync(path) ? Fs.realpathSync(path) : Path.resolve(path)
    const folder = Path.dirname(file)
    return { folder, old: Rotation.oldFiles(Path.basename(file), Fs.readdirSync(folder)) }
  } catch {
    // Who may read the file may not be allowed to list its directory.
    return { folder: Path.dirname(path), old: [] }
  }
}

/** It sorts behind the name of every old file. */
const last = "\u{10ffff}"

const newestOld = (path: string): string => oldFilesOf(path).old.at(-1)?.name ?? ""

/** The number of the first old file that follows one. */
const placeOf = (folder: string, old: ReadonlyArray<Rotation.OldFile>, file: TailedFile): number => {
  const behind = (name: string) => {
    const index = old.findIndex((other) => other.name > name)
    return index < 0 ? old.length : index
  }
  if (file.old.isThis) return behind(file.old.name)
  const own = old.findIndex((other) => isNamed(folder, other, file))
  if (own >= 0) return own + 1
  // It is compressed by now; or somebody else has renamed it, and then what follows is newer.
  const first = behind(file.old.name)
  return old[first]?.isPlain === false ? first + 1 : first
}

/** Whether a file has the plain name of an old one. */
const isNamed = (folder: string, old: Rotation.OldFile, file: TailedFile): boolean =>
  old.isPlain && Option.exists(statOf(Path.join(folder, old.name)), (stat) => isSame(stat, file))

const statOf = (path: string): Option.Option<Fs.BigIntStats> =>
  Option.fromNullable(Fs.statSync(path, { bigint: true, throwIfNoEntry: false }))
