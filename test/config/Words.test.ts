import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Words from "../../src/config/Words.ts"

const table: ReadonlyArray<{
  readonly text: string
  readonly words: ReadonlyArray<string>
}> = [
  { text: "", words: [] },
  { text: "  \t ", words: [] },
  { text: "sleep 100", words: ["sleep", "100"] },
  { text: "  sleep \t 100\n", words: ["sleep", "100"] },
  { text: "a\u00a0b\u2003c", words: ["a", "b", "c"] },
  { text: "a\u001cb\u001fc\u0085d", words: ["a", "b", "c", "d"] },
  { text: "a\ufeffb", words: ["a\ufeffb"] },
  { text: "echo $HOME `x` *.ts ~ # ; | &", words: ["echo", "$HOME", "`x`", "*.ts", "~", "#", ";", "|", "&"] },
  { text: `sh -c 'sleep  1; exit'`, words: ["sh", "-c", "sleep  1; exit"] },
  { text: `echo "a b"`, words: ["echo", "a b"] },
  { text: `'' ""`, words: ["", ""] },
  { text: `a'' ''b`, words: ["a", "b"] },
  { text: `a' 'b" "c\\ d`, words: ["a b c d"] },
  { text: `--name='a b'`, words: ["--name=a b"] },
  { text: `'a\\b"$\`'`, words: ["a\\b\"$`"] },
  { text: `"\\"\\\\\\$\\\`"`, words: ["\"\\$`"] },
  { text: `"a\\n\\'b"`, words: ["a\\n\\'b"] },
  { text: `a\\nb \\' \\" \\\\ \\ `, words: ["anb", "'", "\"", "\\", " "] },
  { text: `"it's"`, words: ["it's"] },
  { text: `'\u{1f600} x' \\\u{1f600}`, words: ["\u{1f600} x", "\u{1f600}"] }
]

const unbalanced: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["echo it's", ["echo", "it's"]],
  [`echo "a b`, ["echo", "\"a", "b"]],
  [`echo 'a b' "c`, ["echo", "'a", "b'", "\"c"]],
  ["echo a\\", ["echo", "a\\"]],
  [`"a\\"`, [`"a\\"`]],
  ["'", ["'"]]
]

const character = FastCheck.oneof(
  FastCheck.constantFrom("'", "\"", "\\", " ", "\t", "\n", "$", "`", "a", "\u00a0", "\u001e", "\ud800", "\u{1f600}"),
  FastCheck.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
)
const anyText = FastCheck.string({ unit: character })

describe("Words", () => {
  for (const { text, words } of table) {
    it(`splits ${JSON.stringify(text)}`, () => {
      assert.deepStrictEqual(Words.split(text), { words, unbalanced: false })
    })
  }

  for (const [text, words] of unbalanced) {
    it(`splits ${JSON.stringify(text)} literally and says that it is unbalanced`, () => {
      assert.deepStrictEqual(Words.split(text), { words, unbalanced: true })
    })
  }

  it("takes quotes and backslashes literally when asked to", () => {
    assert.deepStrictEqual(Words.literal(` echo  "a b" c\\ `), ["echo", "\"a", "b\"", "c\\"])
  })

  it("quotes only the words that need it", () => {
    assert.strictEqual(
      Words.join(["echo", "", "a b", "it's", "\"", "a\\b", "$x", "--k=v"]),
      `echo '' 'a b' 'it'\\''s' '"' 'a\\b' $x --k=v`
    )
  })

  it.prop("gives back the words that were joined", [FastCheck.array(anyText)], ([words]) => {
    assert.deepStrictEqual(Words.split(Words.join(words)), { words, unbalanced: false })
  })

  it.prop("means by a text without quotes and backslashes what the original does", [anyText], ([text]) => {
    const plain = text.replaceAll(/['"\\]/g, "")
    assert.deepStrictEqual(Words.split(plain), { words: Words.literal(plain), unbalanced: false })
  })

  it.prop("falls back to literal words if a quote stays open", [anyText], ([text]) => {
    const opened = Words.split(text).unbalanced ? text : `${text}'`
    assert.deepStrictEqual(Words.split(opened), { words: Words.literal(opened), unbalanced: true })
  })

  it("splits a million characters of any kind", () => {
    for (const unit of ["a", " ", "' ", "\"", "\\", "'a b' ", "\\\"\"\""]) {
      assert.isArray(Words.split(unit.repeat(1_000_000 / unit.length)).words)
    }
  })
})
