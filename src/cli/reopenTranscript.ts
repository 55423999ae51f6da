/**
 * The action `reopen_transcript`.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as ControlClient from "../control/ControlClient.ts"
import type { Action } from "./Action.ts"
import * as Answer from "./Answer.ts"
import { Failure } from "./Ending.ts"
import { json } from "./JsonOption.ts"
import * as Manager from "./Manager.ts"
import * as Session from "./Session.ts"
import * as Words from "./words.ts"

/**
 * zdaemon [options] reopen_transcript
 *
 * @category commands
 * @since 0.1.0
 */
export const reopenTranscript = {
  name: "reopen_transcript",
  forms: [{ synopsis: "reopen_transcript", summary: ["Reopen the transcript log file.", "Use after log rotation."] }],
  options: [json],
  examples: [
    { line: "mv app.log app.log.1 && zdaemon -C app.conf reopen_transcript", description: "begin a new transcript" }
  ],
  words: "none",
  command: Command.make(
    "reopen_transcript",
    { words: Words.any },
    Effect.fn("cli.reopen_transcript")(function*({ words }) {
      yield* Words.refuseOptions(words)
      yield* reopen(yield* Session.open)
    })
  )
} satisfies Action

/**
 * Has the manager reopen the transcript; when it cannot, it goes on with the old file, and says why.
 *
 * @category running
 * @since 0.1.0
 */
export const reopen = Effect.fnUntraced(function*(session: Session.Session) {
  const reply = yield* Manager.withOrphan(session)(ControlClient.request(session.socket, "reopen_transcript"))
  if (reply.length > 0) return yield* new Failure({ reason: reply.trimEnd(), code: 1 })
  yield* Answer.note({ outcome: "reopened" })
})
