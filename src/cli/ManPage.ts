/**
 * The man page zdaemon(1), from the tables that the command itself reads.
 *
 * @since 0.1.0
 */
import type { Described } from "./Action.ts"
import { spelling } from "./Action.ts"
import type { Grammar, Option } from "./Grammar.ts"

/**
 * Renders the page in the language of man(7).
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (
  { actions, options }: Grammar,
  interactiveActions: ReadonlyArray<Described>,
  version: string
): string =>
  [
    `.TH ZDAEMON 1 "" ${argument(`zdaemon ${version}`)}`,
    ...section("NAME", ["zdaemon \\- run a program as a daemon, and control it"]),
    ...section("SYNOPSIS", [
      ".B zdaemon",
      ".RI [ options ]",
      ".I action",
      ".RI [ arguments ]",
      ".br",
      ".B zdaemon",
      ".RI [ options ]"
    ]),
    ...section("DESCRIPTION", paragraphs(description)),
    ...section("ACTIONS", [
      ...byForms(actions).flatMap(actionPart),
      ".PP",
      "In the interactive mode there are these as well:",
      ...interactiveActions.flatMap(formsOf)
    ]),
    ...section("OPTIONS", [
      ...paragraphs([
        "Options come before the action. A long option may be cut short as long as it stays unique; its value follows " +
        "after a blank or \"=\". Every option but the first ones is a setting, and can stand in a configuration file under its long name."
      ]),
      ...options.flatMap(optionPart)
    ]),
    ...section("FILES", definitions(files)),
    ...section("EXIT STATUS", definitions(statuses)),
    ...section("SIGNALS", [...paragraphs(["To the manager:"]), ...definitions(signals)]),
    ...section("ENVIRONMENT", definitions(variables)),
    ...section("EXAMPLES", [
      "See a program run, start it as a daemon, look at what it prints, and stop it:",
      ...code([
        "zdaemon -p 'app --port 80' fg",
        "zdaemon -p 'app --port 80' -t app.log start",
        "zdaemon -p 'app --port 80' status",
        "zdaemon logtail app.log",
        "zdaemon -p 'app --port 80' stop"
      ]),
      ".PP",
      "The same from a configuration file:",
      ...code([
        "<runner>",
        "  program app --port 80",
        "  transcript /var/log/app.log",
        "  socket-name /run/app.zdsock",
        "</runner>"
      ]),
      ...code(["zdaemon -C /etc/app.conf start"])
    ]),
    ...section("SEE ALSO", [
      ".BR sh (1),",
      ".BR kill (1),",
      ".BR signal (7),",
      ".BR logrotate (8),",
      ".BR systemd.service (5)"
    ]),
    ""
  ].join("\n")

// ===== Content

const description = [
  "zdaemon keeps a program up. The command is a client: it starts a manager, a background process, which starts the " +
  "program, starts it again when it ends, gives up when it ends too often, and writes down what it prints. Later " +
  "commands find the manager through a Unix socket.",
  "Without an action, zdaemon reads actions from standard input, one a line.",
  "It takes the options and configuration files of Python's zdaemon, and answers in its words."
]

type Definitions = ReadonlyArray<readonly [term: string, meaning: string]>

const files: Definitions = [
  [
    "zdsock",
    "The socket of the manager, in the directory that it was started from, unless socket-name says otherwise."
  ],
  [
    "$XDG_STATE_HOME/zdaemon/history",
    "The lines of the interactive mode, in ~/.local/state/zdaemon where the variable is not set."
  ],
  [
    "$XDG_STATE_HOME/zdaemon/%2F...",
    "The history and the crash reports of the program on a socket, in ~/.local/state/zdaemon, or for root in " +
    "/var/lib/zdaemon, where the variable is not set; run-history says otherwise."
  ]
]

const statuses: Definitions = [
  ["0", "It is done, or there was nothing to do. status: a manager is up."],
  ["1", "It could not be done. start: the program did not start, or not in time."],
  ["2", "The command line or the configuration is wrong, and nothing was done."],
  ["3", "status: no manager is up."],
  ["4", "The state is unknown: no permission for the socket, or no answer."],
  ["126, 127", "fg: the program cannot be executed, or there is none."],
  ["130", "Ctrl-C ended the waiting."],
  [
    "others",
    "fg, and start with \"daemon off\": that of the program, or 128 and the number of the signal that ended it."
  ]
]

const signals: Definitions = [
  ["SIGTERM, SIGINT, SIGHUP, SIGQUIT", "Stop the program as stop does, and end the manager."],
  ["SIGUSR1, SIGUSR2", "Open the transcript and the event log by their names again."]
]

const variables: Definitions = [
  ["PATH", "Where a program without a slash in its name is searched for."],
  ["HOME", "What ~ stands for at the beginning of a path."],
  ["SHELL", "What the action shell of the interactive mode runs without a command."],
  ["XDG_STATE_HOME", "Where histories are kept: of lines of the interactive mode, and of programs."],
  ["XDG_CACHE_HOME", "Where the compiled command is kept if it cannot be kept beside the installed files."]
]

// ===== Parts

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [`.SH ${title}`, ...lines]

const paragraphs = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.flatMap((text, i) => i === 0 ? [prose(text)] : [".PP", prose(text)])

const definitions = (entries: Definitions): ReadonlyArray<string> =>
  entries.flatMap(([term, meaning]) => [".TP", `.B ${argument(term)}`, prose(meaning)])

/** Two names for the same are one part. */
const byForms = (actions: ReadonlyArray<Described>): ReadonlyArray<ReadonlyArray<Described>> =>
  actions
    .filter(({ forms }, i) => actions.findIndex((other) => other.forms === forms) === i)
    .map(({ forms }) => actions.filter((other) => other.forms === forms))

