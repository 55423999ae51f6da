/**
 * When a log that is rotated by time rolls over, and how the old files are named then.
 *
 * The rules are those of Python's TimedRotatingFileHandler. `S`, `M`, `H` and `D` count seconds from the last change of the
 * file; `MIDNIGHT` and `W0` (the end of Monday) to `W6` follow the local calendar, also where a day has 23 or 25 hours.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import { strftime } from "./Strftime.ts"

/**
 * The times of one file's rollovers, in milliseconds since the epoch. `when` is in capitals and an interval of 0 is 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rotation {
  readonly when: string
  readonly interval: number
}

/**
 * The first rollover after a time, which is the last change of the file, or now if there is none.
 *
 * @category judging
 * @since 0.1.0
 */
export const firstAfter = (rotation: Rotation, time: number): number => {
  const count = Math.max(1, rotation.interval)
  const seconds = Math.floor(time / 1000) * 1000
  const length = lengths.get(rotation.when)
  return length === undefined ? midnight(seconds, daysLeft(rotation, seconds, count)) : seconds + length * count
}

/**
 * The name that a file gets at a rollover: its own with the time at which the interval began, as in
 * `event.log.2026-11-22_11-14-27`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const nameOf = (rotation: Rotation, path: string, due: number): string => {
  const count = Math.max(1, rotation.interval)
  const length = lengths.get(rotation.when)
  const began = length === undefined
    ? midnight(due, -count * (rotation.when === "MIDNIGHT" ? 1 : 7))
    : due - length * count
  return `${path}.${strftime(suffixes.get(rotation.when) ?? "%Y-%m-%d", dateOf(began))}`
}

/**
 * Which of the names in the directory of a file named `base` are old files to be removed, so that `kept` remain. One that
 * somebody compressed counts (`event.log.2026-11-22.gz`). With 0 none is removed.
 *
 * @category judging
 * @since 0.1.0
 */
export const outdated = (
  rotation: Rotation,
  base: string,
  names: ReadonlyArray<string>,
  kept: number
): ReadonlyArray<string> => {
  const suffix = patterns.get(rotation.when) ?? /^\d{4}-\d{2}-\d{2}(\.\w+)?$/
  const old = names.filter((name) => name.startsWith(`${base}.`) && suffix.test(name.slice(base.length + 1)))
  return kept === 0 ? [] : Arr.sort(old, Order.string).slice(0, Math.max(0, old.length - kept))
}

// ===== Internal

const second = 1000
const minute = 60 * second
const hour = 60 * minute

const lengths = new Map([["S", second], ["M", minute], ["H", hour], ["D", 24 * hour]])

const suffixes = new Map([["S", "%Y-%m-%d_%H-%M-%S"], ["M", "%Y-%m-%d_%H-%M"], ["H", "%Y-%m-%d_%H"]])

const patterns = new Map([
  ["S", /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}(\.\w+)?$/],
  ["M", /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}(\.\w+)?$/],
  ["H", /^\d{4}-\d{2}-\d{2}_\d{2}(\.\w+)?$/]
])

const dateOf = (time: number): Date => DateTime.toDate(DateTime.unsafeMake(time))

/** The beginning of the local day that lies some days from that of a time. */
const midnight = (time: number, days: number): number => {
  const date = dateOf(time)
  date.setHours(0, 0, 0, 0)
  date.setDate(date.getDate() + days)
  return date.getTime()
}

const daysLeft = (rotation: Rotation, time: number, count: number): number => {
  if (rotation.when === "MIDNIGHT") return count
  const monday0 = (dateOf(time).getDay() + 6) % 7
  return (Number(rotation.when.slice(1)) - monday0 + 7) % 7 + 1 + (count - 1) * 7
}
