/**
 * What every action that has to do with a program begins with: the settings decoded, the run directories there, the user
 * become, and everything that the manager will be handed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Datatypes from "../config/Datatypes.ts"
import type { EventLogSettings } from "../config/EventLogSettings.ts"
import * as Given from "../config/Given.ts"
import type { Handover, TranscriptOrders } from "../config/Handover.ts"
import * as Mistake from "../config/Mistake.ts"
import * as PolicySettings from "../config/PolicySettings.ts"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Secret from "../config/Secret.ts"
import * as Settings from "../config/Settings.ts"
import type { Status } from "../control/ControlProtocol.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import * as ProgramFile from "../process/ProgramFile.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as StatePath from "../process/StatePath.ts"
import * as User from "../process/User.ts"
import * as Configuration from "./Configuration.ts"
import { Failure, Misuse } from "./Ending.ts"
import * as Findings from "./Findings.ts"
import * as Paths from "./Paths.ts"

/**
 * The settings of an invocation. `words` are those of the program, `socket` is absolute, `here` is where the operator
 * is, `environment` is that of the program, whole, and `hangsAround` is what key `hang-around` says. `own`
 * are the texts of the settings that somebody else's command adds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Session {
  readonly settings: Settings.Settings
  readonly words: ReadonlyArray<string>
  readonly socket: string
  readonly here: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly eventLog: EventLogSettings | undefined
  readonly own: ReadonlyMap<string, string>
  readonly hangsAround: boolean
  readonly configuration: Configuration.Configuration
}

/**
 * Opens the session: reads the configuration, checks what it names, creates the run directories and becomes the user, in
 * this order. All that is wrong is told together.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = Effect.gen(function*() {
  const configuration = yield* Configuration.find
  const { environment, eventLog, legacy, own, settings } = configuration
  const words = Option.getOrElse(settings.program, () => [])
  const here = yield* FilePath.here
  const session: Session = {
    settings,
    words,
    socket: FilePath.resolve(here, settings.socketName),
    here,
    environment: { ...(yield* Daemon.environment), ...Object.fromEntries(environment) },
    eventLog,
    own,
    hangsAround: Either.getOrElse(Datatypes.boolean(legacy.get("hang-around")?.text ?? "off"), () => false),
    configuration
  }
  // Where there is a socket there is, or was, a manager: somebody wants to stop it, or to know why it is in trouble.
  const isNew = !FilePath.exists(session.socket)
  const user = yield* Effect.either(Findings.user(configuration))
  const wrongPaths = Paths.mistakes(configuration, here)
  const mistakes = [
    ...configuration.mistakes,
    ...Configuration.noProgram(configuration),
    ...Option.toArray(Either.getLeft(user)),
    ...(isNew ? wrongPaths : [])
  ]
  if (mistakes.length > 0) {
    yield* Configuration.refuse([...mistakes, ...(isNew ? yield* Findings.ofPrograms(configuration, here) : [])])
  }
  const heir = Either.getOrElse(user, () => Option.none<User.User>())
  if (wrongPaths.length === 0) {
    for (const path of [FilePath.folder(session.socket), Paths.workingDirectory(session)]) {
      if (path !== undefined) yield* FilePath.createDirectory(path, Option.getOrUndefined(heir))
    }
  }
  if (Option.isSome(heir)) yield* User.become(heir.value)
  return session
}).pipe(
  Effect.catchTags({
    UserError: ({ message }) => new Misuse({ reason: message }),
    PathError: ({ message }) => new Misuse({ reason: message })
  })
)

/**
 * The file of a program is not found, or cannot be executed. The reason has its place.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProgramUnusable extends Data.TaggedError("ProgramUnusable")<{ readonly reason: string }> {}

/**
 * The program with further words, and the file of it.
 *
 * @category getters
 * @since 0.1.0
 */
export const program = (session: Session, words: ReadonlyArray<string>) =>
  locate(session, "program", [...session.words, ...words])

/**
 * Everything that a manager needs, resolved: the original's meaning of each relative path is kept, that is the starting
 * directory for the socket, and `directory` for the transcript.
 *
 * @category getters
 * @since 0.1.0
 */
