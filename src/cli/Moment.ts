/**
 * Moments and spans of time as people read them.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"

/**
 * Renders a moment, in milliseconds of the epoch, in local time: `2026-11-25 17:03:12`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const local = (millis: number): string => {
  const date = DateTime.toDate(DateTime.unsafeMake(millis))
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(padded).join("-")
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(padded).join(":")}`
}

/**
 * Renders a moment, in milliseconds of the epoch, for programs: `2026-11-25T16:03:12.000Z`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const iso = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

/**
 * Renders a span, in milliseconds, in its two largest units: `0.3 s`, `12 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const span = (millis: number): string => {
  if (millis < 9_950) return `${(Math.max(0, millis) / 1000).toFixed(1)} s`
  const seconds = Math.round(millis / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(
    " "
  )
}

/**
 * Renders what is left of a span, in milliseconds, in whole seconds: `3 s`, never less than it is.
 *
 * @category formatting
 * @since 0.1.0
 */
export const left = (millis: number): string =>
  millis <= 60_000 ? `${Math.ceil(Math.max(0, millis) / 1000)} s` : span(millis)

// ===== Internal

const padded = (value: number): string => String(value).padStart(2, "0")
