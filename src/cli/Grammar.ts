/**
 * What can be typed behind the name of the command, as data: the completions of shells and the man page are made from it.
 *
 * @since 0.1.0
 */
import type { OwnSetting } from "../config/OwnSetting.ts"
import type { Spelling } from "../config/Setting.ts"
import * as Settings from "../config/Settings.ts"
import * as ValueType from "../config/ValueType.ts"
import * as SignalName from "../process/SignalName.ts"
import type { Described } from "./Action.ts"
import * as OwnOption from "./OwnOption.ts"

/**
 * What the value of an option is: one of these words, or a file, a command line, a user, or anything else.
 *
 * @category models
 * @since 0.1.0
 */
export type Values = "file" | "command" | "user" | "other" | ReadonlyArray<string>

/**
 * An option that stands before the action. One without `value`, which is what stands for it, is a flag.
 *
 * @category models
 * @since 0.1.0
 */
export interface Option extends OwnOption.OwnOption {
  readonly values: Values
  readonly fallback?: string
}

/**
 * The name of the command, and the one that functions of its completions begin with; its options, actions, and the names of signals without `SIG`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Grammar {
  readonly name: string
  readonly prefix: string
  readonly options: ReadonlyArray<Option>
  readonly actions: ReadonlyArray<Described>
  readonly signals: ReadonlyArray<string>
}

/**
 * Collects what the tables of options and settings say of a command with these actions, and with settings of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  actions: ReadonlyArray<Described>,
  { name, settings }: { readonly name: string; readonly settings: ReadonlyArray<OwnSetting> } = {
    name: "zdaemon",
    settings: []
  }
): Grammar => ({
  name,
  prefix: `_${name.replaceAll(/\W/g, "_")}`,
  options: [
    ...OwnOption.all.map(ofCommand),
    ...Settings.spellings.map(ofSetting),
    ...settings.map(ofOwn)
  ],
  actions,
  signals: SignalName.all().map(([, name]) => name.slice("SIG".length))
})

// ===== Internal

const ofCommand = (option: OwnOption.OwnOption): Option => ({
  ...option,
  values: option.value === "FILE" ? "file" : "other"
})

const ofSetting = ({ key, type, ...spelling }: Spelling): Option => ({
  ...spelling,
  long: key,
  values: valuesOf(key, type)
})

const ofOwn = ({ description, fallback, key, short, value }: OwnSetting): Option => ({
  long: key,
  ...(short === undefined ? {} : { short }),
  value,
  fallback,
  description,
  values: "other"
})

const valuesOf = (key: string, type: ValueType.ValueType): Values => {
  if (key === "user") return "user"
  if (type === ValueType.path) return "file"
  if (type === ValueType.command) return "command"
  const choices = type.jsonSchema["enum"]
  return Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : "other"
}
