/**
 * An SMTP server on the loopback interface.
 */
// @effect-diagnostics nodeBuiltinImport:off
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Net from "node:net"

/** Takes every mail; a dialogue is what one client said. */
export const smtpServer = Effect.gen(function*() {
  const dialogues = yield* Queue.unbounded<{ readonly commands: ReadonlyArray<string>; readonly mail: string }>()
  const sockets = new Set<Net.Socket>()
  const server = yield* Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const server = Net.createServer((socket) => {
        sockets.add(socket)
        let received = ""
        let mail: string | undefined
        const commands: Array<string> = []
        const answer = (line: string): string => {
          commands.push(line)
          if (line.startsWith("EHLO")) return "250-fake\r\n250 AUTH PLAIN"
          if (line.startsWith("AUTH")) return "235 ok"
          if (line !== "DATA") return "250 ok"
          mail = ""
          return "354 go on"
        }
        socket.write("220 fake\r\n")
        socket.on("error", () => {})
        socket.on("data", (bytes: Buffer) => {
          received += bytes.toString()
          for (let end = received.indexOf("\r\n"); end >= 0; end = received.indexOf("\r\n")) {
            const line = received.slice(0, end)
            received = received.slice(end + 2)
            if (mail === undefined) socket.write(`${answer(line)}\r\n`)
            else if (line !== ".") mail += `${line}\r\n`
            else {
              Queue.unsafeOffer(dialogues, { commands, mail })
              mail = undefined
              socket.write("250 taken\r\n")
            }
          }
        })
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )
  return { dialogues, port: portOf(server.address()) }
})

const portOf = (address: Net.AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0
