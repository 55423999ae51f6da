/**
 * The files of a program's history.
 *
 * The folder is private, and looked at each time that something is written: one that is a link, belongs to somebody else or
 * can be written by others is not used. What is in it is opened by way of its descriptor, so that nobody can put another
 * folder in its place in between, and no link in it is followed.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import * as FileSystem from "node:fs"
import * as Files from "node:fs/promises"
import * as Path from "node:path"
import Process from "node:process"
import type * as ProcessStat from "../process/ProcessStat.ts"
import * as SystemError from "../process/SystemError.ts"
import type { Crash, Event } from "./Event.ts"
import { CrashText, EventLine, known } from "./Event.ts"

/**
 * The history cannot be written.
 *
 * @category errors
 * @since 0.1.0
 */
export class HistoryError extends Data.TaggedError("HistoryError")<{ readonly reason: string }> {}

/**
 * How many crash reports are kept, how large a file of events becomes before it is put aside (one is), and of how many
 * programs that are not running the history is kept in one place.
 *
 * @category models
 * @since 0.1.0
 */
export const limits = { crashes: 20, bytes: 256 * 1024, programs: 100 } as const

/**
 * Appends events.
 *
 * @category running
 * @since 0.1.0
 */
export const append = Effect.fnUntraced(function*(path: string, events: ReadonlyArray<Event>) {
  const text = events.map((event) => `${encodeEvent(event)}\n`).join("")
  const folder = yield* open(path)
  const file = Path.join(folder, eventsName)
  const old = yield* openEvents(file)
  const { size } = yield* attempt(() => old.stat())
  if (size > 0 && size + text.length > limits.bytes) {
    yield* attempt(() => Files.rename(file, Path.join(folder, olderName)))
    const fresh = yield* openEvents(file)
    return yield* attempt(() => fresh.writeFile(text))
  }
  const last = Buffer.from("\n")
  if (size > 0) yield* attempt(() => old.read(last, 0, 1, size - 1))
  // What a manager that was killed, or a disk that was full, has left half written becomes a line of its own.
  yield* attempt(() => old.writeFile(last[0] === 0x0a ? text : `\n${text}`))
}, Effect.scoped)

/**
 * Writes a report on a crash, gives it the next number, and removes the oldest ones.
 *
 * @category running
 * @since 0.1.0
 */
export const report = Effect.fnUntraced(function*(path: string, crash: Omit<Crash, "number" | "limits">) {
  const folder = yield* open(path)
  const before = crashNumbers(yield* attempt(() => Files.readdir(folder)))
  const number = (before.at(-1) ?? 0) + 1
  const text = encodeCrash({ ...crash, number, limits: yield* resourceLimits })
  const temporary = Path.join(folder, "crash.tmp")
  yield* attempt(() => Files.rm(temporary, { force: true }))
  yield* attempt(() => Files.writeFile(temporary, `${text}\n`, { flag: "wx", mode: 0o600 }))
  yield* attempt(() => Files.rename(temporary, Path.join(folder, crashName(number))))
  for (const old of before.slice(0, Math.max(0, before.length + 1 - limits.crashes))) {
    yield* attempt(() => Files.rm(Path.join(folder, crashName(old)), { force: true }))
  }
  return number
}, Effect.scoped)

/**
 * Reads the events, the oldest first. What is no event, as the end of a file whose writer was killed, is left out.
 *
 * @category getters
 * @since 0.1.0
 */
export const events = (path: string): Effect.Effect<ReadonlyArray<Event>> => Effect.sync(() => decoded(lines(path)))

/**
 * Finds why the folder cannot be read, unless it can, or is not there.
 *
 * @category getters
 * @since 0.1.0
 */
export const refusal = (path: string): Option.Option<string> => {
  try {
    FileSystem.readdirSync(path)
    return Option.none()
  } catch (cause) {
    const code = SystemError.codeOf(cause)
    return code === "ENOENT" ? Option.none() : Option.some(SystemError.describe(code, path))
  }
}

