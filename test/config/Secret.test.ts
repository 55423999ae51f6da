import { assert, describe, it } from "@effect/vitest"
import * as Secret from "../../src/config/Secret.ts"

describe("the words of a command, without secrets", () => {
  for (
    const [given, shown] of [
      [["app", "--port", "80", "key"], ["app", "--port", "80", "key"]],
      [["app", "--password=x"], ["app", "--password=<redacted>"]],
      [["app", "--api-key", "x", "y"], ["app", "--api-key", "<redacted>", "y"]],
      [["app", "--token", "--verbose"], ["app", "--token", "--verbose"]],
      [["env", "API_KEY=x", "app"], ["env", "API_KEY=<redacted>", "app"]],
      [["app", "-DclientSecret=a=b"], ["app", "-DclientSecret=<redacted>"]],
      [["app", "ftp://me:x@host/y"], ["app", "ftp://me:<redacted>@host/y"]],
      [["app", "--secret", "a b"], ["app", "--secret", "<redacted>"]]
    ] as const
  ) it(`are ${shown.join(" ")}`, () => assert.deepStrictEqual(Secret.redact(given), shown))
})
