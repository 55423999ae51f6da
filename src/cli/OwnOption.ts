/**
 * The options of the command itself. Every other option is a setting, of `Settings`.
 *
 * @since 0.1.0
 */

/**
 * An option: its names without dashes, what stands for its value if it has one, and what it does.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnOption {
  readonly long?: string
  readonly short?: string
  readonly value?: string
  readonly description: string
}

/**
 * Prints the usage text.
 *
 * @category options
 * @since 0.1.0
 */
export const help: OwnOption = { long: "help", short: "h", description: "print this usage message and exit" }

/**
 * Prints the version.
 *
 * @category options
 * @since 0.1.0
 */
export const version: OwnOption = { long: "version", description: "print the version and exit" }

/**
 * Has any action answer with JSON, also one whose words are those of a program.
 *
 * @category options
 * @since 0.1.0
 */
export const json: OwnOption = { long: "json", description: "answer with JSON, and print nothing else" }

/**
 * Names the configuration file.
 *
 * @category options
 * @since 0.1.0
 */
export const configure: OwnOption = {
  long: "configure",
  short: "C",
  value: "FILE",
  description: "read the configuration file FILE: ZConfig, or what .toml, .yaml, .yml or .json says"
}

/**
 * Names a schema, as the original's option does.
 *
 * @category options
 * @since 0.1.0
 */
export const schema: OwnOption = {
  long: "schema",
  short: "S",
  value: "FILE",
  description: "accepted for the original's sake, and without effect"
}

/**
 * Replaces a value of the configuration file.
 *
 * @category options
 * @since 0.1.0
 */
export const override: OwnOption = {
  short: "X",
  value: "SECTION/KEY=VALUE",
  description: "use VALUE in place of what the configuration file says; may be repeated"
}

/**
 * Asks for the interactive mode.
 *
 * @category options
 * @since 0.1.0
 */
export const interactive: OwnOption = {
  long: "interactive",
  short: "i",
  description: "read actions from standard input, after the action that is given, if any"
}

/**
 * All of them, as they are listed.
 *
 * @category options
 * @since 0.1.0
 */
export const all: ReadonlyArray<OwnOption> = [help, version, json, interactive, configure, schema, override]

/**
 * Renders the names of an option, with what stands for its value: `-C/--configure FILE`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const spelling = ({ long, short, value }: Omit<OwnOption, "description">): string =>
  [short === undefined ? [] : [`-${short}`], long === undefined ? [] : [`--${long}`]].flat().join("/") +
  (value === undefined ? "" : ` ${value}`)
