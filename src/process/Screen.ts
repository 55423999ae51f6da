/**
 * What the terminal of standard output can do, where it is one.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import Process from "node:process"
import * as StandardStreams from "./StandardStreams.ts"

/**
 * Whether what was printed can be printed over: standard output is a terminal that knows how (`TERM` is neither missing
 * nor `dumb`).
 *
 * @category getters
 * @since 0.1.0
 */
export const canRedraw = (): boolean => {
  const kind = Process.env["TERM"] ?? ""
  return kind !== "" && kind !== "dumb" && StandardStreams.isTerminal()
}

/**
 * Whether colours are wanted: the terminal has them, and `NO_COLOR` is not set (no-color.org).
 *
 * @category getters
 * @since 0.1.0
 */
export const hasColors = (): boolean => (Process.env["NO_COLOR"] ?? "") === "" && canRedraw()

/**
 * How many characters a line of the terminal has.
 *
 * @category getters
 * @since 0.1.0
 */
export const columns = (): number => {
  const { columns } = Process.stdout
  return columns === undefined || columns === 0 ? 80 : columns
}

/**
 * The text that takes the place of the last `count` lines, the one that the cursor is in included.
 *
 * @category formatting
 * @since 0.1.0
 */
export const over = (count: number, text: string): string =>
  `\r${count > 1 ? `\u001b[${count - 1}A` : ""}\u001b[J${text}`
