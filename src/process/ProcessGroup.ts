/**
 * What a program leaves behind in its process group when it has ended.
 *
 * A program runs in a session and a process group of its own, whose number is its pid (setsid(2)). Its helpers stay in
 * that group when it dies and would hold its port or its files while the next run starts.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as ProcessStat from "./ProcessStat.ts"

/**
 * Ends what is alive in the process group of a program that has ended and was reaped: SIGTERM, after a second SIGKILL,
 * and returns when nothing of it is left. The common case, nothing left, costs one system call.
 *
 * Linux and the BSDs tell nobody when a process that is not one's child ends, so this is the one wait that looks again
 * (after 2 ms, then less and less often). Members that cannot be signalled, or that SIGKILL does not end within five
 * seconds (a process in uninterruptible sleep), are given up with a warning.
 *
 * `isReplaced` tells whether the number is a stranger's by now. When the program was our child and was reaped, every
 * process that has it is one.
 *
 * @category running
 * @since 0.1.0
 */
export const end = Effect.fnUntraced(function*(pid: number, isReplaced: () => boolean = () => exists(pid)) {
  const emptied = (grace: Duration.Duration) => holds(() => !hasMembers(pid, isReplaced), grace)
  if (!hasMembers(pid, isReplaced)) return
  signal(pid, "SIGTERM")
  // A stopped process takes no SIGTERM until it goes on.
  signal(pid, "SIGCONT")
  if (yield* emptied(termGrace)) return
  signal(pid, "SIGKILL")
  if (yield* emptied(killGrace)) return
  yield* Effect.logWarning(`processes of group ${pid} are still alive after SIGKILL`)
})

/**
 * Whether anything is alive in the process group of a program that has ended. Zombies do not count, and neither does the
 * group of a stranger that was given the same number meanwhile, as in {@link end}.
 *
 * @category running
 * @since 0.1.0
 */
export const hasMembers = (pid: number, isReplaced: () => boolean = () => exists(pid)): boolean =>
  exists(-pid) && !isReplaced() && livingMembers(pid)

/**
 * Whether there is a process, of whomever, that has not ended. A zombie has: it waits for nothing but its parent.
 *
 * @category running
 * @since 0.1.0
 */
export const isAlive = (pid: number): boolean => {
  const found = ProcessStat.read(pid)
  return exists(pid) && (found === undefined || !ProcessStat.hasEnded(found))
}

/**
 * Waits until something holds that the kernel tells nobody about, by looking again, first after 2 ms, then less and less
 * often; answers whether it did before the time was over.
 *
 * @category running
 * @since 0.1.0
 */
export const holds = (condition: () => boolean, within: Duration.DurationInput): Effect.Effect<boolean> =>
  Effect.sync(condition).pipe(
    Effect.repeat({ until: (holds) => holds, schedule: lookAgain }),
    Effect.interruptible,
    Effect.timeoutTo({ duration: within, onSuccess: () => true, onTimeout: () => false })
  )

// ===== Internal

const termGrace = Duration.seconds(1)
const killGrace = Duration.seconds(5)

const exists = (target: number): boolean => {
  try {
    return Process.kill(target, 0)
  } catch (cause) {
    // EPERM: it is there, and belongs to somebody else.
    return typeof cause === "object" && cause !== null && "code" in cause && cause.code === "EPERM"
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    Process.kill(-pid, name)
  } catch {
    // Gone between the look and the signal, or not ours to signal: the wait that follows finds out.
  }
}

const livingMembers = (pid: number): boolean => {
  let entries: ReadonlyArray<string>
  try {
    entries = FileSystem.readdirSync("/proc")
  } catch {
    return true
  }
  const numbered = entries.filter((entry) => entry.charCodeAt(0) >= 48 && entry.charCodeAt(0) <= 57)
  return numbered.length === 0 || numbered.some((entry) => {
    const found = ProcessStat.read(Number(entry))
    return found !== undefined && found.group === pid && !ProcessStat.hasEnded(found)
  })
}

const lookAgain = Schedule.exponential("2 millis", 1.5).pipe(Schedule.union(Schedule.spaced("50 millis")))
