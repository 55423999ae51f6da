/**
 * What is wrong with a configuration as the system is: its user, its programs, its paths.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as EventLogSettings from "../config/EventLogSettings.ts"
import * as Given from "../config/Given.ts"
import type { Mistake } from "../config/Mistake.ts"
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
export const user = ({ given, settings }: Configuration): Effect.Effect<Option.Option<User.User>, Mistake> =>
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
      ? Effect.succeed<ReadonlyArray<Mistake>>([])
      : Effect.match(ProgramFile.find(file, { here, directory, path }), {
        onFailure: ({ message }): ReadonlyArray<Mistake> => [{
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
 * What is wrong with the places that events go to, as far as this machine tells. `isOpened` picks the log files to look at,
 * which `opener` will open.
 *
 * @category judging
 * @since 0.1.0
 */
export const ofEventLog = Effect.fnUntraced(function*(
  { eventLog, eventLogPlaces, settings }: Configuration,
  here: string,
  { isOpened, opener }: {
    readonly isOpened: (file: typeof EventLogSettings.LogFile.Type) => boolean
    readonly opener?: "another user" | undefined
  }
) {
  const path = (yield* Daemon.environment)["PATH"]
  const directory = Paths.workingDirectory({ here, settings }) ?? here
  const judge = (handler: EventLogSettings.Handler) => {
    switch (handler._tag) {
      case "LogFile":
        return Effect.succeed(
          /^STD(OUT|ERR)$/.test(handler.path) || !isOpened(handler)
            ? Option.none()
            : FilePath.refusal(handler.path, opener)
        )
      case "Syslog":
        return "path" in handler.address
          ? Effect.orElseSucceed(
            Effect.as(
              ProgramFile.find("logger", { here, directory, path }),
              FilePath.notSocket(FilePath.resolve(directory, handler.address.path))
            ),
            () => Option.some("a Unix socket is reached through logger(1), which is not on PATH")
          )
          : Effect.succeed(Option.none())
      default:
        return Effect.succeed(Option.none())
    }
  }
  const reasons = yield* Effect.forEach(eventLog?.handlers ?? [], judge)
  return reasons.flatMap((reason, i): ReadonlyArray<Mistake> => {
    const places = eventLogPlaces?.handlers[i]
    return Option.toArray(reason).map((reason) => ({
      reason: `can't use event log: ${reason}`,
      place: places?.get("path") ?? places?.get("address")
    }))
  })
})
