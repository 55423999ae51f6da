/**
 * What is wrong with a configuration as the system is: its user, its programs, its paths.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as EventLogSettings from "../config/EventLogSettings.ts"
import * as Given from "../config/Given.ts"
import * as Mistake from "../config/Mistake.ts"
import * as Words from "../config/Words.ts"
import * as Daemon from "../process/Daemon.ts"
import * as FilePath from "../process/FilePath.ts"
import * as ProgramFile from "../process/ProgramFile.ts"
import * as User from "../process/User.ts"
import type { Configuration } from "./Configuration.ts"
import * as Paths from "./Paths.ts"

/**
 * The user that is to be become, or why it cannot be.
 *
 * @category judging
 * @since 0.1.0
 */
export const user = ({ given, settings }: Configuration): Effect.Effect<Option.Option<User.User>, Mistake.Mistake> =>
  Effect.mapError(
    Effect.transposeMapOption(settings.user, (name) => Effect.tap(User.find(name), User.check)),
    ({ message }) => ({ reason: message, place: Given.place(given.get("user")) })
  )

/**
 * What is wrong with the files of the program and the start test. Where a mistake in the file may be the reason that one is
 * not found, it is not looked for.
 *
 * @category judging
 * @since 0.1.0
 */
export const ofPrograms = Effect.fnUntraced(function*(configuration: Configuration, here: string) {
  const { environment, given, settings } = configuration
  const path = environment.get("PATH") ?? (yield* Daemon.environment)["PATH"]
  const directory = Paths.workingDirectory({ here, settings })
  const isCertain = Paths.isCertain(configuration)
  const judge = (key: string, words: Option.Option<ReadonlyArray<string>>) => {
    const file = Option.getOrUndefined(words)?.[0]
    return file === undefined || !(isCertain || file.startsWith("/"))
      ? Effect.succeed<ReadonlyArray<Mistake.Mistake>>([])
      : Effect.match(ProgramFile.find(file, { here, directory, path }), {
        onFailure: ({ message }): ReadonlyArray<Mistake.Mistake> => [{
          reason: message,
          place: Given.place(given.get(key))
        }],
        onSuccess: () => []
      })
  }
  return [
    ...yield* judge("program", settings.program),
    ...yield* judge("start-test-program", settings.startTestProgram)
  ]
})

/**
 * The commands whose quotes do not end, each as a doubt with its place.
 *
 * @category judging
 * @since 0.1.0
 */
export const openQuotes = ({ given }: Configuration): ReadonlyArray<string> =>
  ["program", "start-test-program"].flatMap((key) => {
    const command = given.get(key)
    return command !== undefined && Words.split(command.text).unbalanced
      ? [Given.locate(command, `a quote or a backslash in ${key} has no end, so that all of them are taken literally`)]
      : []
  })

/**
 * What is wrong with the log files that events go to, as far as this machine tells. `isOpened` picks those to look at, which
 * `opener` will open.
 *
 * @category judging
 * @since 0.1.0
 */
export const ofLogFiles = (
  { eventLog, eventLogPlaces }: Configuration,
  { isOpened, opener }: {
    readonly isOpened: (file: typeof EventLogSettings.LogFile.Type) => boolean
    readonly opener?: "another user" | undefined
  }
): ReadonlyArray<Mistake.Mistake> =>
  (eventLog?.handlers ?? []).flatMap((handler, i) => {
    if (handler._tag !== "LogFile" || /^STD(OUT|ERR)$/.test(handler.path) || !isOpened(handler)) return []
    return Option.toArray(FilePath.refusal(handler.path, opener)).map((reason) => ({
      reason: `can't use event log: ${reason}`,
      place: eventLogPlaces?.handlers[i]?.get("path")
    }))
  })

/**
 * The Unix sockets of syslog that cannot be reached, each as a doubt with its place. They may be there later, as when the
 * machine has just come up, and a log that cannot be written keeps no program down.
 *
 * @category judging
 * @since 0.1.0
 */
export const unreachableSyslogs = Effect.fnUntraced(function*(
  { eventLog, eventLogPlaces, settings }: Configuration,
  here: string
) {
  const path = (yield* Daemon.environment)["PATH"]
  const directory = Paths.workingDirectory({ here, settings }) ?? here
  const judge = (handler: EventLogSettings.Handler) =>
    handler._tag === "Syslog" && "path" in handler.address
      ? Effect.orElseSucceed(
        Effect.as(
          ProgramFile.find("logger", { here, directory, path }),
          FilePath.notSocket(FilePath.resolve(directory, handler.address.path))
        ),
        () => Option.some("a Unix socket is reached through logger(1), which is not on PATH")
      )
      : Effect.succeed(Option.none())
  const reasons = yield* Effect.forEach(eventLog?.handlers ?? [], judge)
  return reasons.flatMap((reason, i) =>
    Option.toArray(reason).map((reason) =>
      Mistake.message({ reason: `can't reach syslog: ${reason}`, place: eventLogPlaces?.handlers[i]?.get("address") })
    )
  )
})