const actionPart = (actions: ReadonlyArray<Described>): ReadonlyArray<string> => {
  const [action] = actions
  if (action === undefined) return []
  return [
    `.SS ${argument(actions.map(({ name }) => name).join(", "))}`,
    ...formsOf(action),
    ...(action.options.length === 0 ? [] : [".PP", "Options:", ...definitions(action.options.map(spelling))]),
    ".PP",
    "Examples:",
    ...definitions(action.examples.map(({ description, line }) => [line, description]))
  ]
}

const formsOf = ({ forms }: Described): ReadonlyArray<string> =>
  definitions(forms.map(({ summary, synopsis }) => [synopsis, summary.join(" ")]))

const optionPart = ({ description, fallback, long, short, value }: Option): ReadonlyArray<string> => {
  const names = [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])]
  return [
    ".TP",
    `.B ${argument(names.join(", "))}${value === undefined ? "" : ` \\fI${literal(value)}\\fP`}`,
    prose(description + (fallback === undefined ? "" : ` (default ${fallback})`))
  ]
}

const code = (lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  ".PP",
  ".RS 4",
  ".EX",
  ...lines.map((line) => guarded(literal(line))),
  ".EE",
  ".RE"
]

// ===== Escaping

/** Characters that roff would take for something else, or typeset as something that cannot be copied. */
const literal = (text: string): string =>
  text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")

const prose = (text: string): string =>
  guarded(
    text.replaceAll("\\", "\\e").replaceAll(/(^|[\s("])(-+)(?=\w)/g, (_, before: string, dashes: string) =>
      before + dashes.replaceAll("-", "\\-")).replaceAll("'", "\\(aq").replaceAll("`", "\\(ga").replaceAll("^", "\\(ha")
      .replaceAll("~", "\\(ti")
  )

/** A line that begins with a dot or an apostrophe would be a request. */
const guarded = (line: string): string => /^[.']/.test(line) ? `\\&${line}` : line

const argument = (text: string): string => `"${literal(text).replaceAll("\"", "\\(dq")}"`
