/**
 * The name of the control socket in the file system: taken by one manager at a time, and told apart from a stale one.
 *
 * The socket listens before it has its final name, which it gets by link(2): that is the lock. A name is stale only when
 * it is a socket that refuses connections. Whoever takes a stale name away holds `NAME.lock` meanwhile, by link(2) as
 * well, so that nobody takes away the name of a manager that came up in between.
 *
 * A manager whose name somebody has removed (`rm`, whatever tidies `/tmp`) could be neither asked nor stopped, and the next
 * start would run a second one beside it. So the name is watched, and taken again. No watch tells that a folder on the way is
 * another one now, or its disk unmounted: who finds no socket where a manager should be has it look, by SIGCONT.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import Process from "node:process"
import * as SystemError from "../process/SystemError.ts"
import * as ControlClient from "./ControlClient.ts"

/**
 * The socket could not be had.
 *
 * - `InUse`: somebody listens on it, or it belongs to somebody else whose socket may not be asked.
 * - `Unusable`: the path is too long, is another kind of file, or the system refused.
 *
 * @category errors
 * @since 0.1.0
 */
export class SocketError extends Data.TaggedError("SocketError")<{
  readonly path: string
  readonly kind: "InUse" | "Unusable"
  readonly reason: string
}> {
  override get message(): string {
    return this.kind === "InUse"
      ? `Another zrdun is already up using socket '${this.path}':\n${this.reason}`
      : `can't use socket '${this.path}': ${this.reason}`
  }
}

/**
 * The control socket, listening under its final name.
 *
 * @category services
 * @since 0.1.0
 */
export class SocketFile extends Context.Tag("zdaemon/control/SocketFile")<SocketFile, {
  /** Connections in the order in which they came; they wait here until somebody serves them. */
  readonly connections: Queue.Dequeue<Net.Socket>
  /** Whether the name was that of a manager that had been killed, which may have left its program running. */
  readonly isSuccessor: boolean
  /**
   * Removes the name, if it is still ours, and waits until all that have connected are among the connections. The removal
   * happens by itself when the layer is released.
   */
  readonly remove: Effect.Effect<void>
}>() {
  /**
   * Takes the absolute `path` as a lock and listens on it. Only the owner can connect: the socket has mode 0600 from its
   * first moment.
   */
  static readonly layer = (path: string): Layer.Layer<SocketFile, SocketError> => Layer.scoped(SocketFile, make(path))
}

/**
 * Removes the name of a manager that was killed, for whoever has ended what that has left running. It stays where somebody
 * listens on it, or takes it over at this moment, and where it cannot be removed: the next manager sees to it then.
 *
 * @category running
 * @since 0.1.0
 */
export const removeLeft = (path: string): Effect.Effect<void> =>
  Effect.gen(function*() {
    if ((yield* ask(path)) !== "stale") return
    // Who finds the lock asks us whether we live, and hears that we do.
    const { temporary } = yield* temporarily(path, (socket) => void socket.destroy())
    yield* removeStale(path, temporary)
  }).pipe(Effect.scoped, Effect.ignore)

// ===== Internal

