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

/**
 * The words of a command, with what is probably a secret in place of its value: `--password=x`, `--token x`,
 * `API_KEY=x`, `ftp://me:x@host`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const redact = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.map((word, i) => {
    const [, name] = /^([\w-]+)=/.exec(word) ?? []
    if (name !== undefined && isSecretWord(name)) return `${name}=${redacted}`
    const before = words[i - 1] ?? ""
    if (before.startsWith("-") && !before.includes("=") && isSecretWord(before) && !word.startsWith("-")) {
      return redacted
    }
    return word.replace(/(:\/\/[^:@/\s]*:)[^@/\s]+@/g, `$1${redacted}@`)
  })

// ===== Internal

const isSecretWord = (word: string): boolean => isSecret(word) || /-key$/i.test(word)
