/**
 * What a command of somebody else's is, which is made of zdaemon's: its name, and the settings that it adds.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { OwnSetting } from "../config/OwnSetting.ts"

/**
 * The command that is running; `zdaemon` itself, which adds nothing, by default.
 *
 * @category services
 * @since 0.1.0
 */
export class Extension extends Context.Reference<Extension>()("zdaemon/cli/Extension", {
  defaultValue: (): { readonly name: string; readonly settings: ReadonlyArray<OwnSetting> } => ({
    name: "zdaemon",
    settings: []
  })
}) {}