/**
 * A manager of whose end nothing is written down, and its run of which that is true as well.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unfinished {
  readonly manager: ProcessStat.Known
  readonly run: Option.Option<ProcessStat.Known & { readonly manager: number }>
}

/**
 * What a manager that was killed has left open: the last one, unless it has told of its end. A folder that somebody else
 * could have written says nothing.
 *
 * @category getters
 * @since 0.1.0
 */
export const unfinished = (path: string): Effect.Effect<Option.Option<Unfinished>> =>
  Effect.gen(function*() {
    const folder = yield* attempt(() => Files.lstat(path))
    if (!folder.isDirectory()) return Option.none()
    yield* mustBePrivate(folder)
    const all = lines(path)
    // Every start asks this, and there may be thousands of events before the last manager.
    const begin = Arr.findLastIndex(all, (line) => /"event":"(manager|over)"/.test(line))
    const [manager, ...since] = Option.isSome(begin) ? decoded(all.slice(begin.value)) : []
    if (manager?.event !== "manager") return Option.none()
    const last = Arr.findLast(since, ({ event }) => event !== "ordered")
    return Option.some({
      manager: known(manager),
      run: Option.flatMap(last, (event) =>
        event.event === "began" ? Option.some({ ...known(event), manager: manager.pid }) : Option.none())
    })
  }).pipe(Effect.orElseSucceed(Option.none))

/**
 * Writes down that a manager was killed, and that the processes which it had left behind were ended.
 *
 * @category running
 * @since 0.1.0
 */
export const finish = Effect.fnUntraced(
  function*(path: string, { manager }: Unfinished, left: ReadonlyArray<number>) {
    const reason = left.length === 0
      ? "killed, or the machine went down"
      : `killed; its run, ${left.map((pid) => `pid=${pid}`).join(" and ")}, was left behind, and was ended`
    const time = yield* DateTime.nowAsDate
    yield* append(path, [{
      time,
      event: "over",
      reason,
      manager: manager.pid,
      ...(left.length === 0 ? {} : { left })
    }])
  }
)

/**
 * Reads the reports on crashes, the oldest first.
 *
 * @category getters
 * @since 0.1.0
 */
export const crashes = (path: string): Effect.Effect<ReadonlyArray<Crash>> =>
  Effect.sync(() =>
    crashNumbers(names(path)).flatMap((number) => {
      const crash = Schema.decodeUnknownEither(CrashText)(read(Path.join(path, crashName(number))))
      return Either.isRight(crash) ? [crash.right] : []
    })
  )

// ===== Internal

const eventsName = "history.jsonl"
const olderName = "history.old.jsonl"
const crashName = (number: number): string => `crash-${number}.json`

const readLimit = 1024 * 1024

const lines = (path: string): ReadonlyArray<string> =>
  [olderName, eventsName].flatMap((name) => read(Path.join(path, name)).split("\n"))

const decoded = (lines: ReadonlyArray<string>): ReadonlyArray<Event> =>
  lines.flatMap((line) => {
    const event = Schema.decodeUnknownEither(EventLine)(line)
    return Either.isRight(event) ? [event.right] : []
  })

const crashNumbers = (names: ReadonlyArray<string>): ReadonlyArray<number> =>
  Arr.sort(
    names.flatMap((name) => {
      const number = /^crash-([1-9]\d{0,14})\.json$/.exec(name)?.[1]
      return number === undefined ? [] : [Number(number)]
    }),
    Order.number
  )

const encodeEvent = Schema.encodeSync(EventLine)
const encodeCrash = Schema.encodeSync(CrashText)

const attempt = <A>(action: () => Promise<A>): Effect.Effect<A, HistoryError> =>
  Effect.tryPromise({ try: action, catch: (cause) => refused(SystemError.describe(SystemError.codeOf(cause))) })

const refused = (reason: string) => new HistoryError({ reason })

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = FileSystem.constants

