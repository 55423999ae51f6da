/**
 * What must not be shown.
 *
 * @since 0.1.0
 */

/**
 * Whether the value of an environment variable is probably a secret, by its name.
 *
 * @category judging
 * @since 0.1.0
 */
export const isSecret = (variable: string): boolean => /_KEY$|TOKEN|PASS|SECRET/i.test(variable)

/**
 * What is shown in place of a secret.
 *
 * @category formatting
 * @since 0.1.0
 */
export const redacted = "<redacted>"
