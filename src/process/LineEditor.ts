/**
 * A line of a terminal, edited by whoever types it, with a history and completion.
 *
 * It is Node's, without Effect: a bundle of its own, loaded when somebody is about to type.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off globalTimers:off
import Process from "node:process"
import * as Readline from "node:readline"

/**
 * What a line is asked for with: the prompt, earlier lines with the latest first, what has been typed already, and
 * completion: the whole words that the end of a line could become, and how much of the line they replace.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly prompt: string
  readonly history: ReadonlyArray<string>
  readonly typed: string
  readonly complete: (line: string) => readonly [ReadonlyArray<string>, string]
}

/**
 * What was typed: whole lines (several when they were pasted) and the beginning of the next one; nothing, since it was
 * given up with Ctrl-C; or the end, Ctrl-D.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer =
  | { readonly _tag: "Lines"; readonly lines: ReadonlyArray<string>; readonly typed: string }
  | { readonly _tag: "GivenUp" }
  | { readonly _tag: "End" }

/**
 * Asks for a line on standard input and output. The terminal is let go of before the answer is given, so that it is as
 * it was for whoever uses it then. What is returned takes the question back.
 *
 * @category running
 * @since 0.1.0
 */
export const ask = (request: Request, answer: (answer: Answer) => void): () => void => {
  const editor = Readline.createInterface({
    input: Process.stdin,
    output: Process.stdout,
    terminal: true,
    prompt: request.prompt,
    history: [...request.history],
    removeHistoryDuplicates: true,
    completer: (line: string) => {
      const [words, replaced] = request.complete(line)
      return [[...words], replaced]
    }
  })
  const lines: Array<string> = []
  let result: Answer | undefined
  editor.on("line", (line) => {
    // What was pasted behind the first line comes in the same turn.
    if (lines.push(line) === 1) setImmediate(() => finish({ _tag: "Lines", lines, typed: editor.line }))
  })
  editor.on("SIGINT", () => finish({ _tag: "GivenUp" }))
  editor.on("close", () => finish(lines.length > 0 ? { _tag: "Lines", lines, typed: "" } : { _tag: "End" }))
  const finish = (found: Answer) => {
    if (result !== undefined) return
    result = found
    editor.close()
    answer(result)
  }
  editor.prompt()
  if (request.typed !== "") editor.write(request.typed)
  return () => {
    result = { _tag: "End" }
    editor.close()
  }
}