const opened = (path: string, flags: number, mode?: number) =>
  Effect.acquireRelease(attempt(() => Files.open(path, flags, mode)), (handle) => Effect.promise(() => handle.close()))

/** Opens the folder, made where it is missing, and answers with a name for it that nobody can give to another one. */
const open = Effect.fnUntraced(function*(path: string) {
  const made = yield* attempt(() => Files.mkdir(path, { recursive: true, mode: 0o700 }))
  const handle = yield* opened(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  yield* mustBePrivate(yield* attempt(() => handle.stat()))
  if (made !== undefined) yield* Effect.ignore(tidy(Path.dirname(path), Path.basename(path)))
  const name = `/proc/self/fd/${handle.fd}`
  return FileSystem.existsSync(name) ? name : path
})

const mustBePrivate = ({ mode, uid }: FileSystem.Stats): Effect.Effect<void, HistoryError> => {
  if (uid !== Process.geteuid?.()) return refused("it belongs to another user")
  return (mode & 0o022) === 0 ? Effect.void : refused("others can write in it")
}

const openEvents = Effect.fnUntraced(function*(file: string) {
  const handle = yield* opened(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  const stat = yield* attempt(() => handle.stat())
  if (!stat.isFile() || stat.nlink !== 1) return yield* refused(`${eventsName} is no file of its own`)
  return handle
})

/** Removes what was kept longest without a change, of programs whose socket is gone, when there are too many. */
const tidy = Effect.fnUntraced(function*(folder: string, fresh: string) {
  yield* mustBePrivate(yield* attempt(() => Files.lstat(folder)))
  const all = (yield* attempt(() => Files.readdir(folder))).filter((name) => name.startsWith(socketsBegin))
  if (all.length <= limits.programs) return
  const gone = all.filter((name) => name !== fresh && !FileSystem.existsSync(socketOf(name)))
  const aged = Arr.sort(
    gone.map((name) => ({ path: Path.join(folder, name), changed: changed(Path.join(folder, name)) })),
    Order.mapInput(Order.number, ({ changed }: { readonly changed: number }) => changed)
  )
  for (const { path } of aged.slice(0, all.length - limits.programs)) {
    const handle = yield* opened(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    yield* mustBePrivate(yield* attempt(() => handle.stat()))
    // What is not ours stays, and the folder with it.
    for (const name of names(path).filter(isOurs)) {
      yield* attempt(() => Files.rm(Path.join(path, name), { force: true }))
    }
    yield* attempt(() => Files.rmdir(path))
  }
}, Effect.scoped)

/** How the name of a folder begins that is made of the absolute path of a socket. */
const socketsBegin = "%2F"

const socketOf = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return "/"
  }
}

const changed = (path: string): number =>
  (FileSystem.statSync(Path.join(path, eventsName), { throwIfNoEntry: false }) ?? FileSystem.lstatSync(path)).mtimeMs

const isOurs = (name: string): boolean =>
  [eventsName, olderName, "crash.tmp"].includes(name) || crashNumbers([name]).length > 0

const names = (path: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(path)
  } catch {
    return []
  }
}

/** The text of a file, and nothing where it is none, or larger than what is written here. */
const read = (path: string): string => {
  try {
    const file = FileSystem.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stat = FileSystem.fstatSync(file)
      return stat.isFile() && stat.size <= readLimit ? FileSystem.readFileSync(file, "utf8") : ""
    } finally {
      FileSystem.closeSync(file)
    }
  } catch {
    return ""
  }
}

/** A program starts with the limits of its manager. */
const resourceLimits = Effect.map(
  Effect.orElseSucceed(attempt(() => Files.readFile("/proc/self/limits", "utf8")), () => ""),
  (text) =>
    text.split("\n").flatMap((line) => {
      const [, name, soft, hard] = /^Max (.+?) {2,}(\S+) +(\S+)/.exec(line) ?? []
      return name === undefined || soft === undefined || hard === undefined ? [] : [{ name, soft, hard }]
    })
)
