/**
 * The configuration of an invocation: what its options say over what its file says.
 *
 * @since 0.1.0
 */
import type * as Command from "@effect/cli/Command"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as ConfigDocument from "../config/ConfigDocument.ts"
import * as ConfigDocumentTree from "../config/ConfigDocumentTree.ts"
import * as ConfigFile from "../config/ConfigFile.ts"
import * as ConfigSection from "../config/ConfigSection.ts"
import type { EventLogSettings } from "../config/EventLogSettings.ts"
import * as FileUrl from "../config/FileUrl.ts"
import * as Given from "../config/Given.ts"
import * as Mistake from "../config/Mistake.ts"
import * as Override from "../config/Override.ts"
import type { OwnSetting } from "../config/OwnSetting.ts"
import * as Settings from "../config/Settings.ts"
import * as ZConfig from "../config/ZConfig.ts"
import * as ConfigText from "../process/ConfigText.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import { Misuse } from "./Ending.ts"
import { Extension } from "./Extension.ts"
import { zdaemon } from "./zdaemon.ts"

/**
 * A configuration.
 *
 * - `given`: the texts of the settings that somebody gives, by key; `settings`: all of them decoded.
 * - `own`: the texts of the settings that somebody else's command adds, by key; each has one.
 * - `file`: the configuration file, an absolute path.
 * - `legacy`: keys of the file that are no settings of the program, by key.
 * - `environment`: what is put into the environment, beside what is there.
 * - `environmentPlaces`, `eventLogPlaces`: where these stand.
 * - `mistakes`: what is wrong with the file. What they are about is left out of all the others.
 *
 * @category models
 * @since 0.1.0
 */
export interface Configuration {
  readonly given: ReadonlyMap<string, Given.Given>
  readonly settings: Settings.Settings
  readonly own: ReadonlyMap<string, string>
  readonly file: Option.Option<string>
  readonly legacy: ReadonlyMap<string, Given.Given>
  readonly environment: ReadonlyMap<string, string>
  readonly eventLog: EventLogSettings | undefined
  readonly environmentPlaces: ConfigFile.Configuration["environmentPlaces"]
  readonly eventLogPlaces: ConfigFile.Configuration["eventLogPlaces"]
  readonly mistakes: ReadonlyArray<Mistake.Mistake>
}

/**
 * Where a configuration is kept once it has been loaded, so that it holds for several actions; nowhere by default.
 *
 * @category services
 * @since 0.1.0
 */
export class Kept extends Context.Reference<Kept>()("zdaemon/cli/Configuration/Kept", {
  defaultValue: (): Option.Option<Ref.Ref<Option.Option<Configuration>>> => Option.none()
}) {}

/**
 * Reads the configuration, mistakes in the file and all, unless its lines cannot be read. No path of it is looked at yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const examine: Effect.Effect<Configuration, Misuse, Command.Command.Context<"zdaemon">> = Effect.gen(
  function*() {
    const { configure, override, schema, settings: options } = yield* zdaemon
    const { settings: added } = yield* Extension
    const here = yield* FilePath.here
    const file = yield* Effect.transposeMapOption(configure, (name) => locate(here, name))
    if (Option.isSome(file) && Option.isSome(schema)) yield* lookForSchema(here, schema.value)
    const { configuration: contents, mistakes } = yield* Option.match(file, {
      onNone: () => Effect.succeed({ configuration: nothing, mistakes: [] }),
      onSome: (path) => readFile(path, here, override, added)
    })
    const given = Given.merge(
      placed(new Map([...contents.settings, ...contents.own])),
      new Map(options)
    )
    const texts = new Map(Array.from(given, ([key, { text }]) => [key, text]))
    const settings = yield* Either.mapLeft(Settings.decode(texts), (error) => new Misuse({ reason: error.message }))
    return {
      given,
      settings,
      own: new Map(added.map(({ fallback, key }) => [key, texts.get(key) ?? fallback])),
      file,
      legacy: placed(contents.legacy),
      environment: contents.environment,
      eventLog: contents.eventLog,
      environmentPlaces: contents.environmentPlaces,
      eventLogPlaces: contents.eventLogPlaces,
      mistakes
    }
  }
)

/**
 * The configuration that is kept, or else {@link examine}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const find: Effect.Effect<Configuration, Misuse, Command.Command.Context<"zdaemon">> = Effect.gen(function*() {
  const kept = yield* Kept
  if (Option.isNone(kept)) return yield* examine
  const before = yield* Ref.get(kept.value)
  if (Option.isSome(before)) return before.value
  const configuration = yield* examine
  if (configuration.mistakes.length === 0) yield* Ref.set(kept.value, Option.some(configuration))
  return configuration
})

/**
 * The configuration. Every mistake in the file is told, each with its line.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load: Effect.Effect<Configuration, Misuse, Command.Command.Context<"zdaemon">> = Effect.tap(
  find,
  ({ mistakes }) => refuse(mistakes)
)

/**
 * Reads another configuration file, whatever the options of the invocation say.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readOther = (file: string): Effect.Effect<Configuration, Misuse> =>
  Effect.provideService(Effect.tap(examine, ({ mistakes }) => refuse(mistakes)), zdaemon.tag, {
    configure: Option.some(file),
    override: [],
    schema: Option.none(),
    settings: []
  })

/**
 * That there is no program, and where the setting stands that names none, unless a mistake in the file says it.
 *
 * @category judging
 * @since 0.1.0
 */
