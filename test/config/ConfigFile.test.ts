import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import type * as ConfigFile from "../../src/config/ConfigFile.ts"
import * as ConfigSchema from "../../src/config/ConfigSchema.ts"
import * as ConfigSection from "../../src/config/ConfigSection.ts"
import * as EventLogSettings from "../../src/config/EventLogSettings.ts"
import * as Mistake from "../../src/config/Mistake.ts"
import * as Override from "../../src/config/Override.ts"
import * as Settings from "../../src/config/Settings.ts"
import * as ZConfig from "../../src/config/ZConfig.ts"
import type * as ZConfigTree from "../../src/config/ZConfigTree.ts"
import * as Mistakes from "../support/Mistakes.ts"
import * as ZConfigPrinter from "../support/ZConfigPrinter.ts"

const file = "/etc/zdaemon.conf"

const reading = (text: string, files: Readonly<Record<string, string>> = {}): ZConfigTree.Reading =>
  Effect.runSync(ZConfig.parse({ file, text }, {
    environment: new Map(),
    include: (path) => Effect.succeed(files[path] ?? "")
  }))

const treeOf = (text: string): ZConfigTree.SectionNode => reading(text).root

const decode = (root: ZConfigTree.SectionNode) => Mistakes.decode({ root, mistakes: [], isReadable: true })

const configurationOf = (text: string): ConfigFile.Configuration => Either.getOrThrow(decode(treeOf(text)))

/** Each error as `line: reason`. */
const errorsOf = (text: string): ReadonlyArray<string> =>
  Either.match(Mistakes.decode(reading(text)), {
    onLeft: Mistakes.lines,
    onRight: () => []
  })

const textsOf = (texts: ReadonlyMap<string, ConfigFile.PlacedText>) =>
  Object.fromEntries([...texts].map(([key, { text }]) => [key, text]))

/** Lines inside of section `runner`, from line 2; the program is in line 1. */
const inRunner = (lines: string) => `<runner>\n${lines}\nprogram x\n</runner>`

/** Lines inside of section `eventlog`, from line 2. */
const inEventLog = (lines: string) => `<eventlog>\n${lines}\n</eventlog>\n<runner>\nprogram x\n</runner>`

/** Lines inside of a handler, from line 3. */
const inHandler = (type: string, lines: string) => inEventLog(`<${type}>\n${lines}\n</${type}>`)

const eventLogOf = (text: string) => configurationOf(text).eventLog

const handlerOf = (type: string, lines: string): unknown => eventLogOf(inHandler(type, lines))?.handlers[0]

const common = {
  level: 0,
  dateFormat: "%Y-%m-%dT%H:%M:%S",
  style: "classic",
  arbitraryFields: false
}

const standardFormat = "%(asctime)s %(levelname)s %(name)s %(message)s"

const logFile = {
  _tag: "LogFile",
  ...common,
  format: `------\n${standardFormat}`,
  path: "/x",
  oldFiles: 0,
  maxSize: 0,
  when: "",
  interval: 0,
  encoding: undefined,
  delay: false
}

const notInteger = (text: string) => `invalid literal for int() with base 10: '${text}'`

