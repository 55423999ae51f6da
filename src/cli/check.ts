/**
 * The action `check`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Contradictions from "../config/Contradictions.ts"
import * as Given from "../config/Given.ts"
import * as Mistake from "../config/Mistake.ts"
import * as PolicyDoubts from "../config/PolicyDoubts.ts"
import * as ControlClient from "../control/ControlClient.ts"
import * as FilePath from "../process/FilePath.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import * as Configuration from "./Configuration.ts"
import * as Document from "./Document.ts"
import { Misuse } from "./Ending.ts"
import * as Findings from "./Findings.ts"
import { json } from "./JsonOption.ts"
import * as Paths from "./Paths.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] check
 *
 * Tells whether `start` would find everything as it has to be. Nothing is started or created, and no user become: files
 * are looked at with the rights of whoever runs this.
 *
 * @category commands
 * @since 0.1.0
 */
export const check = {
  name: "check",
  forms: [{
    synopsis: "check",
    summary: [
      "Check the configuration without starting anything.",
      "Exit status 0 if it is fine, 2 if not; what is doubtful is a warning."
    ]
  }],
  options: [json],
  examples: [
    { line: "zdaemon -C app.conf check", description: "before a start" },
    {
      line: "zdaemon -C app.conf check && zdaemon -C app.conf restart",
      description: "restart only with a configuration that is fine"
    }
  ],
  words: "none",
  command: Command.make(
    "check",
    { words: Words.any },
    Effect.fn("cli.check")(function*({ words }) {
      yield* Words.refuseOptions(words)
      if (words.length > 0) return yield* new Misuse({ reason: "check takes no arguments" })
      const configuration = yield* Configuration.examine
      const here = yield* FilePath.here
      const { errors, warnings } = yield* judge(configuration, here)
      yield* Effect.forEach(warnings, (warning) => StandardStreams.complain(`Warning: ${warning}`))
      yield* Answer.give(document, { schema: "zdaemon/check/1", isFine: errors.length === 0, errors, warnings })
      if (errors.length > 0) return yield* new Misuse({ reason: errors.join("\nError: ") })
      yield* StandardStreams.print("configuration OK")
    })
  )
} satisfies Action

