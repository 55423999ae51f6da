/**
 * Completion for zsh.
 *
 * @since 0.1.0
 */
import type { ActionOption, Described } from "./Action.ts"
import type { Grammar, Option, Values } from "./Grammar.ts"

/**
 * Renders the script: a file `_zdaemon` for a directory of `fpath`, which can be sourced as well.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = ({ actions, name, options, prefix, signals }: Grammar): string =>
  `#compdef ${name}
# zsh completion for ${name}, printed by: ${name} completions zsh

${prefix}_actions() {
  local -a actions=(
${actions.map(({ forms: [{ summary }], name }) => `    ${quoted(`${name}:${sentence(summary)}`)}`).join("\n")}
  )
  _describe -t actions action actions
}

${prefix}_signals() {
  local -a signals=(${signals.join(" ")})
  [[ $PREFIX == (#i)S* ]] && signals+=(SIG$^signals)
  compadd -M 'm:{a-z}={A-Z}' -a signals
}

${prefix}() {
  setopt localoptions extendedglob
  local curcontext=$curcontext state line ret=1
  typeset -A opt_args
  _arguments -s -S -C -A '-*' \\
${options.flatMap(specs).map((spec) => `    ${spec} \\`).join("\n")}
    '1:action:${prefix}_actions' \\
    '*::argument:->argument' && ret=0
  [[ $state == argument ]] || return ret
  case $words[1] in
${actions.map((action) => `    ${action.name}) ${behind(action, prefix)} && ret=0 ;;`).join("\n")}
  esac
  return ret
}

if [[ $funcstack[1] == ${prefix} ]]; then
  ${prefix} "$@"
else
  compdef ${prefix} ${name}
fi
`

// ===== Internal

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const sentence = ([first]: ReadonlyArray<string>): string => (first ?? "").replace(/\.$/, "")

/** A text in the language of _arguments. */
const described = (text: string): string => `[${text.replaceAll(/[\\[\]:]/g, "\\$&")}]`

const specs = (option: Option): ReadonlyArray<string> => {
  const { description, long, short, value, values } = option
  const rest = described(description) + (value === undefined ? "" : `:${value.toLowerCase()}:${completer(values)}`)
  const letter = short === undefined ? undefined : `-${short}${value === undefined ? "" : "+"}`
  const name = long === undefined ? undefined : `--${long}${value === undefined ? "" : "="}`
  if (letter !== undefined && name !== undefined) {
    const exclusive = `(-${short} --${long})`
    return [quoted(exclusive + letter + rest), quoted(exclusive + name + rest)]
  }
  return letter === undefined ? [quoted((name ?? "") + rest)] : [quoted(`*${letter}${rest}`)]
}

const completer = (values: Values): string => {
  switch (values) {
    case "file":
      return "_files"
    case "command":
      return "_command_names -e"
    case "user":
      return "_users"
    case "other":
      return " "
    default:
      return `(${values.join(" ")})`
  }
}

const behind = ({ options, words }: Described, prefix: string): string => {
  const rest = wordsOf(words, prefix)
  if (options.length === 0) return rest === undefined ? "_message 'no more arguments'" : `{ ${rest} }`
  return ["_arguments", ...options.map(spec), ...(rest === undefined ? [] : [quoted(`*:argument:{ ${rest} }`)])]
    .join(" ")
}

const spec = ({ description, name, value }: ActionOption): string =>
  quoted(
    name + described(description) +
      (value === undefined ? "" : `:${value.toLowerCase()}:${value === "FILE" ? "_files" : " "}`)
  )

const wordsOf = (words: Described["words"], prefix: string): string | undefined => {
  switch (words) {
    case "none":
      return undefined
    case "passed on":
    case "file":
      return "_files"
    case "signal":
      return `${prefix}_signals`
    case "action":
      return `${prefix}_actions`
    default:
      return `compadd ${words.join(" ")}`
  }
}
