/**
 * Names of configuration files: absolute paths, the `file:` URLs that messages show, and what a reference in one file
 * means.
 *
 * zdaemon knows a configuration file by its URL, so a reference is a URL reference: a plain path, absolute or relative to
 * the directory of the file that has it, or a `file:` URL, with `%20` and the like decoded. Other schemes are refused:
 * they would put the network between a daemon and its configuration. Paths are combined as text; symbolic links are not
 * looked at.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as PythonLiteral from "./PythonLiteral.ts"

/**
 * Renders the name of a file for a message: an absolute path as a `file:` URL with everything but letters, digits and
 * `_.-~/` percent-encoded (`/a b` gives `file:///a%20b`), any other name as it is.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (file: string): string =>
  file.startsWith("/") ? `file://${file.split("/").map(encode).join("/")}` : file

/**
 * Finds the absolute path that `reference` means in the file `from` (an absolute path or a `file:` URL), without `.`,
 * `..` and empty elements; a slash at the end stays. An empty reference means `from` itself. Fails with the reason if the reference has another
 * scheme, a host or a fragment, or is relative and `from` is not a file.
 *
 * @category decoding
 * @since 0.1.0
 */
export const resolve = (from: string, reference: string): Either.Either<string, string> =>
  Either.flatMap(
    pathOf(reference),
    (path) =>
      path.startsWith("/")
        ? absolute([], decode(path))
        : Either.flatMap(basePath(from), (base) => {
          const steps = elements(base)
          return absolute(path.length === 0 ? steps : steps.slice(0, -1), decode(path))
        })
  )

// ===== Internal

const encode = (element: string): string =>
  encodeURIComponent(element.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  )

const decode = (element: string): string =>
  element.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      Uint8Array.from(run.slice(1).split("%"), (digits) => Number.parseInt(digits, 16))
    ))

/** The path of a reference, still percent-encoded, relative or not. */
const pathOf = (reference: string): Either.Either<string, string> => {
  const scheme = /^[a-zA-Z][-+.a-zA-Z0-9]*:/.exec(reference)?.[0] ?? ""
  const refuse = (reason: string) => Either.left(`cannot include ${PythonLiteral.repr(reference)}: ${reason}`)
  if (scheme.length > 0 && scheme.toLowerCase() !== "file:") {
    return refuse("only paths and file: URLs can be read")
  }
  const hash = reference.indexOf("#")
  if (hash >= 0 && hash < reference.length - 1) {
    return Either.left("fragment identifiers are not supported")
  }
  const rest = reference.slice(scheme.length, hash < 0 ? reference.length : hash)
  if (!rest.startsWith("//")) {
    return Either.right(rest)
  }
  const slash = rest.indexOf("/", 2)
  const host = rest.slice(2, slash < 0 ? rest.length : slash)
  return host.length > 0 && host.toLowerCase() !== "localhost"
    ? refuse("only files of this host can be read")
    : Either.right(slash < 0 ? "/" : rest.slice(slash))
}

const basePath = (from: string): Either.Either<string, string> =>
  from.startsWith("/")
    ? Either.right(from)
    : Either.mapBoth(Either.filterOrLeft(pathOf(from), (path) => path.startsWith("/"), () => from), {
      onLeft: () => `cannot include a relative path from ${PythonLiteral.repr(from)}`,
      onRight: decode
    })

const elements = (path: string): ReadonlyArray<string> => path.split("/").filter((element) => element.length > 0)

const absolute = (directory: ReadonlyArray<string>, path: string): Either.Either<string, string> => {
  const steps: Array<string> = []
  for (const element of [...directory, ...elements(path)]) {
    if (element === "..") {
      steps.pop()
    } else if (element !== ".") {
      steps.push(element)
    }
  }
  const joined = `/${steps.join("/")}${path.endsWith("/") && steps.length > 0 ? "/" : ""}`
  return joined.includes("\0") ? Either.left("a path cannot contain a NUL character") : Either.right(joined)
}
