/**
 * The paths that a configuration names, checked before anything is done with them.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Given from "../config/Given.ts"
import * as Mistake from "../config/Mistake.ts"
import * as FilePath from "../process/FilePath.ts"
import type { Configuration } from "./Configuration.ts"

/**
 * What is wrong with the paths of a configuration: directories that are not there, and cannot be created in one that is.
 * `here` is where relative paths begin, and each path is looked at where it will be: the transcript's is relative to
 * `directory`. What is given on the command line for `logfile` and `transcript` is not checked, as in the original;
 * opening the transcript tells. A mistake in the file may be about `directory`; what is relative to that is not looked at then.
 *
 * @category judging
 * @since 0.1.0
 */
export const mistakes = (configuration: Configuration, here: string): ReadonlyArray<Mistake.Mistake> => {
  const { given, legacy, settings } = configuration
  const directory = Option.map(settings.directory, (path) => FilePath.resolve(here, path))
  const wrong: Array<Mistake.Mistake> = []
  const look = (text: Given.Given | undefined, path: string, complaint: string, isFine: (path: string) => boolean) => {
    if (text !== undefined && !isFine(path)) wrong.push(Given.complaint(text, complaint))
  }
  const inFile = (key: string) => Option.getOrUndefined(Option.filter(Option.fromNullable(given.get(key)), isInFile))
  const socket = FilePath.resolve(here, settings.socketName)
  look(given.get("socket-name"), FilePath.folder(socket), noFolder(settings.socketName), isCreatable)
  if (Option.isSome(directory)) {
    const text = Option.getOrElse(settings.directory, () => "")
    look(given.get("directory"), directory.value, `${text} is not an existing directory`, isCreatable)
  }
  if (Option.isSome(settings.runHistory) && settings.runHistory.value !== "off") {
    const text = settings.runHistory.value
    look(given.get("run-history"), FilePath.resolve(here, text), `${text} is not an existing directory`, isCreatable)
  }
  if (Option.isSome(settings.logfile)) {
    const path = settings.logfile.value
    look(inFile("logfile"), FilePath.folder(FilePath.resolve(here, path)), noFolder(path), FilePath.isDirectory)
  }
  const base = settings.daemon ? Option.getOrElse(directory, () => here) : here
  const transcript = FilePath.folder(FilePath.resolve(base, settings.transcript))
  if (settings.transcript.startsWith("/") || isCertain(configuration)) {
    look(inFile("transcript"), transcript, noFolder(settings.transcript), (path) => isCreatedOrThere(path, directory))
  }
  for (const key of ["python", "zdrun"]) {
    const text = legacy.get(key)
    if (text !== undefined) {
      look(text, FilePath.resolve(here, text.text), `${text.text} is not an existing path`, FilePath.exists)
    }
  }
  return wrong
}

/**
 * Whether the mistakes in the file, if there are any, leave no doubt about what paths are relative to, and where programs are
 * searched for.
 *
 * @category judging
 * @since 0.1.0
 */
export const isCertain = ({ mistakes }: Configuration): boolean =>
  Mistake.subjects(mistakes)?.every((name) => !foundations.has(name)) ?? false

/**
 * The directory that the program runs in, absolute, unless that is where it is started from.
 *
 * @category getters
 * @since 0.1.0
 */
export const workingDirectory = (
  { here, settings }: { readonly here: string; readonly settings: Configuration["settings"] }
): string | undefined =>
  settings.daemon && Option.isSome(settings.directory) ? FilePath.resolve(here, settings.directory.value) : undefined

// ===== Internal

/** Keys and sections, in lower case as mistakes have them. */
const foundations: ReadonlySet<string> = new Set(["daemon", "directory", "environment", "path", "runner"])

const isInFile = ({ origin }: Given.Given): boolean => Given.Origin.$is("File")(origin)

const noFolder = (path: string): string => `The directory named as part of the path ${path} does not exist.`

/** It is there, or one level is missing; what is there in its place is not a directory to be. */
const isCreatable = (path: string): boolean =>
  FilePath.isDirectory(path) || (!FilePath.exists(path) && FilePath.isDirectory(FilePath.folder(path)))

/** It is there, or is the directory that will be created. */
const isCreatedOrThere = (path: string, directory: Option.Option<string>): boolean =>
  FilePath.isDirectory(path) || Option.exists(directory, (created) => created === path)
