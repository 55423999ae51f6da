/**
 * Signals by name and by number, as the `kill` action takes them and messages print them.
 *
 * The numbers are those of the operating system. Where a number has several names, the first one of Node's table is
 * printed (`SIGABRT`, not `SIGIOT`; `SIGIO`, not `SIGPOLL`) and all are understood.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as os from "node:os"
import * as PythonLiteral from "../config/PythonLiteral.ts"

/**
 * Reads a signal: its name with or without `SIG` in any case (`TERM`, `sigterm`, `Signals.SIGTERM`), or a number that
 * has a name. On Linux 34 is `SIGRTMIN` and 64 is `SIGRTMAX`; the real-time signals between them have no name. `None`
 * for everything else, as 0, 32 or `SIG_DFL`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<{ readonly name: string; readonly number: number }> => {
  const number = Option.getOrElse(PythonLiteral.parseInteger(text, 10), () => numbers.get(fullName(text)) ?? 0)
  return Option.map(Option.fromNullable(names.get(number)), (name) => ({ name, number }))
}

/**
 * The name of a signal's number, `SIGTERM`, or `signal 35` if it has none.
 *
 * @category formatting
 * @since 0.1.0
 */
export const nameOf = (number: number): string => names.get(number) ?? `signal ${number}`

/**
 * Every signal that has a name, by number.
 *
 * @category getters
 * @since 0.1.0
 */
export const all = (): ReadonlyArray<readonly [number: number, name: string]> =>
  Arr.sortWith(Array.from(names), ([number]) => number, Order.number)

// =====================================================================================================================
// Internal
// =====================================================================================================================

/** What Node's table leaves out and Python's has. */
const linuxOnly: ReadonlyArray<readonly [string, number]> = [["SIGCLD", 17], ["SIGRTMIN", 34], ["SIGRTMAX", 64]]

const numbers: ReadonlyMap<string, number> = new Map([
  ...Object.entries(os.constants.signals),
  ...(os.platform() === "linux" ? linuxOnly : [])
])

// The last entry of a number wins, so the reversed order keeps its first name.
const names: ReadonlyMap<number, string> = new Map(
  Arr.reverse(numbers).map(([name, number]) => [number, name])
)

const fullName = (text: string): string => {
  const name = (text.startsWith("Signals.") ? text.slice("Signals.".length) : text).toUpperCase()
  return name.startsWith("SIG") ? name : `SIG${name}`
}
/**
 * The number of a signal's name, as Node tells it; 0 for a name that is none.
 *
 * @category getters
 * @since 0.1.0
 */
export const numberOf = (name: string): number =>
  Option.match(parse(name), { onNone: () => 0, onSome: ({ number }) => number })