/**
 * What `check --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const document = Document.make({
  name: "check",
  schema: () =>
    Schema.Struct({
      schema: Schema.Literal("zdaemon/check/1"),
      isFine: Schema.Boolean.annotations({ description: "whether start would find everything as it has to be" }),
      errors: Schema.Array(Schema.String).annotations({ description: "what is wrong, each with its place" }),
      warnings: Schema.Array(Schema.String).annotations({ description: "what is doubtful" })
    }).annotations({ title: "zdaemon check --json", description: "Whether a configuration can be started with" })
})

// ===== Internal

interface Judgement {
  readonly errors: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

const judge = Effect.fnUntraced(function*(configuration: Configuration.Configuration, here: string) {
  const { given, settings } = configuration
  const place = (key: string, reasons: ReadonlyArray<string>) => {
    const text = given.get(key)
    return reasons.map((reason) => text === undefined ? reason : Given.locate(text, reason))
  }
  const placed = (key: string, reasons: ReadonlyArray<string>): ReadonlyArray<Mistake.Mistake> =>
    reasons.map((reason) => ({ reason, place: Given.place(given.get(key)) }))
  const judgement: Judgement = {
    errors: Mistake.tell([
      ...configuration.mistakes,
      ...Configuration.noProgram(configuration),
      ...yield* Findings.ofPrograms(configuration, here),
      ...Option.toArray(Either.getLeft(yield* Effect.either(Findings.user(configuration)))),
      ...Paths.mistakes(configuration, here),
      ...placed("socket-name", judgeSocket(configuration, FilePath.resolve(here, settings.socketName))),
      ...placed("directory", judgeDirectory(configuration, here)),
      ...placed("", judgeFolders(configuration, here)),
      ...placed("transcript", judgeTranscript(configuration, here)),
      ...Findings.ofLogFiles(configuration, {
        isOpened: ({ path }) => !isLater(configuration, here, path),
        opener: openerOf(configuration)
      })
    ]),
    // What settings mean together is not known while one of them is wrong.
    warnings: configuration.mistakes.length > 0 ? [] : [
      ...Findings.openQuotes(configuration),
      ...yield* Findings.unreachableSyslogs(configuration, here),
      ...[...yield* PolicyDoubts.find(settings), ...Contradictions.find(settings)]
        .flatMap(({ key, reason }) => place(key, [reason]))
    ]
  }
  return judgement
})

const judgeSocket = (configuration: Configuration.Configuration, path: string): ReadonlyArray<string> => {
  const length = Buffer.byteLength(path)
  const limit = ControlClient.listenLimit(path)
  if (length > limit) return [`the path of the socket is ${length} bytes long, the limit is ${limit}`]
  const unusable = (reason: string) => new ControlClient.NoSocket({ path, reason }).message
  const found = FilePath.stat(path)
  if (found !== undefined) return found.isSocket() ? [] : [unusable("it is there and is not a socket")]
  return folderRefusals(configuration, FilePath.folder(path), "create in").map(unusable)
}

const judgeDirectory = (configuration: Configuration.Configuration, here: string): ReadonlyArray<string> => {
  const path = Paths.workingDirectory({ here, settings: configuration.settings })
  return path === undefined
    ? []
    : folderRefusals(configuration, path, "enter").map((reason) => `can't chdir into '${path}': ${reason}`)
}

/** Of a directory that is there, as far as it is this user who will use it. */
const folderRefusals = (
  configuration: Configuration.Configuration,
  path: string,
  use: "create in" | "enter"
): ReadonlyArray<string> =>
  FilePath.isDirectory(path) && openerOf(configuration) === undefined
    ? Option.toArray(FilePath.folderRefusal(path, use))
    : []

const runFolders = ({ settings }: Configuration.Configuration, here: string): ReadonlyArray<string> => [
  FilePath.folder(FilePath.resolve(here, settings.socketName)),
  ...Option.toArray(Option.fromNullable(Paths.workingDirectory({ here, settings })))
]

/** The run directories that are not there yet: they are created, one level, in what is there. */
const missingFolders = (configuration: Configuration.Configuration, here: string): ReadonlyArray<string> =>
  runFolders(configuration, here).filter((path) => !FilePath.exists(path))

const judgeFolders = (configuration: Configuration.Configuration, here: string): ReadonlyArray<string> => {
  const links = Arr.dedupe(
    runFolders(configuration, here).flatMap((path) => Option.toArray(FilePath.linkRefusal(path)))
  )
  return links.length > 0 ? links : missingFolders(configuration, here)
    .filter((path) => FilePath.isDirectory(FilePath.folder(path)))
    .flatMap((path) => refusals("can't create directory", path))
}

const refusals = (complaint: string, path: string, opener?: "another user"): ReadonlyArray<string> =>
  Option.toArray(FilePath.refusal(path, opener)).map((reason) => `${complaint}: ${reason}`)

/** Who opens the files of the manager, which becomes the user first. */
const openerOf = ({ settings }: Configuration.Configuration) =>
  Option.isSome(settings.user) ? "another user" : undefined

/** Whether a file is opened where nothing is yet, which has been judged. */
const isLater = (configuration: Configuration.Configuration, here: string, path: string): boolean =>
  missingFolders(configuration, here).includes(FilePath.folder(path))

const judgeTranscript = (configuration: Configuration.Configuration, here: string): ReadonlyArray<string> => {
  const { given, settings } = configuration
  const base = Paths.workingDirectory({ here, settings }) ?? here
  const path = FilePath.resolve(base, settings.transcript)
  const isJudged = !Paths.isCertain(configuration) || isLater(configuration, here, path) ||
    (!FilePath.isDirectory(FilePath.folder(path)) && given.get("transcript")?.origin._tag === "File")
  return !settings.daemon || isJudged ? [] : refusals("can't open transcript", path, openerOf(configuration))
}
