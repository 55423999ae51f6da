/**
 * The action `export`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Mistake from "../config/Mistake.ts"
import * as PolicySettings from "../config/PolicySettings.ts"
import * as Secret from "../config/Secret.ts"
import * as Settings from "../config/Settings.ts"
import * as Suggestion from "../config/Suggestion.ts"
import * as RestartPlan from "../policy/RestartPlan.ts"
import * as RestartRule from "../policy/RestartRule.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import * as ProgramFile from "../process/ProgramFile.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import type { Action } from "./Action.ts"
import * as Configuration from "./Configuration.ts"
import { Misuse } from "./Ending.ts"
import type { Exported } from "./Exported.ts"
import { Extension } from "./Extension.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] export systemd|kubernetes
 *
 * Nothing is started, created or asked: a manager that is up knows nothing of it.
 *
 * @category commands
 * @since 0.1.0
 */
export const exporting = {
  name: "export",
  forms: [
    { synopsis: "export systemd", summary: ["Print a unit with which systemd runs the program, without zdaemon."] },
    { synopsis: "export kubernetes", summary: ["Print a manifest with which Kubernetes runs the program."] }
  ],
  options: [],
  examples: [
    { line: "zdaemon -C app.conf export systemd > app.service", description: "and read the comments in it" },
    { line: "zdaemon -C app.conf export kubernetes > app.yaml", description: "and fill in the image" }
  ],
  words: ["systemd", "kubernetes"],
  command: Command.make(
    "export",
    { words: Words.any },
    Effect.fn("cli.export")(function*({ words }) {
      switch (words.join(" ").replace(/^--/, "")) {
        case "systemd":
          return yield* systemd
        case "kubernetes":
          return yield* kubernetes
        default:
          return yield* Misuse.fromUsage({
            reason: "export argument must be systemd or kubernetes",
            nearest: Suggestion.find(words.join(" ").replace(/^--/, ""), ["systemd", "kubernetes"])
          })
      }
    })
  )
} satisfies Action

// ===== Internal

const load = Effect.promise(() => import("./Exports.ts"))

const systemd = Effect.gen(function*() {
  const configured = yield* read
  const exported = {
    ...configured,
    file: yield* locate(configured, configured.file),
    startTest: yield* Effect.transposeMapOption(
      Option.fromNullable(configured.startTest),
      ([file = "", ...rest]) => Effect.map(locate(configured, file), (file) => [file, ...rest])
    ).pipe(Effect.map(Option.getOrUndefined))
  }
  const Unit = (yield* load).systemd
  for (const path of [exported.directory, exported.transcript ?? "/"]) {
    if (!Unit.isPlainPath(path)) return yield* new Misuse({ reason: `systemd cannot take the path '${path}'` })
  }
  yield* StandardStreams.write(Unit.render(exported))
})

/** What is in the image cannot be looked at. */
const kubernetes = Effect.gen(function*() {
  const exported = yield* read
  const Manifest = (yield* load).kubernetes
  const { writeYaml } = yield* Effect.promise(() => import("../process/ConfigFormats.ts"))
  const { comment, document } = Manifest.make(exported)
  yield* StandardStreams.write(writeYaml(document, comment))
})

const read: Effect.Effect<Exported, Misuse, Command.Command.Context<"zdaemon">> = Effect.gen(function*() {
  const configuration = yield* Configuration.load
  const { environment, eventLog, file, given, settings } = configuration
  const words = Option.getOrElse(settings.program, () => [])
  const [first] = words
  if (first === undefined) {
    return yield* new Misuse({ reason: Mistake.tell(Configuration.noProgram(configuration)).join("") })
  }
  const here = yield* FilePath.here
  const directory = FilePath.resolve(here, Option.getOrElse(settings.directory, () => here))
  const texts = Settings.texts(settings)
  const plan = PolicySettings.plan(settings)
  return {
    command: (yield* Extension).name,
    name: FilePath.stem(Option.getOrElse(file, () => first)),
    origin: Option.getOrElse(file, () => "the command line"),
    words,
    file: first,
    startTest: Option.getOrUndefined(Option.filter(settings.startTestProgram, (words) => words.length > 0)),
    directory,
    transcript: given.has("transcript") ? FilePath.resolve(directory, settings.transcript) : undefined,
    given: new Map(Array.from(given, ([key, { text }]) => [key, texts.get(key) ?? ownText(key, text)])),
    limit: limitOf(plan),
    finalEnds: finalEnds(plan),
    otherRules: plan.rules.filter((rule) => !isFinal(rule)).map(RestartRule.render),
    environment,
    isSecret: Secret.isSecret,
    hasEventLog: eventLog !== undefined,
    settings: {
      ...settings,
      user: Option.getOrUndefined(settings.user),
      umask: texts.get("umask") ?? "022"
    }
  }
})

/** The text of a setting that somebody else's command adds, of which nobody but that command knows whether it is a secret. */
const ownText = (key: string, text: string): string => Secret.redact([`--${key}`, text])[1] ?? ""

/** A row of quick ends is over in the time of as many quick runs, each with the second before the next start. */
const limitOf = ({ limit, resetAfter }: RestartPlan.RestartPlan): Exported["limit"] => {
  switch (limit._tag) {
    case "Never":
      return undefined
    case "InARow": {
      const longest = Option.match(resetAfter, { onNone: () => Infinity, onSome: Duration.toSeconds })
      return { count: limit.count, within: limit.count * (longest + 1), longest }
    }
    case "Within":
      return { count: limit.count, within: Duration.toSeconds(limit.window), longest: undefined }
  }
}

/** What no process can exit with is left out. The first rule for an end holds, and else `exit-codes`, where -1 stands for every signal. */
const finalEnds = ({ exitCodes, rules }: RestartPlan.RestartPlan): Exported["finalEnds"] => {
  const ends = [
    ...exitCodes.filter((code) => code >= 0 && code <= 255),
    ...rules.flatMap(endsOf),
    ...(exitCodes.includes(-1) ? fatal : [])
  ]
  const deciding = rules.filter(RestartPlan.decides)
  return Arr.dedupe(ends).filter((end) => {
    const rule = deciding.find((rule) => endsOf(rule).includes(end))
    return rule === undefined ? exitCodes.includes(typeof end === "number" ? end : -1) : isFinal(rule)
  })
}

const endsOf = ({ ending }: RestartRule.RestartRule): ReadonlyArray<number | string> =>
  ending._tag === "Exited" ? ending.codes : ending.signals

const isFinal = ({ reaction }: RestartRule.RestartRule): boolean => reaction._tag === "Stop" || reaction._tag === "Stay"

const fatal = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ".split(" ")
  .map((name) => `SIG${name}`)

/** The file that zdaemon would execute. */
const locate = Effect.fnUntraced(
  function*({ directory, environment }: Exported, word: string) {
    const own = Record.filterMap(yield* Daemon.environment, Option.fromNullable)
    return yield* ProgramFile.find(word, {
      here: yield* FilePath.here,
      directory,
      path: environment.get("PATH") ?? own["PATH"]
    })
  },
  Effect.catchTag("ProgramError", ({ message }) => new Misuse({ reason: message }))
)
