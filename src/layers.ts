/**
 * The whole layer graph of a manager, readable from the bottom to the top: what stands below is built first and released
 * last.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Handover } from "./config/Handover.ts"
import type { OwnRequest } from "./control/ControlServer.ts"
import { ControlServer } from "./control/ControlServer.ts"
import type { SocketError } from "./control/SocketFile.ts"
import { SocketFile } from "./control/SocketFile.ts"
import { EventLog } from "./eventlog/EventLog.ts"
import type { EventLogError } from "./eventlog/Handler.ts"
import { History } from "./history/History.ts"
import * as HistoryFolder from "./history/HistoryFolder.ts"
import * as Marks from "./manager/Marks.ts"
import * as SignalHandling from "./manager/SignalHandling.ts"
import { Supervised } from "./manager/Supervised.ts"
import { Supervision } from "./manager/Supervision.ts"
import * as RestartPlan from "./policy/RestartPlan.ts"
import * as Daemon from "./process/Daemon.ts"
import * as FilePath from "./process/FilePath.ts"
import * as Orphans from "./process/Orphans.ts"
import type { OutputPipeError } from "./process/OutputPipe.ts"
import * as OutputPipe from "./process/OutputPipe.ts"
import { ProcessSpawner } from "./process/ProcessSpawner.ts"
import { Transcript } from "./transcript/Transcript.ts"
import type { TranscriptError } from "./transcript/TranscriptError.ts"

/**
 * The manager of the program that was handed over. Building it opens the transcript and the event log, takes the socket,
 * becomes what it is to be (`begin`), and then starts the program; releasing it stops the program and then lets go of
 * everything else in turn.
 *
 * `umask` is that of whoever starts the manager, for the transcript.
 *
 * `requests` are those that somebody else's command adds to the socket's.
 *
 * In the foreground (`daemon off`) there is no transcript: the program has the manager's own standard streams.
 *
 * @category layers
 * @since 0.1.0
 */
export const manager = <E>(
  handover: Handover,
  umask: number,
  begin: Effect.Effect<void, E>,
  requests: ReadonlyArray<OwnRequest> = []
): Layer.Layer<
  ControlServer | Supervised | Supervision,
  E | EventLogError | OutputPipeError | SocketError | TranscriptError
> =>
  Layer.unwrapScoped(Effect.map(
    handover.daemon ? Effect.asSome(makePipes(handover)) : Effect.succeedNone,
    (pipes) =>
      ControlServer.layer(identity(handover), requests).pipe(
        Layer.provideMerge(SignalHandling.layer(passedOn(handover))),
        Layer.provideMerge(supervision(handover, pipes)),
        Layer.provideMerge(orphans(handover)),
        Layer.provideMerge(Layer.effectDiscard(begin)),
        Layer.provideMerge(transcribing),
        Layer.provideMerge(Layer.merge(Supervised.layer, ProcessSpawner.layer)),
        Layer.provide(SocketFile.layer(handover.socket)),
        Layer.provide(handover.transcribing.marks ? Marks.layer : Layer.empty),
        Layer.provide(history(handover)),
        Layer.provide(reopening),
        Layer.provide(eventLog(handover)),
        Layer.provide(transcript(handover, umask, pipes))
      )
  )).pipe(Layer.provide(SignalHandling.ReceivedSignals.layer))

/** The pipes of a daemon's two streams, which are one unless standard error is kept apart. */
interface Pipes {
  readonly stdout: OutputPipe.OutputPipe
  readonly stderr: OutputPipe.OutputPipe
}

const makePipes = Effect.fnUntraced(function*({ socket, transcribing }: Handover) {
  const make = OutputPipe.named(Orphans.pipeName(socket), FilePath.folder(socket))
  const stdout = yield* make
  return { stdout, stderr: transcribing.stderr === undefined ? stdout : yield* make }
})

