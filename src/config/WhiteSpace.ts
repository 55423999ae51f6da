/**
 * White space as Python's `str` sees it.
 *
 * zdaemon's texts are defined by Python's `strip()`, `split()` and `\s`. JavaScript's `trim()` and `\s` disagree with
 * them about four control characters, U+0085 and the byte order mark, so this room uses these instead. Every function
 * takes time linear in its argument.
 *
 * @since 0.1.0
 */

/**
 * Tells whether the UTF-16 code unit `code` is white space for Python's `str.isspace()`.
 *
 * @category judging
 * @since 0.1.0
 */
export const isWhite = (code: number): boolean =>
  code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f) ||
  (code >= 0x85 && (code === 0x85 || code === 0xa0 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000))

/**
 * Returns `text` without white space at its start.
 *
 * @category formatting
 * @since 0.1.0
 */
export const trimStart = (text: string): string => {
  let start = 0
  while (start < text.length && isWhite(text.charCodeAt(start))) {
    start++
  }
  return text.slice(start)
}

/**
 * Returns `text` without white space at its end.
 *
 * @category formatting
 * @since 0.1.0
 */
export const trimEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && isWhite(text.charCodeAt(end - 1))) {
    end--
  }
  return text.slice(0, end)
}

/**
 * Returns `text` without white space at both ends, as Python's `strip()`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const trim = (text: string): string => trimStart(trimEnd(text))
