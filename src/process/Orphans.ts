/**
 * Programs that outlived their manager, because that was killed or ran out of memory.
 *
 * What a run and its helpers have is their end of the manager's output pipe, which the kernel knows by the name that the
 * pipe once had: whoever holds a pipe of that name, while no manager does, is an orphan. A program that writes to files of
 * its own may have closed the pipe; it is found by what was written down when it began, where that fits a process still.
 * There has to be a /proc; where there is none, no orphan is found.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as FilePath from "./FilePath.ts"
import * as ProcessGroup from "./ProcessGroup.ts"
import * as ProcessStat from "./ProcessStat.ts"

/**
 * The name of the output pipe of the program that is controlled through a socket: its path without linked folders, so that
 * a program is found however the path is spelled, in characters that a file's name may have. At most 107 bytes of path make
 * 143.
 *
 * @category getters
 * @since 0.1.0
 */
export const pipeName = (socket: string): string =>
  `output-${Buffer.from(FilePath.withoutLinks(socket)).toString("base64url")}`

/**
 * A run as it was written down: its process, and that of its manager.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorded extends ProcessStat.Known {
  readonly manager: number
}

/**
 * Finds the programs that {@link end} would end, less those that have died before their helpers, by their pids.
 *
 * @category running
 * @since 0.1.0
 */
export const running = (pipe: string, recorded: Option.Option<Recorded>): Effect.Effect<ReadonlyArray<number>> =>
  Effect.map(look(pipe, recorded), (left) => left.filter(isThere).map(({ pid }) => pid))

/**
 * Ends every program that was left running with an output pipe of this name, and the `recorded` one, as its manager would
 * have: SIGTERM, after
 * the stop timeout SIGKILL (zero never kills), and then what is left of its process group. So a new run never shares its
 * port and its files with an old one. Answers with the pids of those programs.
 *
 * @category running
 * @since 0.1.0
 */
export const end = Effect.fnUntraced(function*(
  pipe: string,
  { killMode, recorded, stopTimeout }: {
    readonly stopTimeout: Duration.Duration
    readonly killMode: "group" | "process"
    readonly recorded: Option.Option<Recorded>
  }
) {
  const left = yield* look(pipe, recorded)
  for (const leader of left) {
    yield* Effect.logWarning(`ending process ${leader.pid}, which a killed daemon manager has left running`)
    signal(leader, "SIGTERM")
    // A stopped process takes no SIGTERM until it goes on.
    signal(leader, "SIGCONT")
    const patience = Duration.toMillis(stopTimeout) === 0 ? Duration.infinity : stopTimeout
    if (!(yield* ProcessGroup.holds(() => !isThere(leader), patience))) {
      signal(leader, "SIGKILL")
      yield* ProcessGroup.holds(() => !isThere(leader), "5 seconds")
    }
    if (killMode === "group") yield* ProcessGroup.end(leader.pid, () => isReplaced(leader))
  }
  return left.map(({ pid }) => pid)
})

/**
 * Whether a manager is there still, as one is whose socket was removed, by its process and when it wrote down that it began:
 * who has had that number since then is no other.
 *
 * @category running
 * @since 0.1.0
 */
export const isManaging = (manager: ProcessStat.Known): Effect.Effect<boolean> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const found = ProcessStat.read(manager.pid)
    if (found === undefined || ProcessStat.hasEnded(found) || manager.pid === Process.pid) return false
    return manager.birth === undefined
      ? startOf(found, now) < manager.began.getTime() + longestStart
      : manager.birth === ProcessStat.birth(manager.pid)
  })

/**
 * Has a manager that is there look for its socket, whose folder may have become another one. Answers whether it could be told.
 *
 * @category running
 * @since 0.1.0
 */
export const remind = (manager: ProcessStat.Known): Effect.Effect<boolean> =>
  Effect.map(isManaging(manager), (isThere) => {
    try {
      return isThere && Process.kill(manager.pid, "SIGCONT")
    } catch {
      // It is somebody else's, or has just ended.
      return false
    }
  })

// ===== Internal

/** The leader of a session: its start, in ticks since the machine's, tells it from a successor with the same pid. */
interface Leader {
  readonly pid: number
  readonly started: string
}

