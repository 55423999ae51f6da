import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as LogFormat from "../../src/config/LogFormat.ts"

const verdict = (style: LogFormat.Style, format: string, arbitraryFields = false): string =>
  Either.match(LogFormat.compile({ style, format, arbitraryFields }), {
    onLeft: (reason) => reason,
    onRight: () => "ok"
  })

const good: ReadonlyArray<readonly [LogFormat.Style, string]> = [
  ["classic", "------\n%(asctime)s %(levelname)s %(name)s %(message)s"],
  ["classic", "%(levelname)-8s|%(levelno)03d|%(created).3f|%(msecs)03d|%(message).20s|100%%"],
  ["classic", "%(levelno)x %(thread)i %(process)c %(message)r %(created)g %(relativeCreated)s"],
  [
    "classic",
    "%(pathname)s %(filename)s %(module)s %(lineno)ld %(funcName)s"
  ],
  ["format", "{asctime} {levelname:<8} {name!r:>10} {message}"],
  ["format", "{levelno:03d} {created:.3f} {lineno:>6,} {process:x} {levelno:%} {{literal}} {message:*^30.10s}"],
  ["format", "{message:\u{1f600}<8}"],
  ["template", "$asctime ${levelname}: $message costs $$1"],
  ["safe-template", "$nothing ${ $ }"],
  ["safe-template", "plain"]
]

const bad: ReadonlyArray<readonly [LogFormat.Style, string, string]> = [
  ["classic", "%(levlname)s", "unknown field 'levlname'; did you mean 'levelname'?"],
  ["classic", "%(zzz)s", "unknown field 'zzz'"],
  ["classic", "%(Message)s", "unknown field 'Message'; did you mean 'message'?"],
  ["classic", "%(message)d", "'%(message)d' does not suit the field"],
  ["classic", "%(created)x", "'%(created)x' does not suit the field"],
  ["classic", "%(message)y", "'%(message)y' does not suit the field"],
  ["classic", "%(message)s 100%", "'%' is not understood"],
  ["classic", "%s", "'%s' is not understood"],
  ["classic", "%(message", "'%(message' is not understood"],
  ["classic", "%(message)*s", "'%(message)*s' is not understood"],
  ["classic", "%(message)123456789s", "'%(message)123456789s' is not understood"],
  ["classic", "{message}", "there is no field in it"],
  ["format", "%(message)s", "there is no field in it"],
  ["format", "{}", "positional placeholders cannot be used"],
  ["format", "{0} {1}", "positional placeholders cannot be used"],
  ["format", "{mesage}", "unknown field 'mesage'; did you mean 'message'?"],
  ["format", "{message.x}", "unknown field 'message.x'; did you mean 'message'?"],
  ["format", "{message:d}", "'{message:d}' does not suit the field"],
  ["format", "{message:=8}", "'{message:=8}' does not suit the field"],
  ["format", "{levelno:s}", "'{levelno:s}' does not suit the field"],
  ["format", "{message!x}", "'{message!x}' does not suit the field"],
  ["format", "{message", "'{message' is not understood"],
  ["format", "{message} }", "'}' is not understood"],
  ["template", "$mesage", "unknown field 'mesage'; did you mean 'message'?"],
  ["template", "$message for $ 5", "'$' is not understood"],
  ["template", "${message", "'${message' is not understood"],
  ["template", "%(message)s", "there is no field in it"]
]

const fields: LogFormat.Fields = {
  name: "root",
  levelno: 20,
  levelname: "INFO",
  pathname: "(unknown file)",
  filename: "(unknown file)",
  module: "(unknown file)",
  lineno: 0,
  funcName: "(unknown function)",
  created: 1795346067.25,
  asctime: "11:14",
  msecs: 250,
  relativeCreated: 1500,
  thread: 13600,
  threadName: "MainThread",
  process: 13600,
  processName: "MainProcess",
  message: "spawned process pid=13607"
}

