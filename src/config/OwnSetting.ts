/**
 * A setting that a command of somebody else's adds to those of zdaemon: an option, and a key of section `runner`.
 *
 * @since 0.1.0
 */
import type * as Datatypes from "./Datatypes.ts"

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
