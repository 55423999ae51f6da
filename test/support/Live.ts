/**
 * What tests on the real system share: a directory of their own, programs from `test/fixtures`, and waiting for an event.
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { Command } from "../../src/process/ProcessSpawner.ts"

/**
 * A directory that is removed with the scope.
 */
export const directory = Effect.acquireRelease(
  Effect.sync(() => FileSystem.mkdtempSync(Path.join(FileSystem.realpathSync(OperatingSystem.tmpdir()), "zdaemon-"))),
  (directory) => Effect.sync(() => FileSystem.rmSync(directory, { recursive: true, force: true }))
)

/**
 * The path of a program in `test/fixtures`.
 */
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

/**
 * Waits until a condition holds that nobody tells of, as the state of a process.
 */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.asVoid(Effect.repeat(Effect.delay(Effect.sync(condition), "2 millis"), { until: (holds) => holds }))

/**
 * A file that catches the output of programs, and the waiting for whole lines of it.
 */
export const output = Effect.gen(function*() {
  const path = Path.join(yield* directory, "output")
  const descriptor = yield* Effect.acquireRelease(
    Effect.sync(() => FileSystem.openSync(path, "a")),
    (descriptor) => Effect.sync(() => FileSystem.closeSync(descriptor))
  )
  const bytes = () => FileSystem.readFileSync(path)
  const complete = () => bytes().toString().split("\n").slice(0, -1)
  return {
    descriptor,
    bytes,
    lines: (count: number) => Effect.map(until(() => complete().length >= count), complete)
  }
})

/**
 * A command of the given words, whose first one is the file. It writes to `descriptor` and has ten seconds to stop.
 */
export const command = (
  words: readonly [file: string, ...ReadonlyArray<string>],
  descriptor: number,
  overrides: Partial<Command> = {}
): Command => ({
  file: words[0],
  words,
  directory: undefined,
  environment: { PATH: "/usr/bin:/bin" },
  stdout: descriptor,
  stderr: descriptor,
  stopTimeout: Duration.seconds(10),
  killMode: "group",
  ...overrides
})
