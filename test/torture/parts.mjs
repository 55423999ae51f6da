// What is done to transcripts. Each part answers with its numbers, and with what they have to be.
import { execFileSync, spawnSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { atLeast, atMost, bytes, count, endless, files, follow, lineLength, manager, memory, none, until, writer } from "./manager.mjs"

const counted = ({ damaged, disordered, doubled, lines, lost }, least) => ({
  "lines written": atLeast(least, lines),
  lost: none(lost),
  doubled: none(doubled),
  damaged: none(damaged),
  "out of order": none(disordered)
})

const written = (directory) => {
  writeFileSync(join(directory, "writer.cjs"), writer)
  return (...words) => `sh -c '"${process.execPath}" writer.cjs ${words.join(" ")}; exec sleep 1000'`
    .replace("writer.cjs", `-e "$(cat writer.cjs)"`)
}

const isDone = (directory) => existsSync(join(directory, "done"))

/** Rotation at full speed. */
export const rotation = async (context) => {
  const { directory, isShort } = context
  const last = isShort ? 400_000 : 3_200_000
  const one = manager(context, written(directory)(last), [
    "-t", "log", "--transcript-max-size", isShort ? "50KB" : "256KB", "--transcript-keep", "100000"
  ])
  one.start()
  try {
    await until(() => isDone(directory))
  } finally {
    one.stop()
  }
  const paths = files(directory, "log")
  return { rotations: atLeast(300, paths.length - 1), ...counted(await count(paths, last), last) }
}

/** Reopening ten times a second and as fast as it goes, with renames in between, at full speed. */
export const reopen = async (context) => {
  const { directory, isShort } = context
  const least = { lines: isShort ? 1_000_000 : 6_000_000, reopened: isShort ? 10 : 100 }
  const one = manager(context, written(directory)(least.lines, "enough"), ["-t", "log"])
  one.start()
  let renames = 0
  try {
    const pid = one.pid()
    while (!isDone(directory)) {
      renameSync(join(directory, "log"), join(directory, `log.${String(++renames).padStart(6, "0")}`))
      process.kill(pid, "SIGUSR2")
      const asked = process.hrtime.bigint()
      await until(() => existsSync(join(directory, "log")))
      // A short torture is over before many tenths of a second have passed.
      if (!isShort && renames % 20 < 10) await sleep(Math.max(0, 100 - Number(process.hrtime.bigint() - asked) / 1e6))
      if (renames === least.reopened) writeFileSync(join(directory, "enough"), "")
    }
  } finally {
    one.stop()
  }
  const paths = files(directory, "log", (rest) => /^\.\d{6}$/.test(rest))
  const last = Number(readFileSync(join(directory, "done"), "latin1"))
  return { reopened: atLeast(least.reopened, renames), ...counted(await count(paths, last), last) }
}

/** A disk that is full for five seconds, in both modes. */
export const disk = async (context) => {
  const numbers = {}
  const { isShort } = context
  const mode = async (onError) => {
    const directory = join(context.directory, onError)
    mkdirSync(directory)
    const small = join(directory, "small")
    mkdirSync(small)
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "zdaemon-torture", small]).status !== 0) return false
    const last = 200_000
    const one = manager({ ...context, directory }, written(directory)(last), [
      "-t", join(small, "log"), "--transcript-on-error", onError
    ])
    try {
      one.start()
      await until(() => /^transcript_error=/m.test(one.status()))
      await sleep(isShort ? 1000 : 5000)
      const wasDone = isDone(directory)
      execFileSync("mount", ["-o", "remount,size=64m", small])
      const freed = process.hrtime.bigint()
      await until(() => !/^transcript_error=/m.test(one.status()))
      const seconds = Math.round(Number(process.hrtime.bigint() - freed) / 1e7) / 100
      // How long that takes beside the other tests of a suite says nothing.
      numbers[`${onError}: seconds until it was written again`] = isShort ? { value: seconds } : atMost(2.5, seconds)
      await until(() => isDone(directory))
      one.stop()
      const text = readFileSync(join(small, "log"), "latin1")
      if (onError === "block") {
        const { damaged, doubled, lines, lost } = await count([join(small, "log")], last)
        numbers["block: lines written"] = atLeast(last, lines)
        numbers["block: lost"] = none(lost)
        numbers["block: doubled or damaged"] = none(doubled + damaged)
        return true
      }
      const [, dropped] = /^-- zdaemon: (\d+) bytes dropped from \S+ to \S+/m.exec(text) ?? []
      const own = text.match(/^(-- zdaemon|can't write transcript|transcript ').*\n/gm) ?? []
      const kept = text.length - own.reduce((sum, line) => sum + line.length, 0)
      // The marker begins a line: it may have ended one that was cut.
      const missing = last * lineLength - kept - Number(dropped)
      numbers["drop: program went on while the disk was full"] = atLeast(1, wasDone ? 1 : 0)
      numbers["drop: bytes dropped, as the one line says"] = atLeast(1, Number(dropped))
      numbers["drop: lines that say so"] = { value: own.filter((line) => line.startsWith("-- ")).length, must: (n) => n === 1 }
      numbers["drop: bytes not accounted for"] = { value: missing, must: (n) => n === 0 || n === -1 }
      return true
    } finally {
      one.stop()
      spawnSync("umount", ["-l", small])
    }
  }
  for (const onError of ["block", "drop"]) {
    if (!(await mode(onError))) return { "not permitted to mount": { value: "skipped" } }
  }
  return numbers
}

