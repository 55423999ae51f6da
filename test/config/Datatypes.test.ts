import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Datatypes from "../../src/config/Datatypes.ts"
import * as Settings from "../../src/config/Settings.ts"

const read = <A>(datatype: Datatypes.Datatype<A>, text: string): A | string => Either.merge(datatype(text))

const notInteger = (text: string) => `invalid literal for int() with base 10: '${text}'`

describe("Datatypes", () => {
  it.each([
    ["90", 90],
    ["10s", 10],
    ["30m", 1800],
    ["12H", 43_200],
    ["2d", 172_800],
    [" 1_000 s ", 1000],
    ["0", 0],
    ["1h30m", notInteger("1h30m")],
    ["1.5h", notInteger("1.5h")],
    ["h", notInteger("h")],
    ["", notInteger("")],
    ["4w", notInteger("4w")],
    ["-1m", "-1 is negative; use 0 or more"],
    ["999999999999999d", "'999999999999999d' is too large"],
    ["99999999999999999999s", "'99999999999999999999s' is too large"]
  ])("reads %j as whole seconds: %j", (text, expected) => {
    assert.strictEqual(read(Datatypes.seconds, text), expected)
  })

  it.each(
    [
      [10, "99999999999999999999", "'99999999999999999999' is too large"],
      [10, " -9_999_999_999_999_999_999", "' -9_999_999_999_999_999_999' is too small"],
      [10, "9_", notInteger("9_")],
      [8, "0o7777777777777777777777", "'0o7777777777777777777777' is too large"],
      [8, "9".repeat(20), `invalid literal for int() with base 8: '${"9".repeat(20)}'`]
    ] as const
  )("reads in base %d %j: %s", (base, text, expected) => {
    assert.strictEqual(read(Datatypes.integer(base), text), expected)
  })

  it.each([
    ["1", 1],
    ["0.5", 0.5],
    [".5m", 30],
    ["1.5 H", 5400],
    ["1.d", 86_400],
    ["", "'' is not a number of seconds, 0 or more"],
    ["-1", "'-1' is not a number of seconds, 0 or more"],
    ["0x10", "'0x10' is not a number of seconds, 0 or more"],
    ["Infinity", "'Infinity' is not a number of seconds, 0 or more"],
    ["s", "'s' is not a number of seconds, 0 or more"],
    ["1s s", "'1s s' is not a number of seconds, 0 or more"]
  ])("reads %j as seconds: %j", (text, expected) => {
    assert.strictEqual(read(Datatypes.fractionalSeconds, text), expected)
  })

  it.each([
    ["0", 0],
    ["1000", 1000],
    ["2kb", 2048],
    ["5MB", 5_242_880],
    ["1 Gb", 1_073_741_824],
    ["1.5MB", notInteger("1.5MB")],
    ["1k", notInteger("1k")],
    ["-1", "-1 is negative; use 0 or more"]
  ])("reads %j as a number of bytes: %j", (text, expected) => {
    assert.strictEqual(read(Datatypes.byteSize, text), expected)
  })

  it.each([
    ["localhost:514", "localhost", 514],
    ["LOGS.example.org", "logs.example.org", undefined],
    ["514", undefined, 514],
    [":25", undefined, 25],
    ["host:", "host", undefined],
    ["[::1]:514", "::1", 514],
    ["[::1]", "::1", undefined],
    ["fe80::1", "fe80::1", undefined]
  ])("reads the address %j", (text, host, port) => {
    assert.deepStrictEqual(read(Datatypes.internetAddress, text), { host, port })
  })

  it.each([
    ["host:x", notInteger("x")],
    ["host:65536", "65536 is above upper bound (65535)"],
    ["host:-1", "-1 is below lower bound (0)"],
    ["a b", "not a valid host name: 'a b'"],
    ["", "not a valid host name: ''"]
  ])("refuses the address %j: %s", (text, reason) => {
    assert.strictEqual(read(Datatypes.internetAddress, text), reason)
  })

  it.each([["YES", true], ["true", true], ["On", true], ["no", false], ["False", false], ["off", false]] as const)(
    "reads %s as a boolean",
    (text, expected) => {
      assert.strictEqual(read(Datatypes.boolean, text), expected)
    }
  )
})

describe("Settings", () => {
  const decode = (key: string, text: string) =>
    Either.mapLeft(Settings.decode(new Map([[key, text]])), (error) => error.reason)

  it("takes suffixes in the timeouts and the start grace, and shows seconds", () => {
    const settings = Either.getOrThrow(Settings.decode(
      new Map([["start-timeout", "5m"], ["stop-timeout", "1H"], ["start-grace", "1.5m"]])
    ))
    assert.deepStrictEqual(
      [settings.startTimeout, settings.stopTimeout, settings.startGrace],
      [300, 3600, 90]
    )
    const texts = Settings.texts(settings)
    assert.deepStrictEqual(
      ["start-timeout", "stop-timeout", "start-grace"].map((key) => texts.get(key)),
      ["300", "3600", "90"]
    )
  })

  it("takes no suffix in the backoff limit", () => {
    assert.deepStrictEqual(decode("backoff-limit", "1h"), Either.left(notInteger("1h")))
    assert.deepStrictEqual(decode("backoff-limit", "-1"), Either.left("-1 is negative; use 0 or more"))
    assert.deepStrictEqual(decode("stop-timeout", "-5"), Either.left("-5 is negative; use 0 or more"))
  })

  it("takes no umask with bits that mean nothing to one", () => {
    assert.deepStrictEqual(decode("umask", "1777"), Either.left("'1777' is not an octal mask between 0 and 777"))
  })

  it("has the documented defaults", () => {
    const settings = Either.getOrThrow(Settings.decode(new Map()))
    assert.deepStrictEqual(
      [settings.socketName, settings.daemon, settings.backoffLimit, settings.exitCodes, settings.umask],
      ["zdsock", true, 10, [0, 2], 0o22]
    )
    assert.isTrue(Option.isNone(settings.program))
  })

  it.each(Settings.spellings.flatMap(({ fallback, key }) => fallback === undefined ? [] : [[key, fallback] as const]))(
    "makes of nothing for %s what it makes of %j, which the documentation says",
    (key, fallback) => {
      assert.deepStrictEqual(Settings.decode(new Map([[key, fallback]])), Settings.decode(new Map()))
    }
  )
})
