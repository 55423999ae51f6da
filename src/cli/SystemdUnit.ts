/**
 * A unit of systemd that runs a program as zdaemon would.
 *
 * @since 0.1.0
 */
import type { Exported } from "./Exported.ts"
import { leftOver, list, secrets, variables } from "./Exported.ts"

/**
 * Renders the unit. Where systemd does something else than zdaemon, or nothing, a comment says so.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (exported: Exported): string => {
  const { command, directory, finalEnds, name, origin, settings, words } = exported
  const secret = secrets(exported)
  return [
    `# Made by "${command} export systemd" from ${
      oneLine(origin)
    }. systemd looks after the program itself, without zdaemon.`,
    "#",
    ...list(notes(exported)).map((line) => `# ${line}`),
    "",
    "[Unit]",
    `Description=${specifiers(oneLine(words.join(" ")))}`,
    ...startLimit(exported),
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${[exported.file, ...words.slice(1)].map((word, i) => quoted(word, i === 0)).join(" ")}`,
    ...startTest(exported),
    `WorkingDirectory=${specifiers(directory)}`,
    ...(settings.user === undefined ? [] : [`User=${specifiers(settings.user)}`]),
    `UMask=0${settings.umask}`,
    ...variables(exported).map(([name, value]) => `Environment=${assignment(`${name}=${value}`)}`),
    ...(secret.length === 0 ? [] : [`EnvironmentFile=/etc/${specifiers(name)}.env`]),
    ...(exported.transcript === undefined ? [] : [`StandardOutput=${output(exported.transcript)}`]),
    "Restart=always",
    "RestartSec=1",
    ...(finalEnds.length === 0 ? [] : [`RestartPreventExitStatus=${finalEnds.join(" ")}`]),
    `KillMode=${settings.killMode === "process" ? "process" : "mixed"}`,
    `TimeoutStopSec=${settings.stopTimeout === 0 ? "infinity" : settings.stopTimeout}`,
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    ""
  ].join("\n")
}

/**
 * Whether systemd can take a path that is not in quotes: it would take white space at an end, or a backslash at the end
 * of the line, for something else.
 *
 * @category judging
 * @since 0.1.0
 */
export const isPlainPath = (path: string): boolean =>
  // oxlint-disable-next-line eslint/no-control-regex
  path === path.trim() && !path.endsWith("\\") && !/[\u0000-\u001f\u007f]/.test(path)

// ===== Internal

const startLimit = ({ limit }: Exported): ReadonlyArray<string> =>
  limit === undefined
    ? ["StartLimitIntervalSec=0"]
    : [
      `StartLimitIntervalSec=${limit.within === Infinity ? "infinity" : limit.within}`,
      `StartLimitBurst=${limit.count}`
    ]

const startTest = ({ settings, startTest }: Exported): ReadonlyArray<string> =>
  startTest === undefined ? [] : [
    `ExecStartPost=/bin/sh -c ${quoted("until \"$@\"; do sleep 1; done")} sh ${
      startTest.map((word) => quoted(word)).join(" ")
    }`,
    `TimeoutStartSec=${Math.max(1, settings.startTimeout)}`
  ]

const output = (transcript: string): string => transcript === "/dev/null" ? "null" : `append:${specifiers(transcript)}`

/** When systemd gives up, and when zdaemon does. */
const givingUp = ({ count, longest, within }: NonNullable<Exported["limit"]>): string =>
  longest === undefined
    ? `After ${count} starts within ${within} s of the first of them systemd gives up, where zdaemon does after ${count} ` +
      `ends within any ${within} s.`
    : longest === Infinity
    ? `After ${count} starts systemd gives up, as zdaemon does after ${count} ends.`
    : `After ${count} starts within ${within} s systemd gives up, where zdaemon does after ${count} ends in a row within ` +
      `${longest} s of the start.`

const notes = (exported: Exported): ReadonlyArray<string> => {
  const { given, limit, settings, transcript } = exported
  const secret = secrets(exported)
  const waitsAsUsual = !Array.from(given.keys()).some((key) => /^(backoff(-(base|factor|jitter))?|on-.*)$/.test(key))
  return [
    limit === undefined
      ? `A restart always waits for 1 s. From systemd 254 on "RestartSteps=${
        Math.max(1, settings.backoffLimit - 1)
      }" ` +
        `and "RestartMaxDelaySec=${Math.max(1, settings.backoffLimit)}" let it grow.`
      : `A restart always waits for 1 s${waitsAsUsual ? ", where zdaemon waits for 1, 2, 3 s and so on" : ""}. ${
        givingUp(limit)
      }`,
    "The environment is systemd's and what stands here, not that of whoever starts the unit.",
    ...(given.has("directory")
      ? []
      : ["WorkingDirectory is where this was written; set directory to say another one."]),
    ...(secret.length === 0
      ? []
      : [`${secret.join(", ")}: write NAME=value lines into /etc/${exported.name}.env, for nobody but root to read.`]),
    ...(transcript === undefined
      ? ["What the program prints goes to the journal: journalctl -u UNIT."]
      : transcript === "/dev/null"
      ? []
      : ["systemd opens the transcript as root, and keeps it open: let logrotate use copytruncate."]),
    ...(exported.startTest === undefined
      ? []
      : [
        "A start that takes longer than start-timeout is a failure, and the program is stopped; zdaemon lets it run."
      ]),
    ...(exported.hasEventLog ? ["The event log has no counterpart: systemd writes to the journal what it does."] : []),
    ...[
      ...exported.otherRules,
      ...leftOver(exported, ...mapped(exported)).map(([key, text]) => `${key} ${text}`)
    ].map((setting) => `${setting}: this has no counterpart here.`)
  ]
}

/** A unit that systemd does not start again stays down, until somebody starts it. */
const mapped = ({ given, limit }: Exported): ReadonlyArray<string> => [
  "give-up-after",
  "on-exit",
  "on-signal",
  ...(limit?.longest === undefined ? [] : ["reset-after"]),
  ...(given.get("give-up")?.startsWith("retry") === true ? [] : ["give-up"])
]

// ===== Escaping

// oxlint-disable-next-line eslint/no-control-regex
const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").replace(/\\$/, "")

const specifiers = (text: string): string => text.replaceAll("%", "%%")

const escaped = (text: string): string =>
  text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")
    // oxlint-disable-next-line eslint/no-control-regex
    .replaceAll(/[\u0001-\u001f\u007f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)

/** One word of a command line; the file is not searched for variables. */
const quoted = (word: string, isFile = false): string => {
  const text = specifiers(escaped(isFile ? word : word.replaceAll("$", "$$$$")))
  return /^[\w/.,:=@+$%-]+$/.test(text) ? text : `"${text}"`
}

const assignment = (text: string): string => `"${specifiers(escaped(text))}"`
