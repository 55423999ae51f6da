/**
 * Every setting of zdaemon in one Schema: its key, its spelling on the command line, its type, its default and what it
 * means.
 *
 * A setting is text wherever an operator writes it (an option, a key of a configuration file), so each field decodes
 * from text and the two sources cannot drift apart. The command line's help, its options and the reference are made from
 * the annotations of the fields.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as RestartRule from "../policy/RestartRule.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as SettingText from "./SettingText.ts"
import * as ValueType from "./ValueType.ts"

/**
 * How a setting is spelled and explained.
 *
 * - `key`: the key in section `runner`, and the long option.
 * - `short`: the letter of the short option, if there is one.
 * - `type`: the type of its value.
 * - `value`: what stands for the value in the help; a setting without one is a flag, which an option can only switch on.
 * - `fallback`: the text that holds when nobody says anything; without one the setting is absent then.
 * - `isRepeatable`: whether it may be given several times. Its text is then that of each, one a line.
 *
 * @category models
 * @since 0.1.0
 */
export interface Spelling {
  readonly key: string
  readonly short?: string
  readonly type: ValueType.ValueType
  readonly value?: string
  readonly fallback?: string
  readonly isRepeatable?: boolean
  readonly description: string
}

const SpellingId = Symbol.for("zdaemon/Settings/Spelling")

const spelled = (spelling: Spelling): { readonly [SpellingId]: Spelling } => ({ [SpellingId]: spelling })

