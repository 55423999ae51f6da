// @effect-diagnostics globalDate:off
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as Rotation from "../../src/eventlog/Rotation.ts"

/** A Sunday. */
const sunday = new Date(2026, 10, 22, 11, 14, 27, 600)
const at = (day: number, hour = 0, minute = 0, second = 0): Date => new Date(2026, 10, day, hour, minute, second)

const path = "/var/log/event.log"

/** `when`, `interval`, first rollover after `sunday`, name of the old file: those of Python's TimedRotatingFileHandler. */
const table: ReadonlyArray<readonly [string, number, Date, string]> = [
  ["S", 0, at(22, 11, 14, 28), "2026-11-22_11-14-27"],
  ["S", 30, at(22, 11, 14, 57), "2026-11-22_11-14-27"],
  ["M", 1, at(22, 11, 15, 27), "2026-11-22_11-14"],
  ["H", 2, at(22, 13, 14, 27), "2026-11-22_11"],
  ["D", 1, at(23, 11, 14, 27), "2026-11-22"],
  ["MIDNIGHT", 1, at(23), "2026-11-22"],
  ["MIDNIGHT", 3, at(25), "2026-11-22"],
  ["W6", 1, at(23), "2026-11-16"],
  ["W0", 1, at(24), "2026-11-17"],
  ["W2", 1, at(26), "2026-11-19"],
  ["W0", 2, new Date(2026, 11, 1), "2026-11-17"]
]

describe("Rotation", () => {
  afterEach(() => vi.unstubAllEnvs())

  it("rolls over and names the old file as Python does", () => {
    for (const [when, interval, due, name] of table) {
      const rotation = { when, interval }
      const first = Rotation.firstAfter(rotation, sunday.getTime())
      assert.strictEqual(first, due.getTime(), `${when} ${interval}`)
      assert.strictEqual(Rotation.nameOf(rotation, path, first), `${path}.${name}`, `${when} ${interval}`)
    }
  })

  it("keeps to local midnight when the clock is put back and forward", () => {
    vi.stubEnv("TZ", "Europe/Berlin")
    const rotation = { when: "MIDNIGHT", interval: 1 }
    for (const day of [new Date(2026, 9, 25, 1), new Date(2026, 2, 29, 1)]) {
      const next = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)
      assert.strictEqual(Rotation.firstAfter(rotation, day.getTime()), next.getTime())
    }
  })

  it("removes the oldest of the old files and nothing else", () => {
    const names = [
      "event.log",
      "event.log.2026-11-20",
      "event.log.2026-11-18",
      "event.log.2026-11-19",
      "event.log.1",
      "event.log.2026-11-01_10",
      "event.log.2026-11-17.gz",
      "other.log.2026-11-01",
      "event.logx.2026-11-01"
    ]
    const rotation = { when: "MIDNIGHT", interval: 1 }
    assert.deepStrictEqual(Rotation.outdated(rotation, "event.log", names, 2), [
      "event.log.2026-11-17.gz",
      "event.log.2026-11-18"
    ])
    assert.deepStrictEqual(Rotation.outdated(rotation, "event.log", names, 4), [])
    assert.deepStrictEqual(Rotation.outdated(rotation, "event.log", names, 0), [])
    assert.deepStrictEqual(
      Rotation.outdated({ when: "H", interval: 1 }, "event.log", [...names, "event.log.2026-11-02_10"], 1),
      [
        "event.log.2026-11-01_10"
      ]
    )
  })
})
