/**
 * What the words of a command line ask for, in the spelling that the command tree reads.
 *
 * getopt's ways (joined flags, attached values, unique prefixes, options end at the action) are taken apart before the
 * tree sees them, since it knows none of them.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Argv from "../config/Argv.ts"
import type { OwnSetting } from "../config/OwnSetting.ts"
import * as PythonLiteral from "../config/PythonLiteral.ts"
import * as Settings from "../config/Settings.ts"
import { Misuse } from "./Ending.ts"
import * as OwnOption from "./OwnOption.ts"
import * as Words from "./words.ts"
import { spell } from "./zdaemon.ts"

/**
 * What is asked for: the usage text, the version, or what the words behind the options say.
 *
 * - `options`: the options that hold for an action, as they were given, and `spelled`: the same for the tree.
 * - `file`: the configuration file among them; `hasProgram`: whether they name a program, or a file that does.
 * - `json`: whether option `--json` is there, and `isInteractive`: whether lines are to be read once the words have been carried out.
 *
 * @category models
 * @since 0.1.0
 */
export type Invocation = { readonly _tag: "Help" } | { readonly _tag: "Version" } | Request

/**
 * A command line that asks for something to be done.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly _tag: "Request"
  readonly options: ReadonlyArray<string>
  readonly spelled: ReadonlyArray<string>
  readonly file: Option.Option<string>
  readonly hasProgram: boolean
  readonly json: boolean
  readonly isInteractive: boolean
  readonly words: ReadonlyArray<string>
}

/**
 * Reads a command line, without the name of the command. A mistake in it is found before anything is done. `settings` are
 * those that somebody else's command adds, and `configuration` is the file that holds when none is named.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (
  argv: ReadonlyArray<string>,
  { configuration, settings: own = [] }: {
    readonly settings?: ReadonlyArray<OwnSetting>
    readonly configuration?: string | undefined
  } = {}
): Either.Either<Invocation, Misuse> =>
  Either.gen(function*() {
    const { given, words } = yield* Either.mapLeft(
      Argv.parse([...specs, ...own.map(({ key, short }) => ({ long: key, short, takesValue: true }))], argv),
      Misuse.fromUsage
    )
    const canonicals = new Map<string, string>()
    const repeated = new Map<string, { readonly as: string; readonly texts: ReadonlyArray<string> }>()
    const spelled: Array<string> = []
    const overrides: Array<string> = []
    let schema: ReadonlyArray<string> = []
    let json = false
    let isInteractive = false
    for (const { as, option, value } of given) {
      if (option === helpSpec) return { _tag: "Help" }
      if (option === versionSpec) return { _tag: "Version" }
      if (option === jsonSpec) {
        json = true
        continue
      }
      if (option === interactiveSpec) {
        isInteractive = true
        continue
      }
      // The last one counts, as in the original.
      if (option === schemaSpec) {
        schema = ["--schema", Words.spell(value)]
        continue
      }
      if (option === overrideSpec) {
        overrides.push("--override", Words.spell(value))
        continue
      }
      const key = option.long ?? ""
      const text = option.takesValue ? value : "on"
      const added = own.find((setting) => setting.key === key)
      const meaning = option === configureSpec
        ? text
        : added === undefined
        ? yield* canonical(key, text, as)
        : yield* checked(added, text, as)
      if (repeatable.has(key)) {
        repeated.set(key, { as, texts: [...repeated.get(key)?.texts ?? [], meaning] })
        continue
      }
      const before = canonicals.get(key)
      if (before !== undefined && before !== meaning) {
        return yield* Either.left(new Misuse({ reason: `conflicting command line option '${as}'` }))
      }
      if (before === undefined) {
        spelled.push(...option === configureSpec ? [`--${key}`, Words.spell(text)] : spell(key, as, text))
      }
      canonicals.set(key, meaning)
    }
    for (const [key, { as, texts }] of repeated) spelled.push(...spell(key, as, texts.join("\n")))
    const implied = canonicals.has("configure") ? undefined : configuration
    const file = Option.fromNullable(canonicals.get("configure") ?? implied)
    if (overrides.length > 0 && Option.isNone(file)) {
      return yield* Either.left(
        new Misuse({ reason: "configuration overrides (-X) cannot be used without a configuration file" })
      )
    }
    return {
      _tag: "Request",
      options: [
        ...(implied === undefined ? [] : ["-C", implied]),
        ...given.filter(({ option }) => option !== interactiveSpec).flatMap(({ as, option, value }) =>
          option.takesValue ? [as, value] : [as]
        )
      ],
      spelled: [
        ...(implied === undefined ? [] : [`--${configureSpec.long ?? ""}`, Words.spell(implied)]),
        ...spelled,
        ...overrides,
        ...schema
      ],
      file,
      hasProgram: canonicals.has("program") || Option.isSome(file),
      json,
      isInteractive,
      words
    }
  })

// ===== Internal

const specOf = ({ long, short, value }: OwnOption.OwnOption): Argv.OptionSpec => ({
  long,
  short,
  takesValue: value !== undefined
})

const helpSpec = specOf(OwnOption.help)

const versionSpec = specOf(OwnOption.version)

const jsonSpec = specOf(OwnOption.json)

const configureSpec = specOf(OwnOption.configure)

const schemaSpec = specOf(OwnOption.schema)

const interactiveSpec = specOf(OwnOption.interactive)

const overrideSpec = specOf(OwnOption.override)

const specs: ReadonlyArray<Argv.OptionSpec> = [
  helpSpec,
  versionSpec,
  jsonSpec,
  configureSpec,
  schemaSpec,
  overrideSpec,
  interactiveSpec,
  ...Settings.spellings.map(({ key, short, value }) => ({ long: key, short, takesValue: value !== undefined }))
]

const repeatable: ReadonlySet<string> = new Set(
  Settings.spellings.flatMap(({ isRepeatable, key }) => isRepeatable === true ? [key] : [])
)

const checked = (setting: OwnSetting, text: string, as: string): Either.Either<string, Misuse> =>
  Either.mapBoth(setting.datatype(text), {
    onLeft: (reason) => new Misuse({ reason: `invalid value for ${as} ${PythonLiteral.repr(text)}: ${reason}` }),
    onRight: () => text
  })

/** The one text for a value, so that an option may be repeated as long as it means the same. */
const canonical = (key: string, text: string, as: string): Either.Either<string, Misuse> =>
  Either.mapLeft(
    Settings.canonical(key, text),
    ({ reason }) => new Misuse({ reason: `invalid value for ${as} ${PythonLiteral.repr(text)}: ${reason}` })
  )