const render = (style: LogFormat.Style, format: string, arbitraryFields = false, of = fields): string =>
  Either.match(LogFormat.compile({ style, format, arbitraryFields }), {
    onLeft: (reason) => reason,
    onRight: (render) => render(of)
  })

type Table = ReadonlyArray<readonly [format: string, text: string]>

const assertTable = (style: LogFormat.Style, table: Table): void => {
  for (const [format, text] of table) assert.strictEqual(render(style, format), text, format)
}

const assertRefused = (style: LogFormat.Style, formats: ReadonlyArray<string>): void => {
  for (const format of formats) assert.match(verdict(style, format), /^invalid log format: /, format)
}

// What logging.Formatter of Python 3.11 makes of a record with these fields.

const classic: Table = [
  ["%(levelname)s", "INFO"],
  ["%(name)-10s|", "root      |"],
  ["%(name)10s|", "      root|"],
  ["%(name).2s|", "ro|"],
  ["%(name)8.2s|", "      ro|"],
  ["%(name)-8.2s|", "ro      |"],
  ["%(name)08s|", "    root|"],
  ["%(levelno)d", "20"],
  ["%(levelno)5d|", "   20|"],
  ["%(levelno)-5d|", "20   |"],
  ["%(levelno)05d", "00020"],
  ["%(levelno)+d", "+20"],
  ["%(levelno) d", " 20"],
  ["%(levelno)-05d|", "20   |"],
  ["%(levelno).4d", "0020"],
  ["%(levelno)6.3d|", "   020|"],
  ["%(levelno)i", "20"],
  ["%(levelno)u", "20"],
  ["%(levelno)x", "14"],
  ["%(levelno)#x", "0x14"],
  ["%(levelno)X", "14"],
  ["%(levelno)#X", "0X14"],
  ["%(levelno)o", "24"],
  ["%(levelno)#o", "0o24"],
  ["%(levelno)#06x", "0x0014"],
  ["%(levelno)c", "\u0014"],
  ["%(levelno)3c|", "  \u0014|"],
  ["%(levelno)e", "2.000000e+01"],
  ["%(levelno)f", "20.000000"],
  ["%(levelno).1f", "20.0"],
  ["%(levelno)g", "20"],
  ["%(levelno)#g", "20.0000"],
  ["%(msecs)s", "250.0"],
  ["%(msecs)d", "250"],
  ["%(msecs)03d", "250"],
  ["%(msecs)g", "250"],
  ["%(msecs).2e", "2.50e+02"],
  ["%(msecs)E", "2.500000E+02"],
  ["%(msecs).0f", "250"],
  ["%(msecs)#.0f", "250."],
  ["%(relativeCreated)s", "1500.0"],
  ["%(relativeCreated)r", "1500.0"],
  ["%(relativeCreated)g", "1500"],
  ["%(relativeCreated).2g", "1.5e+03"],
  ["%(relativeCreated)G", "1500"],
  ["%(relativeCreated)010.2f|", "0001500.00|"],
  ["%(relativeCreated)+.1f", "+1500.0"],
  ["%(name)r", "'root'"],
  ["%(name)10r|", "    'root'|"],
  ["%(process)d", "13600"],
  ["%(asctime)s", "11:14"],
  ["%(asctime)20s|", "               11:14|"],
  ["100%%%(levelno)d%%", "100%20%"],
  ["%(levelno)ld", "20"],
  ["a\nb%(message)s\n", "a\nbspawned process pid=13607\n"],
  [
    "%(lineno)d %(funcName)s %(module)s %(pathname)s %(filename)s",
    "0 (unknown function) (unknown file) (unknown file) (unknown file)"
  ],
  ["%(threadName)s %(processName)s %(thread)d", "MainThread MainProcess 13600"],
  ["%(lineno)g", "0"],
  ["%(lineno).3d", "000"],
  ["%(lineno)#x", "0x0"]
]

