import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Argv from "../../src/config/Argv.ts"

const option = (long: string | undefined, short: string | undefined, takesValue: boolean): Argv.OptionSpec => ({
  long,
  short,
  takesValue
})

const options = [
  option("help", "h", false),
  option("version", undefined, false),
  option("configure", "C", true),
  option("schema", "S", true),
  option("program", "p", true),
  option("socket-name", "s", true),
  option("start-timeout", "T", true),
  option("daemon", "d", false),
  option("backoff-limit", "b", true),
  option("forever", "f", false),
  option(undefined, "X", true),
  option("backoff", undefined, true),
  option("backoff-base", undefined, true),
  option("start-grace", undefined, true),
  option("stop-timeout", undefined, true)
]

/** What a command line gives, briefly: the options as typed with their values, and the words; or the error text. */
const read = (
  ...argv: ReadonlyArray<string>
): string | Pick<typeof accepted[number], "given" | "words"> =>
  Either.match(Argv.parse(options, argv), {
    onLeft: (error) => error.message,
    onRight: ({ given, words }) => ({ given: given.map(({ as, value }) => [as, value]), words })
  })

const accepted: ReadonlyArray<{
  readonly title: string
  readonly argv: ReadonlyArray<string>
  readonly given: ReadonlyArray<ReadonlyArray<string>>
  readonly words: ReadonlyArray<string>
}> = [
  { title: "nothing", argv: [], given: [], words: [] },
  { title: "a flag and an action", argv: ["-f", "start"], given: [["-f", ""]], words: ["start"] },
  { title: "an attached value", argv: ["-b5"], given: [["-b", "5"]], words: [] },
  { title: "a separate value", argv: ["-b", "5"], given: [["-b", "5"]], words: [] },
  { title: "joined flags with a value", argv: ["-fCconf"], given: [["-f", ""], ["-C", "conf"]], words: [] },
  { title: "joined flags, value apart", argv: ["-fdC", "c"], given: [["-f", ""], ["-d", ""], ["-C", "c"]], words: [] },
  { title: "an attached value like options", argv: ["-pf-d"], given: [["-p", "f-d"]], words: [] },
  { title: "a value that begins with a dash", argv: ["-b", "-1"], given: [["-b", "-1"]], words: [] },
  { title: "-- as a value", argv: ["-p", "--", "fg"], given: [["-p", "--"]], words: ["fg"] },
  { title: "an empty separate value", argv: ["-p", ""], given: [["-p", ""]], words: [] },
  { title: "a long value after =", argv: ["--program=a b"], given: [["--program", "a b"]], words: [] },
  { title: "a second = in the value", argv: ["--program=a=b"], given: [["--program", "a=b"]], words: [] },
  { title: "an empty value after =", argv: ["--program=", "x"], given: [["--program", ""]], words: ["x"] },
  { title: "a long value apart", argv: ["--program", "sleep 1"], given: [["--program", "sleep 1"]], words: [] },
  { title: "the prefix --prog", argv: ["--prog", "x"], given: [["--program", "x"]], words: [] },
  {
    title: "a prefix of an option with a short form",
    argv: ["--back=5"],
    given: [["--backoff-limit", "5"]],
    words: []
  },
  { title: "an option that begins others", argv: ["--backoff", "x"], given: [["--backoff", "x"]], words: [] },
  { title: "the prefix of one of them", argv: ["--backoff-b=1"], given: [["--backoff-base", "1"]], words: [] },
  { title: "the prefix --c", argv: ["--c=x"], given: [["--configure", "x"]], words: [] },
  { title: "the prefix --st", argv: ["--st=9"], given: [["--start-timeout", "9"]], words: [] },
  { title: "the prefix --start", argv: ["--start=9"], given: [["--start-timeout", "9"]], words: [] },
  { title: "the prefix --start-g", argv: ["--start-g=9"], given: [["--start-grace", "9"]], words: [] },
  {
    title: "an option without a long name",
    argv: ["-Xa/b=c", "-Xd"],
    given: [["-X", "a/b=c"], ["-X", "d"]],
    words: []
  },
  {
    title: "options of the action",
    argv: ["-p", "echo", "fg", "-p", "--version"],
    given: [["-p", "echo"]],
    words: ["fg", "-p", "--version"]
  },
  { title: "the end of options", argv: ["-f", "--", "-d", "--"], given: [["-f", ""]], words: ["-d", "--"] },
  { title: "a lone dash", argv: ["-f", "-", "-d"], given: [["-f", ""]], words: ["-", "-d"] },
  { title: "an empty word", argv: ["", "-d"], given: [], words: ["", "-d"] },
  {
    title: "a repeated option",
    argv: ["-f", "-f", "--f"],
    given: [["-f", ""], ["-f", ""], ["--forever", ""]],
    words: []
  }
]

