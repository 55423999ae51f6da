/**
 * The grammar of configuration files (ZConfig): text in, a tree of sections and keys with the file and line of each out.
 *
 * This is the syntax alone. Which section types and keys exist, how often, and what their values mean is for the reader
 * of the tree, so `unknown type name`, `not a known key name`, `does not support multiple values` and the conversion
 * errors do not come from here.
 *
 * The parser is pure and reads no file. When it meets `%include` it stops and runs the effect that the caller gave for
 * reading, so the caller chooses where texts come from (files, a table in a test) and nobody has to drive a generator:
 * the effect type already is the trampoline between the two. Sections and included files are kept on stacks of their own,
 * so no nesting uses the call stack. Time is linear in the texts plus the replacement text, which is limited; the number
 * and size of included files are for `include` to limit.
 *
 * A wrong line does not end the parse: all mistakes are noted, in the order in which they stand. The first is the one that
 * the Python original reports; what only follows from an earlier one is left out, and a limit is told of once.
 *
 * @since 0.1.0
 */
import type * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FileUrl from "./FileUrl.ts"
import type { Mistake } from "./Mistake.ts"
import type { Place } from "./Place.ts"
import * as PythonLiteral from "./PythonLiteral.ts"
import * as ZConfigDefinitions from "./ZConfigDefinitions.ts"
import * as ZConfigLine from "./ZConfigLine.ts"
import * as ZConfigSubstitution from "./ZConfigSubstitution.ts"
import * as ZConfigTree from "./ZConfigTree.ts"

/**
 * A text to parse and the absolute path or URL that it came from, against which its includes are resolved.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly file: string
  readonly text: string
}

/**
 * What a parse needs besides the text.
 *
 * - `environment`: the variables that `$(NAME)` refers to.
 * - `include`: reads the file with this absolute path for the `%include` at `from`, or fails with the reason in the words
 *   to be shown (`error opening file /abs/x: …`). It is asked once per `%include`.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<R> {
  readonly environment: ReadonlyMap<string, string>
  readonly include: (path: string, from: Place) => Effect.Effect<string, string, R>
}

/**
 * Parses a configuration text and everything that it includes. A byte order mark at the start of a text is skipped, and
 * lines may end with LF or CR LF.
 *
 * Besides the errors of ZConfig these are errors: an include that comes back to a file being read, includes more than 32
 * deep, references to anything but a file, and more than 16 Mi characters of replacement text.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse: <R>(
  source: Source,
  options: Options<R>
) => Effect.Effect<ZConfigTree.Reading, never, R> = Effect.fnUntraced(
  function*<R>(source: Source, options: Options<R>) {
    const state: State = {
      definitions: ZConfigDefinitions.make(options.environment),
      tree: ZConfigTree.builder({ file: source.file, line: 1 }),
      frames: [],
      mistakes: [],
      told: new Set(),
      isReadable: true
    }
    const main = beginFile(state, source, Either.getOrElse(FileUrl.resolve(source.file, ""), () => source.file))
    for (let wanted = readUntilInclude(state); wanted !== undefined; wanted = readUntilInclude(state)) {
      const { path, place } = wanted
      const text = yield* Effect.either(options.include(path, place))
      if (Either.isRight(text)) {
        beginFile(state, { file: path, text: text.right }, path)
      } else {
        refuseInclude(state, text.left, place)
      }
    }
    const { isReadable, mistakes, tree } = state
    return { root: tree.root({ file: source.file, line: Math.max(main.line, 1) }), mistakes, isReadable }
  }
)

// ===== Internal

const maximumIncludeDepth = 32

const importable: ReadonlySet<string> = new Set(["ZConfig.components.logger", "ZConfig.components.basic", "zdaemon"])

/** A file being read. */
interface Frame extends Source {
  /** Its path without detours, to recognise it in an include. */
  readonly path: string
  readonly base: number
  position: number
  line: number
}

interface State {
  readonly definitions: ZConfigDefinitions.Definitions
  readonly tree: ZConfigTree.Builder
  readonly frames: Array<Frame>
  readonly mistakes: Array<Mistake>
  /** What is not told again, on whatever line. */
  readonly told: Set<string>
  isReadable: boolean
}

interface Wanted {
  readonly path: string
  readonly place: Place
}

const beginFile = (state: State, source: Source, path: string): Frame => {
  const position = source.text.startsWith("\ufeff") ? 1 : 0
  const frame = { ...source, path, base: state.tree.depth(), position, line: 0 }
  state.frames.push(frame)
  return frame
}

