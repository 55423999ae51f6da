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
      [["app", "--secret", "a b"], ["app", "--secret", "<redacted>"]],
      [["app", "-Dapi.key=x", "--credential", "y"], ["app", "-Dapi.key=<redacted>", "--credential", "<redacted>"]],
      [["sh", "-c", "PGPASSWORD=x  exec app --password=y"], [
        "sh",
        "-c",
        "PGPASSWORD=<redacted>  exec app --password=<redacted>"
      ]],
      [["sh", "-c", "app --token 'a b' c\nTOKEN=\"d e\" f"], [
        "sh",
        "-c",
        "app --token <redacted> c\nTOKEN=<redacted> f"
      ]],
      [["sh", "-c", "it's --token x"], ["sh", "-c", "it's --token <redacted>"]],
      [["sh", "-c", "app db://me:x@host --token -v"], ["sh", "-c", "app db://me:<redacted>@host --token -v"]],
      [["curl", "-H", "Authorization: Bearer x"], ["curl", "-H", "Authorization: Bearer <redacted>"]],
      [["sh", "-c", "curl -H 'authorization:x' host"], ["sh", "-c", "curl -H 'authorization:<redacted>' host"]],
      [["sh", "-c", "echo pass the token on"], ["sh", "-c", "echo pass the token on"]]
    ] as const
  ) it(`are ${shown.join(" ")}`, () => assert.deepStrictEqual(Secret.redact(given), shown))
})