export const handover = Effect.fnUntraced(function*(session: Session, words: ReadonlyArray<string>) {
  const { configuration, here, settings, socket } = session
  const wrongPaths = Paths.mistakes(configuration, here)
  const wrongPrograms = yield* Findings.ofPrograms(configuration, here)
  if (wrongPaths.length > 0) yield* Configuration.refuse([...wrongPaths, ...wrongPrograms])
  if (wrongPrograms.length > 0) return yield* new ProgramUnusable({ reason: told(wrongPrograms) })
  const directory = Paths.workingDirectory(session)
  const startTest = Option.filter(settings.startTestProgram, (words) => words.length > 0)
  const orders: Handover = {
    program: yield* program(session, words),
    environment: Object.fromEntries(
      Object.entries(session.environment).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const]
      )
    ),
    ...(Option.isSome(startTest) ? { startTest: yield* locate(session, "start-test-program", startTest.value) } : {}),
    socket,
    daemon: settings.daemon,
    ...(directory === undefined ? {} : { directory }),
    umask: settings.umask,
    transcript: transcript(session),
    transcribing: transcribing(session),
    policy: PolicySettings.plan(settings),
    backoffLimit: settings.backoffLimit,
    stopTimeout: settings.stopTimeout,
    killMode: settings.killMode,
    ...(session.own.size === 0 ? {} : { own: Object.fromEntries(session.own) }),
    ...(session.hangsAround ? { hangAround: true } : {}),
    ...Option.match(runHistory(session), {
      onNone: () => ({}),
      onSome: (path) => ({ history: { path, settings: textsOf(settings) } })
    }),
    ...(session.eventLog === undefined ? {} : { eventLog: session.eventLog })
  }
  const unopened = Findings.ofLogFiles(configuration, { isOpened: ({ delay }) => !delay })
  if (unopened.length > 0) {
    // What is said when it is the manager that fails.
    if (settings.daemon) yield* StandardStreams.print("\ndaemon manager not running")
    return yield* new Failure({ reason: told(unopened), code: 1 })
  }
  return orders
})

/**
 * The folder of the run history, unless none is to be kept.
 *
 * @category getters
 * @since 0.1.0
 */
export const runHistory = ({ here, settings, socket }: Session): Option.Option<string> =>
  Option.contains(settings.runHistory, "off")
    ? Option.none()
    : Option.some(StatePath.runHistory(socket, Option.map(settings.runHistory, (path) => FilePath.resolve(here, path))))

/**
 * Warns of quotes that do not end, for an action that runs the program.
 *
 * @category running
 * @since 0.1.0
 */
export const warnOfQuotes = ({ configuration }: Session): Effect.Effect<void> =>
  warn(Findings.openQuotes(configuration))

/**
 * Warns of a syslog that cannot be reached, before a manager is started.
 *
 * @category running
 * @since 0.1.0
 */
export const warnOfSyslogs: (session: Session) => Effect.Effect<void> = Effect.fnUntraced(
  function*({ configuration, here, settings }) {
    // With `daemon off` an interactive session has a process of its own become the manager, which says it.
    if (!settings.daemon && Option.isSome(yield* Configuration.Kept)) return
    yield* warn(yield* Findings.unreachableSyslogs(configuration, here))
  }
)

/**
 * Says so when a manager looks after another program than ours: its words do not begin with ours.
 *
 * @category running
 * @since 0.1.0
 */
export const warnOfStranger = (session: Session, status: Status): Effect.Effect<void> =>
  session.words.every((word, i) => status.words[i] === word) ? Effect.void : StandardStreams.write(
    `WARNING! zdrun is managing a different program!\nour program   = ${PythonLiteral.reprList(session.words)}\n` +
      `daemon's args = ${PythonLiteral.reprList(status.words)}\n`
  )

/**
 * The file of the transcript, absolute.
 *
 * @category getters
 * @since 0.1.0
 */
export const transcript = (session: Pick<Session, "here" | "settings">): string =>
  FilePath.resolve(Paths.workingDirectory(session) ?? session.here, session.settings.transcript)

// ===== Internal

const told = (mistakes: ReadonlyArray<Mistake.Mistake>): string => Mistake.tell(mistakes).join("\nError: ")

const warn = (warnings: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(warnings, (warning) => StandardStreams.complain(`Warning: ${warning}`), { discard: true })

const transcribing = (session: Session): typeof TranscriptOrders.Type => {
  const { settings } = session
  const stderr = Option.map(
    settings.transcriptStderr,
    (path) => FilePath.resolve(Paths.workingDirectory(session) ?? session.here, path)
  )
  const hasLimit = settings.transcriptMaxSize > 0 || settings.transcriptMaxAge > 0
  return {
    // One file has one writer.
    ...Option.match(Option.filter(stderr, (path) => path !== transcript(session)), {
      onNone: () => ({}),
      onSome: (stderr) => ({ stderr })
    }),
    onError: settings.transcriptOnError,
    timestamps: settings.transcriptTimestamps,
    marks: settings.transcriptMarks,
    ...(hasLimit
      ? {
        rotation: {
          maxSize: settings.transcriptMaxSize,
          maxAge: settings.transcriptMaxAge,
          keep: Option.getOrElse(settings.transcriptKeep, () => keptFiles),
          compress: settings.transcriptCompress
        }
      }
      : {})
  }
}

const keptFiles = 10

const locate = Effect.fnUntraced(
  function*(session: Session, key: string, words: ReadonlyArray<string>) {
    const file = yield* ProgramFile.find(words[0] ?? "", {
      here: session.here,
      directory: Paths.workingDirectory(session),
      path: session.environment["PATH"]
    }).pipe(
      Effect.mapError(({ message }) => {
        const place = Given.place(session.configuration.given.get(key))
        return new ProgramUnusable({ reason: Mistake.message({ reason: message, place }) })
      })
    )
    return { file, words }
  }
)

/** What the settings say, without secrets, and but for the program, which is told apart. */
const textsOf = (settings: Settings.Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(Settings.texts({
    ...settings,
    program: Option.none(),
    startTestProgram: Option.map(settings.startTestProgram, Secret.redact)
  }))