const make = Effect.fnUntraced(function*(path: string) {
  const length = Buffer.byteLength(path)
  const limit = ControlClient.listenLimit(path)
  if (length > limit) return yield* unusable(path, `its path is ${length} bytes long, the limit is ${limit}`)
  const connections = yield* Effect.acquireRelease(Queue.unbounded<Net.Socket>(), Queue.shutdown)
  let count = 0
  const accept = (socket: Net.Socket) => {
    count++
    Queue.unsafeOffer(connections, socket)
  }
  const scope = yield* Effect.scope
  const listen = Effect.gen(function*() {
    const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
    const taken = yield* listening(path, accept).pipe(
      Scope.extend(own),
      Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
    )
    return { ...taken, letGo: Scope.close(own, Exit.void) }
  })
  const first = yield* listen
  const held = yield* Ref.make(first)
  const keeper = yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
    const { letGo, mine } = yield* Ref.get(held)
    yield* lost(path, mine)
    yield* Effect.logWarning(`socket '${path}' was removed; it is made again as soon as it can be`)
    // Its directory may be gone as well, and come back.
    const again = Effect.retry(listen, {
      while: ({ kind }) => kind === "Unusable",
      schedule: Schedule.spaced("1 second")
    })
    yield* Effect.flatMap(again, (taken) => Ref.set(held, taken)).pipe(
      Effect.zipRight(letGo),
      // Another manager has it now, and keeps it.
      Effect.catchAll((error) => Effect.zipRight(Effect.logError(error.message), Effect.never))
    )
  })))
  // Node accepts one connection in a turn; those that it has not would be reset when the server closes.
  const acceptRest = Effect.suspend(() => {
    const before = count
    return Effect.map(Effect.zipRight(turn, turn), () => count === before)
  }).pipe(Effect.repeat({ until: (isAll) => isAll }))
  const remove = Effect.flatMap(Effect.zipRight(Fiber.interrupt(keeper), Ref.get(held)), ({ remove }) => remove).pipe(
    Effect.zipLeft(acceptRest)
  )
  return SocketFile.of({ connections, isSuccessor: first.isSuccessor, remove })
})

/** Until the event loop has looked at what has come in; it takes two, when we are just behind that. */
const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Listens under the final name, until the scope closes. */
const listening = Effect.fnUntraced(
  function*(path: string, accept: (socket: Net.Socket) => void) {
    const { temporary } = yield* temporarily(path, accept)
    const { isSuccessor, mine } = yield* take(path, temporary)
    FileSystem.rmSync(temporary, { force: true })
    const remove = Effect.sync(() => {
      if (inode(path) === mine) FileSystem.rmSync(path, { force: true })
    })
    yield* Effect.addFinalizer(() => remove)
    return { isSuccessor, mine, remove }
  }
)

/** Listens under a name that nobody else has, until the scope closes. */
const temporarily = Effect.fnUntraced(function*(path: string, accept: (socket: Net.Socket) => void) {
  const bound = yield* Effect.acquireRelease(bind(path, accept), ({ server }) => Effect.sync(() => server.close()))
  yield* Effect.addFinalizer(() => Effect.sync(() => FileSystem.rmSync(bound.temporary, { force: true })))
  return bound
})

/** Waits until the name is not that of our socket any more, and somebody tells of it: the system, or a client by SIGCONT. */
const lost = (path: string, mine: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    let watcher: FileSystem.FSWatcher | undefined
    const close = () => {
      watcher?.close()
      Process.off("SIGCONT", look)
    }
    const look = () => {
      if (inode(path) === mine) return
      close()
      resume(Effect.void)
    }
    Process.on("SIGCONT", look)
    try {
      watcher = FileSystem.watch(path, { persistent: false }, look)
      watcher.on("error", () => watcher?.close())
    } catch {
      // It is gone already, or there are no watches left.
    }
    look()
    return Effect.sync(close)
  })

const attempts = 50

/** No longer than most names, so that a path of a socket may be as long as the system lets it be. */
const temporaryName = (path: string) =>
  Effect.map(Random.nextIntBetween(0, 36 ** 3), (number) => {
    const name = `.zd${number.toString(36).padStart(3, "0")}`
    return Path.join(Path.dirname(path), name)
  })

const unusable = (path: string, reason: string) => Effect.fail(new SocketError({ path, kind: "Unusable", reason }))

/** Listens under a name that nobody else has. */
const bind = (path: string, accept: (socket: Net.Socket) => void) =>
  Effect.flatMap(temporaryName(path), (temporary) => listen(temporary, accept)).pipe(
    Effect.retry({ while: (code) => code === "EADDRINUSE", times: attempts }),
    Effect.catchAll((code) => unusable(path, SystemError.describe(code)))
  )

const listen = (temporary: string, accept: (socket: Net.Socket) => void) =>
  Effect.async<{ readonly server: Net.Server; readonly temporary: string }, string>((resume) => {
    // Clients may finish writing before they read, so our side must stay open then.
    const server = Net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept)
    // Later errors are those of accept(2), which the next connection may not have: they must not end the manager.
    server.on("error", (cause) => resume(Effect.fail(SystemError.codeOf(cause))))
    // Node binds within this call, so that nobody else can be surprised by the mask.
    const mask = Process.umask(0o177)
    try {
      server.listen({ path: temporary, backlog: 4096 }, () => resume(Effect.succeed({ server, temporary })))
    } finally {
      Process.umask(mask)
    }
  })

