/**
 * What the system says of a process, of whomever, in /proc/PID/stat. Where there is no /proc it says nothing.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as FileSystem from "node:fs"

/**
 * A process: its state as ps(1) shows it, the pid of its parent, its process group and its session, and its start, in ticks
 * since that of the machine, which tells it from a successor with the same pid.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessStat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly started: string
}

/**
 * A process as it was written down: when it began, and its {@link birth}, which an older manager did not write.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  readonly pid: number
  readonly began: Date
  readonly birth?: string
}

/**
 * Looks at a process; there is nothing to see when it is gone.
 *
 * @category getters
 * @since 0.1.0
 */
export const read = (pid: number): ProcessStat | undefined => {
  try {
    const text = FileSystem.readFileSync(`/proc/${pid}/stat`, "latin1")
    // proc_pid_stat(5): "pid (comm) state ppid pgrp session ..."; comm may hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    const [state = "", parent, group, session] = fields
    return {
      state,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      started: fields[19] ?? ""
    }
  } catch {
    return undefined
  }
}

/**
 * Whether a process has ended, and waits for its parent only.
 *
 * @category getters
 * @since 0.1.0
 */
export const hasEnded = ({ state }: ProcessStat): boolean => state === "Z" || state === "X"

/**
 * What no other process has, before or after, whatever becomes of the clock: the boot of the machine, and its start since
 * then.
 *
 * @category getters
 * @since 0.1.0
 */
export const birth = (pid: number): string | undefined => {
  const found = read(pid)
  if (found === undefined) return undefined
  try {
    return `${FileSystem.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${found.started}`
  } catch {
    return undefined
  }
}
