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
 * `API_KEY=x`, `ftp://me:x@host`, `Authorization: Bearer x`; also within a word that is a command itself, as behind
 * `sh -c`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const redact = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.map((word, i) => {
    const before = words[i - 1] ?? ""
    if (isSecretOption(before) && !word.startsWith("-")) return redacted
    return /\s/.test(word) ? redactText(word) : redactWord(word)
  })

// ===== Internal

const isSecretName = (name: string): boolean => isSecret(name) || /[-.]key$|CREDENTIAL/i.test(name)

const isSecretOption = (word: string): boolean => /^--?[a-z]/i.test(word) && !word.includes("=") && isSecretName(word)

const redactWord = (word: string): string => {
  const [, quote = "", name] = /^(["']?)([\w.-]+)=/.exec(word) ?? []
  if (name !== undefined && isSecretName(name)) {
    return `${quote}${name}=${redacted}${quote === "" ? "" : word.endsWith(quote) ? quote : ""}`
  }
  return word.replace(/(:\/\/[^:@/\s]*:)[^@/\s]+@/g, `$1${redacted}@`)
}

/** The words of a command in a text, and what is between them, which stays as it is. */
const redactText = (text: string): string => {
  const pieces = text
    .replace(/(\bauthorization:\s*(?:basic|bearer|digest|token)?\s*)[^\s"']+/gi, `$1${redacted}`)
    .match(/\s+|(?:"[^"]*"|'[^']*'|[^\s"']|["'])+/g) ?? []
  return pieces.map((piece, i) => {
    // A blank piece stands between two words.
    const before = pieces[i - 2] ?? ""
    return isSecretOption(before) && /^[^\s-]/.test(piece) ? redacted : redactWord(piece)
  }).join("")
}