/** Gives the listening socket its final name, and answers with what identifies it. */
const take: (
  path: string,
  temporary: string
) => Effect.Effect<{ readonly mine: string; readonly isSuccessor: boolean }, SocketError> = Effect.fnUntraced(
  function*(path: string, temporary: string) {
    let isSuccessor = false
    for (let attempt = 0; attempt < attempts; attempt++) {
      const code = link(temporary, path)
      if (code === undefined) return { mine: inode(path), isSuccessor }
      if (code !== "EEXIST") return yield* unusable(path, SystemError.describe(code))
      yield* refuseUnlessStale(path)
      if (yield* removeStale(path, temporary)) isSuccessor = true
    }
    return yield* unusable(path, "other managers keep taking it; try again")
  }
)

/** Who is at a path: a reply means somebody alive. */
const ask = (path: string) =>
  ControlClient.request(path, "status").pipe(
    Effect.matchEffect({
      onSuccess: (reply) => Effect.fail(new SocketError({ path, kind: "InUse", reason: reply })),
      onFailure: (error) => {
        switch (error._tag) {
          case "ManagerNotRunning":
            return Effect.succeed(error.code === "ECONNREFUSED" && kind(path) === "socket" ? "stale" : "absent")
          case "NoSocket":
            return unusable(path, error.reason)
          default:
            return Effect.fail(new SocketError({ path, kind: "InUse", reason: `${error.message}\n` }))
        }
      }
    })
  )

const refuseUnlessStale = Effect.fnUntraced(function*(path: string) {
  if ((yield* ask(path)) === "stale") {
    // An original manager has its name a moment before it listens.
    yield* Effect.sleep("100 millis")
    yield* ask(path)
  }
  // What was absent may by now be the socket of another manager, which the next attempt asks.
  if (kind(path) === "other") return yield* unusable(path, "it is there and is not a socket")
})

/** Answers whether it was this that removed the name. */
const removeStale = Effect.fnUntraced(function*(path: string, temporary: string) {
  const lock = `${path}.lock`
  const code = link(temporary, lock)
  if (code === "EEXIST") {
    const stale = inode(lock)
    // Whoever held the lock died within these few lines; otherwise its holder is at work.
    const isStale = yield* Effect.orElseSucceed(Effect.map(ask(lock), (found) => found === "stale"), () => false)
    if (isStale && inode(lock) === stale) FileSystem.rmSync(lock, { force: true })
    yield* Effect.sleep("20 millis")
    return false
  }
  if (code !== undefined) return yield* unusable(path, SystemError.describe(code))
  return yield* Effect.gen(function*() {
    const stale = inode(path)
    if ((yield* ask(path)) !== "stale" || inode(path) !== stale) return false
    yield* Effect.logWarning(`Unlinking stale socket ${path}; sleep 1`)
    const refused = unlink(path)
    return refused === undefined || refused === "ENOENT" || (yield* unusable(path, SystemError.describe(refused)))
  }).pipe(Effect.ensuring(Effect.sync(() => FileSystem.rmSync(lock, { force: true }))))
})

/** The name of the system's error, or nothing when it went well. */
const attempt = (action: () => void): string | undefined => {
  try {
    action()
    return undefined
  } catch (cause) {
    return SystemError.codeOf(cause)
  }
}

const link = (from: string, to: string) => attempt(() => FileSystem.linkSync(from, to))

/** In a directory where everybody may write, the name of somebody else may not be removed. */
const unlink = (path: string) => attempt(() => FileSystem.unlinkSync(path))

const inode = (path: string): string => {
  try {
    const { dev, ino } = FileSystem.lstatSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return ""
  }
}

const kind = (path: string): "socket" | "other" | "absent" => {
  try {
    return FileSystem.lstatSync(path).isSocket() ? "socket" : "other"
  } catch {
    return "absent"
  }
}
