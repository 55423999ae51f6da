import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as PythonLiteral from "../../src/config/PythonLiteral.ts"

// Written by Python 3.11.
const reprs: ReadonlyArray<readonly [string, string]> = [
  ["", "''"],
  ["x", "'x'"],
  ["it's", `"it's"`],
  [`say "x"`, `'say "x"'`],
  [`it's "x"`, `'it\\'s "x"'`],
  ["a\\b", "'a\\\\b'"],
  ["\n\t\r", "'\\n\\t\\r'"],
  ["\0\u0007\u001b\u001f", "'\\x00\\x07\\x1b\\x1f'"],
  ["\u007f\u0080\u009f", "'\\x7f\\x80\\x9f'"],
  ["a b\u00a0c", "'a b\\xa0c'"],
  ["\u00ad", "'\\xad'"],
  ["é ß 日本 😀", "'é ß 日本 😀'"],
  ["\u200b\u2028\u3000\ufeff", "'\\u200b\\u2028\\u3000\\ufeff'"],
  ["\ue000\uffff", "'\\ue000\\uffff'"],
  ["\ud800x\udfff", "'\\ud800x\\udfff'"],
  ["\u{e0001}\u{10ffff}", "'\\U000e0001\\U0010ffff'"]
]

const integers: ReadonlyArray<readonly [string, number | undefined, number | undefined]> = [
  // text, base 10, base 8
  ["10", 10, 8],
  ["0", 0, 0],
  ["-0", 0, 0],
  ["022", 22, 18],
  ["0o22", undefined, 18],
  ["0O22", undefined, 18],
  ["-0o22", undefined, -18],
  ["0o_22", undefined, 18],
  ["0o__22", undefined, undefined],
  ["0o", undefined, undefined],
  ["22", 22, 18],
  ["9", 9, undefined],
  ["+5", 5, 5],
  ["-5", -5, -5],
  [" \t5\n", 5, 5],
  ["1_000", 1000, 512],
  ["1__0", undefined, undefined],
  ["_1", undefined, undefined],
  ["1_", undefined, undefined],
  ["0_7", 7, 7],
  ["", undefined, undefined],
  [" ", undefined, undefined],
  ["+", undefined, undefined],
  ["--5", undefined, undefined],
  ["- 5", undefined, undefined],
  ["1 2", undefined, undefined],
  ["1h", undefined, undefined],
  ["x", undefined, undefined],
  ["0x10", undefined, undefined],
  ["1.0", undefined, undefined],
  ["1e3", undefined, undefined],
  ["9007199254740991", Number.MAX_SAFE_INTEGER, undefined],
  ["9007199254740992", undefined, undefined],
  ["-9007199254740991", Number.MIN_SAFE_INTEGER, undefined],
  ["000000000000000000000000000000005", 5, 5]
]

const literals: ReadonlyArray<readonly [string, PythonLiteral.Literal]> = [
  ["'/usr/bin/sleep'", "/usr/bin/sleep"],
  ["['sleep', '100']", ["sleep", "100"]],
  ["\"it's\"", "it's"],
  ["u'caf\\xe9'", "café"],
  ["U\"x\"", "x"],
  ["b'\\xff\\u0041\\777'", "\u00ff\\u0041\u00ff"],
  ["'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"'", "\u0007\b\f\n\r\t\v\\'\""],
  ["'\\0\\101\\1012\\x41\\u00e9\\U0001f600'", "\0AA2Aé😀"],
  ["'a\\\nb'", "ab"],
  ["'\\q\\8'", "\\q\\8"],
  ["'\\ud800'", "\ud800"],
  ["'[\"'", "[\""],
  ["None", null],
  ["True", true],
  ["False", false],
  ["0", 0],
  ["-16542", -16542],
  ["+1_000", 1000],
  ["00", 0],
  ["1795346238.439075", 1795346238.439075],
  ["1.", 1],
  [".5", 0.5],
  ["-1.5e-3", -0.0015],
  ["1E+5", 100_000],
  ["01.5", 1.5],
  ["[]", []],
  ["()", []],
  ["(1)", 1],
  ["(None)", null],
  ["(1,)", [1]],
  ["(1, 'a', [None, (True,)],)", [1, "a", [null, [true]]]],
  [" [ 1 ,\n\t2 , ] ", [1, 2]]
]

const rejected: ReadonlyArray<string> = [
  "",
  " ",
  "x",
  "'",
  "'a",
  "'a\\'",
  "\"a'",
  "'a\nb'",
  "'a' 'b'",
  "'''a'''",
  "r'a'",
  "f'a'",
  "b'é'",
  "'\\x4'",
  "'\\xg0'",
  "'\\x-1'",
  "'\\u123'",
  "'\\U00110000'",
  "'\\N{DASH}'",
  "[",
  "(",
  "]",
  "[1",
  "[1,",
  "[1)",
  "[,]",
  "(,)",
  "[1,,2]",
  "[1 2]",
  "[1] 2",
  "1, 2",
  "{}",
  "{'a': 1}",
  "022",
  "0x10",
  "1__0",
  "1+1",
  "--1",
  "1e",
  "e5",
  ".",
  "1.2.3",
  "1e5e5",
  "1j",
  "inf",
  "none",
  "-True",
  "9007199254740992",
  "__import__('os').system('id')",
  "['a'].pop()",
  "['a' + 'b']",
  "[x for x in ()]"
]

