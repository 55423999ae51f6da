/**
 * Every setting of zdaemon in one table: its key, its spelling on the command line, its type, the Schema of its text, its
 * default and what it means.
 *
 * A setting is text wherever an operator writes it (an option, a key of a configuration file), so each field decodes
 * from text and the two sources cannot drift apart. The command line's help, its options and the reference are made from
 * the table.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as RestartRule from "../policy/RestartRule.ts"
import { optional, read, required, type SettingError, type Spelling, write } from "./Setting.ts"
import * as SettingText from "./SettingText.ts"
import * as ValueType from "./ValueType.ts"

/**
 * Every setting by its field in {@link Settings}.
 *
 * @category schemas
 * @since 0.1.0
 */
export const table = {
  program: optional(() => SettingText.Command, {
    key: "program",
    short: "p",
    type: ValueType.command,
    value: "PROGRAM",
    description: "the program to run, with its arguments; 'a b', \"a b\" and a\\ b quote"
  }),
  socketName: required(() => SettingText.Path, "zdsock", {
    key: "socket-name",
    short: "s",
    type: ValueType.path,
    value: "SOCKET",
    fallback: "zdsock",
    description: "Unix socket for communication with the daemon manager"
  }),
  daemon: required(() => SettingText.Flag, true, {
    key: "daemon",
    short: "d",
    type: ValueType.flag,
    fallback: "on",
    description: "run the program in the background, as a daemon"
  }),
  directory: optional(() => SettingText.Path, {
    key: "directory",
    short: "z",
    type: ValueType.path,
    value: "DIRECTORY",
    description: "directory to change to when daemonizing"
  }),
  backoffLimit: required(() => SettingText.Natural, 10, {
    key: "backoff-limit",
    short: "b",
    type: ValueType.natural,
    value: "SECONDS",
    fallback: "10",
    description: "longest wait before a restart, and how many quick ends in a row are too many"
  }),
  forever: required(() => SettingText.Flag, false, {
    key: "forever",
    short: "f",
    type: ValueType.flag,
    fallback: "off",
    description: "keep restarting for ever"
  }),
  backoff: required(() => SettingText.choice("constant", "linear", "exponential", "fibonacci"), "linear", {
    key: "backoff",
    type: ValueType.choice("constant", "linear", "exponential", "fibonacci"),
    value: "KIND",
    fallback: "linear",
    description: "how the waits before restarts grow from one quick end to the next"
  }),
  backoffBase: required(() => SettingText.Wait, Duration.seconds(1), {
    key: "backoff-base",
    type: ValueType.span,
    value: "SECONDS",
    fallback: "1s",
    description: "the first wait, and what a linear backoff adds each time; at least 10ms"
  }),
  backoffFactor: required(() => SettingText.Factor, 2, {
    key: "backoff-factor",
    type: ValueType.number,
    value: "NUMBER",
    fallback: "2",
    description: "what an exponential backoff multiplies the wait by each time"
  }),
  backoffJitter: required(() => SettingText.Part, 0, {
    key: "backoff-jitter",
    type: ValueType.part,
    value: "PART",
    fallback: "0",
    description: "the part of each wait, up to which it is shortened at random"
  }),
  resetAfter: optional(() => SettingText.Reset, {
    key: "reset-after",
    type: ValueType.spanOr("never"),
    value: "SECONDS",
    description:
      "how long a run must last to be no quick end; backoff-limit without it, and never for every end is quick"
  }),
  giveUpAfter: optional(() => SettingText.GiveUpAfter, {
    key: "give-up-after",
    type: ValueType.limit,
    value: "LIMIT",
    description: "how many quick ends in a row, or ends in a time (5 in 10m), are too many; backoff-limit without it"
  }),
  giveUp: required(() => SettingText.GiveUp, { _tag: "Exit" }, {
    key: "give-up",
    type: ValueType.surrender,
    value: "WHAT",
    fallback: "exit",
    description: "what giving up means: exit, stay (the manager stays, the program is down), or retry after 10m"
  }),
  onExit: required(() => SettingText.rules(RestartRule.onExit), [], {
    key: "on-exit",
    type: ValueType.rule("^[0-9]"),
    value: "RULE",
    fallback: "",
    isRepeatable: true,
    description: "what follows exit statuses: 75 after 60s, 75 at most 3 in 1h, 0,2 stop, 3 stay"
  }),
  onSignal: required(() => SettingText.rules(RestartRule.onSignal), [], {
    key: "on-signal",
    type: ValueType.rule("^[A-Za-z]"),
    value: "RULE",
    fallback: "",
    isRepeatable: true,
    description: "what follows deaths by signals: SEGV at most 3 in 1h, HUP after 1s, TERM,INT stop, KILL stay"
  }),
  exitCodes: required(() => SettingText.ExitCodes, [0, 2], {
    key: "exit-codes",
    short: "x",
    type: ValueType.exitCodes,
    value: "LIST",
    fallback: "0,2",
    description: "exit codes after which the program is not restarted"
  }),
  startTimeout: required(() => SettingText.Seconds, 300, {
    key: "start-timeout",
    short: "T",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "300",
    description: "how long start and restart wait for the program to be up"
  }),
  startGrace: required(() => SettingText.FractionalSeconds, 1, {
    key: "start-grace",
    type: ValueType.fractionalSeconds,
    value: "SECONDS",
    fallback: "1",
    description: "how long a program must have run for its start to count, where no start test says so"
  }),
  startTestProgram: optional(() => SettingText.Command, {
    key: "start-test-program",
    type: ValueType.command,
    value: "PROGRAM",
    description: "program that exits with 0 once the started program is up; run once a second until it does"
  }),
  stopTimeout: required(() => SettingText.Seconds, 300, {
    key: "stop-timeout",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "300",
    description: "time between SIGTERM and SIGKILL when stopping; 0 never kills"
  }),
  killMode: required(() => SettingText.oneOf("group", "process"), "group", {
    key: "kill-mode",
    type: ValueType.choice("group", "process"),
    value: "MODE",
    fallback: "group",
    description:
      "group: what the program leaves behind in its process group is ended as well; process: it is left alone"
  }),
  user: optional(() => Schema.String, {
    key: "user",
    short: "u",
    type: ValueType.word,
    value: "USER",
    description: "run as USER (name or numeric id) when started by root"
  }),
  umask: required(() => SettingText.Octal, 0o022, {
    key: "umask",
    short: "m",
    type: ValueType.octal,
    value: "UMASK",
    fallback: "022",
    description: "octal umask of the program"
  }),
  logfile: optional(() => Schema.String, {
    key: "logfile",
    short: "l",
    type: ValueType.path,
    value: "LOGFILE",
    description: "log file that logtail shows"
  }),
  transcript: required(() => SettingText.Path, "/dev/null", {
    key: "transcript",
    short: "t",
    type: ValueType.path,
    value: "TRANSCRIPT",
    fallback: "/dev/null",
    description: "file that the program's output is appended to"
  }),
  transcriptStderr: optional(() => SettingText.Path, {
    key: "transcript-stderr",
    type: ValueType.path,
    value: "TRANSCRIPT",
    description: "file that the program's standard error is appended to, apart from its standard output"
  }),
  transcriptOnError: required(() => SettingText.oneOf("block", "drop"), "block", {
    key: "transcript-on-error",
    type: ValueType.choice("block", "drop"),
    value: "MODE",
    fallback: "block",
    description:
      "while the transcript cannot be written, block: output waits, and the program with it; drop: it is dropped and counted"
  }),
  transcriptMaxSize: required(() => SettingText.Size, 0, {
    key: "transcript-max-size",
    type: ValueType.byteSize,
    value: "BYTES",
    fallback: "0",
    description: "size at which the transcript is rotated; 0 for any"
  }),
  transcriptMaxAge: required(() => SettingText.Seconds, 0, {
    key: "transcript-max-age",
    type: ValueType.seconds,
    value: "SECONDS",
    fallback: "0",
    description: "age at which the transcript is rotated, at the next output; 0 for any"
  }),
  transcriptKeep: optional(() => SettingText.Natural, {
    key: "transcript-keep",
    type: ValueType.natural,
    value: "FILES",
    description: "how many old files of a rotated transcript are kept; 10 when nothing is said"
  }),
  transcriptCompress: required(() => SettingText.Flag, false, {
    key: "transcript-compress",
    type: ValueType.flag,
    fallback: "off",
    description: "compress the old files of a rotated transcript with gzip"
  }),
  transcriptTimestamps: required(() => SettingText.oneOf("off", "iso", "unix"), "off", {
    key: "transcript-timestamps",
    type: ValueType.choice("off", "iso", "unix"),
    value: "FORMAT",
    fallback: "off",
    description: "time in front of each line of the transcript: iso, in UTC, or unix, the seconds since 1970"
  }),
  transcriptMarks: required(() => SettingText.Flag, false, {
    key: "transcript-marks",
    type: ValueType.flag,
    fallback: "off",
    description: "write a line into the transcript when the program starts and when it ends"
  }),
  runHistory: optional(() => SettingText.Path, {
    key: "run-history",
    type: ValueType.path,
    value: "DIRECTORY",
    description: "directory for the history and the crash reports, off for none; the user's state directory by default"
  })
}