const braces: Table = [
  ["{levelname}", "INFO"],
  ["{levelname:<8}|", "INFO    |"],
  ["{levelname:>8}|", "    INFO|"],
  ["{levelname:^9}|", "  INFO   |"],
  ["{levelname:*^9}|", "**INFO***|"],
  ["{levelname:.2}|", "IN|"],
  ["{levelname:6.2}|", "IN    |"],
  ["{levelname:08}|", "INFO0000|"],
  ["{levelname!r}", "'INFO'"],
  ["{levelname!r:>10}|", "    'INFO'|"],
  ["{levelname!s:5}|", "INFO |"],
  ["{levelname:s}", "INFO"],
  ["{levelno}", "20"],
  ["{levelno:5}|", "   20|"],
  ["{levelno:<5}|", "20   |"],
  ["{levelno:05}|", "00020|"],
  ["{levelno:+}", "+20"],
  ["{levelno: d}", " 20"],
  ["{levelno:x}", "14"],
  ["{levelno:#x}", "0x14"],
  ["{levelno:#08x}", "0x000014"],
  ["{levelno:b}", "10100"],
  ["{levelno:#b}", "0b10100"],
  ["{levelno:o}", "24"],
  ["{levelno:c}", "\u0014"],
  ["{levelno:e}", "2.000000e+01"],
  ["{levelno:.1f}", "20.0"],
  ["{levelno:g}", "20"],
  ["{levelno:%}", "2000.000000%"],
  ["{levelno:=+6}|", "+   20|"],
  ["{levelno:x>6}|", "xxxx20|"],
  ["{levelno!r:4}|", "20  |"],
  ["{levelno:n}", "20"],
  ["{msecs}", "250.0"],
  ["{msecs:03.0f}", "250"],
  ["{msecs:8.2f}|", "  250.00|"],
  ["{msecs:.1%}", "25000.0%"],
  ["{msecs:g}", "250"],
  ["{msecs:.2}", "2.5e+02"],
  ["{msecs:.3}", "2.5e+02"],
  ["{msecs:.4}", "250.0"],
  ["{relativeCreated}", "1500.0"],
  ["{relativeCreated:.3}", "1.5e+03"],
  ["{relativeCreated:.4}", "1.5e+03"],
  ["{relativeCreated:.5}", "1500.0"],
  ["{relativeCreated:G}", "1500"],
  ["{relativeCreated:#.0f}", "1500."],
  ["{relativeCreated:n}", "1500"],
  ["{{}}{levelno}", "{}20"],
  ["{{{name}}}", "{root}"],
  ["{asctime} {message}", "11:14 spawned process pid=13607"],
  ["{levelno:.3g}", "20"]
]

const template: Table = [
  ["$levelname", "INFO"],
  ["${levelname}x", "INFOx"],
  ["$$$levelno$$", "$20$"],
  ["$name: $message", "root: spawned process pid=13607"],
  ["$msecs $levelno", "250.0 20"],
  ["a$$b$name", "a$broot"]
]

