/**
 * A time by a strftime(3) format, in local time and in English, as in the C locale that the original runs in.
 *
 * @since 0.1.0
 */

/**
 * Renders a time. Conversions are `a A b B c d D e F H I j k l m M n p r R s S t T U w W x X y Y z Z %`; any other stays as
 * it is written. Where the system's data has no abbreviation for a time zone, `%Z` is its offset.
 *
 * @category formatting
 * @since 0.1.0
 */
export const strftime = (format: string, date: Date): string =>
  format.replace(/%([a-zA-Z%])/g, (written, letter: string) => conversions.get(letter)?.(date) ?? written)

// ===== Internal

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December"
]

const padded = (value: number, width = 2, fill = "0"): string => String(value).padStart(width, fill)

const weekday = (date: Date): string => days[date.getDay()] ?? ""
const month = (date: Date): string => months[date.getMonth()] ?? ""
const hour12 = (date: Date): number => date.getHours() % 12 === 0 ? 12 : date.getHours() % 12

/** Days since the first of January. */
const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000
  )

/** The week of the year, where a first week begins with the first Sunday (0) or Monday (1). */
const week = (date: Date, firstDay: 0 | 1): number =>
  Math.floor((dayOfYear(date) + 7 - (date.getDay() + 7 - firstDay) % 7) / 7)

const offset = (date: Date): string => {
  const minutes = Math.abs(date.getTimezoneOffset())
  return `${date.getTimezoneOffset() > 0 ? "-" : "+"}${padded(Math.floor(minutes / 60))}${padded(minutes % 60)}`
}

/** No single locale abbreviates the zones of every continent. */
const zoneLocales = ["en-US", "en-GB", "en-AU", "en-ZA", "en-IN"]

const zone = (date: Date): string => {
  for (const locale of zoneLocales) {
    const part = Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(date).find((part) =>
      part.type === "timeZoneName"
    )
    if (part !== undefined && !/^GMT.|\d/.test(part.value)) return part.value
  }
  return offset(date).replace(/00$/, "")
}

const conversions: ReadonlyMap<string, (date: Date) => string> = new Map<string, (date: Date) => string>([
  ["a", (date) => weekday(date).slice(0, 3)],
  ["A", weekday],
  ["b", (date) => month(date).slice(0, 3)],
  ["B", month],
  ["c", (date) => strftime("%a %b %e %H:%M:%S %Y", date)],
  ["d", (date) => padded(date.getDate())],
  ["D", (date) => strftime("%m/%d/%y", date)],
  ["e", (date) => padded(date.getDate(), 2, " ")],
  ["F", (date) => strftime("%Y-%m-%d", date)],
  ["H", (date) => padded(date.getHours())],
  ["I", (date) => padded(hour12(date))],
  ["j", (date) => padded(dayOfYear(date) + 1, 3)],
  ["k", (date) => padded(date.getHours(), 2, " ")],
  ["l", (date) => padded(hour12(date), 2, " ")],
  ["m", (date) => padded(date.getMonth() + 1)],
  ["M", (date) => padded(date.getMinutes())],
  ["n", () => "\n"],
  ["p", (date) => date.getHours() < 12 ? "AM" : "PM"],
  ["r", (date) => strftime("%I:%M:%S %p", date)],
  ["R", (date) => strftime("%H:%M", date)],
  ["s", (date) => String(Math.floor(date.getTime() / 1000))],
  ["S", (date) => padded(date.getSeconds())],
  ["t", () => "\t"],
  ["T", (date) => strftime("%H:%M:%S", date)],
  ["U", (date) => padded(week(date, 0))],
  ["w", (date) => String(date.getDay())],
  ["W", (date) => padded(week(date, 1))],
  ["x", (date) => strftime("%m/%d/%y", date)],
  ["X", (date) => strftime("%H:%M:%S", date)],
  ["y", (date) => padded(date.getFullYear() % 100)],
  ["Y", (date) => String(date.getFullYear())],
  ["z", offset],
  ["Z", zone],
  ["%", () => "%"]
])
