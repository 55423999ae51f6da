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
export const render = (grammar: Grammar): string => {
  const { actions, name, options, prefix } = grammar
  const valued = options.filter(({ value }) => value !== undefined)
  const letters = (options: ReadonlyArray<Option>) => options.map(({ short }) => short ?? "").join("")
  const longs = (options: ReadonlyArray<Option>) => options.flatMap(({ long }) => long ?? []).join(" ")
  const flags = options.filter(({ value }) => value === undefined)
  return `# fish completion for ${name}, printed by: ${name} completions fish

# Prints the action in front of the cursor; fails where there is none yet.
function _${prefix}_action
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

function _${prefix}_needs_action
    not _${prefix}_action >/dev/null
end

function _${prefix}_action_is
    test (_${prefix}_action; or echo) = $argv[1]
end

complete -c ${name} -f

${options.map((each) => option(each, grammar)).join("\n")}

${
    actions.map((action) =>
      `complete -c ${name} -n _${prefix}_needs_action -a ${action.name} -d ${
        quoted(action.forms[0].summary[0].replace(/\.$/, ""))
      }`
    ).join("\n")
  }

${actions.flatMap((action) => behind(action, grammar)).join("\n")}
`
}

// ===== Internal

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`

const option = ({ description, long, short, value, values }: Option, { name, prefix }: Grammar): string =>
  [
    `complete -c ${name} -n _${prefix}_needs_action`,
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
  const here = `complete -c ${grammar.name} -n '_${grammar.prefix}_action_is ${action.name}'`
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
