import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Mistake from "../../src/config/Mistake.ts"
import type { Place } from "../../src/config/Place.ts"
import * as ZConfig from "../../src/config/ZConfig.ts"
import type * as ZConfigTree from "../../src/config/ZConfigTree.ts"
import * as ZConfigPrinter from "../support/ZConfigPrinter.ts"

const file = "/etc/zdaemon.conf"

const treeOf = (
  { mistakes, root }: ZConfigTree.Reading
): Either.Either<ZConfigTree.SectionNode, ReadonlyArray<Mistake.Mistake>> =>
  mistakes.length === 0 ? Either.right(root) : Either.left(mistakes)

const read = (
  text: string,
  files: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {}
) =>
  treeOf(Effect.runSync(ZConfig.parse({ file, text }, {
    environment: new Map(Object.entries(environment)),
    include: (path) => {
      const text = files[path]
      return text === undefined ? Effect.fail(`error opening file ${path}: no such file`) : Effect.succeed(text)
    }
  })))

/** A tree as nested lists: keys as `key=value`, sections as a head and their contents. */
const outline = (section: ZConfigTree.SectionNode): ReadonlyArray<unknown> => [
  ...section.keys.map(({ key, value }) => `${key}=${value}`),
  ...section.sections.map((section) => [
    section.name === undefined ? section.type : `${section.type} ${section.name}`,
    ...outline(section)
  ])
]

const outlineOf = (...input: Parameters<typeof read>) =>
  Either.match(read(...input), { onLeft: (errors) => errors.map(Mistake.message), onRight: outline })

/** Each error as `line: reason`, or `file:line: reason` if it is not in the main file. */
const errorsOf = (...input: Parameters<typeof read>): ReadonlyArray<string> =>
  Either.match(read(...input), {
    onLeft: (errors) =>
      errors.map(({ place, reason }) => `${place?.file === file ? "" : `${place?.file}:`}${place?.line}: ${reason}`),
    onRight: () => []
  })