/** Any bytes, as they are: random ones, one endless line, one byte at a time. */
export const binary = async (context) => {
  const { directory, isShort } = context
  const numbers = {}
  const cases = {
    random: { size: isShort ? 4e6 : 256e6, program: "cat source" },
    "without a newline": { size: isShort ? 32e6 : 512e6, program: `head -c ${isShort ? 32e6 : 512e6} /dev/zero` },
    "in writes of 1 byte": { size: isShort ? 2e4 : 5e5, program: `dd if=source bs=1 count=${isShort ? 2e4 : 5e5} status=none` }
  }
  const source = randomBytes(isShort ? 4e6 : 256e6)
  writeFileSync(join(directory, "source"), source)
  for (const [name, { program, size }] of Object.entries(cases)) {
    const log = `log-${name.replaceAll(" ", "-")}`
    const one = manager(context, `sh -c 'sleep 0.5; ${program}; exec sleep 1000'`, ["-t", log])
    one.start()
    try {
      const pid = one.pid()
      const before = memory(pid)
      await until(() => statSync(join(directory, log)).size >= size)
      numbers[`${name}: MB of memory more, at the peak`] = atMost(16, Math.round((memory(pid, "VmHWM") - before) * 10) / 10)
    } finally {
      one.stop()
    }
    const sum = createHash("sha256")
    for await (const block of bytes([join(directory, log)])) sum.update(block)
    const expected = createHash("sha256")
    if (program.startsWith("head")) for (let left = size; left > 0; left -= 1e6) expected.update(Buffer.alloc(Math.min(left, 1e6)))
    else expected.update(source.subarray(0, size))
    numbers[`${name}: bytes`] = { value: size }
    numbers[`${name}: sha256 differs`] = none(sum.digest("hex") === expected.digest("hex") ? 0 : 1)
  }
  return numbers
}

/** The last words of programs that crash, and are restarted. */
export const crashes = async (context) => {
  const { directory, isShort } = context
  const total = isShort ? 50 : 1000
  writeFileSync(
    join(directory, "crasher.sh"),
    `n=$(($(cat number 2>/dev/null || echo 0) + 1)); echo $n > number
[ $n -gt ${total} ] && exec sleep 1000
echo "run $n begins"; echo "last words of $n" >&2; kill -SEGV $$\n`
  )
  const one = manager(context, "sh crasher.sh", [
    "-t", "log", "-f", "--backoff", "constant", "--backoff-base", "0.01s"
  ])
  try {
    one.start()
  } catch {
    // Its first run is over at once, which is a failure of start; the manager goes on.
  }
  try {
    await until(() => Number(readIf(join(directory, "number"))) > total)
  } finally {
    one.stop()
  }
  const text = readFileSync(join(directory, "log"), "latin1")
  const present = Array.from({ length: total }, (_, i) => i + 1).filter((n) => text.includes(`last words of ${n}\n`)).length
  return { crashes: { value: total }, "last words present": { value: present, must: (n) => n === total } }
}

/**
 * Managers that are killed while they rotate, compress and remove. After each, the next one has to leave every byte that
 * reached a file in exactly one, from the oldest that was kept on: what a manager has taken with it is at most what it had
 * read (64 KiB) and what was in the pipe (64 KiB).
 */
export const killed = async (context) => {
  const { directory, isShort } = context
  const rounds = isShort ? 2 : 30
  const numbers = { files: 0, unreadable: 0, parts: 0, twins: 0, broken: 0, taken: 0 }
  const keep = ["--transcript-keep", "3", "--transcript-compress", "--stop-timeout", "10"]
  const options = ["-t", "log", "--transcript-max-size", isShort ? "256KB" : "1MB", ...keep]
  writeFileSync(join(directory, "endless.cjs"), endless)
  const quiet = manager(context, "sleep 1000", options)
  const lengths = []
  for (let round = 0; round < rounds; round++) {
    const one = manager(context, `"${process.execPath}" endless.cjs ${round}`, options)
    one.start()
    const pid = one.pid()
    await until(() => existsSync(join(directory, `began.${round}`)))
    await sleep(Math.random() * 400)
    process.kill(pid, "SIGKILL")
    await until(() => !existsSync(`/proc/${pid}`))
    // The program has lost whoever reads, and says how much it had written by then.
    await until(() => existsSync(join(directory, `written.${round}`)))
    lengths.push(Number(readFileSync(join(directory, `written.${round}`), "latin1")))
    quiet.start()
    try {
      await until(() => files(directory, "log").slice(0, -1).every((path) => path.endsWith(".gz")))
      const names = readdirSync(directory)
      numbers.parts += names.filter((name) => name.endsWith(".part")).length
      numbers.twins += names.filter((name) => names.includes(`${name}.gz`)).length
      const paths = files(directory, "log")
      numbers.files += paths.length
      try {
        const { broken, taken } = await follow(paths, lengths)
        numbers.broken += broken
        numbers.taken = Math.max(numbers.taken, taken)
      } catch {
        numbers.unreadable++
      }
    } finally {
      quiet.stop()
    }
  }
  return {
    "managers killed": { value: rounds },
    "bytes written": { value: lengths.reduce((sum, length) => sum + length, 0) },
    "files looked at": { value: numbers.files },
    "times that one could not be read": none(numbers.unreadable),
    "bytes lost, doubled or damaged in files": none(numbers.broken),
    "bytes that a manager took with it, at most": atMost(128 * 1024, numbers.taken),
    "plain files beside their compressed ones": none(numbers.twins),
    "parts left behind": none(numbers.parts)
  }
}

const readIf = (path) => existsSync(path) ? readFileSync(path, "latin1") : "0"
