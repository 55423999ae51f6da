/**
 * Processes as the kernel knows them.
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as FileSystem from "node:fs"

/**
 * What proc_pid_stat(5) says of a process: its state (`"S"`, `"Z"`), parent, process group and session.
 */
export interface Stat {
  readonly pid: number
  readonly name: string
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
}

/**
 * Reads the state of a process, if there is one.
 */
export const stat = (pid: number): Stat | undefined => {
  try {
    const text = FileSystem.readFileSync(`/proc/${pid}/stat`, "latin1")
    const end = text.lastIndexOf(")")
    const [state = "", parent, group, session] = text.slice(end + 2).split(" ")
    const name = text.slice(text.indexOf("(") + 1, end)
    return { pid, name, state, parent: Number(parent), group: Number(group), session: Number(session) }
  } catch {
    return undefined
  }
}

/**
 * Whether a process lives; a zombie does not.
 */
export const isAlive = (pid: number): boolean => {
  const found = stat(pid)
  return found !== undefined && found.state !== "Z" && found.state !== "X"
}

/**
 * The processes that a process has spawned and that were not reaped.
 */
export const children = (pid: number): ReadonlyArray<Stat> =>
  FileSystem.readdirSync("/proc").flatMap((entry) => {
    const found = /^\d+$/.test(entry) ? stat(Number(entry)) : undefined
    return found !== undefined && found.parent === pid ? [found] : []
  })

/**
 * A field of proc_pid_status(5), as `SigIgn`.
 */
export const status = (pid: number | "self", field: string): string | undefined =>
  new RegExp(`^${field}:\\s*(.*)$`, "m").exec(FileSystem.readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]?.trim()

/**
 * The open descriptors of a process, with what they are.
 */
export const descriptors = (pid: number | "self"): ReadonlyArray<readonly [number, string]> =>
  FileSystem.readdirSync(`/proc/${pid}/fd`).flatMap((entry) => {
    try {
      return [[Number(entry), FileSystem.readlinkSync(`/proc/${pid}/fd/${entry}`)] as const]
    } catch {
      // The descriptor that the list itself was read with.
      return []
    }
  })
