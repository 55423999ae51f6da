/**
 * What a configuration file says: the tree of its sections and keys in, checked settings out.
 *
 * Everything that can be said without looking at the system is checked here. Left for the caller are the paths: that of
 * `socket-name`, `directory`, `logfile` and `transcript`, and of the legacy keys `python` and `zdrun`, which must exist.
 * A tree is read after the overrides of the command line are in it.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Order from "effect/Order"
import * as ConfigSchema from "./ConfigSchema.ts"
import * as ConfigSection from "./ConfigSection.ts"
import type * as Datatypes from "./Datatypes.ts"
import * as EventLogSection from "./EventLogSection.ts"
import type * as EventLogSettings from "./EventLogSettings.ts"
import * as FileUrl from "./FileUrl.ts"
import * as OwnSetting from "./OwnSetting.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as Settings from "./Settings.ts"
import * as Suggestion from "./Suggestion.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * A value as it stands in a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlacedText {
  readonly text: string
  readonly place: ZConfigTree.Place
}

/**
 * What a configuration file says.
 *
 * - `settings`: by key, each of which `Settings.decode` takes.
 * - `own`: the keys of section `runner` that somebody else's command adds, by key.
 * - `legacy`: keys that only old files need, by key. They have no effect.
 * - `environment`: the variables of section `environment`.
 * - `eventLog`: that of section `runner` if there is one there, else the one outside, else undefined.
 *
 * @category models
 * @since 0.1.0
 */
export interface Configuration {
  readonly settings: ReadonlyMap<string, PlacedText>
  readonly own: ReadonlyMap<string, PlacedText>
  readonly legacy: ReadonlyMap<string, PlacedText>
  readonly environment: ReadonlyMap<string, string>
  readonly eventLog: EventLogSettings.EventLogSettings | undefined
}

/**
 * Something in a configuration file that is not allowed there. `reason` is the original's text where the original has
 * one; `message` adds ` (line 3, in file:///etc/x.conf)`, also where the original gives no position.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigError extends Data.TaggedError("ConfigError")<{
  readonly reason: string
  readonly place: ZConfigTree.Place
}> {
  override get message(): string {
    return `${this.reason} (line ${this.place.line}, in ${FileUrl.render(this.place.file)})`
  }
}

/**
 * Something that is not allowed, and where. Of an `unknown` name it is said as well what was probably meant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mistake {
  readonly reason: string
  readonly unknown?: Suggestion.Unknown | undefined
  readonly place: ZConfigTree.Place
}

/**
 * The first 20 mistakes, in the order of the lines, file by file: files in the order in which they have mistakes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const firstErrors = (mistakes: Arr.NonEmptyReadonlyArray<Mistake>): Arr.NonEmptyReadonlyArray<ConfigError> => {
  const files = new Map([...new Set(mistakes.map(({ place }) => place.file))].map((file, index) => [file, index]))
  const order = Order.combine(
    Order.mapInput(Order.number, ({ place }: Mistake) => files.get(place.file) ?? 0),
    Order.mapInput(Order.number, ({ place }: Mistake) => place.line)
  )
  const [first, ...rest] = Arr.sort(mistakes, order)
  return [errorOf(first), ...rest.slice(0, maximumErrors - 1).map(errorOf)]
}

/**
 * Reads a configuration, or reports what is wrong with it, as {@link firstErrors} does. What is missing from a section,
 * and what contradicts in it, is reported at the line that closes it. `directory`, an absolute path, is what relative
 * paths of log files are relative to; `refused` are mistakes that are known already; `own` are further keys of section
 * `runner`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (
  tree: ZConfigTree.SectionNode,
  options: {
    readonly directory: string
    readonly refused: ReadonlyArray<Mistake>
    readonly own?: ReadonlyArray<OwnSetting.OwnSetting>
  }
): Either.Either<Configuration, Arr.NonEmptyReadonlyArray<ConfigError>> => {
  const mistakes = [...options.refused]
  const own = options.own ?? []
  const report: ConfigSection.Report = (place, reason, unknown) => {
    mistakes.push({ reason, unknown, place })
  }
  const root = ConfigSection.read(tree, report)
  const readEventLog = (node: ZConfigTree.SectionNode) => EventLogSection.decode(node, options.directory, report)
  const outer = root.sections.filter(({ type }) => type === "eventlog").map(readEventLog)
  const runners = root.sections.filter(({ type }) => type === "runner").map((node) => {
    const runner = ConfigSection.read(node, report, OwnSetting.keys(own))
    return { runner, eventLogs: runner.sections.map(readEventLog) }
  })
  const configuration: Configuration = {
    settings: new Map(runners.flatMap(({ runner }) => decodeSettings(runner))),
    own: new Map(
      runners.flatMap(({ runner }) => own.flatMap(({ datatype, key }) => textsOf(runner, key, datatype)))
    ),
    legacy: new Map(runners.flatMap(({ runner }) => decodeLegacy(runner))),
    environment: new Map(
      root.sections.filter(({ type }) => type === "environment").flatMap((node) =>
        decodeEnvironment(ConfigSection.read(node, report))
      )
    ),
    eventLog: [...runners.flatMap(({ eventLogs }) => eventLogs), ...outer][0]
  }
  return Arr.isNonEmptyArray(mistakes) ? Either.left(firstErrors(mistakes)) : Either.right(configuration)
}

// ===== Internal

const maximumErrors = 20

const errorOf = ({ place, reason, unknown }: Mistake): ConfigError =>
  new ConfigError({ reason: reason + (unknown === undefined ? "" : Suggestion.render(unknown)), place })

const decodeSettings = (runner: ConfigSection.Section) =>
  Settings.spellings.flatMap(({ key }) =>
    textsOf(runner, key, (text) => Either.mapLeft(Settings.canonical(key, text), ({ reason }) => reason))
  )

const decodeLegacy = (runner: ConfigSection.Section) =>
  [...ConfigSchema.legacyKeys].flatMap(([key, datatype]) => textsOf(runner, key, datatype))

/** The text of a key, if there is one, or of each on a line of its own; what `datatype` refuses is reported. */
const textsOf = (
  section: ConfigSection.Section,
  key: string,
  datatype: Datatypes.Datatype<unknown>
): ReadonlyArray<readonly [key: string, text: PlacedText]> => {
  const [first, ...rest] = ConfigSection.values(section, key, datatype)
  if (first === undefined) return []
  return [[key, { text: [first, ...rest].map(({ value }) => value).join("\n"), place: first.place }]]
}

const decodeEnvironment = (section: ConfigSection.Section): ReadonlyArray<readonly [name: string, value: string]> =>
  [...section.keys].flatMap(([name, values]) =>
    values.map(({ place, value }) => {
      if (/[=\0]/.test(name)) {
        section.report(place, `illegal environment variable name: ${PythonLiteral.repr(name)}`)
      }
      return [name, value]
    })
  )
