/**
 * Completion for fish, from 3.0 on.
 *
 * @since 0.1.0
 */
import type { ActionOption, Described } from "./Action.ts"
import type { Grammar, Option, Values } from "./Grammar.ts"

/**
 * Renders the script.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = ({ actions, options, signals }: Grammar): string => {
  const valued = options.filter(({ value }) => value !== undefined)
  const letters = (options: ReadonlyArray<Option>) => options.map(({ short }) => short ?? "").join("")
  const longs = (options: ReadonlyArray<Option>) => options.flatMap(({ long }) => long ?? []).join(" ")
  const flags = options.filter(({ value }) => value === undefined)
  return `# fish completion for zdaemon(1), printed by: zdaemon completions fish

# Prints the action in front of the cursor; fails where there is none yet.
function __zdaemon_action
    set -l words (commandline -opc)
    set -e words[1]
    set -l waits 0
    set -l ended 0
    for word in $words
        if test $waits = 1
            set waits 0
        else if test $ended = 0; and test "$word" = --
            set ended 1
        else if test $ended = 0; and string match -q -- '--?*' $word
            set -l name (string sub -s 3 -- $word)
            set -l found (string match -- $name ${longs(options)}; or string match -- "$name*" ${longs(options)})
            if test (count $found) -eq 1; and contains -- $found ${longs(valued)}
                set waits 1
            end
        else if test $ended = 0; and string match -qr -- '^-[${letters(flags)}]*[${letters(valued)}]$' $word
            set waits 1
        else if test $ended = 1; or not string match -q -- '-?*' $word
            echo $word
            return 0
        end
    end
    return 1
end

function __zdaemon_needs_action
    not __zdaemon_action >/dev/null
end

function __zdaemon_action_is
    test (__zdaemon_action; or echo) = $argv[1]
end

complete -c zdaemon -f

${options.map(option).join("\n")}

${
    actions.map(({ forms: [{ summary }], name }) =>
      `complete -c zdaemon -n __zdaemon_needs_action -a ${name} -d ${quoted(summary[0].replace(/\.$/, ""))}`
    ).join("\n")
  }

${actions.flatMap((action) => behind(action, { actions, options, signals })).join("\n")}
`
}

// ===== Internal

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`

const option = ({ description, long, short, value, values }: Option): string =>
  [
    "complete -c zdaemon -n __zdaemon_needs_action",
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...(long === undefined ? [] : [`-l ${long}`]),
    ...(value === undefined ? [] : [argumentsOf(values)]),
    `-d ${quoted(description)}`
  ].join(" ")

const argumentsOf = (values: Values): string => {
  switch (values) {
    case "file":
      return "-r -F"
    case "command":
      return "-r -F -a '(__fish_complete_command)'"
    case "user":
      return "-x -a '(__fish_complete_users)'"
    case "other":
      return "-x"
    default:
      return `-x -a ${quoted(values.join(" "))}`
  }
}

const behind = (action: Described, grammar: Grammar): ReadonlyArray<string> => {
  const here = `complete -c zdaemon -n '__zdaemon_action_is ${action.name}'`
  const words = wordsOf(action.words, grammar)
  return [
    ...action.options.map((option) => `${here} ${actionOption(option)}`),
    ...(words === undefined ? [] : [`${here} ${words}`])
  ]
}

const actionOption = ({ description, name, value }: ActionOption): string => {
  const spelled = name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  return `${spelled} ${value === undefined ? "" : value === "FILE" ? "-r -F " : "-x "}-d ${quoted(description)}`
}

const wordsOf = (words: Described["words"], { actions, signals }: Grammar): string | undefined => {
  switch (words) {
    case "none":
      return undefined
    case "passed on":
    case "file":
      return "-F"
    case "signal":
      return `-a ${quoted([...signals, ...signals.map((name) => `SIG${name}`)].join(" "))}`
    case "action":
      return `-a ${quoted(actions.map(({ name }) => name).join(" "))}`
    default:
      return `-a ${quoted(words.join(" "))}`
  }
}
