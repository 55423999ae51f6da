/**
 * What another supervisor has to know of a program.
 *
 * @since 0.1.0
 */

/**
 * A program as it is configured.
 *
 * - `command`: the name of the command that exports it, `zdaemon` or one that is made of it.
 * - `name`: what it is called, after its configuration file or its own; `origin`: what it was read from, for a comment.
 * - `words`: its command line, and `file` the file of its first word, an absolute path; `startTest`: the words of its start test.
 * - `directory`: where it runs, absolute.
 * - `transcript`: an absolute path, where one is given; `given`: the keys of the settings that somebody gives, with their texts.
 * - `limit`: how many ends are too many, within how many seconds, and how long a run in a row of them is at most, where there
 *   has to be a row; `finalEnds`: the exit statuses and the signals that the program is not started again after.
 * - `otherRules`: those that say something else of single ends, as lines of a configuration.
 * - `environment`: what is put into its environment; `isSecret` says for which names the value must not be shown.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exported {
  readonly command: string
  readonly name: string
  readonly origin: string
  readonly words: ReadonlyArray<string>
  readonly file: string
  readonly startTest: ReadonlyArray<string> | undefined
  readonly directory: string
  readonly transcript: string | undefined
  readonly given: ReadonlyMap<string, string>
  readonly limit: { readonly count: number; readonly within: number; readonly longest: number | undefined } | undefined
  readonly finalEnds: ReadonlyArray<number | string>
  readonly otherRules: ReadonlyArray<string>
  readonly environment: ReadonlyMap<string, string>
  readonly isSecret: (variable: string) => boolean
  readonly hasEventLog: boolean
  readonly settings: {
    readonly backoffLimit: number
    readonly exitCodes: ReadonlyArray<number>
    readonly startTimeout: number
    readonly startGrace: number
    readonly stopTimeout: number
    readonly killMode: string
    readonly user: string | undefined
    /** In octal. */
    readonly umask: string
  }
}

/**
 * The variables whose values may be shown.
 *
 * @category getters
 * @since 0.1.0
 */
export const variables = ({ environment, isSecret }: Exported): ReadonlyArray<readonly [string, string]> =>
  Array.from(environment).filter(([name]) => !isSecret(name))

/**
 * The names of the variables whose values may not.
 *
 * @category getters
 * @since 0.1.0
 */
export const secrets = ({ environment, isSecret }: Exported): ReadonlyArray<string> =>
  Array.from(environment.keys()).filter(isSecret)

/**
 * The settings that are given and that nothing is made of, neither by every exporter nor by this one, which maps `more`.
 *
 * @category getters
 * @since 0.1.0
 */
export const leftOver = (
  { given }: Exported,
  ...more: ReadonlyArray<string>
): ReadonlyArray<readonly [key: string, text: string]> =>
  Array.from(given).filter(([key]) => !mapped.has(key) && !more.includes(key))

/**
 * Writes notes as a list, one below the other, in lines of at most a hundred characters where blanks allow it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const list = (notes: ReadonlyArray<string>): ReadonlyArray<string> =>
  // oxlint-disable-next-line eslint/no-control-regex
  notes.flatMap((note) => wrap(note.replaceAll(/[\u0000-\u001f\u007f]+/g, " ")))

// ===== Internal

/** What every exporter makes something of, and what has no meaning without zdaemon. */
const mapped: ReadonlySet<string> = new Set([
  "backoff-limit",
  "daemon",
  "directory",
  "exit-codes",
  "forever",
  "kill-mode",
  "logfile",
  "program",
  "socket-name",
  "start-test-program",
  "start-timeout",
  "stop-timeout",
  "transcript",
  "umask",
  "user"
])

const wrap = (note: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = "-"
  for (const word of note.split(" ")) {
    if (line.length + word.length >= 100) {
      lines.push(line)
      line = " "
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
