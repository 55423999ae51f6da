import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Override from "../../src/config/Override.ts"
import * as ZConfig from "../../src/config/ZConfig.ts"
import type * as ZConfigTree from "../../src/config/ZConfigTree.ts"

const text = `
<runner main>
  backoff-limit 1
  program old
  Backoff-Limit 2
  <eventlog>
    level info
  </eventlog>
  <eventlog second>
    level warn
  </eventlog>
</runner>
<environment>
  Path a
  PATH b
</environment>
`

const { root: tree } = Effect.runSync(ZConfig.parse({ file: "/etc/x.conf", text }, {
  environment: new Map(),
  include: () => Effect.fail("no includes")
}))

const keyOf = (type: string, key: string) => type === "environment" ? key : key.toLowerCase()

const outline = (section: ZConfigTree.SectionNode): ReadonlyArray<unknown> => [
  ...section.keys.map(({ key, value }) => `${key}=${value}`),
  ...section.sections.map((section) => [section.type, ...outline(section)])
]

const original = outline(tree)

const applied = (...specifiers: ReadonlyArray<string>) =>
  Either.flatMap(Override.parse(specifiers), (overrides) => Override.apply(tree, overrides, keyOf))

const outlineOf = (...specifiers: ReadonlyArray<string>) =>
  Either.match(applied(...specifiers), { onLeft: (error) => error.reason, onRight: outline })

describe("Override", () => {
  it("replaces all values of the key in the section", () => {
    assert.deepStrictEqual(outlineOf("runner/backoff-limit=77"), [
      ["runner", "program=old", "backoff-limit=77", ["eventlog", "level=info"], ["eventlog", "level=warn"]],
      ["environment", "Path=a", "PATH=b"]
    ])
  })

  it("addresses a section by type or name in any case", () => {
    assert.deepStrictEqual(outlineOf("RUNNER/program=new"), outlineOf("Main/program=new"))
  })

  it("goes to the first section that matches", () => {
    assert.deepStrictEqual(outlineOf("runner/eventlog/level=debug", "runner/second/level=all"), [
      [
        "runner",
        "backoff-limit=1",
        "program=old",
        "Backoff-Limit=2",
        ["eventlog", "level=debug"],
        ["eventlog", "level=all"]
      ],
      ["environment", "Path=a", "PATH=b"]
    ])
  })

  it("compares keys in the way of the section", () => {
    assert.deepStrictEqual(
      Either.map(applied("environment/PATH=c"), (tree) => outline(tree)[1]),
      Either.right(
        ["environment", "Path=a", "PATH=c"]
      )
    )
  })

  it("keeps every value of a key that is given several times", () => {
    assert.deepStrictEqual(outlineOf("runner/eventlog/level=1", "runner/eventlog/LEVEL=2"), [
      [
        "runner",
        "backoff-limit=1",
        "program=old",
        "Backoff-Limit=2",
        ["eventlog", "level=1", "LEVEL=2"],
        ["eventlog", "level=warn"]
      ],
      ["environment", "Path=a", "PATH=b"]
    ])
  })

  it("adds a key that the section does not have, also to the root", () => {
    assert.deepStrictEqual(outlineOf("bogus=1"), ["bogus=1", ...original])
  })

  it("takes the value as it is, whatever is in it", () => {
    assert.deepStrictEqual(outlineOf("k= $x = y "), ["k= $x = y ", ...original])
    assert.deepStrictEqual(outlineOf("k="), ["k=", ...original])
  })

  it("says which -X option a key came from", () => {
    assert.deepStrictEqual(
      Either.map(applied("a=1", "b=2"), (tree) => tree.keys.map((key) => key.place)),
      Either.right([{ file: "<command-line option>", line: 1 }, { file: "<command-line option>", line: 2 }])
    )
  })

  it.each([
    ["runner", "invalid configuration specifier"],
    ["", "invalid configuration specifier"],
    ["=1", "'//' is not allowed in an option path"],
    ["runner//forever=on", "'//' is not allowed in an option path"],
    ["/forever=on", "'//' is not allowed in an option path"],
    ["runner/=on", "'//' is not allowed in an option path"],
    ["eventlog/level=1", "not all command line options were consumed"],
    ["runner/nothere/level=1", "not all command line options were consumed"]
  ])("%j: %s", (specifier, reason) => {
    assert.deepStrictEqual(outlineOf("k=1", specifier), reason)
  })

  it("shows the option in a second line of the message", () => {
    assert.strictEqual(
      Either.match(applied("oops"), { onLeft: (error) => error.message, onRight: () => "" }),
      "invalid configuration specifier\n(-X oops)"
    )
  })

  it("reaches a section at any depth", () => {
    const depth = 20_000
    const { root: deep } = Effect.runSync(ZConfig.parse({
      file: "/etc/x.conf",
      text: "<a>\n".repeat(depth) + "</a>\n".repeat(depth)
    }, { environment: new Map(), include: () => Effect.fail("no includes") }))
    const changed = Either.flatMap(
      Override.parse([`${"a/".repeat(depth)}key=value`]),
      (overrides) => Override.apply(deep, overrides, keyOf)
    )
    let innermost = Either.getOrThrow(changed)
    for (let next = innermost.sections[0]; next !== undefined; next = next.sections[0]) {
      innermost = next
    }
    assert.deepStrictEqual(innermost.keys.map(({ value }) => value), ["value"])
  })
})
