/**
 * A setting that a command of somebody else's adds to those of zdaemon: an option, and a key of section `runner`.
 *
 * @since 0.1.0
 */
import * as ConfigSchema from "./ConfigSchema.ts"
import type * as Datatypes from "./Datatypes.ts"
import * as ValueType from "./ValueType.ts"

/**
 * How such a setting is spelled, explained and checked. It always has a value; `fallback` is the text that holds when
 * nobody says anything.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnSetting {
  readonly key: string
  readonly short?: string
  readonly value: string
  readonly fallback: string
  readonly description: string
  readonly datatype: Datatypes.Datatype<unknown>
}

/**
 * The keys of section `runner` that such settings are.
 *
 * @category getters
 * @since 0.1.0
 */
export const keys = (settings: ReadonlyArray<OwnSetting>): ReadonlyMap<string, ConfigSchema.Key> =>
  new Map(settings.map(({ description, fallback, key }) => [
    key,
    { occurrence: "optional", type: ValueType.word, description, fallback }
  ]))

/**
 * What each type of section may contain, these keys included.
 *
 * @category getters
 * @since 0.1.0
 */
export const sectionTypes = (
  settings: ReadonlyArray<OwnSetting>
): ReadonlyMap<string, ConfigSchema.SectionType> =>
  new Map(Array.from(
    ConfigSchema.sectionTypes,
    ([type, section]) => [
      type,
      type === "runner" && section.keys !== "any"
        ? { ...section, keys: new Map([...section.keys, ...keys(settings)]) }
        : section
    ]
  ))
