/**
 * Completion for bash, from 3.2 on.
 *
 * @since 0.1.0
 */
import type { ActionOption, Described } from "./Action.ts"
import type { Grammar, Values } from "./Grammar.ts"

/**
 * Renders the script.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = ({ actions, options, signals }: Grammar): string => {
  const valued = options.filter(({ value }) => value !== undefined)
  const flags = options.filter(({ value }) => value === undefined)
  return `# bash completion for zdaemon(1), printed by: zdaemon completions bash

_zdaemon_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$cur"))
}

_zdaemon_lines() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}

_zdaemon_signals() {
  local names="${signals.join(" ")}" begun=$cur
  case $cur in
    [sS]*) names+=" ${signals.map((name) => `SIG${name}`).join(" ")}" ;;
  esac
  cur=$(printf %s "$cur" | tr a-z A-Z)
  _zdaemon_words "$names"
  case $begun in
    *[a-z]*) COMPREPLY=($(printf '%s ' "\${COMPREPLY[@]}" | tr A-Z a-z)) ;;
  esac
}

# Sets kind to what the value of an option is, by its letter or its long name; to nothing where it has none.
_zdaemon_kind() {
  local name=$1 candidate found=0
  if [[ \${#name} -gt 1 ]]; then
    for candidate in ${spelled(options, ({ long }) => long)}; do
      [[ $candidate == "$1" ]] && { name=$candidate found=1; break; }
      [[ $candidate == "$1"* ]] && { name=$candidate found=$((found + 1)); }
    done
    [[ $found -eq 1 ]] || name=
  fi
  case $name in
${
    valued.map(({ long, short, values }) =>
      `    ${[short, long].filter((name) => name !== undefined).join("|")}) kind=${kindOf(values)} ;;`
    ).join("\n")
  }
    *) kind= ;;
  esac
}

_zdaemon_value() {
  case $kind in
    file) _zdaemon_lines -f ;;
    command)
      case $cur in
        */*) _zdaemon_lines -f ;;
        *) _zdaemon_lines -c ;;
      esac ;;
    user) _zdaemon_words "$(compgen -u)" ;;
    other) ;;
    *) _zdaemon_words "$kind" ;;
  esac
}

_zdaemon() {
  local cur=\${COMP_WORDS[COMP_CWORD]} i word kind= action= previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $kind ]]; then
      # --name=value comes as three words.
      [[ $word == = ]] || kind=
    elif [[ $word == -- ]]; then
      action=\${COMP_WORDS[i + 1]}
      [[ $((i + 1)) -lt $COMP_CWORD ]] || { _zdaemon_words "${names(actions)}"; return; }
      break
    elif [[ $word == --?* ]]; then
      [[ $word == *=* ]] || _zdaemon_kind "\${word#--}"
    elif [[ $word =~ ^-[${spelled(flags, ({ short }) => short, "")}]*([${
    spelled(valued, ({ short }) => short, "")
  }])(.*)$ ]]; then
      [[ -n \${BASH_REMATCH[2]} ]] || _zdaemon_kind "\${BASH_REMATCH[1]}"
    elif [[ $word != -?* ]]; then
      action=$word
      break
    fi
  done
  if [[ -z $action ]]; then
    if [[ -n $kind ]]; then
      [[ $cur == = ]] && cur=
      _zdaemon_value
    elif [[ $cur == -* ]]; then
      _zdaemon_words "${
    options.flatMap(({ long, short }) => [
      ...(long === undefined ? [] : [`--${long}`]),
      ...(short === undefined ? [] : [`-${short}`])
    ]).join(" ")
  }"
    else
      _zdaemon_words "${names(actions)}"
    fi
    return
  fi
  case $action in
${actions.map((action) => `    ${action.name}) ${behind(action, actions)} ;;`).join("\n")}
  esac
}

complete -F _zdaemon zdaemon
`
}

// ===== Internal

const spelled = <A>(items: ReadonlyArray<A>, name: (item: A) => string | undefined, between = " "): string =>
  items.flatMap((item) => name(item) ?? []).join(between)

const names = (actions: ReadonlyArray<Described>): string => spelled(actions, ({ name }) => name)

const kindOf = (values: Values): string => typeof values === "string" ? values : `"${values.join(" ")}"`

/** What completes a word behind an action. */
const behind = (action: Described, actions: ReadonlyArray<Described>): string => {
  const valued = action.options.filter(({ value }) => value !== undefined)
  const branches = [
    ...(valued.length === 0 ? [] : [[`$previous == @(${spelled(valued, ({ name }) => name, "|")})`, valueOf(valued)]]),
    ...(action.options.length === 0
      ? []
      : [["$cur == -*", `_zdaemon_words "${spelled(action.options, ({ name }) => name)}"`]])
  ]
  const otherwise = words(action, actions)
  return branches.length === 0
    ? otherwise
    : `if ${branches.map(([test, then]) => `[[ ${test} ]]; then ${then}`).join("; elif ")}; else ${otherwise}; fi`
}

const valueOf = (valued: ReadonlyArray<ActionOption>): string =>
  valued.some(({ value }) => value === "FILE") ? "_zdaemon_lines -f" : ":"

const words = ({ words }: Described, actions: ReadonlyArray<Described>): string => {
  switch (words) {
    case "none":
      return ":"
    case "passed on":
    case "file":
      return "_zdaemon_lines -f"
    case "signal":
      return "_zdaemon_signals"
    case "action":
      return `_zdaemon_words "${names(actions)}"`
    default:
      return `_zdaemon_words "${words.join(" ")}"`
  }
}
