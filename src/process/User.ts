/**
 * Becoming the user that the program is to run as.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import Process from "node:process"

/**
 * The user cannot be become; `message` is the original's sentence.
 *
 * @category errors
 * @since 0.1.0
 */
export class UserError extends Data.TaggedError("UserError")<{ readonly message: string }> {}

/**
 * An entry of the password database.
 *
 * @category models
 * @since 0.1.0
 */
export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Looks a user up by name or numeric id, which must be in the password database either way.
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (user: string): Effect.Effect<User, UserError> =>
  Effect.suspend(() => {
    const isNumeric = /^\d+$/.test(user)
    return Option.match(Option.orElse(getent(user), () => etcPasswd(user)), {
      onNone: () => new UserError({ message: isNumeric ? `uid '${user}' not found` : `username '${user}' not found` }),
      onSome: (user) => Effect.succeed(user)
    })
  })

/**
 * Whether this process may become a user: it is that user already, or root.
 *
 * @category getters
 * @since 0.1.0
 */
export const check = (user: User): Effect.Effect<void, UserError> =>
  Effect.suspend(() => {
    const own = Process.geteuid?.()
    return own === user.uid || own === 0
      ? Effect.void
      : new UserError({ message: "only root can use -u USER to change users" })
  })

/**
 * Makes this process run as a user, for good: primary group, every group that lists the user, then the user id, in this
 * order (setuid(2) takes the right to do the others away). It is checked that nothing else is left.
 *
 * Nothing happens when this process runs as that user already. Only root can become another one.
 *
 * @category running
 * @since 0.1.0
 */
export const become = (user: User): Effect.Effect<void, UserError> => Effect.zipRight(check(user), change(user))

// ===== Internal

const change = (user: User): Effect.Effect<void, UserError> =>
  Effect.suspend(() => {
    const { getegid, geteuid, getuid, setgid, setgroups, setuid } = Process
    if (
      getegid === undefined || geteuid === undefined || getuid === undefined || setgid === undefined ||
      setgroups === undefined || setuid === undefined
    ) return new UserError({ message: "users cannot be changed on this system" })
    if (geteuid() === user.uid) return Effect.void
    try {
      const groups = ask("id", ["-G", "--", user.name]).trim().split(" ").map(Number)
      setgid(user.gid)
      setgroups(groups)
      setuid(user.uid)
    } catch (cause) {
      return new UserError({ message: `can't become user ${user.name}: ${String(cause)}` })
    }
    return geteuid() === user.uid && getuid() === user.uid && getegid() === user.gid
      ? Effect.void
      : new UserError({ message: `can't become user ${user.name}` })
  })

const ask = (file: string, words: ReadonlyArray<string>): string =>
  ChildProcess.execFileSync(file, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })

/** The database may be more than a file: getent(1) asks all of it. */
const getent = (user: string): Option.Option<User> => {
  try {
    return entry(ask("getent", ["passwd", "--", user]), () => true)
  } catch {
    return Option.none()
  }
}

const etcPasswd = (user: string): Option.Option<User> => {
  try {
    return entry(FileSystem.readFileSync("/etc/passwd", "utf8"), ([name, , uid]) => name === user || uid === user)
  } catch {
    return Option.none()
  }
}

const entry = (text: string, matches: (fields: ReadonlyArray<string>) => boolean): Option.Option<User> => {
  for (const line of text.split("\n")) {
    const fields = line.split(":")
    const [name, , uid, gid] = fields
    if (name !== undefined && uid !== undefined && gid !== undefined && matches(fields)) {
      return Option.some({ name, uid: Number(uid), gid: Number(gid) })
    }
  }
  return Option.none()
}
