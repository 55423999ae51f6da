/**
 * The lines that an operator gives in the interactive mode: edited on a terminal, or as they come.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type * as LineEditor from "../process/LineEditor.ts"
import * as LineHistory from "../process/LineHistory.ts"
import * as StandardInput from "../process/StandardInput.ts"
import * as StandardStreams from "../process/StandardStreams.ts"

/**
 * Where lines come from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prompt {
  /** Prints the prompt and answers with the next line; `None` at the end. */
  readonly ask: (prompt: string) => Effect.Effect<Option.Option<string>>
}

/**
 * The lines as they come, with nothing printed between them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const silent: Prompt = { ask: () => StandardInput.line }

/**
 * Makes a prompt. On a terminal lines are edited, completed and kept in the history, and Ctrl-C gives the line up.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  complete: LineEditor.Request["complete"],
  history: LineHistory.LineHistory
): Effect.Effect<Prompt> =>
  isOnTerminal()
    ? onTerminal(complete, history)
    : Effect.succeed({ ask: (prompt) => Effect.zipRight(StandardStreams.write(`${prompt} `), StandardInput.line) })

/**
 * The lines of earlier sessions; none where nobody types.
 *
 * @category constructors
 * @since 0.1.0
 */
export const history: Effect.Effect<LineHistory.LineHistory, never, Scope.Scope> = Effect.suspend(() =>
  isOnTerminal() ? LineHistory.open : Effect.succeed({ lines: [], add: () => Effect.void })
)

// ===== Internal

const isOnTerminal = (): boolean => StandardInput.isTerminal() && StandardStreams.isTerminal()

const onTerminal = Effect.fnUntraced(
  function*(complete: LineEditor.Request["complete"], history: LineHistory.LineHistory) {
    const editor = yield* Effect.promise(() => import("../process/LineEditor.ts"))
    const earlier = yield* Ref.make(history.lines)
    // What was typed, or pasted, behind the line that is obeyed at the moment.
    const ahead = yield* Ref.make<{ readonly lines: ReadonlyArray<string>; readonly typed: string }>({
      lines: [],
      typed: ""
    })

    const taken = Effect.fnUntraced(function*(line: string) {
      const before = yield* Ref.get(earlier)
      if (line.trim() !== "" && line !== before[0]) {
        yield* Ref.set(earlier, [line, ...before])
        yield* history.add(line)
      }
      return Option.some(line)
    })

    const edited = (request: LineEditor.Request) =>
      Effect.async<LineEditor.Answer>((resume) => {
        const takeBack = editor.ask(request, (answer) => resume(Effect.succeed(answer)))
        return Effect.sync(takeBack)
      })

    const ask = (prompt: string): Effect.Effect<Option.Option<string>> =>
      Effect.gen(function*() {
        const { lines: [line, ...lines], typed } = yield* Ref.get(ahead)
        if (line !== undefined) {
          yield* Ref.set(ahead, { lines, typed })
          yield* StandardStreams.print(`${prompt} ${line}`)
          return yield* taken(line)
        }
        const answer = yield* edited({ prompt: `${prompt} `, history: yield* Ref.get(earlier), typed, complete })
        switch (answer._tag) {
          case "Lines":
            yield* Ref.set(ahead, { lines: answer.lines.slice(1), typed: answer.typed })
            return yield* taken(answer.lines[0] ?? "")
          case "GivenUp":
            yield* Ref.set(ahead, { lines: [], typed: "" })
            yield* StandardStreams.print("^C")
            return yield* ask(prompt)
          case "End":
            return Option.none()
        }
      })
    return { ask }
  }
)