const rejected: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [["--bogus"], "option --bogus not recognized"],
  [["--bogus=1"], "option --bogus not recognized"],
  [["--Program=x"], "option --Program not recognized"],
  [["---"], "option --- not recognized"],
  [["-Z"], "option -Z not recognized"],
  [["-fZ"], "option -Z not recognized"],
  [["-:"], "option -: not recognized"],
  [["-😀f"], "option -😀 not recognized"],
  [["-p"], "option -p requires argument"],
  [["-fp"], "option -p requires argument"],
  [["--program"], "option --program requires argument"],
  [["--prog"], "option --program requires argument"],
  [["--daemon=1"], "option --daemon must not have an argument"],
  [["--dae="], "option --daemon must not have an argument"],
  [["--s"], "option --s not a unique prefix"],
  [["--s=x"], "option --s not a unique prefix"],
  [["--=x"], "option -- not a unique prefix"],
  [["--help", "--bogus", "-Z"], "option --bogus not recognized"]
]

/** One way to write an option, and what it has to give. */
const spelling = FastCheck.constantFrom(...options).chain((option) => {
  const names = [
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    ...(option.long === undefined ? [] : [`--${option.long}`])
  ]
  return FastCheck.record({
    as: FastCheck.constantFrom(...names),
    value: option.takesValue ? FastCheck.string() : FastCheck.constant(""),
    attach: FastCheck.boolean()
  }).map(({ as, attach, value }) => {
    const glue = as.startsWith("--") ? "=" : ""
    const attached = attach && (value.length > 0 || glue.length > 0)
    const words = !option.takesValue ? [as] : attached ? [as + glue + value] : [as, value]
    return { words, given: { option, as, value } }
  })
})

describe("Argv", () => {
  for (const { argv, given, title, words } of accepted) {
    it(`takes apart ${title}`, () => {
      assert.deepStrictEqual(read(...argv), { given, words })
    })
  }

  for (const [argv, reason] of rejected) {
    it(`says "${reason}" about ${argv.join(" ")}`, () => {
      assert.strictEqual(read(...argv), reason)
    })
  }

  it("prefers an exact match to the longer names that it begins", () => {
    const parsed = Argv.parse([option("forever-more", undefined, true), option("forever", undefined, false)], [
      "--forever"
    ])
    assert.deepStrictEqual(Either.map(parsed, ({ given }) => given.map(({ as }) => as)), Either.right(["--forever"]))
  })

  it("gives the caller's own option back", () => {
    const parsed = Either.getOrThrow(Argv.parse(options, ["--back", "5"]))
    assert.strictEqual(parsed.given[0]?.option, options[8])
  })

  it.prop(
    "reads back every spelling of every option, and keeps the words after --",
    [FastCheck.array(spelling), FastCheck.array(FastCheck.string())],
    ([spellings, words]) => {
      const argv = [...spellings.flatMap((spelling) => spelling.words), "--", ...words]
      assert.deepStrictEqual(
        Argv.parse(options, argv),
        Either.right({ given: spellings.map(({ given }) => given), words })
      )
    }
  )

  it.prop(
    "answers any command line, and its words are the end of it",
    [FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom("-", "=", "p", "f", "s", "x", "\ud800") }))],
    ([argv]) => {
      const parsed = Argv.parse(options, argv)
      if (Either.isRight(parsed)) {
        const { words } = parsed.right
        assert.deepStrictEqual(words, argv.slice(argv.length - words.length))
      }
    }
  )

  it("takes long command lines", () => {
    const flags = 300_000
    const joined = Either.getOrThrow(Argv.parse(options, [`-${"f".repeat(flags)}`]))
    const apart = Either.getOrThrow(Argv.parse(options, Array.from({ length: flags }, () => "-f")))
    assert.strictEqual(joined.given.length, flags)
    assert.strictEqual(apart.given.length, flags)
  })
})
