/**
 * Times in front of lines, on bytes.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"

/**
 * How a time is written: `iso` is `2026-11-25T17:15:30.123Z`, `unix` the seconds since 1970, `1795626930.123`. A blank
 * follows.
 *
 * @category models
 * @since 0.1.0
 */
export type Format = "iso" | "unix"

/**
 * Makes a stamper for one stream. It is given bytes as they come, with the time at which they came in milliseconds of the
 * epoch, and passes them on with a time in front of each line, the one at which the first byte of the line came. It keeps
 * nothing back, and what it passes on is valid until it returns. `breakLine` makes the next byte begin a line.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  format: Format,
  write: (bytes: Buffer) => void
): { readonly stamp: (bytes: Buffer, now: number) => void; readonly breakLine: () => void } => {
  const out = Buffer.allocUnsafeSlow(outSize)
  let filled = 0
  let isInLine = false
  let stampedAt = NaN
  let mark: Buffer = Buffer.alloc(0)
  const flush = (): void => {
    if (filled > 0) write(out.subarray(0, filled))
    filled = 0
  }
  const put = (bytes: Buffer): void => {
    if (bytes.length > outSize - filled) flush()
    if (bytes.length > outSize) write(bytes)
    else filled += bytes.copy(out, filled)
  }
  return {
    stamp: (bytes, now) => {
      if (now !== stampedAt) {
        mark = Buffer.from(`${render(format, now)} `)
        stampedAt = now
      }
      for (let from = 0; from < bytes.length;) {
        const newline = bytes.indexOf(0x0a, from)
        const to = newline < 0 ? bytes.length : newline + 1
        if (!isInLine) put(mark)
        put(bytes.subarray(from, to))
        isInLine = newline < 0
        from = to
      }
      flush()
    },
    breakLine: () => {
      isInLine = false
    }
  }
}

/**
 * A time in milliseconds of the epoch, as text.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (format: Format, millis: number): string =>
  format === "iso" ? DateTime.formatIso(DateTime.unsafeMake(millis)) : (millis / 1000).toFixed(3)

// ===== Internal

const outSize = 64 * 1024
