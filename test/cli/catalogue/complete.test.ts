// @effect-diagnostics nodeBuiltinImport:off
/**
 * Whether the catalogue is complete, as far as the source tells: the sentences that stand where something is printed, logged or
 * goes wrong have to be in a golden file, each piece of them between two values. What is put together elsewhere is not found.
 */
import { assert, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as TypeScript from "typescript"
import { folder } from "../../support/Catalogue.ts"

const source = Path.resolve(import.meta.dirname, "../../../src")

/** What says something to whoever uses the command, or reads the manager's log. */
const saying = new Set([
  "StandardStreams.print",
  "StandardStreams.complain",
  "StandardStreams.write",
  "Answer.complain",
  "Answer.refuse",
  "Answer.advise",
  "Hint.meant",
  "Daemon.complain",
  "Effect.logDebug",
  "Effect.logInfo",
  "Effect.logWarning",
  "Effect.logError",
  "Effect.logFatal"
])

/** What is not in the catalogue, and why. */
const exceptions: Readonly<Record<string, string>> = {
  "can't pass": "kill(2) does not fail for a process of one's own",
  "on to the program:": "the same",
  "processes of group": "only what the kernel holds outlives SIGKILL",
  "are still alive after SIGKILL": "the same",
  "the program is not running": "it is for embedders: a client is told in the original's words",
  "it hung up": "who has not said a word is about to end, and whoever has is taken at it",
  "not an http URL:": "the configuration is refused before",
  "unknown syslog facility:": "the same"
}

/** The rooms whose errors a user of the command can see. */
const rooms = ["cli", "control", "eventlog", "history", "manager", "process", "transcript"]

const files = [
  ...rooms.flatMap((room) =>
    Fs.readdirSync(Path.join(source, room)).filter((name) => name.endsWith(".ts")).map((name) => `${room}/${name}`)
  ),
  "manage.ts"
]

const isSaying = (node: TypeScript.Node): boolean =>
  TypeScript.isCallExpression(node)
    ? saying.has(node.expression.getText())
    : TypeScript.isGetAccessor(node)
    ? ["advice", "message"].includes(node.name.getText())
    : TypeScript.isPropertyAssignment(node) && node.name.getText() === "reason" &&
      TypeScript.isNewExpression(node.parent.parent)

/** The texts in a node that says something, without what is put into them. */
const pieces = (node: TypeScript.Node): ReadonlyArray<string> => {
  if (TypeScript.isStringLiteralLike(node) || TypeScript.isTemplateHead(node)) return [node.text]
  if (TypeScript.isTemplateMiddleOrTemplateTail(node)) return [node.text]
  // What is compared with a text does not say it.
  if (TypeScript.isBinaryExpression(node) && /[=!]==/.test(node.operatorToken.getText())) return []
  return node.getChildren().flatMap(pieces)
}

const said = (node: TypeScript.Node): ReadonlyArray<string> =>
  isSaying(node) ? pieces(node) : node.getChildren().flatMap(said)

const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

it("has every sentence of the source", () => {
  const catalogue = words(
    Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".txt"))
      .map((name) => Fs.readFileSync(Path.join(folder, name), "utf8"))
      .join("\n")
  )
  const missing = files.flatMap((name) => {
    const text = Fs.readFileSync(Path.join(source, name), "utf8")
    return said(TypeScript.createSourceFile(name, text, TypeScript.ScriptTarget.ESNext, true))
      .map(words)
      .filter((piece) => /[a-z]{3}.* /i.test(piece) && !catalogue.includes(piece) && exceptions[piece] === undefined)
      .map((piece) => `${name}: ${piece}`)
  })
  assert.deepStrictEqual(missing, [])
})