describe("ConfigFile", () => {
  describe("settings", () => {
    it("reads the smallest configuration", () => {
      const configuration = configurationOf("<runner>\n  program sleep 100\n</runner>")
      assert.deepStrictEqual(configuration, {
        settings: new Map([["program", { text: "sleep 100", place: { file, line: 2 } }]]),
        own: new Map(),
        legacy: new Map(),
        environment: new Map(),
        environmentPlaces: new Map(),
        eventLog: undefined,
        eventLogPlaces: undefined
      })
    })

    it("reads a configuration with an environment", () => {
      const { environment, settings } = configurationOf(`
        <runner>
          program /opt/app/bin/serve --port 8080
          backoff-limit 10
          daemon true
          forever off
          exit-codes 0, 2
          directory /var/run/app
          socket-name /var/run/app/zdsock
          transcript /var/log/app.log
          start-test-program /opt/app/bin/check
          stop-timeout 5m
          user app
          umask 027
          kill-mode process
          start-grace 0.5
        </runner>
        <environment>
          LD_LIBRARY_PATH /opt/app/lib
          HOME /home/app
          home sweet home
          EMPTY
        </environment>
      `)
      const decoded = Either.getOrThrow(
        Settings.decode(new Map([...settings].map(([key, { text }]) => [key, text])))
      )
      assert.deepStrictEqual(decoded.exitCodes, [0, 2])
      assert.strictEqual(decoded.umask, 0o27)
      assert.strictEqual(decoded.stopTimeout, 300)
      assert.deepStrictEqual([...environment], [
        ["LD_LIBRARY_PATH", "/opt/app/lib"],
        ["HOME", "/home/app"],
        ["home", "sweet home"],
        ["EMPTY", ""]
      ])
    })

    it("ignores the case of keys and the name of the section", () => {
      assert.deepStrictEqual(
        textsOf(configurationOf("<Runner Main>\nPROGRAM x\nBackoff-Limit 3\n</runner>").settings),
        { program: "x", "backoff-limit": "3" }
      )
    })

    it("keeps the keys of old files apart, with their places", () => {
      const { legacy, settings } = configurationOf(inRunner(
        "python /usr/bin/python\nzdrun /opt/zdrun.py\nprompt a b>\nhang-around on\ndefault-to-interactive no"
      ))
      assert.deepStrictEqual(textsOf(legacy), {
        python: "/usr/bin/python",
        zdrun: "/opt/zdrun.py",
        prompt: "a b>",
        "hang-around": "on",
        "default-to-interactive": "no"
      })
      assert.deepStrictEqual(legacy.get("zdrun")?.place, { file, line: 3 })
      assert.deepStrictEqual([...settings.keys()], ["program"])
    })

    it("checks overrides of the command line like lines of the file", () => {
      const overridden = (specifier: string) =>
        Either.flatMap(
          Override.parse([specifier]),
          (overrides) => Override.apply(treeOf(inRunner("backoff-limit 1")), overrides, ConfigSection.keyOf)
        ).pipe(
          Either.getOrThrow,
          decode,
          Either.match({
            onLeft: Mistake.tell,
            onRight: ({ settings }) => textsOf(settings)
          })
        )
      assert.deepStrictEqual(overridden("runner/Backoff-Limit=77"), { program: "x", "backoff-limit": "77" })
      assert.deepStrictEqual(overridden("runner/backoff-limit=x"), [
        "invalid literal for int() with base 10: 'x' (line 1, in <command-line option>)"
      ])
      assert.deepStrictEqual(overridden("bogus=1"), [
        "'bogus' is not a known key name (line 1, in <command-line option>)"
      ])
    })
  })

  describe("errors", () => {
    it.each([
      ["", "1: no values for section type 'runner'; 1 required"],
      ["<environment/>\n\n", "2: no values for section type 'runner'; 1 required"],
      ["<runner>\n\n</runner>", "3: no values for 'program'; 1 required"],
      ["<runner/>", "1: no values for 'program'; 1 required"],
      [inRunner("program y\n</runner>\n<runner>"), "4: too many instances of 'runner' section"],
      [inRunner("bogus 1"), "2: 'bogus' is not a known key name"],
      [inRunner("Backof-Limit 1"), "2: 'Backof-Limit' is not a known key name; did you mean 'backoff-limit'?"],
      [inRunner("socket_name x"), "2: 'socket_name' is not a known key name; did you mean 'socket-name'?"],
      [inRunner("usre x"), "2: 'usre' is not a known key name; did you mean 'user'?"],
      [inRunner("1key x"), "2: value did not match regular expression: '1key'"],
      [inRunner("k\u00e9y x"), "2: value did not match regular expression: 'k\u00e9y'"],
      [inRunner("Forever on\nFOREVER on"), "3: 'FOREVER' does not support multiple values"],
      [inRunner("program a"), "3: 'program' does not support multiple values"],
      [`top 1\n${inRunner("")}`, "1: 'top' is not a known key name"],
      [inRunner("daemon 1"), "2: not a valid boolean value: '1'"],
      [inRunner("forever"), "2: not a valid boolean value: ''"],
      [inRunner("hang-around 0"), "2: not a valid boolean value: '0'"],
      [inRunner("default-to-interactive maybe"), "2: not a valid boolean value: 'maybe'"],
      [inRunner("backoff-limit 1h"), `2: ${notInteger("1h")}`],
      [inRunner("exit-codes 1,x"), `2: ${notInteger("x")}`],
      [inRunner("umask 9"), "2: invalid literal for int() with base 8: '9'"],
      [inRunner("stop-timeout 1w"), `2: ${notInteger("1w")}`],
      [inRunner("kill-mode all"), "2: 'all' is neither 'group' nor 'process'"],
      [`<bogus>\nany thing\n<runner/>\n</bogus>\n${inRunner("")}`, "1: unknown type name: 'bogus'"],
      [`<enviroment/>\n${inRunner("")}`, "1: unknown type name: 'enviroment'; did you mean 'environment'?"],
      [`<logger/>\n${inRunner("")}`, "1: no matching section defined for type='logger', name='None'"],
      [`<logger x/>\n${inRunner("")}`, "1: no matching section defined for type='logger', name='x'"],
      [inRunner("<environment/>"), "2: no matching section defined for type='environment', name='None'"],
      [inRunner("<logfile/>"), "2: no matching section defined for type='logfile', name='None'"],
      [inRunner("<eventlog/>\n<logger/>"), "3: too many instances of 'ZConfig.logger.log' section"],
      [inRunner("<logger/>"), "2: no values for 'name'; 1 required"],
      [inRunner("<logger>\nname a b\n</logger>"), "3: not a valid dotted name: 'a b'"],
      [inRunner("<logger>\nname a\npropagate 1\n</logger>"), "4: not a valid boolean value: '1'"],
      [`<eventlog/>\n<eventlog b/>\n${inRunner("")}`, "2: too many instances of 'eventlog' section"],
      [
        `<environment x/>\n<eventlog x/>\n${inRunner("")}`,
        "2: section names must not be re-used within the same container:'x'"
      ],
      [`<environment>\nA 1\na 2\nA 3\n</environment>\n${inRunner("")}`, "4: too many values for 'A'"],
      [`<environment>\nA=B 1\n</environment>\n${inRunner("")}`, "2: illegal environment variable name: 'A=B'"],
      [`<environment>\nA 1\0\n</environment>\n${inRunner("")}`, "2: the value of 'A' cannot contain a NUL character"],
      [inRunner("transcript a\0b"), "2: the value of 'transcript' cannot contain a NUL character"],
      [inEventLog("level 51"), "2: log level not in range: 51"],
      [inEventLog("level -1"), "2: log level not in range: -1"],
      [inEventLog("level Loud"), `2: ${notInteger("loud")}`],
      [inEventLog("<file/>"), "2: unknown type name: 'file'"],
      [inEventLog("<sysolg/>"), "2: unknown type name: 'sysolg'; did you mean 'syslog'?"],
      [inEventLog("<eventlog/>"), "2: no matching section defined for type='eventlog', name='None'"],
      [inHandler("logfile", "level info"), "4: no values for 'path'; 1 required"],
      [inHandler("logfile", "path x\nto a"), "4: 'to' is not a known key name"],
      [inHandler("logfile", "path x\nlevel 99"), "4: log level not in range: 99"],
      [inHandler("logfile", "path x\nmax-size 1k"), `4: ${notInteger("1k")}`],
      [inHandler("logfile", "path x\nold-files few\nwhen d"), `4: ${notInteger("few")}`],
      [inHandler("logfile", "path x\nold-files -1"), "4: -1 is negative; use 0 or more"],
      [inHandler("logfile", "path x\ndelay 1"), "4: not a valid boolean value: '1'"],
      [inHandler("logfile", "path x\nformatter a..b"), "4: not a valid dotted name: 'a..b'"],
      [
        inHandler("logfile", "path x\nencoding klingon"),
        "4: unknown encoding: klingon; use utf-8, latin-1 or ascii"
      ],
      [inHandler("logfile", "path x\nmax-size 1MB"), "5: old-files must be set for log rotation"],
      [inHandler("logfile", "path x\nwhen D"), "5: old-files must be set for log rotation"],
      [inHandler("logfile", "path x\ninterval 2"), "5: old-files must be set for log rotation"],
      [inHandler("logfile", "path x\nold-files 2"), "5: max-bytes or when must be set for log rotation"],
      [
        inHandler("logfile", "path x\nold-files 2\nwhen D\nmax-size 1"),
        "7: can't set *both* max_bytes and when"
      ],
      [inHandler("logfile", "path STDOUT\nold-files 2"), "5: cannot rotate STDOUT"],
      [inHandler("logfile", "path STDERR\ndelay on"), "5: cannot delay opening STDERR"],
      [inHandler("logfile", "path STDOUT\nencoding utf-8"), "5: cannot specify encoding for STDOUT"],
      [inHandler("logfile", "path x\nold-files 1\nwhen W"), weekly("W")],
      [inHandler("logfile", "path x\nold-files 1\nwhen W9"), "5: Invalid day specified for weekly rollover: W9"],
      [inHandler("logfile", "path x\nold-files 1\nwhen Y"), "5: Invalid rollover interval specified: Y"],
      [inHandler("logfile", "path x\nformat %(nosuch)s"), "4: invalid log format: unknown field 'nosuch'"],
      [inHandler("logfile", "path x\nstyle template\nformat %(message)s"), noField(5)],
      [
        inHandler("logfile", "path x\nstyle fancy\nformat {message}"),
        "4: log_format_style must be one of 'classic', 'format', 'safe-template', 'template'; found 'fancy'"
      ],
      [inHandler("logfile", "path x\narbitrary-fields 1\nformat %(size)s"), "4: not a valid boolean value: '1'"],
      [
        inHandler("syslog", "facility none"),
        "3: Syslog facility must be one of auth, authpriv, cron, daemon, kern, local0, local1, local2, local3, local4, " +
        "local5, local6, local7, lpr, mail, news, security, syslog, user, uucp"
      ],
      [inHandler("syslog", "address host:x"), `3: ${notInteger("x")}`],
      [inHandler("http-logger", "url https://host/"), "3: url must be an http url"],
      [inHandler("http-logger", "url host/path"), "3: url must be an http url"],
      [inHandler("http-logger", "url http:///path"), "3: url must specify a location"],
      [inHandler("http-logger", "url http://host"), "3: url must specify a path"],
      [inHandler("http-logger", "url http://host?x"), "3: url must specify a path"],
      [inHandler("http-logger", "url http://host:99999/"), "3: 'http://host:99999/' is not a valid url"],
      [inHandler("http-logger", "method put"), "3: method must be \"GET\" or \"POST\", instead received: 'PUT'"],
      [inHandler("email-notifier", "to a@b"), "4: no values for 'from'; 1 required"],
      [inHandler("email-notifier", "from a@b"), "4: not enough values for 'to'; 0 found, 1 required"],
      [
        inHandler("email-notifier", "from a@b\nto c@d\nsmtp-username me"),
        "6: Either both smtp-username and smtp-password or none must be given"
      ],
      [
        inHandler("email-notifier", "from a@b\nto c@d\nsmtp-password me"),
        "6: Either both smtp-username and smtp-password or none must be given"
      ],
      [inHandler("win32-eventlog", "appname x\nformat %(nosuch)s"), "4: invalid log format: unknown field 'nosuch'"]
    ])("%j: %s", (text, error) => {
      assert.deepStrictEqual(errorsOf(text), [error])
    })

    it("are reported together, in the order of the lines", () => {
      assert.deepStrictEqual(
        errorsOf(`<runner>
  backoff-limit 1h
  <logger>
    level 51
  </logger>
  bogus
  forever
</runner>
<environment>
  A 1
  A 2
</environment>
<eventlog>
  level nothing
</eventlog>`),
        [
          `2: ${notInteger("1h")}`,
          "4: log level not in range: 51",
          "5: no values for 'name'; 1 required",
          "6: 'bogus' is not a known key name",
          "7: not a valid boolean value: ''",
          "8: no values for 'program'; 1 required",
          "11: too many values for 'A'",
          `14: ${notInteger("nothing")}`
        ]
      )
    })

    it("are told up to the twentieth, and then counted", () => {
      const errors = errorsOf(inRunner("bogus\n".repeat(100_000)))
      assert.deepStrictEqual([errors.length, errors[0], errors[19], errors[20]], [
        21,
        "2: 'bogus' is not a known key name",
        "21: 'bogus' is not a known key name",
        "and 99980 more"
      ])
    })

    it("are short, whatever they quote", () => {
      const [error = "", ...more] = errorsOf(inRunner(`backoff-limit ${"x".repeat(1_000_000)}`))
      assert.deepStrictEqual(more, [])
      assert.match(
        error,
        /^2: invalid literal for int\(\) with base 10: 'x{559}\[\.\.\. \d+ characters \.\.\.\]x{199}'$/
      )
    })

    it("of values that cannot be substituted are told with those of others, and only once", () => {
      assert.deepStrictEqual(errorsOf(`<runner>\nprogram $nothing\nbackoff-limit $nothing\nforever maybe\n</runner>`), [
        "2: no replacement for 'nothing'",
        "3: no replacement for 'nothing'",
        "4: not a valid boolean value: 'maybe'"
      ])
    })

    it("have what was meant looked for only where they are shown", () => {
      let lookedUp = 0
      const known = {
        *[Symbol.iterator]() {
          lookedUp++
          yield "backoff-limit"
        }
      }
      const mistakes = Arr.makeBy(1000, (i) => ({
        reason: "oh",
        unknown: { name: `backoff-limi${i}`, known },
        place: { file, line: i + 1 }
      }))
      assert.match(Mistake.tell(mistakes)[9] ?? "", /^oh; did you mean 'backoff-limit'\? \(line 10,/)
      assert.strictEqual(lookedUp, 20)
    })

    it("take as long for names that are like known ones as for others", () => {
      const milliseconds = (key: string) => {
        const tree = treeOf(inRunner(Array.from({ length: 20_000 }, (_, i) => `${key}${i} x`).join("\n")))
        const start = performance.now()
        assert.isTrue(Either.isLeft(decode(tree)))
        return performance.now() - start
      }
      milliseconds("warm-up-")
      assert.isBelow(milliseconds("backoff-limi"), 10 * milliseconds(`backoff-limit-${"x".repeat(40)}`))
    })

    it("have their place at the end of the message", () => {
      const text = reading(`%include more.conf\n${inRunner("daemon 1")}`, { "/etc/more.conf": "\nbogus" })
      assert.deepStrictEqual(
        Either.mapLeft(Mistakes.decode(text), Mistake.tell),
        Either.left([
          "'bogus' is not a known key name (line 2, in file:///etc/more.conf)",
          "not a valid boolean value: '1' (line 3, in file:///etc/zdaemon.conf)"
        ])
      )
    })
  })

  describe("event log", () => {
    it("is that of the runner if both are there", () => {
      const outer = "<eventlog>\nlevel 1\n</eventlog>\n"
      assert.deepStrictEqual(eventLogOf(outer + inRunner("")), { level: 1, handlers: [] })
      for (const [open, close] of [["eventlog", "eventlog"], ["logger", "logger"]]) {
        const inner = `<${open}>\n${open === "logger" ? "name root\n" : ""}level 2\n</${close}>`
        assert.deepStrictEqual(eventLogOf(outer + inRunner(inner)), { level: 2, handlers: [] })
        assert.deepStrictEqual(eventLogOf(inRunner(inner)), { level: 2, handlers: [] })
      }
    })

    it("is checked even where another one overrides it", () => {
      assert.deepStrictEqual(errorsOf(`<eventlog>\nlevel 51\n</eventlog>\n${inRunner("<eventlog/>")}`), [
        "2: log level not in range: 51"
      ])
    })

    it.each([
      ["critical", 50],
      ["FATAL", 50],
      ["error", 40],
      ["warn", 30],
      ["Warning", 30],
      ["info", 20],
      ["blather", 15],
      ["debug", 10],
      ["trace", 5],
      ["all", 1],
      ["notset", 0],
      ["0", 0],
      ["50", 50]
    ])("takes %s as level %d", (text, level) => {
      assert.strictEqual(eventLogOf(inEventLog(`level ${text}`))?.level, level)
    })

    it("has level info and no handlers by default", () => {
      assert.deepStrictEqual(eventLogOf(inEventLog("")), { level: 20, handlers: [] })
    })

    it("has any number of handlers, in their order, without the one of Windows", () => {
      const handlers = eventLogOf(inEventLog(`
        <logfile>
          path /a
        </logfile>
        <win32-eventlog/>
        <syslog/>
        <logfile>
          path /b
        </logfile>
      `))?.handlers
      assert.deepStrictEqual(handlers?.map((handler) => handler._tag), ["LogFile", "Syslog", "LogFile"])
    })

    it.each([
      ["path /x", {}],
      ["path logs/x.log", { path: "/start/logs/x.log" }],
      ["path STDOUT", { path: "STDOUT" }],
      ["path STDERR", { path: "STDERR" }],
      ["path stdout", { path: "/start/stdout" }],
      ["path /x\nmax-size 5mb\nold-files 3", { maxSize: 5_242_880, oldFiles: 3 }],
      ["path /x\nwhen midnight\nold-files 3", { when: "MIDNIGHT", interval: 1, oldFiles: 3 }],
      ["path /x\nwhen w6\ninterval 2\nold-files 3", { when: "W6", interval: 2, oldFiles: 3 }],
      ["path /x\nencoding utf-8\ndelay on", { encoding: "utf-8", delay: true }],
      ["path /x\nlevel warn\ndateformat %H:%M\nformatter a.b.C", { level: 30, dateFormat: "%H:%M" }],
      ["path /x\nformat %(message)s\\n\\t", { format: "%(message)s\n\t" }],
      ["path /x\nformat", { format: "%(message)s" }],
      ["path /x\nstyle Format\nformat {message}", { style: "format", format: "{message}" }],
      ["path /x\nstyle template\nformat $$message", { style: "template", format: "$message" }],
      ["path /x\nstyle safe-template\nformat $$x", { style: "safe-template", format: "$x" }],
      ["path /x\nstyle template", {}],
      ["path /x\narbitrary-fields on\nformat %(size)d", { arbitraryFields: true, format: "%(size)d" }]
    ])("reads a log file: %j", (lines, differences) => {
      assert.deepStrictEqual(handlerOf("logfile", lines), { ...logFile, ...differences })
    })

    it.each([
      ["", {}],
      ["facility LOCAL7\naddress /dev/log", { facility: "local7", address: { path: "/dev/log" } }],
      ["address Logs:1514", { address: { host: "logs", port: 1514 } }],
      ["address logs", { address: { host: "logs", port: 514 } }],
      ["address 1514", { address: { host: "localhost", port: 1514 } }]
    ])("reads a system log: %j", (lines, differences) => {
      assert.deepStrictEqual(handlerOf("syslog", lines), {
        _tag: "Syslog",
        ...common,
        format: "%(name)s %(message)s",
        facility: "user",
        address: { host: "localhost", port: 514 },
        ...differences
      })
    })

    it.each([
      ["", {}],
      ["url http://h:8080/p;q?r=1#s\nmethod post", { url: "http://h:8080/p;q?r=1#s", method: "POST" }]
    ])("reads a web server: %j", (lines, differences) => {
      assert.deepStrictEqual(handlerOf("http-logger", lines), {
        _tag: "HttpLogger",
        ...common,
        format: standardFormat,
        url: "http://localhost/",
        method: "GET",
        ...differences
      })
    })

    it.each([
      ["from a@b\nto c@d", {}],
      ["from a@b\nto c@d\nTo e@f\nsubject Oh no", { to: ["c@d", "e@f"], subject: "Oh no" }],
      [
        "from a@b\nto c@d\nsmtp-server mail:587\nsmtp-username me\nsmtp-password secret",
        { host: "mail", port: 587, username: "me", password: "secret" }
      ]
    ])("reads a mail notifier: %j", (lines, differences) => {
      assert.deepStrictEqual(handlerOf("email-notifier", lines), {
        _tag: "EmailNotifier",
        ...common,
        format: standardFormat,
        from: "a@b",
        to: ["c@d"],
        subject: "Message from Zope",
        host: "localhost",
        port: 25,
        ...differences
      })
    })
  })

  const types = [...ConfigSchema.sectionTypes.keys()].filter((type) => type.length > 0)
  const keys = [...ConfigSchema.sectionTypes.values()].flatMap((type) =>
    type.keys === "any" ? [] : Array.from(type.keys.keys())
  )
  const key = FastCheck.record({
    key: FastCheck.oneof(FastCheck.constantFrom(...keys, "PATH", "1x"), FastCheck.string()),
    value: FastCheck.oneof(
      FastCheck.constantFrom("on", "1", "x", "STDOUT", "info", "%(message)s", "a:1", "http://a/"),
      FastCheck.string()
    )
  })
  const section = (depth: number): FastCheck.Arbitrary<ZConfigPrinter.Section> =>
    FastCheck.record({
      type: FastCheck.constantFrom("runner", "eventlog", "logfile", ...types, "bogus"),
      name: FastCheck.option(FastCheck.constantFrom("a", "b"), { nil: undefined }),
      keys: FastCheck.array(key, { maxLength: 6 }),
      sections: depth === 0 ? FastCheck.constant([]) : FastCheck.array(section(depth - 1), { maxLength: 4 })
    })

  it.prop("decides about any tree, and every error has a place in it", [section(3)], ([root]) => {
    const { tree } = ZConfigPrinter.print({ ...root, type: "", name: undefined }, file)
    Either.match(decode(tree), {
      onLeft: (errors) => {
        for (const error of errors) {
          const line = error.place?.line ?? 0
          assert.strictEqual(error.place?.file, file)
          assert.isTrue(line >= 1 && line <= tree.end.line)
          assert.isTrue(Mistake.message(error).endsWith(` (line ${line}, in file:///etc/zdaemon.conf)`))
        }
      },
      onRight: assertDecodes
    })
  })

  it.prop(
    "gives an event log that its schema takes",
    [FastCheck.array(key), FastCheck.constantFrom(...types)],
    ([keys, type]) => {
      const handlers = keys.map((key) => ({
        type,
        name: undefined,
        keys: [{ key: "path", value: "x" }, key],
        sections: []
      }))
      const section = { name: undefined, keys: [], sections: [] }
      const { tree } = ZConfigPrinter.print({
        ...section,
        type: "",
        sections: [
          { ...section, type: "runner", keys: [{ key: "program", value: "x" }] },
          { ...section, type: "eventlog", sections: handlers }
        ]
      }, file)
      Either.match(decode(tree), { onLeft: () => undefined, onRight: assertDecodes })
    }
  )
})

function weekly(text: string): string {
  return `5: You must specify a day for weekly rollover from 0 to 6 (0 is Monday): ${text}`
}

function noField(line: number): string {
  return `${line}: invalid log format: there is no field in it`
}

function assertDecodes({ eventLog, settings }: ConfigFile.Configuration): void {
  assert.isTrue(Either.isRight(Settings.decode(new Map([...settings].map(([key, { text }]) => [key, text])))))
  if (eventLog !== undefined) {
    assert.deepStrictEqual(Schema.encodeSync(EventLogSettings.EventLogSettings)(eventLog), eventLog)
  }
}