interface Holder {
  readonly pid: number
  readonly session: number
  readonly pipe: string
}

const look = (pipe: string, recorded: Option.Option<Recorded>): Effect.Effect<ReadonlyArray<Leader>> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const holding = find(pipe)
    return [
      ...holding,
      ...Option.toArray(Option.flatMap(recorded, (run) => leaderOf(run, now)))
        .filter(({ pid }) => !holding.some((it) => it.pid === pid))
    ]
  })

/** The programs among the orphans: each leads a session of its own, unless it has died before its helpers. */
const find = (pipe: string): ReadonlyArray<Leader> => {
  const held = pids().flatMap((pid) => holder(pid, [1, 2], pipe))
  if (held.length === 0) return []
  const sessions = new Set(held.map(({ session }) => session))
  // A manager holds its pipe too, under other numbers, and is in another session than its program.
  const managed = new Set(
    pids().flatMap((pid) => holder(pid, descriptors(pid), pipe))
      .filter(({ session }) => !sessions.has(session)).map(({ pipe }) => pipe)
  )
  const left = new Set(held.filter(({ pipe }) => !managed.has(pipe)).map(({ session }) => session))
  return [...left].map((pid) => ({ pid, started: ProcessStat.read(pid)?.started ?? "" }))
}

/** The process of a run, unless it has ended, another one has its number, or its manager is there still. */
const leaderOf = ({ began, birth, manager, pid }: Recorded, now: number): Option.Option<Leader> => {
  const found = ProcessStat.read(pid)
  if (found === undefined || found.session !== pid || found.parent === manager) return Option.none()
  const isSame = birth === undefined
    ? Math.abs(began.getTime() - startOf(found, now)) < longestStart
    : birth === ProcessStat.birth(pid)
  return isSame && !ProcessStat.hasEnded(found) ? Option.some({ pid, started: found.started }) : Option.none()
}

/** How far what is written down may be from what the system says, in milliseconds. */
const longestStart = 5000

/** The start of a process in milliseconds of the epoch, from ticks of 10 ms since that of the machine (proc_pid_stat(5)). */
const startOf = ({ started }: Pick<Leader, "started">, now: number): number => {
  const [uptime = ""] = FileSystem.readFileSync("/proc/uptime", "latin1").split(" ")
  return now - Number(uptime) * 1000 + Number(started) * 10
}

const isThere = ({ pid, started }: Leader): boolean => {
  const found = ProcessStat.read(pid)
  return found !== undefined && found.started === started && !ProcessStat.hasEnded(found)
}

/** It is not our child: until its parent reaps it the number is its own. */
const isReplaced = ({ pid, started }: Leader): boolean => {
  const found = ProcessStat.read(pid)
  return found !== undefined && found.started !== started
}

const signal = (leader: Leader, name: NodeJS.Signals): void => {
  if (!isThere(leader)) return
  try {
    Process.kill(leader.pid, name)
  } catch {
    // It ended between the look and the signal, or has become somebody else's.
  }
}

const pids = (): ReadonlyArray<number> => entries("/proc").map(Number).filter((pid) => pid > 0)

const descriptors = (pid: number): ReadonlyArray<number> => entries(`/proc/${pid}/fd`).map(Number)

/** A process by the first of its descriptors that is a pipe of this name. */
const holder = (pid: number, descriptors: ReadonlyArray<number>, pipe: string): ReadonlyArray<Holder> => {
  for (const descriptor of descriptors) {
    const link = `/proc/${pid}/fd/${descriptor}`
    try {
      if (!FileSystem.readlinkSync(link).endsWith(`/${pipe} (deleted)`)) continue
      const { dev, ino } = FileSystem.statSync(link, { bigint: true })
      const found = ProcessStat.read(pid)
      if (found !== undefined) return [{ pid, session: found.session, pipe: `${dev}:${ino}` }]
    } catch {
      // It has no such descriptor, has ended meanwhile, or is somebody else's.
    }
  }
  return []
}

const entries = (path: string): ReadonlyArray<string> => {
  try {
    return FileSystem.readdirSync(path)
  } catch {
    return []
  }
}
