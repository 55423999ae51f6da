/**
 * Where a transcript is split into files, and how the old ones are named.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Order from "effect/Order"

/**
 * When a file is full, and what becomes of the old ones. It is full at `maxSize` bytes and, at the next output, when it was
 * begun `maxAge` seconds ago. 0 is no limit. `keep` old ones stay; `compress` has them gzipped.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rotation {
  readonly maxSize: number
  readonly maxAge: number
  readonly keep: number
  readonly compress: boolean
}

/**
 * How far a file may grow beyond its limit for the sake of a line that is under way: 64 KiB, and not beyond twice its size.
 *
 * @category getters
 * @since 0.1.0
 */
export const slackOf = ({ maxSize }: Rotation): number => maxSize === 0 ? lineSlack : Math.min(lineSlack, maxSize)

/**
 * How many of the bytes belong into a file that has `size` bytes, is full at `limit`, and ends within a line or not. What
 * is left begins the next file.
 *
 * The split is at the last end of a line before the limit. A line that began in this file before the limit is ended in it,
 * unless it reaches `slack` bytes beyond: there it is cut.
 *
 * @category judging
 * @since 0.1.0
 */
export const fit = (
  bytes: Uint8Array,
  file: { readonly size: number; readonly isInLine: boolean; readonly limit: number; readonly slack: number }
): number => {
  const room = file.limit - file.size
  if (bytes.length <= room) return bytes.length
  const end = room > 0 ? bytes.lastIndexOf(newline, room - 1) + 1 : 0
  if (end > 0 || (file.size > 0 && !file.isInLine)) return end
  const most = Math.max(0, room + file.slack)
  const lineEnd = bytes.indexOf(newline, Math.max(0, room)) + 1
  return lineEnd > 0 && lineEnd <= most ? lineEnd : Math.min(bytes.length, most)
}

/**
 * The name of the next old file of the file named `base`: `app.log.20261125T171530Z-0000`. The names sort as the files
 * were written, also when the clock was set back: then the last time goes on, with the next number.
 *
 * @category formatting
 * @since 0.1.0
 */
export const nextName = (base: string, names: ReadonlyArray<string>, now: number): string => {
  const last = Arr.last(oldFiles(base, names)).pipe(Option.map(({ name }) => name.slice(base.length + 1)))
  const time = stampOf(now)
  if (Option.isNone(last) || time > last.value.slice(0, time.length)) return `${base}.${time}-0000`
  const count = Number(last.value.slice(time.length + 1)) + 1
  return count < 10_000
    ? `${base}.${last.value.slice(0, time.length)}-${String(count).padStart(4, "0")}`
    : `${base}.${stampOf(timeOf(last.value) + 1000)}-0000`
}

/**
 * An old file, in one form or, while it is compressed, in both.
 *
 * @category models
 * @since 0.1.0
 */
export interface OldFile {
  readonly name: string
  readonly isPlain: boolean
  readonly isCompressed: boolean
}

/**
 * The old files of the file named `base` among the names in its directory, the oldest first. Others that begin like it, as
 * those of logrotate, are none of ours.
 *
 * @category decoding
 * @since 0.1.0
 */
export const oldFiles = (base: string, names: ReadonlyArray<string>): ReadonlyArray<OldFile> => {
  const found = new Map<string, OldFile>()
  for (const entry of names) {
    const matched = entry.startsWith(`${base}.`) ? pattern.exec(entry.slice(base.length)) : null
    if (matched === null) continue
    const isCompressed = matched[1] !== undefined
    const name = isCompressed ? entry.slice(0, -".gz".length) : entry
    const other = found.get(name)
    found.set(name, {
      name,
      isPlain: !isCompressed || other?.isPlain === true,
      isCompressed: isCompressed || other?.isCompressed === true
    })
  }
  return Arr.sortWith(Array.from(found.values()), ({ name }) => name, Order.string)
}

/**
 * Whether a name is that of a compressed file of `base` that is not whole yet.
 *
 * @category judging
 * @since 0.1.0
 */
export const isPart = (base: string, name: string): boolean =>
  name.startsWith(`${base}.`) && name.endsWith(".gz.part") &&
  pattern.test(name.slice(base.length, -".gz.part".length))

// ===== Internal

const lineSlack = 64 * 1024

const newline = 0x0a

const pattern = /^\.\d{8}T\d{6}Z-\d{4}(\.gz)?$/

/** A time in UTC, to the second, in letters that sort: `20261125T171530Z`. */
const stampOf = (millis: number): string =>
  `${DateTime.formatIso(DateTime.unsafeMake(millis)).slice(0, 19).replaceAll(/[-:]/g, "")}Z`

const timeOf = (stamp: string): number =>
  DateTime.toEpochMillis(DateTime.unsafeMake(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, "$1-$2-$3T$4:$5:$6Z")
  ))
