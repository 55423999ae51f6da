/**
 * The files of the package that are made from the tables of the command; its build writes them.
 *
 * @since 0.1.0
 */
import { actions, interactiveActions } from "./Cli.ts"
import * as CompletionScript from "./CompletionScript.ts"
import * as Grammar from "./Grammar.ts"
import * as ManPage from "./ManPage.ts"
import { version } from "./Version.ts"

/**
 * The texts of the files by their paths: the man page, and the completions under the names that the shells look for.
 *
 * @category formatting
 * @since 0.1.0
 */
export const files = (): Readonly<Record<string, string>> => {
  const grammar = Grammar.make(actions)
  return {
    "man/zdaemon.1": ManPage.render(grammar, interactiveActions, version),
    "completions/zdaemon": CompletionScript.render("bash", grammar),
    "completions/_zdaemon": CompletionScript.render("zsh", grammar),
    "completions/zdaemon.fish": CompletionScript.render("fish", grammar)
  }
}