describe("ZConfig", () => {
  describe("sections and keys", () => {
    it("reads keys, sections, names and empty sections", () => {
      assert.deepStrictEqual(
        outlineOf(`
          # how it runs
          <runner main>
            program sleep 100
            forever
            <eventlog>
              level info
            </eventlog>
          </runner>
          <environment/>
          <eventlog Backup/>
          top   level
        `),
        [
          "top=level",
          ["runner main", "program=sleep 100", "forever=", ["eventlog", "level=info"]],
          ["environment"],
          ["eventlog backup"]
        ]
      )
    })

    it("ignores the case of section types and names, and keeps that of keys", () => {
      assert.deepStrictEqual(outlineOf("<Runner MAIN>\nProgram X\n</RUNNER>"), [["runner main", "Program=X"]])
    })

    it("takes `#` inside a value as part of the value", () => {
      assert.deepStrictEqual(outlineOf("program echo # no comment"), ["program=echo # no comment"])
    })

    it("ends a key at white space or a parenthesis", () => {
      assert.deepStrictEqual(outlineOf("prog(x) y\nkey \t value"), ["prog=(x) y", "key=value"])
    })

    it("accepts blanks at the end of a header", () => {
      assert.deepStrictEqual(outlineOf("<runner  main >\n</runner >"), [["runner main"]])
    })

    it("takes a slash before a blank as part of the header, and another one as part of the type", () => {
      assert.deepStrictEqual(outlineOf("<a />\n<b//>\n<c x/ >\n</c>"), [["a"], ["b/"], ["c x/"]])
    })

    it("reads lines that end with CR LF as those that end with LF", () => {
      assert.deepStrictEqual(outlineOf("<runner>\r\nprogram x\r\n</runner>\r\n"), [["runner", "program=x"]])
    })

    it("ends a line at LF only", () => {
      assert.deepStrictEqual(outlineOf("key a\rb\u2028c\u0085d"), ["key=a\rb\u2028c\u0085d"])
    })

    it("takes for white space what Python takes for it", () => {
      assert.deepStrictEqual(outlineOf("\u001ckey\u0085value\u3000"), ["key=value"])
      assert.deepStrictEqual(outlineOf("key\ufeffvalue"), ["key\ufeffvalue="])
    })

    it("skips a byte order mark at the start of each file", () => {
      assert.deepStrictEqual(
        outlineOf("\ufeff<runner>\n%include more.conf\n</runner>", { "/etc/more.conf": "\ufeffkey value" }),
        [["runner", "key=value"]]
      )
    })

    it("tells the file and line of every key and section, and where sections end", () => {
      const tree = read("\n<a>\n%include b.conf\nkey\n</a>\n", { "/etc/b.conf": "\n\nother" })
      const place = { file, line: 2 }
      assert.deepStrictEqual(
        tree,
        Either.right({
          type: "",
          name: undefined,
          keys: [],
          sections: [{
            type: "a",
            name: undefined,
            keys: [
              { key: "other", value: "", place: { file: "/etc/b.conf", line: 3 } },
              { key: "key", value: "", place: { file, line: 4 } }
            ],
            sections: [],
            place,
            end: { file, line: 5 }
          }],
          place: { file, line: 1 },
          end: { file, line: 5 }
        })
      )
    })
  })

  describe("definitions and substitution", () => {
    it("replaces $name, ${name}, $(NAME) and $$", () => {
      assert.deepStrictEqual(
        outlineOf("%define Name one two\nkey $name/${NAME}s/$(HOME)/$$name", {}, { HOME: "/root" }),
        ["key=one two/one twos//root/$name"]
      )
    })

    it("does not look at replacement text again", () => {
      assert.deepStrictEqual(outlineOf("%define a $$b\n%define b x\nkey $a$(V)", {}, { V: "$b" }), ["key=$b$b"])
    })

    it("substitutes in a definition when it is defined", () => {
      assert.deepStrictEqual(outlineOf("%define a 1\n%define b $a$a\nkey $b"), ["key=11"])
    })

    it("distinguishes the case of environment variables", () => {
      assert.deepStrictEqual(errorsOf("key $(home)", {}, { HOME: "/root" }), ["1: no replacement for 'home'"])
    })

    it("does not find what every JavaScript object has", () => {
      assert.deepStrictEqual(errorsOf("a $constructor\nb $(toString)"), [
        "1: no replacement for 'constructor'",
        "2: no replacement for 'toString'"
      ])
    })

    it("substitutes neither in keys nor in headers", () => {
      assert.deepStrictEqual(outlineOf("$x value\n<$x $y>\n</$x>"), ["$x=value", ["$x $y"]])
    })

    it("defines a name without a value as nothing", () => {
      assert.deepStrictEqual(outlineOf("%define a\nkey <$a>"), ["key=<>"])
    })

    it("accepts a definition that is repeated", () => {
      assert.deepStrictEqual(outlineOf("%define a x y\n%define A x y\nkey $a"), ["key=x y"])
    })

    it("compares a repeated definition as written, as the original does", () => {
      assert.deepStrictEqual(errorsOf("%define a x\n%define b $a\n%define b $a"), ["3: cannot redefine 'b'"])
    })

    it("has one name space for the main file and included files, in both directions", () => {
      assert.deepStrictEqual(
        outlineOf("%define a 1\n%include b.conf\nouter $b", { "/etc/b.conf": "inner $a\n%define b 2" }),
        ["inner=1", "outer=2"]
      )
      assert.deepStrictEqual(
        errorsOf("%define a 1\n%include b.conf", { "/etc/b.conf": "%define a 2" }),
        ["/etc/b.conf:1: cannot redefine 'a'"]
      )
    })

    it("refuses definitions that double until they would fill the memory", () => {
      const doubling = Array.from({ length: 40 }, (_, n) => `%define a${n + 1} $a${n}$a${n}`)
      assert.deepStrictEqual(errorsOf(["%define a0 x", ...doubling].join("\n")), ["25: too much replacement text"])
    })
  })

  describe("includes", () => {
    const path = (reference: string, from = file) => {
      const asked: Array<string> = []
      Effect.runSync(Effect.either(ZConfig.parse({ file: from, text: `%include ${reference}` }, {
        environment: new Map([["DIR", "/srv"]]),
        include: (path) => {
          asked.push(path)
          return Effect.succeed("")
        }
      })))
      return asked.join()
    }

    it("resolves a reference against the file that has it", () => {
      assert.strictEqual(path("b.conf"), "/etc/b.conf")
      assert.strictEqual(path("../srv/./b.conf"), "/srv/b.conf")
      assert.strictEqual(path("../../../b.conf"), "/b.conf")
      assert.strictEqual(path("/srv/b.conf"), "/srv/b.conf")
      assert.strictEqual(path("$(DIR)/b.conf"), "/srv/b.conf")
      assert.strictEqual(path("file:///srv/b%20c.conf"), "/srv/b c.conf")
      assert.strictEqual(path("FILE://localhost/srv/b.conf"), "/srv/b.conf")
      assert.strictEqual(path("b.conf", "file:///srv/a%20b/main.conf"), "/srv/a b/b.conf")
    })

    it("resolves against the included file inside an included file", () => {
      assert.deepStrictEqual(
        outlineOf("%include d/b.conf\n%include c.conf", {
          "/etc/d/b.conf": "%include c.conf",
          "/etc/d/c.conf": "key inner",
          "/etc/c.conf": "key outer"
        }),
        ["key=inner", "key=outer"]
      )
    })

    it("parses the included text in the section that includes it", () => {
      assert.deepStrictEqual(
        outlineOf("<a>\n%include b.conf\n</a>", { "/etc/b.conf": "key\n<b>\n</b>" }),
        [["a", "key=", ["b"]]]
      )
    })

    it("demands that an included file is balanced by itself", () => {
      assert.deepStrictEqual(
        errorsOf("<a>\n%include b.conf\n</a>", { "/etc/b.conf": "</a>\n<a>\n" }),
        ["/etc/b.conf:1: unexpected section end", "/etc/b.conf:2: unclosed sections not allowed"]
      )
    })

    it("reports at the directive what the caller says about a file that it cannot read", () => {
      assert.deepStrictEqual(errorsOf("\n%include b.conf"), ["2: error opening file /etc/b.conf: no such file"])
    })

    it("tells where a file is included from", () => {
      const from: Array<Place> = []
      Effect.runSync(ZConfig.parse({ file, text: "\n%include b.conf" }, {
        environment: new Map(),
        include: (_, place) => {
          from.push(place)
          return Effect.succeed("")
        }
      }))
      assert.deepStrictEqual(from, [{ file, line: 2 }])
    })

    it("reports an include cycle with its chain", () => {
      assert.deepStrictEqual(
        errorsOf("%include b.conf", { "/etc/b.conf": "%include c.conf", "/etc/c.conf": "%include d/../b.conf" }),
        ["/etc/c.conf:1: include cycle: /etc/b.conf -> /etc/c.conf -> /etc/b.conf"]
      )
      assert.deepStrictEqual(errorsOf("%include zdaemon.conf"), [
        "1: include cycle: /etc/zdaemon.conf -> /etc/zdaemon.conf"
      ])
    })

    it("includes a file twice if it is not in itself", () => {
      assert.deepStrictEqual(outlineOf("%include b.conf\n%include b.conf", { "/etc/b.conf": "k" }), ["k=", "k="])
    })

    it("includes 32 deep and no deeper", () => {
      const chain = (length: number) =>
        Object.fromEntries(
          Array.from({ length }, (_, n) => [`/etc/${n}`, n + 1 < length ? `%include ${n + 1}` : "end reached"])
        )
      assert.deepStrictEqual(outlineOf("%include 0", chain(32)), ["end=reached"])
      assert.deepStrictEqual(errorsOf("%include 0", chain(33)), ["/etc/31:1: includes are more than 32 deep"])
    })

    it("refuses what is not a file of this host", () => {
      assert.deepStrictEqual(
        errorsOf("%include http://host/x\n%include //host/x\n%include b.conf#part\n%include a%00b"),
        [
          "1: cannot include 'http://host/x': only paths and file: URLs can be read",
          "2: cannot include '//host/x': only files of this host can be read",
          "3: fragment identifiers are not supported",
          "4: a path cannot contain a NUL character"
        ]
      )
    })

    it("cannot include a relative path from a text that is no file", () => {
      const parsed = ZConfig.parse({ file: "<stdin>", text: "%include x" }, {
        environment: new Map(),
        include: () => Effect.succeed("")
      })
      assert.deepStrictEqual(
        Effect.runSync(parsed).mistakes.map(Mistake.message),
        ["cannot include a relative path from '<stdin>'\n(line 1 in <stdin>)"]
      )
    })
  })

  describe("imports", () => {
    it("accepts the packages that zdaemon's own configurations import", () => {
      assert.deepStrictEqual(
        errorsOf("%import ZConfig.components.logger\n%import ZConfig.components.basic\n%import zdaemon"),
        []
      )
    })

    it("refuses others", () => {
      assert.deepStrictEqual(
        errorsOf("%import os.path\n%import zdaemon.\n%import ZDAEMON").map((error) => error.replace(/: only .*/, "")),
        [
          "1: could not load package os.path",
          "2: illegal schema component name: 'zdaemon.'",
          "3: could not load package ZDAEMON"
        ]
      )
    })
  })

  describe("syntax errors", () => {
    const table: ReadonlyArray<readonly [text: string, error: string]> = [
      ["<a>\n<b>\n</b>\n\n", "4: unclosed sections not allowed"],
      ["k\n</a>", "2: unexpected section end"],
      ["<a>\n</ a>", "2: unbalanced section end"],
      ["<a>\n<b>\n</a>\n</b>", "3: unbalanced section end"],
      ["\n<a", "2: malformed section start"],
      ["<", "1: malformed section start"],
      ["<a>\n</a", "2: malformed section end"],
      ["</", "1: malformed section end"],
      ["<>", "1: malformed section header"],
      ["< a>", "1: malformed section header"],
      ["<a b c>\n</a>", "1: malformed section header"],
      ["<a (b)>\n</a>", "1: malformed section header"],
      ["<a(b)/>", "1: malformed section header"],
      ["key\n(x) y", "2: malformed configuration data"],
      ["%", "1: missing or unrecognized directive"],
      ["% define a", "1: missing or unrecognized directive"],
      ["%x y", "1: unknown directive: 'x'"],
      ["%Define a b", "1: unknown directive: 'Define'"],
      ["%it's", "1: unknown directive: \"it's\""],
      ["%define", "1: missing argument to %define directive"],
      ["%include", "1: missing argument to %include directive"],
      ["%import  ", "1: missing argument to %import directive"],
      ["%define X 1\n%define x 2", "2: cannot redefine 'x'"],
      ["%define 1X y", "1: not a substitution legal name: '1x'"],
      ["%define(a) y", "1: not a substitution legal name: '(a)'"],
      ["key $X", "1: no replacement for 'X'"],
      ["key ${x}", "1: no replacement for 'x'"],
      ["key a$", "1: illegal lone '$' at end of source"],
      ["key $-", "1: '$' not followed by '$' or name"],
      ["key ${x", "1: '${x' not followed by '}'"],
      ["key ${x-}", "1: '${x' not followed by '}'"],
      ["key ${}", "1: '${' not followed by name"],
      ["key $(x", "1: '$(x' not followed by ')'"],
      ["key $()", "1: '$(' not followed by name"],
      ["%define a ${x", "1: '${x' not followed by '}'"],
      ["%include $x", "1: no replacement for 'x'"],
      ["%import $x", "1: no replacement for 'x'"]
    ]
    it.each(table)("%j: %s", (text, error) => {
      assert.deepStrictEqual(errorsOf(text)[0], error)
    })

    it("shows the place in a second line, as a URL", () => {
      const error = { reason: "oh", place: { file: "/etc/a b/é#.conf", line: 3 }, isSyntax: true }
      assert.strictEqual(Mistake.message(error), "oh\n(line 3 in file:///etc/a%20b/%C3%A9%23.conf)")
    })

    it("quotes names as Python does", () => {
      assert.deepStrictEqual(errorsOf("%a\\'\"\u0007\u200b\u{e0001}é\ud800"), [
        "1: unknown directive: 'a\\\\\\'\"\\x07\\u200b\\U000e0001é\\ud800'"
      ])
    })

    it("reports all errors of a file, in order", () => {
      assert.deepStrictEqual(errorsOf("<a>\n(x)\nkey $x\n</a>\n%oops\n</b>"), [
        "2: malformed configuration data",
        "3: no replacement for 'x'",
        "5: unknown directive: 'oops'",
        "6: unexpected section end"
      ])
    })

    it("goes on to the end", () => {
      assert.strictEqual(errorsOf("(\n".repeat(100)).length, 100)
    })

    it("tells of a limit once", () => {
      const deep = Object.fromEntries(
        Array.from({ length: 33 }, (_, n) => [`/etc/${n}`, `%include ${n + 1}\n`.repeat(n === 31 ? 30 : 1)])
      )
      assert.deepStrictEqual(errorsOf("%include 0", deep), ["/etc/31:1: includes are more than 32 deep"])
      const long = `%define x ${"x".repeat(1_000_000)}\n${`key ${"$x".repeat(10)}\n`.repeat(30)}`
      assert.deepStrictEqual(errorsOf(long), ["3: too much replacement text"])
    })

    it("can be read on when single values are all that is wrong", () => {
      const readable = (text: string) =>
        Effect.runSync(ZConfig.parse({ file, text }, { environment: new Map(), include: () => Effect.fail("gone") }))
          .isReadable
      assert.isTrue(readable("<a>\nkey $x\n</a>"))
      for (const text of ["<a>\nkey $x", "(x)", "%define a $x", "%include b", "%oops", "<a\n</a>"]) {
        assert.isFalse(readable(text), text)
      }
    })

    it("does not report what follows from a malformed start or end of a section", () => {
      assert.deepStrictEqual(errorsOf("<a\nkey\n</a>"), ["1: malformed section start"])
      assert.deepStrictEqual(errorsOf("<a>\n<b c d>\n</b>\n</a>"), ["2: malformed section header"])
      assert.deepStrictEqual(errorsOf("<a>\n<b c d>\n</a>"), ["2: malformed section header"])
      assert.deepStrictEqual(errorsOf("<a b c>"), ["1: malformed section header"])
      assert.deepStrictEqual(errorsOf("<a>\n<b c d/>\n</a>"), ["2: malformed section header"])
      assert.deepStrictEqual(errorsOf("<a>\n</a\nkey"), ["2: malformed section end"])
    })

    it("reports one error for a section that is closed by a misspelt end or not at all", () => {
      assert.deepStrictEqual(errorsOf("<a>\n<b>\n</c>\n</a>"), ["3: unbalanced section end"])
      assert.deepStrictEqual(errorsOf("<a>\n<b>\n</a>\n<c>\n</c>"), ["3: unbalanced section end"])
    })

    it("does not report the use of a name whose definition is an error", () => {
      assert.deepStrictEqual(errorsOf("%define a $x\n%define a 1\nkey $a"), ["1: no replacement for 'x'"])
      assert.deepStrictEqual(errorsOf("%define a $x\nkey $a"), ["1: no replacement for 'x'"])
    })

    it("does not report unknown names after an include that failed", () => {
      assert.deepStrictEqual(errorsOf("key $x\n%include gone\nkey $x"), [
        "1: no replacement for 'x'",
        "2: error opening file /etc/gone: no such file"
      ])
    })
  })

  describe("any text", () => {
    const word = FastCheck.stringMatching(/^[-a-z0-9_.<>/#%$éß]{1,6}$/)
    const key = FastCheck.stringMatching(/^[-a-zA-Z0-9_.>/$é][-a-zA-Z0-9_.<>/#%$é]{0,5}$/)
    const type = word.filter((word) => !word.startsWith("/"))
    const value = FastCheck.oneof(
      FastCheck.stringMatching(/^([!-~é](.{0,12}[!-~é])?)?$/),
      FastCheck.constantFrom("", "$", "${x}", "(x)", "a  b")
    ).filter((value) => value.trim() === value)
    const sectionOf = FastCheck.memo((depth): FastCheck.Arbitrary<ZConfigPrinter.Section> =>
      FastCheck.record({
        type,
        name: FastCheck.option(word, { nil: undefined }),
        keys: FastCheck.array(FastCheck.record({ key, value }), { maxLength: 4 }),
        sections: depth <= 1 ? FastCheck.constant([]) : FastCheck.array(sectionOf(), { maxLength: 3 })
      })
    )
    const section = sectionOf(4)

    it.prop("reads a printed tree as that tree, with its places", [section], ([section]) => {
      const { text, tree } = ZConfigPrinter.print(section, file)
      assert.deepStrictEqual(read(text), Either.right(tree))
    }, { fastCheck: { numRuns: 1000 } })

    it.prop("reads a printed tree with other line ends and indentation as that tree", [section], ([section]) => {
      const { text, tree } = ZConfigPrinter.print(section, file)
      assert.deepStrictEqual(read(`\ufeff\t ${text.replaceAll("\n", " \r\n\t")}`), Either.right(tree))
    })

    const soup = FastCheck.array(
      FastCheck.constantFrom(
        ...Array.from("<>/$%{}()# \t\n\n\n"),
        "<a>\n",
        "</a>\n",
        "<b/>\n",
        "%define ",
        "%define x",
        "%include ",
        "%include b\n",
        "%import ",
        "${",
        "$(",
        "$x",
        "${x}",
        "$(HOME)",
        "key",
        "\r\n",
        "\ufeff",
        "\u0000",
        "\ud800",
        "é"
      ),
      { maxLength: 20 }
    ).map((tokens) => tokens.join(""))
    const valid = `%define x 1\n<runner main>\n  program $x \${x} $$ $(HOME)\n%include b\n  <eventlog/>\n</runner>\n`
    const mutated = FastCheck.tuple(FastCheck.nat(valid.length), FastCheck.nat(8), soup).map(([at, length, text]) =>
      valid.slice(0, at) + text + valid.slice(at + length)
    )
    const anything = FastCheck.oneof(
      { weight: 5, arbitrary: soup },
      { weight: 3, arbitrary: mutated },
      { weight: 2, arbitrary: FastCheck.string({ unit: "binary", maxLength: 20 }) }
    )

    it.prop("is read or refused, with errors in order", [anything, soup], ([text, included]) => {
      const result = read(text, { "/etc/b": included }, { HOME: "/root" })
      if (Either.isLeft(result)) {
        const lines = result.left.flatMap(({ place }) => place?.file === file ? [place.line] : [])
        assert.isTrue(lines.every((line, index) => line >= Math.max(lines[index - 1] ?? 1, 1)))
      }
    }, { fastCheck: { numRuns: 100_000 }, timeout: 60_000 })
  })

  describe("hostile text", () => {
    const n = 1_000_000
    const lines = (count: number, line: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => line(n)).join("\n")
    it.each([
      ["`<`", "<".repeat(n), "malformed section start"],
      ["`<` and `>`", `<${"<".repeat(n)}>`, "unclosed sections not allowed"],
      ["`/` in a header", `<a${"/".repeat(n)} >`, "unclosed sections not allowed"],
      ["blanks in a header", `<a${" ".repeat(n)}(>`, "malformed section header"],
      ["blanks before a character", `${" ".repeat(n)}(`, "malformed configuration data"],
      ["`$`", `key ${"$".repeat(n + 1)}`, "illegal lone '$' at end of source"],
      ["`${`", `key ${"${".repeat(n)}`, "'${' not followed by name"],
      ["a name without an end", `key \${${"x".repeat(n)}`, `'\${${"x".repeat(n)}' not followed by '}'`],
      ["`(`", "(".repeat(n), "malformed configuration data"],
      ["`%`", "%".repeat(n), `unknown directive: '${"%".repeat(n - 1)}'`],
      ["percent signs in an include", `%include ${"%2f".repeat(n)}#x`, "fragment identifiers are not supported"],
      ["parents in an include", `%include ${"../".repeat(n)}x`, "error opening file /x: no such file"],
      ["nested sections that stay open", "<a>\n".repeat(n / 10), "unclosed sections not allowed"],
      ["section ends", "</a>\n".repeat(n / 10), "unexpected section end"],
      [
        "references to a long definition",
        `%define x ${"x".repeat(n)}\nkey ${"$x".repeat(n)}`,
        "too much replacement text"
      ]
    ])("a megabyte of %s is refused in the usual words", (_, text, reason) => {
      assert.strictEqual(errorsOf(text)[0]?.replace(/^\d+: /, ""), reason)
    })

    it("a hundred thousand nested sections are read", () => {
      const result = read("<a>\n".repeat(n / 10) + "</a>\n".repeat(n / 10))
      let depth = 0
      for (
        let section: ZConfigTree.SectionNode | undefined = Either.getOrThrow(result).sections[0];
        section !== undefined;
        section = section.sections[0]
      ) {
        depth++
      }
      assert.strictEqual(depth, n / 10)
    })

    it("a hundred thousand definitions are read", () => {
      const text = lines(n / 10, (n) => `%define a${n} ${n}\nkey $a${n}`)
      assert.strictEqual(Either.getOrThrow(read(text)).keys.at(-1)?.value, `${n / 10 - 1}`)
    })

    it("nested sections that end in the wrong order are refused", () => {
      const text = lines(n / 10, (n) => `<a${n}>`) + "\n" + lines(n / 10, (n) => `</a${n}>`)
      assert.strictEqual(errorsOf(text)[0], `${n / 10 + 1}: unbalanced section end`)
    })
  })
})
