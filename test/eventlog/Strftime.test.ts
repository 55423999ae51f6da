// @effect-diagnostics globalDate:off
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { strftime } from "../../src/eventlog/Strftime.ts"

/** What Python's time.strftime makes of them in the C locale. */
const table: ReadonlyArray<readonly [Date, string]> = [
  [
    new Date(2026, 10, 22, 11, 14, 27),
    "Sun|Sunday|Nov|November|Sun Nov 22 11:14:27 2026|22|11/22/26|22|2026-11-22|11|11|326|11|11|11|14|\n|AM|11:14:27 AM|11:14|27|\t|11:14:27|47|0|46|11/22/26|11:14:27|26|2026|%|%Q|%"
  ],
  [
    new Date(2026, 0, 1, 0, 0, 0),
    "Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 2026|01|01/01/26| 1|2026-01-01|00|12|001| 0|12|01|00|\n|AM|12:00:00 AM|00:00|00|\t|00:00:00|00|4|00|01/01/26|00:00:00|26|2026|%|%Q|%"
  ],
  [
    new Date(2024, 1, 29, 12, 5, 9),
    "Thu|Thursday|Feb|February|Thu Feb 29 12:05:09 2024|29|02/29/24|29|2024-02-29|12|12|060|12|12|02|05|\n|PM|12:05:09 PM|12:05|09|\t|12:05:09|08|4|09|02/29/24|12:05:09|24|2024|%|%Q|%"
  ],
  [
    new Date(2024, 11, 31, 23, 59, 59),
    "Tue|Tuesday|Dec|December|Tue Dec 31 23:59:59 2024|31|12/31/24|31|2024-12-31|23|11|366|23|11|12|59|\n|PM|11:59:59 PM|23:59|59|\t|23:59:59|52|2|53|12/31/24|23:59:59|24|2024|%|%Q|%"
  ],
  [
    new Date(2023, 0, 1, 13, 7, 8),
    "Sun|Sunday|Jan|January|Sun Jan  1 13:07:08 2023|01|01/01/23| 1|2023-01-01|13|01|001|13| 1|01|07|\n|PM|01:07:08 PM|13:07|08|\t|13:07:08|01|0|00|01/01/23|13:07:08|23|2023|%|%Q|%"
  ],
  [
    new Date(1999, 6, 4, 1, 2, 3),
    "Sun|Sunday|Jul|July|Sun Jul  4 01:02:03 1999|04|07/04/99| 4|1999-07-04|01|01|185| 1| 1|07|02|\n|AM|01:02:03 AM|01:02|03|\t|01:02:03|27|0|26|07/04/99|01:02:03|99|1999|%|%Q|%"
  ]
]

describe("strftime", () => {
  afterEach(() => vi.unstubAllEnvs())

  it("renders what the C library does", () => {
    const format = "%a|%A|%b|%B|%c|%d|%D|%e|%F|%H|%I|%j|%k|%l|%m|%M|%n|%p|%r|%R|%S|%t|%T|%U|%w|%W|%x|%X|%y|%Y|%%|%Q|%"
    for (const [date, text] of table) assert.strictEqual(strftime(format, date), text)
  })

  it("renders the offset and the abbreviation of the local zone and the seconds of the epoch", () => {
    const rendered = (zone: string, time: string): string => {
      vi.stubEnv("TZ", zone)
      return strftime("%z %Z %s", new Date(time))
    }
    assert.strictEqual(rendered("UTC", "2026-01-15T00:00:00Z"), "+0000 UTC 1768435200")
    assert.strictEqual(rendered("Europe/Berlin", "2026-07-15T00:00:00Z"), "+0200 CEST 1784073600")
    assert.strictEqual(rendered("America/New_York", "2026-01-15T00:00:00Z"), "-0500 EST 1768435200")
    assert.strictEqual(rendered("Asia/Kolkata", "2026-01-15T00:00:00Z"), "+0530 IST 1768435200")
    assert.strictEqual(rendered("America/Sao_Paulo", "2026-01-15T00:00:00Z"), "-0300 -03 1768435200")
  })
})
