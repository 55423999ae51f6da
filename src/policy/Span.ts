/**
 * Lengths of time in words: how every message shows them, and how settings are written.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/**
 * Renders a length of time for people: `0.832 s`, `47 s`, `3m2s`, `1d2h`. Below a minute it is exact to the millisecond,
 * from a minute on to the second, with three units at most.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (span: Duration.DurationInput): string => {
  const millis = Math.round(Duration.toMillis(span))
  if (!Number.isFinite(millis)) return "for ever"
  if (millis < 60_000) return `${millis / 1000} s`
  return parts(Math.round(millis / 1000), ["d", "h", "m", "s"]).slice(0, 3).join("")
}

/**
 * The shortest text that {@link parse} reads as this length of time, which is one of whole milliseconds: `90.5s` is
 * `1m30.5s`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const text = (span: Duration.DurationInput): string => {
  const millis = Math.round(Duration.toMillis(span))
  const minutes = Math.floor(millis / 60_000)
  const rest = (millis - minutes * 60_000) / 1000
  const large = parts(minutes * 60, ["d", "h", "m"])
  return rest > 0 || large.length === 0 ? [...large, `${rest}s`].join("") : large.join("")
}

/**
 * Reads a length of time: seconds, or numbers with the units `ms`, `s`, `m`, `h`, `d` and `w` in any case: `90`, `0.5s`,
 * `1h30m`. It is rounded to milliseconds.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<Duration.Duration> => {
  const trimmed = text.trim().toLowerCase()
  if (trimmed.length > longestText) return Option.none()
  if (plain.test(trimmed)) return fromMillis(Number(trimmed) * 1000)
  if (!united.test(trimmed)) return Option.none()
  return fromMillis(
    Array.from(trimmed.matchAll(unit), ([, number, name]) => Number(number) * (millisPerUnit.get(name ?? "") ?? 0))
      .reduce((sum, millis) => sum + millis, 0)
  )
}

/**
 * What to say of a text that {@link parse} does not read.
 *
 * @category formatting
 * @since 0.1.0
 */
export const forms = "a length of time is written 90, 90s, 0.5s, 5m, 1h30m or 2d"

// ===== Internal

const longestText = 40

const plain = /^(?:\d+(?:\.\d*)?|\.\d+)$/

const united = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/

const unit = /(\d+(?:\.\d+)?)(ms|[smhdw])/g

const secondsPerUnit = { d: 86_400, h: 3600, m: 60, s: 1 }

const millisPerUnit: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000]
])

const fromMillis = (millis: number): Option.Option<Duration.Duration> =>
  Number.isSafeInteger(Math.round(millis)) ? Option.some(Duration.millis(Math.round(millis))) : Option.none()

const parts = (seconds: number, units: ReadonlyArray<keyof typeof secondsPerUnit>): ReadonlyArray<string> => {
  let rest = seconds
  return units.flatMap((unit) => {
    const count = Math.floor(rest / secondsPerUnit[unit])
    rest -= count * secondsPerUnit[unit]
    return count === 0 ? [] : [`${count}${unit}`]
  })
}
