/**
 * The version of this package.
 *
 * @since 0.1.0
 */

/**
 * The version, as package.json has it (a test compares them).
 *
 * @category models
 * @since 0.1.0
 */
export const version = "0.1.0"