/**
 * The settings of one program, decoded.
 *
 * Times are in seconds; in the texts of `start-timeout`, `stop-timeout`, `start-grace` and `transcript-max-age` one suffix
 * may follow: `30s`, `5m`, `1h`, `2d`. Sizes are in bytes, with the suffixes `KB`, `MB` and `GB`. A path is as the operator wrote it; whoever uses one resolves it first, since what it is
 * relative to differs (see the manual).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Settings = Schema.Struct({
  program: SettingText.maybe(SettingText.Command).annotations(spelled({
    key: "program",
    short: "p",
    type: ValueType.command,
    value: "PROGRAM",
    description: "the program to run, with its arguments; 'a b', \"a b\" and a\\ b quote"
  })),
  socketName: SettingText.Path.annotations(spelled({
    key: "socket-name",
    short: "s",
    type: ValueType.path,
    value: "SOCKET",
    fallback: "zdsock",
    description: "Unix socket for communication with the daemon manager"
  })),
  daemon: SettingText.Flag.annotations(spelled({
    key: "daemon",
    short: "d",
    type: ValueType.flag,
    fallback: "on",
    description: "run the program in the background, as a daemon"
  })),
  directory: SettingText.maybe(SettingText.Path).annotations(spelled({
    key: "directory",
    short: "z",
    type: ValueType.path,
    value: "DIRECTORY",
    description: "directory to change to when daemonizing"
  })),
  backoffLimit: SettingText.Natural.annotations(spelled({
    key: "backoff-limit",
    short: "b",
    type: ValueType.natural,
    value: "SECONDS",
    fallback: "10",
    description: "longest wait before a restart, and how many quick ends in a row are too many"
  })),
  forever: SettingText.Flag.annotations(spelled({
    key: "forever",
    short: "f",
    type: ValueType.flag,
    fallback: "off",
    description: "keep restarting for ever"
  })),
  backoff: SettingText.choice("constant", "linear", "exponential", "fibonacci").annotations(spelled({
    key: "backoff",
    type: ValueType.choice("constant", "linear", "exponential", "fibonacci"),
    value: "KIND",
    fallback: "linear",
    description: "how the waits before restarts grow from one quick end to the next"
  })),
  backoffBase: SettingText.Wait.annotations(spelled({
    key: "backoff-base",
    type: ValueType.span,
    value: "SECONDS",
    fallback: "1s",
    description: "the first wait, and what a linear backoff adds each time; at least 10ms"
  })),
  backoffFactor: SettingText.Factor.annotations(spelled({
    key: "backoff-factor",
    type: ValueType.number,
    value: "NUMBER",
    fallback: "2",
    description: "what an exponential backoff multiplies the wait by each time"
  })),
  backoffJitter: SettingText.Part.annotations(spelled({
    key: "backoff-jitter",
    type: ValueType.part,
    value: "PART",
    fallback: "0",
    description: "the part of each wait, up to which it is shortened at random"
  })),
  resetAfter: SettingText.maybe(SettingText.Reset).annotations(spelled({
    key: "reset-after",
    type: ValueType.spanOr("never"),
    value: "SECONDS",
    description:
      "how long a run must last to be no quick end; backoff-limit without it, and never for every end is quick"
  })),
  giveUpAfter: SettingText.maybe(SettingText.GiveUpAfter).annotations(spelled({
    key: "give-up-after",
    type: ValueType.limit,
    value: "LIMIT",
    description: "how many quick ends in a row, or ends in a time (5 in 10m), are too many; backoff-limit without it"
  })),
  giveUp: SettingText.GiveUp.annotations(spelled({
    key: "give-up",
    type: ValueType.surrender,
    value: "WHAT",
    fallback: "exit",
    description: "what giving up means: exit, stay (the manager stays, the program is down), or retry after 10m"
  })),
  onExit: SettingText.rules(RestartRule.onExit).annotations(spelled({
    key: "on-exit",
    type: ValueType.rule("^[0-9]"),
    value: "RULE",
    fallback: "",
    isRepeatable: true,
    description: "what follows exit statuses: 75 after 60s, 75 at most 3 in 1h, 0,2 stop, 3 stay"
  })),
  onSignal: SettingText.rules(RestartRule.onSignal).annotations(spelled({
    key: "on-signal",
    type: ValueType.rule("^[A-Za-z]"),
    value: "RULE",
    fallback: "",
    isRepeatable: true,
    description: "what follows deaths by signals: SEGV at most 3 in 1h, HUP after 1s, TERM,INT stop, KILL stay"
  })),
  exitCodes: SettingText.ExitCodes.annotations(spelled({
    key: "exit-codes",
    short: "x",
    type: ValueType.exitCodes,
    value: "LIST",
    fallback: "0,2",
    description: "exit codes after which the program is not restarted"
  })),
  startTimeout: SettingText.Seconds.annotations(spelled({
    key: "start-timeout",
    short: "T",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "300",
    description: "how long start and restart wait for the program to be up"
  })),
  startGrace: SettingText.FractionalSeconds.annotations(spelled({
    key: "start-grace",
    type: ValueType.fractionalSeconds,
    value: "SECONDS",
    fallback: "1",
    description: "how long a program must have run for its start to count, where no start test says so"
  })),
  startTestProgram: SettingText.maybe(SettingText.Command).annotations(spelled({
    key: "start-test-program",
    type: ValueType.command,
    value: "PROGRAM",
    description: "program that exits with 0 once the started program is up; run once a second until it does"
  })),
  stopTimeout: SettingText.Seconds.annotations(spelled({
    key: "stop-timeout",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "300",
    description: "time between SIGTERM and SIGKILL when stopping; 0 never kills"
  })),
  killMode: SettingText.oneOf("group", "process").annotations(spelled({
    key: "kill-mode",
    type: ValueType.choice("group", "process"),
    value: "MODE",
    fallback: "group",
    description:
      "group: what the program leaves behind in its process group is ended as well; process: it is left alone"
  })),
  user: SettingText.maybe(Schema.String).annotations(spelled({
    key: "user",
    short: "u",
    type: ValueType.word,
    value: "USER",
    description: "run as USER (name or numeric id) when started by root"
  })),
  umask: SettingText.Octal.annotations(spelled({
    key: "umask",
    short: "m",
    type: ValueType.octal,
    value: "UMASK",
    fallback: "022",
    description: "octal umask of the program"
  })),
  logfile: SettingText.maybe(Schema.String).annotations(spelled({
    key: "logfile",
    short: "l",
    type: ValueType.path,
    value: "LOGFILE",
    description: "log file that logtail shows"
  })),
  transcript: SettingText.Path.annotations(spelled({
    key: "transcript",
    short: "t",
    type: ValueType.path,
    value: "TRANSCRIPT",
    fallback: "/dev/null",
    description: "file that the program's output is appended to"
  })),
  transcriptStderr: SettingText.maybe(SettingText.Path).annotations(spelled({
    key: "transcript-stderr",
    type: ValueType.path,
    value: "TRANSCRIPT",
    description: "file that the program's standard error is appended to, apart from its standard output"
  })),
  transcriptOnError: SettingText.oneOf("block", "drop").annotations(spelled({
    key: "transcript-on-error",
    type: ValueType.choice("block", "drop"),
    value: "MODE",
    fallback: "block",
    description:
      "while the transcript cannot be written, block: output waits, and the program with it; drop: it is dropped and counted"
  })),
  transcriptMaxSize: SettingText.Size.annotations(spelled({
    key: "transcript-max-size",
    type: ValueType.byteSize,
    value: "BYTES",
    fallback: "0",
    description: "size at which the transcript is rotated; 0 for any"
  })),
  transcriptMaxAge: SettingText.Seconds.annotations(spelled({
    key: "transcript-max-age",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "0",
    description: "age at which the transcript is rotated, at the next output; 0 for any"
  })),
  transcriptKeep: SettingText.maybe(SettingText.Natural).annotations(spelled({
    key: "transcript-keep",
    type: ValueType.natural,
    value: "FILES",
    description: "how many old files of a rotated transcript are kept; 10 when nothing is said"
  })),
  transcriptCompress: SettingText.Flag.annotations(spelled({
    key: "transcript-compress",
    type: ValueType.flag,
    fallback: "off",
    description: "compress the old files of a rotated transcript with gzip"
  })),
  transcriptTimestamps: SettingText.oneOf("off", "iso", "unix").annotations(spelled({
    key: "transcript-timestamps",
    type: ValueType.choice("off", "iso", "unix"),
    value: "FORMAT",
    fallback: "off",
    description: "time in front of each line of the transcript: iso, in UTC, or unix, the seconds since 1970"
  })),
  transcriptMarks: SettingText.Flag.annotations(spelled({
    key: "transcript-marks",
    type: ValueType.flag,
    fallback: "off",
    description: "write a line into the transcript when the program starts and when it ends"
  })),
  runHistory: SettingText.maybe(SettingText.Path).annotations(spelled({
    key: "run-history",
    type: ValueType.path,
    value: "DIRECTORY",
    description: "directory for the history and the crash reports, off for none; the user's state directory by default"
  }))
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Settings extends Schema.Schema.Type<typeof Settings> {}

/**
 * The spelling of every setting, in the order of {@link Settings}.
 *
 * @category models
 * @since 0.1.0
 */
