import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as PolicyDoubts from "../../src/config/PolicyDoubts.ts"
import * as Settings from "../../src/config/Settings.ts"

type Texts = Readonly<Record<string, string>>

const found = (texts: Texts) =>
  Effect.map(
    Effect.flatMap(Settings.decode(new Map(Object.entries(texts))), PolicyDoubts.find),
    (doubts) => doubts.map(({ key, reason }) => `${key}: ${reason}`)
  )

const given = (texts: Texts): string =>
  Object.entries(texts).map((setting) => setting.join(" ").replaceAll("\n", " and ")).join(", ")

const traps: ReadonlyArray<readonly [texts: Texts, doubt: string]> = [
  [
    { "backoff-limit": "1" },
    "backoff-limit: with a backoff-limit of 1 and without forever a program that ends within 1 s is not restarted; use 2 or more"
  ],
  [
    { "give-up-after": "1" },
    "give-up-after: with a give-up-after of 1 and without forever a program that ends within 10 s is not restarted; use 2 or more"
  ],
  [
    { "give-up-after": "1 in 10m" },
    "give-up-after: with a give-up-after of 1 in 10m and without forever a program that ends is not restarted; use 2 or more"
  ],
  [
    { "backoff-limit": "0", "forever": "on" },
    "forever: forever has no effect with a backoff-limit of 0, which is no limit"
  ],
  [
    { "forever": "on", "give-up-after": "5" },
    "give-up-after: give-up-after has no effect with forever, which never gives up; leave out one of them"
  ],
  [
    { "forever": "on", "give-up": "stay" },
    "give-up: give-up has no effect, because with forever the program is never given up; say when with give-up-after in place of forever"
  ],
  [
    { "backoff-limit": "0", "give-up": "retry after 10m" },
    "give-up: give-up has no effect, because with a backoff-limit of 0 the program is never given up; say when with give-up-after"
  ],
  [
    { "give-up-after": "6 in 10s" },
    "give-up-after: a give-up-after of 6 in 10s is never reached by a program that always ends at once: with these waits so many ends take 15 s, and it is restarted for ever; use a window of at least that"
  ],
  [
    { "backoff": "constant", "backoff-base": "10s", "give-up-after": "5 in 20s" },
    "give-up-after: a give-up-after of 5 in 20s is never reached by a program that always ends at once: with these waits so many ends take 40 s, and it is restarted for ever; use a window of at least that"
  ],
  [
    { "backoff-limit": "600" },
    "backoff-limit: with a backoff-limit of 600 a program that always ends at once is given up only 2d1h55m after its first end; use a smaller give-up-after, or forever if that is meant"
  ],
  [
    { "backoff-limit": "3600" },
    "backoff-limit: with a backoff-limit of 3600 a program that always ends at once is given up only more than 23d3h16m after its first end; use a smaller give-up-after, or forever if that is meant"
  ],
  [
    { "reset-after": "never" },
    "reset-after: with reset-after never the program is given up after 10 ends in all, even if months lie between them; use a window, such as give-up-after 5 in 1h"
  ],
  [
    { "reset-after": "2s", "start-grace": "5" },
    "reset-after: a run of 2 s is a failed start with a start-grace of 5 s, and yet no quick end, so that the next one starts without a wait; use a reset-after of at least the start-grace"
  ],
  [
    { "exit-codes": "0,-1" },
    "exit-codes: the exit code -1 stands for every death by a signal, after which there will be no restart; leave it out, or name the signals, as in on-signal TERM stop"
  ],
  [
    { "exit-codes": "0,1" },
    "exit-codes: the exit code 1 is that of most programs that fail, so that a crash counts as a wanted end and there will be no restart; leave it out"
  ],
  [
    { "exit-codes": "0,139" },
    "exit-codes: the exit code 139 is a shell's for a program that died by signal 11, so that a failure counts as a wanted end and there will be no restart; leave it out"
  ],
  [
    { "exit-codes": "0,127" },
    "exit-codes: the exit code 127 is a shell's for a program that it cannot run, so that a failure counts as a wanted end and there will be no restart; leave it out"
  ],
  [{ "exit-codes": "256" }, "exit-codes: no program ends with the exit code 256; use 0 to 255"],
  [
    { "forever": "on", "exit-codes": "2" },
    "exit-codes: with forever and without 0 in exit-codes a program that ends on purpose, with exit status 0, is started again for ever; add 0, or make the list empty if every end is to be followed by a start"
  ],
  [
    { "backoff": "constant", "backoff-base": "1m" },
    "backoff-base: every wait is 10 s, the longest that backoff-limit allows, because the first would be 1m already; use a greater backoff-limit"
  ],
  [
    { "backoff": "exponential", "backoff-base": "10s" },
    "backoff-base: every wait is 10 s, the longest that backoff-limit allows, because the first would be 10 s already; use a greater backoff-limit"
  ],
  [
    { "backoff-factor": "3" },
    "backoff-factor: backoff-factor has no effect with a linear backoff; use backoff exponential"
  ],
  [
    { "backoff": "exponential", "backoff-factor": "1" },
    "backoff-factor: with a backoff-factor of 1 every wait is 1 s, and none grows; use 2, or backoff constant"
  ],
  [
    { "backoff-jitter": "1" },
    "backoff-jitter: with a backoff-jitter of 1 any wait may be next to nothing, and a program that ends at once be started again at once; 0.5 leaves at least half of each"
  ],
  [
    { "backoff": "constant", "backoff-base": "10ms", "forever": "on" },
    "backoff-base: a program that always ends at once is started again every 0.01 s, for ever; use a longer backoff-base, or a backoff that grows"
  ],
  [
    { "give-up": "retry after 5s" },
    "give-up: a program that is given up is started again after 5 s, sooner than after the wait of 9 s before, so that giving up speeds it up; use a longer time"
  ],
  [
    { "on-exit": "75 after 5s\n3,75 stay" },
    "on-exit: on-exit 3,75 stay never holds for 75, because on-exit 75 after 5s comes before it; remove one of them"
  ],
  [
    { "on-exit": "2 at most 3 in 1h" },
    "on-exit: on-exit 2 at most 3 in 1h has no effect for 2, because exit-codes or another rule allow no restart after it"
  ],
  [
    { "on-signal": "SEGV at most 10 in 10s" },
    "on-signal: on-signal SEGV at most 10 in 10s is never reached by a program that always ends at once with SIGSEGV: with these waits so many restarts take 55 s; use a window of at least that"
  ],
  [
    { "on-signal": "KILL stop" },
    "on-signal: on-signal KILL stop holds as well when the kernel kills the program for want of memory: there will be no restart; leave KILL out, or use KILL at most 3 in 1h"
  ],
  [
    { "start-grace": "15" },
    "backoff-limit: a run of 10 s is a failed start with a start-grace of 15 s, and yet no quick end, so that the next one starts without a wait; use a reset-after of at least the start-grace"
  ],
  [
    {
      "give-up-after": "5 in 2m",
      "backoff": "constant",
      "backoff-base": "1m",
      "backoff-limit": "60",
      "backoff-jitter": "0.25"
    },
    "give-up-after: a give-up-after of 5 in 2m is never reached by a program that always ends at once: with these waits so many ends take 3m, and it is restarted for ever; use a window of at least that"
  ],
  [
    { "on-exit": "75 after 60s\n75 at most 3 in 2m" },
    "on-exit: on-exit 75 at most 3 in 2m is never reached by a program that always ends at once with 75: with these waits so many restarts take 3m; use a window of at least that"
  ]
]

