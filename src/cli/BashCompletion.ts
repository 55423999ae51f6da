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
export const render = ({ actions, name, options, prefix, signals }: Grammar): string => {
  const valued = options.filter(({ value }) => value !== undefined)
  const flags = options.filter(({ value }) => value === undefined)
  return `# bash completion for ${name}, printed by: ${name} completions bash

${prefix}_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$cur"))
}

${prefix}_lines() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}

${prefix}_signals() {
  local names="${signals.join(" ")}" begun=$cur
  case $cur in
    [sS]*) names+=" ${signals.map((name) => `SIG${name}`).join(" ")}" ;;
  esac
  cur=$(printf %s "$cur" | tr a-z A-Z)
  ${prefix}_words "$names"
  case $begun in
    *[a-z]*) COMPREPLY=($(printf '%s ' "\${COMPREPLY[@]}" | tr A-Z a-z)) ;;
  esac
}

# Sets kind to what the value of an option is, by its letter or its long name; to nothing where it has none.
${prefix}_kind() {
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

${prefix}_value() {
  case $kind in
    file) ${prefix}_lines -f ;;
    command)
      case $cur in
        */*) ${prefix}_lines -f ;;
        *) ${prefix}_lines -c ;;
      esac ;;
    user) ${prefix}_words "$(compgen -u)" ;;
    other) ;;
    *) ${prefix}_words "$kind" ;;
  esac
}

${prefix}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} i word kind= action= previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $kind ]]; then
      # --name=value comes as three words.
      [[ $word == = ]] || kind=
    elif [[ $word == -- ]]; then
      action=\${COMP_WORDS[i + 1]}
      [[ $((i + 1)) -lt $COMP_CWORD ]] || { ${prefix}_words "${names(actions)}"; return; }
      break
    elif [[ $word == --?* ]]; then
      [[ $word == *=* ]] || ${prefix}_kind "\${word#--}"
    elif [[ $word =~ ^-[${spelled(flags, ({ short }) => short, "")}]*([${
    spelled(valued, ({ short }) => short, "")
  }])(.*)$ ]]; then
      [[ -n \${BASH_REMATCH[2]} ]] || ${prefix}_kind "\${BASH_REMATCH[1]}"
    elif [[ $word != -?* ]]; then
      action=$word
      break
    fi
  done
  if [[ -z $action ]]; then
    if [[ -n $kind ]]; then
      [[ $cur == = ]] && cur=
      ${prefix}_value
    elif [[ $cur == -* ]]; then
      ${prefix}_words "${
    options.flatMap(({ long, short }) => [
      ...(long === undefined ? [] : [`--${long}`]),
      ...(short === undefined ? [] : [`-${short}`])
    ]).join(" ")
  }"
    else
      ${prefix}_words "${names(actions)}"
    fi
    return
  fi
  case $action in
${actions.map((action) => `    ${action.name}) ${behind(action, { actions, prefix })} ;;`).join("\n")}
  esac
}

complete -F ${prefix} ${name}
`
}

// ===== Internal

const spelled = <A>(items: ReadonlyArray<A>, name: (item: A) => string | undefined, between = " "): string =>
  items.flatMap((item) => name(item) ?? []).join(between)

const names = (actions: ReadonlyArray<Described>): string => spelled(actions, ({ name }) => name)

const kindOf = (values: Values): string => typeof values === "string" ? values : `"${values.join(" ")}"`

/** What completes a word behind an action. */
const behind = (action: Described, grammar: Pick<Grammar, "actions" | "prefix">): string => {
  const { prefix } = grammar
  const valued = action.options.filter(({ value }) => value !== undefined)
  const branches = [
    ...(valued.length === 0
      ? []
      : [[`$previous == @(${spelled(valued, ({ name }) => name, "|")})`, valueOf(valued, prefix)]]),
    ...(action.options.length === 0
      ? []
      : [["$cur == -*", `${prefix}_words "${spelled(action.options, ({ name }) => name)}"`]])
  ]
  const otherwise = words(action, grammar)
  return branches.length === 0
    ? otherwise
    : `if ${branches.map(([test, then]) => `[[ ${test} ]]; then ${then}`).join("; elif ")}; else ${otherwise}; fi`
}

const valueOf = (valued: ReadonlyArray<ActionOption>, prefix: string): string =>
  valued.some(({ value }) => value === "FILE") ? `${prefix}_lines -f` : ":"

const words = ({ words }: Described, { actions, prefix }: Pick<Grammar, "actions" | "prefix">): string => {
  switch (words) {
    case "none":
      return ":"
    case "passed on":
    case "file":
      return `${prefix}_lines -f`
    case "signal":
      return `${prefix}_signals`
    case "action":
      return `${prefix}_words "${names(actions)}"`
    default:
      return `${prefix}_words "${words.join(" ")}"`
  }
}
