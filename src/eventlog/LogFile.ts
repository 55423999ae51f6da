/**
 * The event log in a file: appended to record by record, rotated by size or by time, reopened on request.
 *
 * A log that cannot be written takes nothing down. The record is lost, the reason is told once on the fallback, and the
 * next record opens the file anew if need be. While a file cannot be opened again after its name was given to another one,
 * records go on into the old file.
 *
 * As root it is opened as every such file, see `process/AppendFile`.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import type * as Settings from "../config/EventLogSettings.ts"
import * as LogEncoding from "../config/LogEncoding.ts"
import * as AppendFile from "../process/AppendFile.ts"
import * as SystemError from "../process/SystemError.ts"
import * as Handler from "./Handler.ts"
import type { LogRecord } from "./Record.ts"
import * as Rotation from "./Rotation.ts"

/**
 * Opens the file, unless its opening is delayed to the first record, and closes it with the scope, after which records are
 * lost. A path of `STDOUT` or
 * `STDERR` is that stream of the manager. Records are one write each, with a newline after them. A character that the
 * encoding lacks becomes `?`. Fails when the file cannot be opened or the encoding is none of utf-8, latin-1 and ascii.
 *
 * Reopening opens a plain file by its name again, and rolls a rotated one over.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  settings: typeof Settings.LogFile.Type,
  format: (record: LogRecord) => string,
  fallback: (line: string) => void
) => Effect.Effect<Handler.Handler, Handler.EventLogError, Scope.Scope> = Effect.fnUntraced(
  function*(settings, format, fallback) {
    const encode = encoders[
      yield* Either.mapLeft(
        LogEncoding.find(settings.encoding ?? "utf-8"),
        (reason) => new Handler.EventLogError({ path: settings.path, reason })
      )
    ]
    const trouble = Handler.trouble(fallback)
    const file = standardStream(settings.path) ?? (yield* named(settings))
    return {
      write: (record) =>
        attempt(trouble, settings.path, file.write(encode(`${format(record)}\n`), record.date.getTime())),
      reopen: Effect.map(Clock.currentTimeMillis, (now) => attempt(trouble, settings.path, file.reopen(now)))
    }
  }
)

// ===== Internal

/** What is to be done, in order. A step that throws keeps none of those behind it from being done. */
type Steps = ReadonlyArray<() => void>

interface Output {
  readonly write: (bytes: Buffer, now: number) => Steps
  readonly reopen: (now: number) => Steps
}

const attempt = (trouble: Handler.Trouble, path: string, steps: Steps): void => {
  let failed = false
  for (const step of steps) {
    try {
      step()
    } catch (cause) {
      failed = true
      trouble.tell(`can't write event log: ${reasonOf(cause, path)}`)
    }
  }
  if (!failed) trouble.over()
}

const standardStream = (path: string): Output | undefined => {
  const fd = path === "STDOUT" ? 1 : path === "STDERR" ? 2 : undefined
  return fd === undefined ? undefined : { write: (bytes) => [() => writeAll(fd, bytes)], reopen: () => [] }
}

/** How many bytes were written before it failed is told to `onPart`. */
const writeAll = (fd: number, bytes: Buffer, onPart: (written: number) => void = () => {}): void => {
  for (let written = 0; written < bytes.length;) {
    written += FileSystem.writeSync(fd, bytes, written)
    onPart(written)
  }
}

const named = Effect.fnUntraced(function*(settings: typeof Settings.LogFile.Type) {
  const { path } = settings
  let file: number | undefined
  /** The open file is no longer, or perhaps no longer, the one of that name. */
  let outdated = false
  let closed = false
  /** The file ends within a record. */
  let torn = false

  const open = (): void => {
    const opened = openByName(path)
    if (file !== undefined) FileSystem.closeSync(file)
    file = opened
    outdated = false
  }
  const openIfNeeded = (): void => {
    if (file === undefined || outdated) open()
  }
  const append = (bytes: Buffer) => (): void => {
    if (file === undefined) return
    const whole = torn ? Buffer.concat([Buffer.from("\n"), bytes]) : bytes
    try {
      writeAll(file, whole, (written) => {
        torn = written < whole.length
      })
    } catch (cause) {
      outdated = true
      throw cause
    }
  }

  const started = yield* Clock.currentTimeMillis
  let due = settings.when === ""
    ? undefined
    : Rotation.firstAfter(settings, lastChange(path) ?? started)
  const rollOver = (now: number): void => {
    if (due !== undefined) {
      moveIfThere(path, Rotation.nameOf(settings, path, due))
      due = Rotation.firstAfter(settings, now)
    } else {
      for (let number = settings.oldFiles; number > 0; number--) {
        moveIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`)
      }
    }
    outdated = true
    torn = false
    open()
  }
  const removeOutdated = (): void => {
    if (due === undefined) return
    const directory = Path.dirname(path)
    const names = FileSystem.readdirSync(directory)
    for (const name of Rotation.outdated(settings, Path.basename(path), names, settings.oldFiles)) {
      FileSystem.rmSync(Path.join(directory, name), { force: true })
    }
  }
  const isFull = (size: number, more: number): boolean =>
    settings.maxSize > 0 && size > 0 && size + more >= settings.maxSize
  const rollOverIfDue = (more: number, now: number) => (): void => {
    // A file that could not be opened anew was moved already.
    if (file === undefined || outdated) return
    const stat = FileSystem.fstatSync(file)
    if (!stat.isFile() || !(due === undefined ? isFull(stat.size, more) : now >= due)) return
    rollOver(now)
    removeOutdated()
  }

  if (!settings.delay) {
    yield* Effect.try({
      try: open,
      catch: (cause) => new Handler.EventLogError({ path, reason: reasonOf(cause, path) })
    })
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      closed = true
      if (file !== undefined) FileSystem.closeSync(file)
      file = undefined
    })
  )
  const rotates = settings.when !== "" || settings.maxSize > 0
  const output: Output = {
    write: (bytes, now) => closed ? [] : [openIfNeeded, rollOverIfDue(bytes.length, now), append(bytes)],
    reopen: (now) => {
      if (file === undefined) return []
      // The original rolls an empty file over as well: a few reopens without an event in between lose all there were.
      const isEmpty = FileSystem.fstatSync(file).size === 0
      if (rotates && !outdated && !isEmpty) return [() => rollOver(now), removeOutdated]
      outdated = true
      return [open]
    }
  }
  return output
})

/** O_NONBLOCK is about a FIFO: the manager must not wait for somebody to read it. */
const openByName = (path: string): number => AppendFile.open(path, FileSystem.constants.O_NONBLOCK)

const lastChange = (path: string): number | undefined => {
  try {
    return FileSystem.statSync(path).mtimeMs
  } catch {
    return undefined
  }
}

const moveIfThere = (from: string, to: string): void => {
  try {
    FileSystem.renameSync(from, to)
  } catch (cause) {
    if (SystemError.codeOf(cause) !== "ENOENT") throw cause
  }
}

const encodeNarrow = (last: number) => (text: string): Buffer =>
  Buffer.from(Array.from(text, (char) => (char.codePointAt(0) ?? 0) > last ? "?" : char).join(""), "latin1")

const encoders: { readonly [encoding in LogEncoding.LogEncoding]: (text: string) => Buffer } = {
  "utf-8": (text) => Buffer.from(text, "utf8"),
  "latin-1": encodeNarrow(0xff),
  "ascii": encodeNarrow(0x7f)
}

const reasonOf = (cause: unknown, path: string): string =>
  SystemError.describe(SystemError.codeOf(cause), SystemError.pathOf(cause, path))
