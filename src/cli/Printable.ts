/**
 * Text from a program or a file, for a terminal.
 *
 * @since 0.1.0
 */

/**
 * A line in which every control character but the tab is a replacement character, so that it cannot drive the operator's
 * terminal.
 *
 * @category formatting
 * @since 0.1.0
 */
export const printable = (line: string): string => line.replace(/[^\t\P{Cc}]/gu, "\u{fffd}")
