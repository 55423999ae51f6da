/**
 * The file that `zdaemon` runs: it loads the bundled program with its code cache.
 *
 * Compiling the bundle costs more than half of the time that `status` takes (measured), so V8's code cache is kept
 * after the first run. The cache is executable code: it is taken only from a file of ours, or of whoever owns the bundle,
 * that nobody else can write, it is tied to this build of Node and to this bundle, and V8 refuses one that was cut off or
 * is for something else. V8 does not look whether what is in it is whole, and dies of it if not: so it is on the disk before
 * it has its name, which it keeps when the power fails.
 *
 * @since 0.1.0
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off
import * as FileSystem from "node:fs"
import * as Module from "node:module"
import * as Path from "node:path"
import Process from "node:process"
import * as VM from "node:vm"

declare const BUNDLE: string
declare const ENTRY: string

const own = Process.geteuid?.() ?? -1
const directory = Path.dirname(FileSystem.realpathSync(Process.argv[1] ?? ""))
const bundle = Path.join(directory, BUNDLE)
const stat = FileSystem.statSync(bundle)
const cacheName = `${BUNDLE}.${Process.version}-${Process.arch}.${stat.size}-${Math.trunc(stat.mtimeMs)}.cache`

const isPrivate = (stat: FileSystem.Stats, owners: ReadonlyArray<number>): boolean =>
  owners.includes(stat.uid) && (stat.mode & 0o022) === 0

const readCache = (folder: string, owners: ReadonlyArray<number>): Buffer | undefined => {
  let file: number
  try {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = FileSystem.constants
    file = FileSystem.openSync(Path.join(folder, cacheName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    // What was opened is looked at, and not its name, which somebody may give to another file meanwhile.
    const found = FileSystem.fstatSync(file)
    return found.isFile() && isPrivate(found, owners) && isPrivate(FileSystem.statSync(folder), owners)
      ? FileSystem.readFileSync(file)
      : undefined
  } catch {
    return undefined
  } finally {
    FileSystem.closeSync(file)
  }
}

const writeCache = (folder: string, data: Buffer): boolean => {
  try {
    FileSystem.mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isPrivate(FileSystem.statSync(folder), [own])) return false
    const temporary = Path.join(folder, `${cacheName}.${Process.pid}`)
    try {
      FileSystem.writeFileSync(temporary, data, { mode: 0o600, flag: "wx", flush: true })
      FileSystem.renameSync(temporary, Path.join(folder, cacheName))
      return true
    } catch (cause) {
      // The disk is full: nothing of it stays, of however many commands.
      FileSystem.rmSync(temporary, { force: true })
      throw cause
    }
  } catch {
    return false
  }
}

const home = Process.env["HOME"]
const caches = Process.env["XDG_CACHE_HOME"] ?? (home === undefined ? undefined : Path.join(home, ".cache"))
const personal = caches === undefined || !Path.isAbsolute(caches) ? undefined : Path.join(caches, "zdaemon")

/** In a function of its own, so that the cache is no longer referred to, and freed, when the program runs. */
const compile = () => {
  const cachedData = readCache(directory, [own, stat.uid]) ??
    (personal === undefined ? undefined : readCache(personal, [own]))
  // The build writes ASCII.
  const source = FileSystem.readFileSync(bundle, "latin1")
  const script = new VM.Script(`(function(exports,require,module){${source}\n})`, {
    filename: bundle,
    cachedData
  })
  return { script, isCached: cachedData !== undefined && script.cachedDataRejected !== true }
}

const { isCached, script } = compile()
if (!isCached) {
  Process.once("exit", () => {
    // Not after the user was changed: what the file would be owned by is not who runs the next command.
    if (Process.geteuid?.() !== own) return
    const data = script.createCachedData()
    if (!writeCache(directory, data) && personal !== undefined) writeCache(personal, data)
  })
}
const loaded: { exports: Record<string, () => void> } = { exports: {} }
// Effect looks at one stack while it is loaded, and V8 would read the whole bundle again to find the places in it. What is
// thrown meanwhile, by a bug alone, has none.
const { stackTraceLimit } = Error
Error.stackTraceLimit = 0
script.runInThisContext()(loaded.exports, Module.createRequire(bundle), loaded)
Error.stackTraceLimit = stackTraceLimit
loaded.exports[ENTRY]?.()
