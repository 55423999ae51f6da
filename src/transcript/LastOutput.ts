/**
 * The last bytes of output, in memory of a fixed size.
 *
 * @since 0.1.0
 */

/**
 * What is remembered: `add` more, `bytes` is a copy of the last ones, `clear` forgets them.
 *
 * @category models
 * @since 0.1.0
 */
export interface LastOutput {
  readonly add: (bytes: Uint8Array) => void
  readonly bytes: () => Uint8Array
  readonly clear: () => void
}

/**
 * Remembers `size` bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (size: number): LastOutput => {
  const remembered = Buffer.allocUnsafeSlow(size)
  let length = 0
  return {
    add: (bytes) => {
      const kept = bytes.subarray(Math.max(0, bytes.length - size))
      const before = Math.min(length, size - kept.length)
      remembered.copyWithin(0, length - before, length)
      remembered.set(kept, before)
      length = before + kept.length
    },
    bytes: () => Uint8Array.from(remembered.subarray(0, length)),
    clear: () => {
      length = 0
    }
  }
}
