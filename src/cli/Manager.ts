/**
 * Asking whether a manager is there, and what it says of its program.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as ControlClient from "../control/ControlClient.ts"
import * as ControlProtocol from "../control/ControlProtocol.ts"
import * as HistoryFolder from "../history/HistoryFolder.ts"
import * as FilePath from "../process/FilePath.ts"
import * as Orphans from "../process/Orphans.ts"
import * as StandardStreams from "../process/StandardStreams.ts"
import * as Answer from "./Answer.ts"
import { Failure } from "./Ending.ts"
import * as Session from "./Session.ts"

/**
 * The manager's status, with its reply as it came. `None` when there is no manager; a stranger's program is warned of.
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (session: Session.Session) => Effect.map(look(session), Either.getRight)

/**
 * As {@link find}, with the reason where there is no manager, and what one that was killed has left running.
 *
 * @category getters
 * @since 0.1.0
 */
export const look = (session: Session.Session) =>
  Effect.map(ask(session), Either.right).pipe(
    withOrphan(session),
    Effect.catchTag("ManagerNotRunning", (error) => Effect.succeed(Either.left(error)))
  )

/**
 * Looks, where the manager was killed, whether its program is running still: then nothing is as it is without a manager.
 * One that is there, and whose socket is not, is asked once it has made that again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withOrphan =
  (session: Session.Session) =>
  <A>(effect: Effect.Effect<A, ControlClient.ControlError>): Effect.Effect<A, ControlClient.ControlError> =>
    Effect.flatMap(Effect.cached(unfinished(session)), (unfinished) =>
      effect.pipe(
        Effect.catchIf(
          (error) => error._tag === "ManagerNotRunning" && error.code === "ENOENT",
          (error) =>
            Effect.flatMap(unfinished, Option.match({ onNone: () => Effect.succeed(false), onSome: isBack(session) }))
              .pipe(
                Effect.flatMap((isBack) => isBack ? effect : Effect.fail(error))
              )
        ),
        Effect.tapErrorTag("ManagerNotRunning", ({ code, path }) =>
          Effect.gen(function*() {
            if (code === "EOF") return
            const before = yield* unfinished
            // Without a socket only the history tells that a manager did not end in order.
            if (code !== "ECONNREFUSED" && Option.isNone(before)) return
            const [orphan] = yield* Orphans.running(
              Orphans.pipeName(session.socket),
              Option.flatMap(before, ({ run }) => run)
            )
            if (orphan !== undefined) return yield* new ControlClient.ManagerNotRunning({ path, code, orphan })
          }))
      ))

/**
 * What a manager that was killed has left open, as {@link HistoryFolder.unfinished} has it.
 *
 * @category getters
 * @since 0.1.0
 */
export const unfinished = (session: Session.Session): Effect.Effect<Option.Option<HistoryFolder.Unfinished>> =>
  Option.match(Session.runHistory(session), { onNone: () => Effect.succeedNone, onSome: HistoryFolder.unfinished })

/**
 * The folder of the history, for an action that is to read it: where the manager says it is, since it may have another state
 * directory, or be another user's; else where it would be for us.
 *
 * @category getters
 * @since 0.1.0
 */
export const historyFolder = Effect.fnUntraced(function*(
  session: Session.Session
): Effect.fn.Return<string, ControlClient.NotPermitted | Failure> {
  const told = yield* ControlClient.request(session.socket, "status").pipe(
    Effect.map((reply) => Option.flatMapNullable(ControlProtocol.parseStatus(reply), ({ history }) => history)),
    // A manager that does not answer hides nothing that is on disk.
    Effect.catchAll((error) => error._tag === "NotPermitted" ? Effect.fail(error) : Effect.succeedNone)
  )
  const folder = yield* Effect.mapError(
    Option.orElse(told, () => Session.runHistory(session)),
    () => new Failure({ reason: "no history is kept: run-history is off", code: 1 })
  )
  const refusal = HistoryFolder.refusal(folder)
  return Option.isNone(refusal)
    ? folder
    : yield* new Failure({ reason: `can't read history: ${refusal.value}`, code: 1 })
})

/**
 * Says that there is no manager, in the original's words; who reads it on a terminal is told why, and what to do.
 *
 * @category running
 * @since 0.1.0
 */
export const sayAbsent = ({ advice, message, orphan }: ControlClient.ManagerNotRunning): Effect.Effect<void> =>
  Effect.zipRight(
    Answer.note({ outcome: "manager-not-running", ...(orphan === undefined ? {} : { pid: orphan }) }),
    StandardStreams.print(StandardStreams.isTerminal() && orphan === undefined ? `${message}\n${advice}` : message)
  )

/**
 * The one line that `status` prints.
 *
 * @category formatting
 * @since 0.1.0
 */
export const sentence = (manager: Option.Option<{ readonly pid: number }>): string => {
  if (Option.isNone(manager)) return "daemon manager not running"
  return manager.value.pid === 0
    ? "daemon manager running; daemon process not running"
    : `program running; pid=${manager.value.pid}`
}

// ===== Internal

/** Whether a manager that has lost its socket has it again, after it was told; at once where there is none, or no place. */
const isBack = ({ socket }: Session.Session) =>
  Effect.fnUntraced(function*({ manager }: HistoryFolder.Unfinished) {
    if (!FilePath.isDirectory(FilePath.folder(socket)) || !(yield* Orphans.remind(manager))) return false
    const isDecided = Effect.suspend(() =>
      FilePath.exists(socket) ? Effect.succeed(true) : Effect.map(Orphans.isManaging(manager), (isThere) => !isThere)
    )
    yield* Effect.repeat(isDecided, { until: (isDecided) => isDecided, schedule: Schedule.spaced("20 millis") }).pipe(
      Effect.timeoutOption("5 seconds")
    )
    return FilePath.exists(socket)
  })

const ask = Effect.fnUntraced(function*(session: Session.Session) {
  const path = session.socket
  const reply = yield* ControlClient.request(path, "status")
  const status = ControlProtocol.parseStatus(reply)
  if (Option.isSome(status)) {
    yield* Session.warnOfStranger(session, status.value)
    return { ...status.value, reply }
  }
  // Whoever hangs up without a word is about to end.
  if (reply.length === 0) return yield* new ControlClient.ManagerNotRunning({ path, code: "EOF" })
  return yield* new ControlClient.WrongAnswer({ path, reason: "it is no status" })
})