/**
 * The settings of one program, decoded.
 *
 * Times are in seconds; in the texts of `start-timeout`, `stop-timeout`, `start-grace` and `transcript-max-age` one suffix
 * may follow: `30s`, `5m`, `1h`, `2d`. Sizes are in bytes, with the suffixes `KB`, `MB` and `GB`. A path is as the operator wrote it; whoever uses one resolves it first, since what it is
 * relative to differs (see the manual).
 *
 * @category models
 * @since 0.1.0
 */
export type Settings = { readonly [Field in keyof typeof table]: (typeof table)[Field]["otherwise"] }

/**
 * The spelling of every setting, in the order of {@link table}.
 *
 * @category models
 * @since 0.1.0
 */
export const spellings: ReadonlyArray<Spelling> = Object.values(table)

/**
 * Decodes settings from their texts by key; what is missing has its default.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (texts: ReadonlyMap<string, string>): Either.Either<Settings, SettingError> =>
  Either.map(
    Either.all(
      Object.entries(table).map(([field, setting]) => {
        const text = texts.get(setting.key)
        return Either.map(
          text === undefined ? Either.right(setting.otherwise) : read(setting, text),
          (value) => [field, value] as const
        )
      })
    ),
    (fields) => Option.getOrThrow(Option.liftPredicate(isWhole)(Object.fromEntries(fields)))
  )

/**
 * The one text for a value of a setting, so that two that mean the same can be told.
 *
 * @category decoding
 * @since 0.1.0
 */
export const canonical = (key: string, text: string): Either.Either<string, SettingError> => {
  const setting = Object.values(table).find((setting) => setting.key === key)
  if (setting === undefined) return Either.right(text)
  return Either.map(read(setting, text), (value) => write(setting, value) ?? text)
}

/**
 * The canonical texts of settings by key, for comparing values and for showing them. Absent settings are missing.
 *
 * @category formatting
 * @since 0.1.0
 */
export const texts = (settings: Settings): ReadonlyMap<string, string> => {
  const values = new Map<string, unknown>(Object.entries(settings))
  return new Map(
    Object.entries(table).flatMap(([field, setting]) => {
      const text = write(setting, values.get(field))
      return text === undefined ? [] : [[setting.key, text]]
    })
  )
}

// ===== Internal

const isWhole = (fields: object): fields is Settings => Object.keys(table).every((field) => field in fields)