/** Reads until a file has to be included or there is nothing more to read. */
const readUntilInclude = (state: State): Wanted | undefined => {
  for (let frame = state.frames.at(-1); frame !== undefined; frame = state.frames.at(-1)) {
    while (frame.position < frame.text.length) {
      const wanted = readLine(state, frame, nextLine(frame))
      if (wanted !== undefined) {
        return wanted
      }
    }
    check(state, here(frame), state.tree.closeFile(frame.base, here(frame)))
    state.frames.pop()
  }
  return undefined
}

const nextLine = (frame: Frame): ZConfigLine.Line => {
  const newline = frame.text.indexOf("\n", frame.position)
  const end = newline < 0 ? frame.text.length : newline
  const line = ZConfigLine.read(frame.text.slice(frame.position, end))
  frame.position = end + 1
  frame.line++
  return line
}

const here = (frame: Frame): Place => ({ file: frame.file, line: frame.line })

const note = (state: State, mistake: Mistake): void => {
  const { reason } = mistake
  if (reason === ZConfigSubstitution.tooMuch) {
    if (state.told.has(reason)) return
    state.told.add(reason)
  }
  state.mistakes.push(mistake)
}

const report = (state: State, place: Place, reason: string): void => {
  state.isReadable = false
  note(state, { reason, place, isSyntax: true })
}

const check = (state: State, place: Place, result: Either.Either<void, string>): void => {
  if (Either.isLeft(result)) {
    report(state, place, result.left)
  }
}

const readLine = (state: State, frame: Frame, line: ZConfigLine.Line): Wanted | undefined => {
  const { definitions, tree } = state
  const place = here(frame)
  switch (line._tag) {
    case "Blank": {
      return undefined
    }
    case "Key": {
      const { key } = line
      const value = definitions.substitute(line.value)
      if (Either.isLeft(value)) {
        note(state, { reason: value.left, place, isSyntax: true, key: key.toLowerCase() })
      }
      tree.addKey(
        Either.isLeft(value) ? { key, value: "", place, isRefused: true } : { key, value: value.right, place }
      )
      return undefined
    }
    case "SectionStart": {
      openSection(tree, line, place, false)
      return undefined
    }
    case "SectionEnd": {
      check(state, place, tree.closeType(line.type, frame.base, place))
      return undefined
    }
    case "Define": {
      check(state, place, definitions.define(line.name, line.value))
      return undefined
    }
    case "Import": {
      check(state, place, Either.flatMap(definitions.substitute(line.component), importComponent))
      return undefined
    }
    case "Include": {
      return readInclude(state, frame, line.reference, place)
    }
    case "Malformed": {
      report(state, place, line.reason)
      recover(tree, frame, line.likely, place)
      return undefined
    }
  }
}

const openSection = (
  tree: ZConfigTree.Builder,
  { empty, name, type }: Data.TaggedEnum.Value<ZConfigLine.Line, "SectionStart">,
  place: Place,
  guessed: boolean
): void => {
  tree.open({ type, name, place, guessed })
  if (empty) {
    tree.close(place)
  }
}

const recover = (
  tree: ZConfigTree.Builder,
  frame: Frame,
  likely: ZConfigLine.Likely,
  place: Place
): void => {
  switch (likely._tag) {
    case "Blank": {
      return
    }
    case "SectionStart": {
      return openSection(tree, likely, place, true)
    }
    case "SectionEnd": {
      // The line has its error already.
      tree.closeType(likely.type, frame.base, place)
      return
    }
  }
}

const importComponent = (component: string): Either.Either<void, string> => {
  if (component.split(".").includes("")) {
    return Either.left(`illegal schema component name: ${PythonLiteral.repr(component)}`)
  }
  return importable.has(component)
    ? Either.void
    : Either.left(`could not load package ${component}: only ${[...importable].join(", ")} can be imported`)
}

const readInclude = (
  state: State,
  frame: Frame,
  reference: string,
  place: Place
): Wanted | undefined => {
  const path = state.definitions.substitute(reference).pipe(
    Either.flatMap((reference) => FileUrl.resolve(frame.file, reference)),
    Either.flatMap((path) => includable(state.frames, path))
  )
  if (Either.isRight(path)) {
    return { path: path.right, place }
  }
  refuseInclude(state, path.left, place)
  return undefined
}

const includable = (frames: ReadonlyArray<Frame>, path: string): Either.Either<string, string> => {
  const paths = frames.map((frame) => frame.path)
  const start = paths.indexOf(path)
  if (start >= 0) {
    return Either.left(`include cycle: ${[...paths.slice(start), path].join(" -> ")}`)
  }
  return frames.length > maximumIncludeDepth
    ? Either.left(`includes are more than ${maximumIncludeDepth} deep`)
    : Either.right(path)
}

const refuseInclude = (state: State, reason: string, place: Place): void => {
  state.definitions.forgive()
  if (!state.told.has(reason)) report(state, place, reason)
  state.told.add(reason)
}