export const noProgram = ({ given, mistakes, settings }: Configuration): ReadonlyArray<Mistake.Mistake> => {
  const program = given.get("program")
  return Option.exists(settings.program, (words) => words.length > 0) || (program === undefined && mistakes.length > 0)
    ? []
    : [{ reason: "no program specified; use -p or -C", place: Given.place(program) }]
}

/**
 * Refuses to go on when there are mistakes, which are told.
 *
 * @category judging
 * @since 0.1.0
 */
export const refuse = (mistakes: ReadonlyArray<Mistake.Mistake>): Effect.Effect<void, Misuse> =>
  mistakes.length === 0 ? Effect.void : new Misuse({ reason: Mistake.tell(mistakes).join("\nError: ") })

// ===== Internal

const nothing: ConfigFile.Configuration = {
  settings: new Map(),
  own: new Map(),
  legacy: new Map(),
  environment: new Map(),
  environmentPlaces: new Map(),
  eventLog: undefined,
  eventLogPlaces: undefined
}

const placed = (texts: ReadonlyMap<string, ConfigFile.PlacedText>): ReadonlyMap<string, Given.Given> =>
  new Map(Array.from(texts, ([key, { place, text }]) => [key, { text, origin: Given.Origin.File({ place }) }]))

/** The original's schemas are files of its Python package, which is not here. Another one has to be there. */
const lookForSchema = (here: string, name: string): Effect.Effect<void, Misuse> =>
  name === "schema.xml" || name === "component.xml"
    ? Effect.void
    : Effect.mapError(ConfigText.read(FilePath.resolve(here, name)), (reason) => new Misuse({ reason }))

/** A plain path is taken as it is; a URL must be one of a file. */
const locate = (here: string, name: string): Effect.Effect<string, Misuse> =>
  /^[a-zA-Z][-+.a-zA-Z0-9]*:/.test(name)
    ? Either.mapLeft(FileUrl.resolve(`${here}/-`, name), (reason) => new Misuse({ reason }))
    : Effect.succeed(FilePath.resolve(here, name))

const readFile = Effect.fnUntraced(function*(
  path: string,
  here: string,
  specifiers: ReadonlyArray<string>,
  own: ReadonlyArray<OwnSetting>
) {
  const overrides = yield* Either.mapLeft(Override.parse(specifiers), ({ message }) => new Misuse({ reason: message }))
  const text = yield* Effect.mapError(ConfigText.read(path), (reason) => new Misuse({ reason }))
  const format = ConfigDocument.formatOf(path)
  const { isReadable, mistakes, root } = yield* format === undefined
    ? readZConfig(path, text)
    : readDocument(path, text, format, own)
  if (!isReadable) yield* refuse(mistakes)
  const overridden = yield* Either.mapLeft(
    Override.apply(root, overrides, ConfigSection.keyOf),
    ({ message }) => new Misuse({ reason: message })
  )
  const decoded = ConfigFile.decode(overridden, { directory: here, own })
  return { configuration: decoded.configuration, mistakes: [...mistakes, ...decoded.mistakes] }
})

const mostIncludes = 1000

const readZConfig = Effect.fnUntraced(function*(path: string, text: string) {
  const variables = Object.entries(yield* Daemon.environment)
  let includes = 0
  return yield* ZConfig.parse({ file: path, text }, {
    environment: new Map(variables.flatMap(([name, value]) => value === undefined ? [] : [[name, value]])),
    include: (path) =>
      ++includes > mostIncludes
        ? Effect.fail(`more than ${mostIncludes} files are included`)
        : ConfigText.read(path)
  })
})

const readDocument = Effect.fnUntraced(function*(
  path: string,
  text: string,
  format: ConfigDocument.Format,
  own: ReadonlyArray<OwnSetting>
) {
  const { parse } = yield* Effect.promise(() => import("../process/ConfigFormats.ts"))
  return ConfigDocumentTree.make(parse(format, text), path, own)
})