describe("LogFormat", () => {
  it.each(good)("accepts in style %s: %j", (style, format) => {
    assert.strictEqual(verdict(style, format), "ok")
  })

  it.each(bad)("refuses in style %s: %j (%s)", (style, format, reason) => {
    assert.strictEqual(verdict(style, format), `invalid log format: ${reason}`)
  })

  it("accepts other fields on request, as numbers or texts, but still checks the syntax", () => {
    for (
      const [style, format] of [
        ["classic", "%(request)s %(size)d"],
        ["format", "{request:<8s} {size:05d} {share:.2%}"],
        ["template", "$request ${size}"]
      ] as const
    ) {
      assert.strictEqual(verdict(style, format, true), "ok")
      assert.include(verdict(style, format), "unknown field 'request'")
    }
    assert.strictEqual(
      verdict("classic", "%(message)d %(x)s", true),
      "invalid log format: '%(message)d' does not suit the field"
    )
    assert.strictEqual(verdict("format", "{a.b}", true), "invalid log format: unknown field 'a.b'")
    assert.strictEqual(verdict("classic", "%(x", true), "invalid log format: '%(x' is not understood")
  })

  it("renders classic formats as Python does", () => assertTable("classic", classic))

  it("renders brace formats as Python does", () => assertTable("format", braces))

  it("renders templates as Python does", () => {
    assertTable("template", template)
    assertTable("safe-template", template)
  })

  it("refuses classic formats that Python fails on", () => {
    assertRefused("classic", [
      "%(relativeCreated)x",
      "%(levelname)%",
      "%(name)d",
      "%(bogus)s",
      "%s",
      "100%",
      "%(name",
      "%(name)",
      "%(name)y"
    ])
  })

  it("refuses brace formats that Python fails on, and nested ones", () => {
    assertRefused("format", [
      "{",
      "}",
      "{}",
      "{bogus}",
      "{levelname:d}",
      "{levelno:s}",
      "{levelno:.2}",
      "{levelno:.2d}",
      "{msecs:d}",
      "{msecs:x}",
      "{levelname:=8}",
      "{levelname:+}",
      "{levelname:#}",
      "{name.x}",
      "{levelno:+c}"
    ])
    assertRefused("format", ["{name:{levelno}}"])
  })

  it("refuses templates that Python fails on, and leaves them as written in a safe one", () => {
    const formats = ["$", "$ x", "${name", "$1", "$bogus", "${bogus}", "$levelname_", "$Name", "${ name}"]
    assertRefused("template", formats)
    assertTable("safe-template", formats.map((format) => [format, format]))
  })

  it("leaves unknown fields as written when arbitrary ones are allowed", () => {
    assert.strictEqual(render("classic", "%(bogus)5d %(name)s", true), "%(bogus)5d root")
    assert.strictEqual(render("format", "{bogus:>5} {name}", true), "{bogus:>5} root")
    assert.strictEqual(render("template", "${bogus} $name", true), "${bogus} root")
  })

  it("refuses a width that would fill the memory", () => {
    assertRefused("classic", ["%(name)999999999s", "%(levelno).99999f"])
    assertRefused("format", ["{name:999999999}", "{levelno:.99999f}"])
    assert.strictEqual(render("classic", "%(levelno).999f"), `20.${"0".repeat(999)}`)
  })

  it("counts a character beyond the basic plane as one", () => {
    const text = render("classic", "%(message)-4s|%(message).1s|", false, { ...fields, message: "\u{1f40d}b" })
    assert.strictEqual(text, "\u{1f40d}b  |\u{1f40d}|")
  })

  it("replaces five escapes and leaves other backslashes", () => {
    assert.strictEqual(LogFormat.unescape("a\\nb\\tc\\bd\\fe\\rf\\x\\\\"), "a\nb\tc\bd\fe\rf\\x\\\\")
  })

  it.prop(
    "says something about any format",
    [
      FastCheck.constantFrom<Array<LogFormat.Style>>("classic", "format", "template", "safe-template"),
      FastCheck.array(
        FastCheck.oneof(
          FastCheck.constantFrom("%", "(", ")", "{", "}", "$", "!", ":", "message", "levelno", "s", "d", "<", "8", "."),
          FastCheck.string()
        )
      ),
      FastCheck.boolean()
    ],
    ([style, parts, arbitraryFields]) => {
      assert.match(verdict(style, parts.join(""), arbitraryFields), /^ok$|^invalid log format: /)
    }
  )

  it("takes time linear in the format", () => {
    for (const piece of ["%(", "{", "${", "%(message)s", "{{", "{message}", "$$"]) {
      verdict("classic", piece.repeat(100_000))
      verdict("format", piece.repeat(100_000))
      verdict("template", piece.repeat(100_000))
    }
  })
})
