/**
 * Where things are kept that outlive a manager and belong to its socket.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as Option from "effect/Option"
import * as Path from "node:path"
import Process from "node:process"
import * as FilePath from "./FilePath.ts"

/**
 * The directory of the run history of the manager on `socket`, which is absolute. It is in `folder`, or where none is given
 * in the state directory of `user`, who runs this: `$XDG_STATE_HOME/zdaemon`, for root `/var/lib/zdaemon`, for others
 * `~/.local/state/zdaemon`. Who has no home of their own has it beside the socket. Linked folders on the way to the socket
 * make no other directory.
 *
 * @category getters
 * @since 0.1.0
 */
export const runHistory = (
  socket: string,
  folder: Option.Option<string>,
  user: number | undefined = Process.geteuid?.()
): string =>
  Option.match(Option.orElse(folder, () => stateFolder(user)), {
    onNone: () => `${socket}.history`,
    onSome: (folder) => Path.join(folder, encodeURIComponent(Buffer.from(FilePath.withoutLinks(socket)).toString()))
  })

// ===== Internal

const stateFolder = (user: number | undefined): Option.Option<string> => {
  const { HOME: home, XDG_STATE_HOME: state } = Process.env
  if (state !== undefined && isOf(user, state)) return Option.some(Path.join(state, "zdaemon"))
  if (user === 0) return Option.some("/var/lib/zdaemon")
  return home !== undefined && isOf(user, home) ? Option.some(Path.join(home, ".local/state/zdaemon")) : Option.none()
}

/** Whether a directory, or where it would be made, is a user's: with sudo, and with `user`, the variables may be another's. */
const isOf = (user: number | undefined, path: string): boolean => {
  if (!Path.isAbsolute(path)) return false
  const found = FilePath.stat(path)
  return found === undefined ? path !== "/" && isOf(user, Path.dirname(path)) : found.uid === user
}