const supervision = (handover: Handover, pipes: Option.Option<Pipes>) => {
  const command = (words: typeof handover.program) => ({
    ...words,
    directory: undefined,
    environment: handover.environment,
    stdout: Option.match(pipes, { onNone: () => 1, onSome: ({ stdout }) => stdout.output }),
    stderr: Option.match(pipes, { onNone: () => 2, onSome: ({ stderr }) => stderr.output }),
    stopTimeout: Duration.seconds(handover.stopTimeout),
    killMode: handover.killMode
  })
  return Supervision.layer({
    command: command(handover.program),
    policy: RestartPlan.policy(handover.policy),
    startTest: Option.map(Option.fromNullable(handover.startTest), (words) => ({
      ...command(words),
      // A test is asked anew every second: one that does not end is not worth waiting for.
      stopTimeout: Duration.seconds(1)
    })),
    hangsAround: handover.hangAround === true ? "stopped" : "never"
  })
}

/**
 * A manager that was killed leaves its program running, which must not meet a second copy of itself, and says nothing of its
 * end in the history.
 */
const orphans = ({ history, killMode, socket, stopTimeout }: Handover) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { isSuccessor } = yield* SocketFile
    const before = history === undefined ? Option.none() : yield* HistoryFolder.unfinished(history.path)
    // Where somebody has removed the socket, the history tells of a manager that did not end in order. What one that did has
    // left running is to be left alone (kill-mode process).
    const left = isSuccessor || Option.isSome(before)
      ? yield* Orphans.end(Orphans.pipeName(socket), {
        stopTimeout: Duration.seconds(stopTimeout),
        killMode,
        recorded: Option.flatMap(before, ({ run }) => run)
      })
      : []
    if (history === undefined || Option.isNone(before)) return
    if (!isSuccessor && (yield* Orphans.isManaging(before.value.manager))) return
    // That it cannot be written is said when this manager's own events cannot.
    yield* Effect.ignore(HistoryFolder.finish(history.path, before.value, left))
  }))

const history = ({ environment, history, program }: Handover) =>
  history === undefined
    ? History.layerNone
    : History.layer({ ...history, manager: Daemon.pid, program, environment: Object.keys(environment) })

const transcript = (handover: Handover, umask: number, pipes: Option.Option<Pipes>) =>
  Option.match(pipes, {
    onNone: () => Transcript.layerNone(Daemon.complain),
    onSome: ({ stderr, stdout }) => {
      const { onError, rotation, stderr: path, timestamps } = handover.transcribing
      return Transcript.layer({
        path: handover.transcript,
        input: stdout.input,
        umask,
        onError,
        timestamps,
        // Our own standard streams go where the transcript is.
        onNewFile: () => Daemon.redirectOutput(handover.transcript),
        ...(path === undefined ? {} : { stderr: { path, input: stderr.input } }),
        ...(rotation === undefined ? {} : { rotation })
      })
    }
  })

/** Where nothing else is configured, and where the log itself is in trouble, messages stand among the program's output. */
const eventLog = ({ eventLog }: Handover) =>
  Layer.unwrapEffect(Effect.map(
    Transcript,
    ({ note }) => eventLog === undefined ? EventLog.lastResort(note) : EventLog.layer(eventLog, note)
  ))

/** What reopens the transcript reopens the event log too. */
const reopening = Layer.effect(
  Transcript,
  Effect.map(
    Effect.all([Transcript, EventLog]),
    ([transcript, eventLog]) =>
      Transcript.of({ ...transcript, reopen: Effect.ensuring(transcript.reopen, eventLog.reopen) })
  )
)

/**
 * In the foreground, without a terminal that could hang up, SIGHUP is meant for the program, and so is what would reopen logs
 * that there are not.
 */
const passedOn = ({ daemon, eventLog }: Handover): ReadonlyArray<NodeJS.Signals> => {
  if (daemon || Daemon.hasTerminal()) return []
  return eventLog === undefined ? ["SIGHUP", "SIGUSR1", "SIGUSR2"] : ["SIGHUP"]
}

const transcribing = Layer.scopedDiscard(
  Effect.flatMap(
    Effect.all([Supervised, Transcript]),
    ([supervised, transcript]) => supervised.fork("transcript", transcript.copy)
  )
)

const identity = (handover: Handover) => ({
  managerPid: Daemon.pid,
  stopTimeout: handover.stopTimeout,
  backoffLimit: handover.backoffLimit,
  file: handover.program.file,
  words: handover.program.words,
  ...(handover.history === undefined ? {} : { history: handover.history.path })
})