const anyText = FastCheck.array(FastCheck.oneof(
  FastCheck.constantFrom("'", "\"", "\\", "\n", "\u007f", "\u00a0", "\ud800", "\udc00", "x", "0"),
  FastCheck.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  FastCheck.integer({ min: 0, max: 0x10_ffff }).map((code) => String.fromCodePoint(code))
)).map((characters) => characters.join(""))

describe("PythonLiteral.repr", () => {
  for (const [text, expected] of reprs) {
    it(`writes ${expected}`, () => {
      assert.strictEqual(PythonLiteral.repr(text), expected)
    })
  }

  it("writes a list as Python does", () => {
    assert.strictEqual(PythonLiteral.reprList([]), "[]")
    assert.strictEqual(PythonLiteral.reprList(["sleep", "100"]), "['sleep', '100']")
    assert.strictEqual(PythonLiteral.reprList(["it's", ""]), `["it's", '']`)
  })

  it.prop("is read back as the same string", [anyText], ([text]) => {
    assert.deepStrictEqual(PythonLiteral.parse(PythonLiteral.repr(text)), Either.right(text))
  })

  it.prop("is read back as the same list", [FastCheck.array(anyText)], ([texts]) => {
    assert.deepStrictEqual(PythonLiteral.parse(PythonLiteral.reprList(texts)), Either.right(texts))
  })

  it.prop("is one line of printable characters", [anyText], ([text]) => {
    assert.notMatch(PythonLiteral.repr(text), /(?! )[\p{C}\p{Z}]/u)
  })
})

describe("PythonLiteral.parseInteger", () => {
  for (const [text, decimal, octal] of integers) {
    it(`reads ${JSON.stringify(text)} as ${decimal}, as octal ${octal}`, () => {
      assert.deepStrictEqual(PythonLiteral.parseInteger(text, 10), Option.fromNullable(decimal))
      assert.deepStrictEqual(PythonLiteral.parseInteger(text, 8), Option.fromNullable(octal))
    })
  }

  it.prop("reads every safe integer in both bases", [FastCheck.maxSafeInteger()], ([value]) => {
    const octal = `${value < 0 ? "-" : ""}0o${Math.abs(value).toString(8)}`
    assert.deepStrictEqual(PythonLiteral.parseInteger(value.toString(), 10), Option.some(value))
    assert.deepStrictEqual(PythonLiteral.parseInteger(octal, 8), Option.some(value))
  })
})

describe("PythonLiteral.parse", () => {
  for (const [text, expected] of literals) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepStrictEqual(PythonLiteral.parse(text), Either.right(expected))
    })
  }

  for (const text of rejected) {
    it(`rejects ${JSON.stringify(text)}`, () => {
      assert.isTrue(Either.isLeft(PythonLiteral.parse(text)))
    })
  }

  it("says what is wrong and where", () => {
    const error = Either.flip(PythonLiteral.parse("['a', x]"))
    assert.strictEqual(Either.getOrThrow(error).message, "neither a keyword nor a number that fits at offset 6")
  })

  it("takes 64 levels of nesting and no more", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels)
    assert.isTrue(Either.isRight(PythonLiteral.parse(nested(64))))
    assert.isTrue(Either.isLeft(PythonLiteral.parse(nested(65))))
    assert.isTrue(Either.isLeft(PythonLiteral.parse("(".repeat(1_000_000))))
  })

  it.prop("reads every finite float", [FastCheck.double({ noNaN: true, noDefaultInfinity: true })], ([value]) => {
    const text = Object.is(value, -0) ? "-0.0" : value.toExponential()
    assert.deepStrictEqual(PythonLiteral.parse(text), Either.right(value))
  })

  it.prop(
    "answers any text",
    [FastCheck.string({ unit: FastCheck.constantFrom(..."[](),'\"\\ubxUN018.eE+-_ \n", "None", "é", "\ud800") })],
    ([text]) => {
      assert.isBoolean(Either.isRight(PythonLiteral.parse(text)))
    }
  )

  it("reads long texts of any kind", () => {
    for (const unit of ["'", "\"", "\\", "1", "1_", "_", ".", "e", "-", " ", "[],", "(", "x", "u'"]) {
      const text = unit.repeat(200_000 / unit.length)
      for (const whole of [text, `'${text}'`, `[${text}]`, `-${text}x`]) {
        assert.isBoolean(Either.isRight(PythonLiteral.parse(whole)))
        assert.isBoolean(Option.isSome(PythonLiteral.parseInteger(whole, 8)))
      }
      assert.deepStrictEqual(PythonLiteral.parse(PythonLiteral.repr(text)), Either.right(text))
    }
  })
})