const sane: ReadonlyArray<Texts> = [
  { "backoff-limit": "0" },
  { "backoff-limit": "1", "forever": "on" },
  { "backoff-limit": "1", "give-up-after": "5" },
  { "backoff-limit": "3" },
  { "backoff-limit": "60", "forever": "on" },
  { "forever": "on", "exit-codes": "" },
  { "exit-codes": "0,255" },
  { "exit-codes": "3,7" },
  { "exit-codes": "" },
  { "backoff": "exponential", "give-up-after": "5" },
  {
    "backoff": "exponential",
    "backoff-factor": "1.5",
    "backoff-limit": "60",
    "backoff-jitter": "30%",
    "forever": "on"
  },
  { "backoff": "constant", "give-up-after": "5 in 10m", "give-up": "retry after 10m" },
  { "give-up-after": "5 in 10s" },
  { "give-up-after": "2 in 1h", "give-up": "stay" },
  { "give-up-after": "2 in 1h", "reset-after": "never" },
  { "give-up-after": "1", "give-up": "retry after 1m" },
  { "reset-after": "10m" },
  { "start-grace": "10", "backoff-limit": "10" },
  { "start-grace": "30", "start-test-program": "true" },
  { "on-exit": "75 after 60s\n75 at most 3 in 1h\n0,2 stop\n3 stay" },
  { "on-signal": "SEGV at most 3 in 1h\nHUP after 1s\nTERM,INT stop\nKILL stay" },
  { "on-exit": "75 at most 0 in 1h" },
  { "on-signal": "KILL at most 3 in 1h\nTERM stop" },
  { "forever": "on", "give-up": "stay", "on-exit": "75 at most 3 in 1h" },
  { "forever": "on", "exit-codes": "2", "on-exit": "0 stop" },
  { "exit-codes": "0,1", "on-exit": "1 after 5s" }
]

describe("PolicyDoubts", () => {
  for (const [texts, doubt] of traps) {
    it.effect(`warns of ${given(texts)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* found(texts), [doubt])
      }))
  }

  it.effect("has no doubt about the defaults", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* found({}), [])
    }))

  for (const texts of sane) {
    it.effect(`has no doubt about ${given(texts)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* found(texts), [])
      }))
  }
})
