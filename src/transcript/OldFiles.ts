/**
 * The old files of a transcript on disk: made by renaming, removed when there are too many, compressed in the background.
 *
 * A manager may be killed at any moment of it. The old file is renamed before the new one is made, and the next manager
 * makes it; a compressed file gets its name when all of it is on the disk, and only then the plain one is removed. What is
 * half done is found when the next manager starts, and done again.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as FsPromises from "node:fs/promises"
import * as Path from "node:path"
import { pipeline } from "node:stream/promises"
import * as Rotation from "./Rotation.ts"
import { because, TranscriptError } from "./TranscriptError.ts"

/**
 * Gives the file at `path` the name of an old one; `now` is in milliseconds of the epoch. Where the path is a link, that is
 * beside the file it leads to. Throws the system's error.
 *
 * @category running
 * @since 0.1.0
 */
export const rename = (path: string, now: number): void => {
  const file = FileSystem.realpathSync(path)
  const folder = Path.dirname(file)
  FileSystem.renameSync(
    file,
    Path.join(folder, Rotation.nextName(Path.basename(file), FileSystem.readdirSync(folder), now))
  )
}

/**
 * Removes the oldest of the old files, so that `keep` remain. Throws the system's error.
 *
 * @category running
 * @since 0.1.0
 */
export const removeOutdated = (path: string, keep: number): void => {
  const { base, folder, names } = look(path)
  const old = Rotation.oldFiles(base, names)
  for (const { isCompressed, isPlain, name } of old.slice(0, Math.max(0, old.length - keep))) {
    if (isPlain) FileSystem.rmSync(Path.join(folder, name), { force: true })
    if (isCompressed) FileSystem.rmSync(Path.join(folder, `${name}.gz`), { force: true })
  }
}

/**
 * Compresses the old files that are not, the newest first, and removes what a manager that was killed has left half done.
 * Threads of Node's do it, while output is copied. What cannot be compressed is told to `complain`, and stays as it is.
 *
 * @category running
 * @since 0.1.0
 */
export const compress = (
  path: string,
  complain: (error: TranscriptError) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { base, folder, names } = yield* Effect.try({ try: () => look(path), catch: failed(path) })
    yield* Effect.forEach(
      names.filter((name) => Rotation.isPart(base, name)),
      (name) => attempt(path, () => FsPromises.rm(Path.join(folder, name), { force: true }))
    )
    const plain = Arr.reverse(Rotation.oldFiles(base, names)).filter(({ isPlain }) => isPlain)
    yield* Effect.forEach(
      plain,
      ({ name }) => Effect.catchAll(compressOne(path, Path.join(folder, name)), complain)
    )
  }).pipe(Effect.catchAll(complain))

// ===== Internal

interface Place {
  readonly base: string
  readonly folder: string
  readonly names: ReadonlyArray<string>
}

/** Where the old files are. A file that is not there yet is where its name says. */
const look = (path: string): Place => {
  const file = FileSystem.existsSync(path) ? FileSystem.realpathSync(path) : path
  const folder = Path.dirname(file)
  return { base: Path.basename(file), folder, names: FileSystem.readdirSync(folder) }
}

const failed = (path: string) => (cause: unknown) => because(path, "compress", cause)

const attempt = <A>(path: string, evaluate: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({ try: evaluate, catch: failed(path) })

const compressOne = (path: string, plain: string): Effect.Effect<void, TranscriptError> =>
  Effect.gen(function*() {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = FileSystem.constants
    // One that was removed meanwhile, being the oldest, is none of ours any more.
    if (!FileSystem.existsSync(plain)) return
    const part = `${plain}.gz.part`
    const source = yield* opened(path, plain, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const { ino, isRegular, mode } = yield* attempt(path, () => source.stat()).pipe(
      Effect.map((stat) => ({ ino: stat.ino, isRegular: stat.isFile() && stat.nlink <= 1, mode: stat.mode & 0o777 }))
    )
    // Whoever may write the directory could otherwise have root copy what is not theirs.
    if (!isRegular) return yield* new TranscriptError({ path: plain, operation: "compress", code: "EMLINK" })
    yield* Effect.addFinalizer(() => Effect.ignore(attempt(path, () => FsPromises.rm(part, { force: true }))))
    const target = yield* opened(path, part, O_WRONLY | O_CREAT | O_EXCL)
    yield* attempt(path, () => target.chmod(mode))
    // Loaded by the few managers that compress: it takes memory as long as they live.
    const { createGzip } = yield* attempt(path, () => import("node:zlib"))
    yield* attempt(path, (signal) =>
      pipeline(source.createReadStream(), createGzip(), target.createWriteStream({ flush: true }), { signal }))
    yield* Effect.try({
      try: () => {
        if (FileSystem.statSync(plain, { throwIfNoEntry: false })?.ino !== ino) {
          return
        }
        FileSystem.renameSync(part, `${plain}.gz`)
        FileSystem.rmSync(plain)
      },
      catch: failed(path)
    })
  }).pipe(Effect.scoped)

const opened = (path: string, file: string, flags: number) =>
  Effect.acquireRelease(
    attempt(path, () => FsPromises.open(file, flags, 0o600)),
    (handle) => Effect.ignore(attempt(path, () => handle.close()))
  )
