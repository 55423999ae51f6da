/**
 * Settings that are each allowed, and that together do not do what their author can have meant. Those about restarts are
 * in `PolicyDoubts`.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import type { Settings } from "./Settings.ts"

/**
 * A doubt about settings: `key` is the one to look at first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contradiction {
  readonly key: string
  readonly reason: string
}

/**
 * Finds what contradicts itself or can never happen.
 *
 * @category judging
 * @since 0.1.0
 */
export const find = (settings: Settings): ReadonlyArray<Contradiction> =>
  doubts.flatMap(({ holds, key, reason }) => holds(settings) ? [{ key, reason: reason(settings) }] : [])

// ===== Internal

interface Doubt {
  readonly key: string
  readonly holds: (settings: Settings) => boolean
  readonly reason: (settings: Settings) => string
}

/** In bytes: less is hardly meant. */
const smallestSize = 4096

const isLimited = ({ transcriptMaxAge, transcriptMaxSize }: Settings): boolean =>
  transcriptMaxAge > 0 || transcriptMaxSize > 0

const noLimit = "has no effect without transcript-max-size or transcript-max-age"

const isRegular = ({ transcript }: Settings): boolean => !/^\/(dev|proc)\//.test(transcript)

const doubts: ReadonlyArray<Doubt> = [
  {
    key: "start-timeout",
    holds: ({ startTimeout }) => startTimeout === 0,
    reason: () =>
      "with a start-timeout of 0 start never waits: it says that the program took too long, and exits with 1, whatever " +
      "becomes of it; use at least a second"
  },
  {
    key: "start-timeout",
    holds: ({ startGrace, startTestProgram, startTimeout }) =>
      Option.isNone(startTestProgram) && startTimeout > 0 && startTimeout < startGrace,
    reason: ({ startGrace, startTimeout }) =>
      `a start-timeout of ${startTimeout} s is over before a start-grace of ${startGrace} s, so that no start succeeds`
  },
  {
    key: "start-timeout",
    holds: ({ startTestProgram, startTimeout }) => Option.isSome(startTestProgram) && startTimeout === 1,
    reason: () =>
      "a start-timeout of 1 s is over before a start test that fails once is run again, which is a second later; use the " +
      "seconds that the program may take to serve"
  },
  {
    key: "stop-timeout",
    holds: ({ stopTimeout }) => stopTimeout === 0,
    reason: () =>
      "with a stop-timeout of 0 a program that ignores SIGTERM is never killed; use 10, or the seconds that it may take to end"
  },
  {
    key: "transcript-keep",
    holds: (settings) => Option.isSome(settings.transcriptKeep) && !isLimited(settings),
    reason: () => `transcript-keep ${noLimit}`
  },
  {
    key: "transcript-compress",
    holds: (settings) => settings.transcriptCompress && !isLimited(settings),
    reason: () => `transcript-compress ${noLimit}`
  },
  {
    key: "transcript-compress",
    holds: (settings) =>
      settings.transcriptCompress && isLimited(settings) && Option.contains(settings.transcriptKeep, 0),
    reason: () => "transcript-compress has no effect with a transcript-keep of 0, which keeps no old file"
  },
  {
    key: "transcript-max-size",
    holds: ({ transcriptMaxSize }) => transcriptMaxSize > 0 && transcriptMaxSize < smallestSize,
    reason: ({ transcriptMaxSize }) =>
      `a transcript-max-size of ${transcriptMaxSize} bytes makes a new file every few lines; is a unit missing, as in 10MB?`
  },
  {
    key: "transcript",
    holds: (settings) => isLimited(settings) && Option.isNone(settings.transcriptStderr) && !isRegular(settings),
    reason: ({ transcript }) => `transcript-max-size and transcript-max-age have no effect with ${transcript}`
  },
  {
    key: "transcript-stderr",
    holds: ({ transcript, transcriptStderr }) => Option.contains(transcriptStderr, transcript),
    reason: () => "transcript-stderr has no effect when it is the transcript"
  }
]
