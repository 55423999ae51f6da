/**
 * What a shell has to read so that it completes zdaemon's command lines.
 *
 * It is a bundle of its own, loaded when somebody wants such a script, and has nothing of `effect` in it.
 *
 * @since 0.1.0
 */
import * as Bash from "./BashCompletion.ts"
import * as Fish from "./FishCompletion.ts"
import type { Grammar } from "./Grammar.ts"
import * as Zsh from "./ZshCompletion.ts"

/**
 * A shell that there is a script for.
 *
 * @category models
 * @since 0.1.0
 */
export type Shell = typeof shells[number]

/**
 * The shells that there is a script for.
 *
 * @category models
 * @since 0.1.0
 */
export const shells = ["bash", "zsh", "fish"] as const

/**
 * Renders the script for a shell.
 *
 * @category formatting
 * @since 0.1.0
 */
export const render = (shell: Shell, grammar: Grammar): string => {
  switch (shell) {
    case "bash":
      return Bash.render(grammar)
    case "zsh":
      return Zsh.render(grammar)
    case "fish":
      return Fish.render(grammar)
  }
}
