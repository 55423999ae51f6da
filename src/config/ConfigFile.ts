/**
 * What a configuration file says: the tree of its sections and keys in, checked settings out.
 *
 * Everything that can be said without looking at the system is checked here. Left for the caller are the paths: that of
 * `socket-name`, `directory`, `logfile` and `transcript`, and of the legacy keys `python` and `zdrun`, which must exist.
 * A tree is read after the overrides of the command line are in it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ConfigSchema from "./ConfigSchema.ts"
import * as ConfigSection from "./ConfigSection.ts"
import type * as Datatypes from "./Datatypes.ts"
import * as EventLogSection from "./EventLogSection.ts"
import type * as EventLogSettings from "./EventLogSettings.ts"
import type { Mistake } from "./Mistake.ts"
import * as OwnSetting from "./OwnSetting.ts"
import type { Place } from "./Place.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as Settings from "./Settings.ts"
import type * as ZConfigTree from "./ZConfigTree.ts"

/**
 * A value as it stands in a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlacedText {
  readonly text: string
  readonly place: Place
}

/**
 * What a configuration file says.
 *
 * - `settings`: by key, each of which `Settings.decode` takes.
 * - `own`: the keys of section `runner` that somebody else's command adds, by key.
 * - `legacy`: keys that only old files need, by key. They have no effect.
 * - `environment`: the variables of section `environment`; `environmentPlaces` is where they stand, by name.
 * - `eventLog`: that of section `runner` if there is one there, else the one outside, else undefined; `eventLogPlaces` is where
 *   its keys stand.
 *
 * @category models
 * @since 0.1.0
 */
export interface Configuration {
  readonly settings: ReadonlyMap<string, PlacedText>
  readonly own: ReadonlyMap<string, PlacedText>
  readonly legacy: ReadonlyMap<string, PlacedText>
  readonly environment: ReadonlyMap<string, string>
  readonly environmentPlaces: ReadonlyMap<string, Place>
  readonly eventLog: EventLogSettings.EventLogSettings | undefined
  readonly eventLogPlaces: EventLogSection.Places | undefined
}

/**
 * Reads a configuration, and notes what is wrong with it; a value that is wrong is left out. What is missing from a section,
 * and what contradicts in it, is noted at the line that closes it. `directory`, an absolute path, is what relative
 * paths of log files are relative to; `own` are further keys of section `runner`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (
  tree: ZConfigTree.SectionNode,
  options: {
    readonly directory: string
    readonly own?: ReadonlyArray<OwnSetting.OwnSetting>
  }
): { readonly configuration: Configuration; readonly mistakes: ReadonlyArray<Mistake> } => {
  const mistakes: Array<Mistake> = []
  const own = options.own ?? []
  const report: ConfigSection.Report = (place, reason, about) => {
    mistakes.push({ reason, place, ...about })
  }
  const root = ConfigSection.read(tree, report)
  const readEventLog = (node: ZConfigTree.SectionNode) => EventLogSection.decode(node, options.directory, report)
  const outer = root.sections.filter(({ type }) => type === "eventlog").map(readEventLog)
  const runners = root.sections.filter(({ type }) => type === "runner").map((node) => {
    const runner = ConfigSection.read(node, report, OwnSetting.keys(own))
    return { runner, eventLogs: runner.sections.map(readEventLog) }
  })
  const variables = root.sections.filter(({ type }) => type === "environment").flatMap((node) =>
    decodeEnvironment(ConfigSection.read(node, report))
  )
  const [eventLog] = [...runners.flatMap(({ eventLogs }) => eventLogs), ...outer]
  const configuration: Configuration = {
    settings: new Map(runners.flatMap(({ runner }) => decodeSettings(runner))),
    own: new Map(
      runners.flatMap(({ runner }) => own.flatMap(({ datatype, key }) => textsOf(runner, key, datatype)))
    ),
    legacy: new Map(runners.flatMap(({ runner }) => decodeLegacy(runner))),
    environment: new Map(variables.map(({ key, value }) => [key, value])),
    environmentPlaces: new Map(variables.map(({ key, place }) => [key, place])),
    eventLog: eventLog?.settings,
    eventLogPlaces: eventLog?.places
  }
  return { configuration, mistakes }
}

// ===== Internal

const decodeSettings = (runner: ConfigSection.Section) =>
  Settings.spellings.flatMap(({ key }) =>
    textsOf(runner, key, (text) => Either.mapLeft(Settings.canonical(key, text), ({ reason }) => reason))
  )

const decodeLegacy = (runner: ConfigSection.Section) =>
  [...ConfigSchema.legacyKeys].flatMap(([key, datatype]) => textsOf(runner, key, datatype))

/** The text of a key, if there is one, or of each on a line of its own; what `datatype` refuses is reported and left out. */
const textsOf = (
  section: ConfigSection.Section,
  key: string,
  datatype: Datatypes.Datatype<unknown>
): ReadonlyArray<readonly [key: string, text: PlacedText]> => {
  const [first, ...rest] = ConfigSection.values(section, key, datatype)
  if (first === undefined) return []
  return [[key, { text: [first, ...rest].map(({ value }) => value).join("\n"), place: first.place }]]
}

const decodeEnvironment = (section: ConfigSection.Section): ReadonlyArray<ZConfigTree.KeyNode> =>
  [...section.keys.values()].flat().filter(({ key, place }) => {
    const isLegal = /^[^=\0]+$/s.test(key)
    if (!isLegal) section.report(place, `illegal environment variable name: ${PythonLiteral.repr(key)}`)
    return isLegal
  })
