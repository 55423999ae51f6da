// @effect-diagnostics nodeBuiltinImport:off
/** Somebody else on a socket where a manager is expected. */
import * as Effect from "effect/Effect"
import * as Net from "node:net"

/** Listens where a manager would, and does with each connection what it is told. */
export const listening = (path: string, serve: (socket: Net.Socket) => void) =>
  Effect.acquireRelease(
    Effect.async<() => void>((resume) => {
      const sockets = new Set<Net.Socket>()
      const server = Net.createServer({ allowHalfOpen: true }, (socket) => {
        sockets.add(socket.on("error", () => {}))
        serve(socket)
      })
      server.listen(path, () =>
        resume(Effect.succeed(() => {
          server.close()
          sockets.forEach((socket) => socket.destroy())
        })))
    }),
    (close) => Effect.sync(close)
  )
