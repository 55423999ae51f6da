/**
 * Where something stands.
 *
 * @since 0.1.0
 */

/**
 * Where something stands: `file` is an absolute path or a URL, as the caller named it; `line` counts from 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly file: string
  readonly line: number
}
