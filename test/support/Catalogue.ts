// @effect-diagnostics nodeBuiltinImport:off processEnv:off
/**
 * The catalogue of what a user can be told: situations, each of which is played and recorded, with a golden file for each in
 * `test/cli/golden/catalogue`. `UPDATE_GOLDEN=1` writes them anew.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import Process from "node:process"
import * as Zdaemon from "./Zdaemon.ts"

/** The golden files, a folder for each subject. */
export const folder = Path.join(import.meta.dirname, "..", "cli", "golden", "catalogue")

/** What a situation is played with: each of its functions runs a command line. */
export interface Scene {
  readonly zdaemon: Zdaemon.Zdaemon
  /** Records the command line with all that comes of it. */
  readonly say: (line: string) => Effect.Effect<void>
  /** The same on a terminal. */
  readonly sayOnTerminal: (line: string) => Effect.Effect<void>
  /** The same as another user. */
  readonly sayAsNobody: (line: string) => Effect.Effect<void>
  /** Records an interactive session, whose lines come through a pipe. */
  readonly type: (line: string, typed: ReadonlyArray<string>) => Effect.Effect<void>
  /** Begins a command line; the effect that comes of it records what has come of that in the end. */
  readonly begin: (
    line: string,
    options?: Zdaemon.Options
  ) => Effect.Effect<Zdaemon.Running & { readonly ends: Effect.Effect<void> }>
  /** Runs a command line that is no part of the record. */
  readonly quietly: (line: string) => Effect.Effect<void>
  /** Records a file. */
  readonly show: (name: string) => Effect.Effect<void>
}

/** Something that can happen to a user. */
export interface Situation {
  readonly skip?: boolean
  /** Whether all times and spans in it are imagined ones, and the same each time. */
  readonly imagined?: boolean
  readonly play: (scene: Scene) => Effect.Effect<void, never, Scope.Scope>
}

/** A situation that is nothing but command lines, one after the other. */
export const lines = (...all: ReadonlyArray<string>): Situation => ({
  play: ({ say }) => Effect.forEach(all, (line) => say(line), { discard: true })
})

/** A situation with files in it. */
export const play = (
  play: (scene: Scene) => Effect.fn.Return<void, never, Scope.Scope>
): Situation => ({ play: Effect.fnUntraced(play) })

/** Plays the situations of a subject, and compares what is recorded with the golden files. */
export const isSaid = (subject: string, situations: Readonly<Record<string, Situation>>): void => {
  const golden = Path.join(folder, subject)
  describe.concurrent(`what is said: ${subject}`, () => {
    for (const [name, { imagined, play, skip }] of Object.entries(situations)) {
      it.scopedLive.skipIf(skip === true)(
        name.replaceAll("-", " "),
        () =>
          Effect.gen(function*() {
            const zdaemon = yield* Zdaemon.make
            const record: Array<string> = []
            yield* play(scene(zdaemon, record, imagined === true))
            isGolden(Path.join(golden, `${name}.txt`), record.join("\n"))
          }),
        120_000
      )
    }
  })
  it("has no other golden files", () => {
    assert.sameMembers(Fs.readdirSync(golden), Object.keys(situations).map((name) => `${name}.txt`))
  })
}

/** A program that is up at once, and stays up. */
export const up = "-p 'sleep 1000' --start-grace 0"

/** However busy the machine is, each end is a quick one, and before its start counts. */
export const quick = "--reset-after never --start-grace 1000"

/** A program that ends quickly, and whose next run is far away. */
export const loop = `-p 'sh -c "echo oops; exit 3"' -b 1000 --backoff-base 1000 ${quick}`

/** A program that ends quickly once, which is once too often. */
export const once = `-b 1 ${quick}`

/** The same, with a manager that stays. */
export const stays = `-p false ${once} --give-up stay`

// ===== Internal

/** The words of a command line; both kinds of quotes quote. */
const words = (line: string): ReadonlyArray<string> =>
  Array.from(line.matchAll(/'([^']*)'|"([^"]*)"|\S+/g), ([word, single, double]) => single ?? double ?? word)

const scene = (zdaemon: Zdaemon.Zdaemon, record: Array<string>, imagined: boolean): Scene => {
  const indented = (text: string) => {
    const placeless = Zdaemon.placeless(text, zdaemon.directory)
    const said = imagined ? placeless : Zdaemon.timeless(placeless)
    return said.replaceAll(/^(?=.)/gm, "  ").replace(/(?<=.)$/, "\n")
  }
  const write = (prompt: string, line: string, typed = "") => ({ code, stderr, stdout }: Zdaemon.Result) => {
    const texts = [["typed", typed], ["stdout", stdout], ["stderr", stderr]] as const
    const said = texts.map(([name, text]) => [name, indented(text)]).filter(([, text]) => text !== "")
    record.push(
      `${prompt} ${`zdaemon ${line}`.trim().replaceAll(zdaemon.directory, "DIR")}\nexit status ${code}\n` +
        said.map(([name, text]) => `${name}:\n${text}`).join("")
    )
  }
  return {
    zdaemon,
    say: (line) => Effect.map(zdaemon.run(...words(line)), write("$", line)),
    sayOnTerminal: (line) =>
      zdaemon.onTerminal(words(line), { environment: { TERM: "xterm", NO_COLOR: "1" } }).pipe(
        Effect.flatMap(({ result }) => result),
        Effect.map(write("terminal$", line))
      ),
    sayAsNobody: (line) => Effect.map(zdaemon.asNobody(...words(line)), write("nobody$", line)),
    type: Effect.fnUntraced(function*(line, typed) {
      const text = typed.map((line) => `${line}\n`).join("")
      const session = yield* zdaemon.begin(words(line), { input: true })
      yield* session.type(text)
      yield* session.hangUp
      write("$", line, text)(yield* session.result)
    }),
    begin: (line, options) =>
      Effect.map(
        zdaemon.begin(words(line), options),
        (running) => ({ ...running, ends: Effect.map(running.result, write("$", line)) })
      ),
    quietly: (line) => Effect.asVoid(zdaemon.run(...words(line))),
    show: (name) => Effect.sync(() => void record.push(`${name}:\n${indented(zdaemon.read(name))}`))
  }
}

const isGolden = (file: string, actual: string): void => {
  if (Process.env["UPDATE_GOLDEN"] === "1") {
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, actual)
  }
  assert.strictEqual(actual, Fs.readFileSync(file, "utf8"))
}