export const spellings: ReadonlyArray<Spelling> = Object.values(Settings.fields).map((field) =>
  Option.getOrThrow(AST.getAnnotation<Spelling>(field.ast, SpellingId))
)

/**
 * A value that a setting does not take: `key` and `text` as given, and why not.
 *
 * @category errors
 * @since 0.1.0
 */
export class SettingError extends Data.TaggedError("SettingError")<{
  readonly key: string
  readonly text: string
  readonly reason: string
}> {
  override get message(): string {
    return `invalid value for ${this.key} ${PythonLiteral.repr(this.text)}: ${this.reason}`
  }
}

/**
 * Decodes settings from their texts by key; what is missing has its default.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (texts: ReadonlyMap<string, string>): Either.Either<Settings, SettingError> =>
  Either.mapLeft(
    Schema.decodeUnknownEither(Settings)(
      Object.fromEntries(fieldNames.map((field, i) => {
        const spelling = spellings[i]
        return [field, spelling === undefined ? undefined : texts.get(spelling.key) ?? spelling.fallback]
      }))
    ),
    (error) => {
      const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
      const key = spellings[fieldNames.indexOf(String(issue?.path[0]))]?.key ?? "settings"
      return new SettingError({ key, text: texts.get(key) ?? "", reason: issue?.message ?? error.message })
    }
  )

/**
 * The one text for a value of a setting, so that two that mean the same can be told.
 *
 * @category decoding
 * @since 0.1.0
 */
export const canonical = (key: string, text: string): Either.Either<string, SettingError> => {
  const field = fields.get(key)
  if (field === undefined) return Either.right(text)
  return Either.mapBoth(ParseResult.decodeUnknownEither(field)(text), {
    onLeft: (issue) => {
      const message = ParseResult.ArrayFormatter.formatIssueSync(issue)[0]?.message
      return new SettingError({ key, text, reason: message ?? "it is not taken" })
    },
    onRight: (value) => ParseResult.encodeSync(field)(value) ?? text
  })
}

/**
 * The canonical texts of settings by key, for comparing values and for showing them. Absent settings are missing.
 *
 * @category formatting
 * @since 0.1.0
 */
export const texts = (settings: Settings): ReadonlyMap<string, string> => {
  const encoded = new Map(Object.entries(Schema.encodeSync(Settings)(settings)))
  return new Map(fieldNames.flatMap((field, i) => {
    const key = spellings[i]?.key
    const text = encoded.get(field)
    return key === undefined || text === undefined ? [] : [[key, text]]
  }))
}

// ===== Internal

const fieldNames: ReadonlyArray<string> = Object.keys(Settings.fields)

const fields: ReadonlyMap<string, Schema.Schema<unknown, string | undefined>> = new Map(
  Object.values(Settings.fields).map(({ ast }, i) => [spellings[i]?.key ?? "", Schema.make(ast)])
)
