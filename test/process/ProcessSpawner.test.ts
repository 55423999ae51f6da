// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as OperatingSystem from "node:os"
import * as Path from "node:path"
import Process from "node:process"
import { ExitStatus } from "../../src/policy/Run.ts"
import * as ProcessGroup from "../../src/process/ProcessGroup.ts"
import type { Command } from "../../src/process/ProcessSpawner.ts"
import { foreground, ProcessSpawner, SignalError } from "../../src/process/ProcessSpawner.ts"
import * as Isolated from "../support/Isolated.ts"
import * as Live from "../support/Live.ts"
import * as Proc from "../support/Proc.ts"

const { SIGCONT, SIGKILL, SIGSTOP, SIGTERM, SIGUSR1 } = OperatingSystem.constants.signals

const exited = (code: number) => ExitStatus.Exited({ code })
const signaled = (signal: string) => ExitStatus.Signaled({ signal })

describe("how a process ends", () => {
  it.scopedLive("is its exit code, from 0 to 255", () =>
    Effect.gen(function*() {
      for (const code of [0, 1, 2, 42, 127, 128, 255]) {
        const { process } = yield* launch([Live.fixture("exit-with.sh"), String(code)])
        assert.deepStrictEqual(yield* process.exit, exited(code))
        assert.isTrue(yield* process.hasEnded)
      }
    }))

  it.scopedLive("is the signal that killed it", () =>
    Effect.gen(function*() {
      for (const name of ["TERM", "KILL", "SEGV", "ABRT", "PIPE", "HUP", "XFSZ"]) {
        const { process } = yield* launch([Live.fixture("die-of.sh"), name])
        assert.deepStrictEqual(yield* process.exit, signaled(`SIG${name}`))
      }
    }))

  it.scopedLive("is told of each of 100 processes that die at the same moment", () =>
    Effect.gen(function*() {
      const { command } = yield* prepare(["/bin/sleep", "1000"])
      const processes = yield* Effect.replicateEffect(spawn(command), 100)
      const name = (index: number) => index % 2 === 0 ? "SIGKILL" : "SIGTERM"
      processes.forEach(({ pid }, index) => Process.kill(pid, name(index)))
      const ends = yield* Effect.forEach(processes, ({ exit }) => exit)
      assert.deepStrictEqual(ends, processes.map((_, index) => signaled(name(index))))
    }), 60_000)

  it.scopedLive("is told of 1,000 quick runs, which leave no descriptor and no zombie", () =>
    Effect.gen(function*() {
      const { command } = yield* prepare(["/bin/true"])
      const once = Effect.scoped(Effect.flatMap(spawn(command), ({ exit }) => exit))
      yield* once
      const before = Proc.descriptors("self").length
      for (let run = 0; run < 1000; run++) assert.deepStrictEqual(yield* once, exited(0))
      assert.strictEqual(Proc.descriptors("self").length, before)
      assert.deepStrictEqual(childrenNamed("true"), [])
    }), 120_000)
})

describe("a process begins", () => {
  it.scopedLive("as the leader of a session and process group of its own", () =>
    Effect.gen(function*() {
      const { process } = yield* launch(["/bin/sleep", "1000"])
      const stat = Proc.stat(process.pid)
      assert.deepStrictEqual([stat?.group, stat?.session, stat?.parent], [process.pid, process.pid, Process.pid])
    }))

  it.scopedLive("with standard input from /dev/null, the given output, and nothing else of ours", () =>
    Effect.gen(function*() {
      const inherited = new Set(Proc.descriptors("self").map(([, what]) => what).filter((what) => what !== "/dev/null"))
      const files = Array.from({ length: 24 }, () => FileSystem.openSync("/dev/zero", "r"))
      yield* Effect.addFinalizer(() => Effect.sync(() => files.forEach((file) => FileSystem.closeSync(file))))
      const { output, process } = yield* launch(["/bin/sleep", "1000"])
      const file = FileSystem.readlinkSync(`/proc/self/fd/${output.descriptor}`)
      // Whatever started the tests may have left descriptors open for everybody.
      const strange = Proc.descriptors(process.pid).filter(([, what]) => !inherited.has(what))
      assert.deepStrictEqual(strange, [[0, "/dev/null"], [1, file], [2, file]])
    }))

  it.scopedLive("with default signal dispositions and no signal blocked", () =>
    Effect.gen(function*() {
      const { process } = yield* launch(["/bin/sleep", "1000"])
      assert.match(Proc.status(Process.pid, "SigIgn") ?? "", /1...$/, "Node ignores SIGPIPE")
      for (const field of ["SigIgn", "SigBlk", "SigCgt"]) assert.match(Proc.status(process.pid, field) ?? "", /^0+$/)
    }))

  it.scopedLive("with the words that were given, unchanged", () =>
    Effect.gen(function*() {
      const words = ["a b", "", "\"c\"", "$HOME", "*", "new\nline", "\u{fc}\u{1f600}"]
      const { output, process } = yield* launch(["/usr/bin/printf", "<%s>", ...words])
      assert.deepStrictEqual(yield* process.exit, exited(0))
      assert.strictEqual(output.bytes().toString(), words.map((word) => `<${word}>`).join(""))
    }))

  it.scopedLive("with the first word as its name, which need not be its file", () =>
    Effect.gen(function*() {
      const { process } = yield* launch(["/bin/sleep", "1000"], { words: ["a sleeper", "1000"] })
      assert.strictEqual(FileSystem.readFileSync(`/proc/${process.pid}/cmdline`, "utf8"), "a sleeper\x001000\x00")
    }))

  it.scopedLive("in the given environment, and nothing of ours is added", () =>
    Effect.gen(function*() {
      const { output, process } = yield* launch(["/usr/bin/env"], { environment: { A: "1", B: "", C: "x=y z" } })
      assert.deepStrictEqual(yield* process.exit, exited(0))
      assert.strictEqual(output.bytes().toString(), "A=1\nB=\nC=x=y z\n")
    }))

  it.scopedLive("in the given directory, or in ours", () =>
    Effect.gen(function*() {
      const directory = yield* Live.directory
      const there = yield* launch(["/bin/sleep", "1000"], { directory })
      const here = yield* launch(["/bin/sleep", "1000"])
      assert.strictEqual(FileSystem.readlinkSync(`/proc/${there.process.pid}/cwd`), directory)
      assert.strictEqual(FileSystem.readlinkSync(`/proc/${here.process.pid}/cwd`), Process.cwd())
    }))
})

describe("a process that cannot be spawned is refused with the reason:", () => {
  const refusal = (words: Words, overrides?: Partial<Command>) =>
    Effect.map(Effect.flip(launch(words, overrides)), ({ code, message }) => [code, message] as const)

  const program = (mode: number, content: string | Uint8Array) =>
    Effect.map(Live.directory, (directory) => {
      const path = Path.join(directory, "program")
      FileSystem.writeFileSync(path, content, { mode })
      return path
    })

  it.scopedLive("no such file", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refusal(["/no/such/program"]), [
        "ENOENT",
        "can't exec '/no/such/program': [Errno 2] No such file or directory"
      ])
    }))

  it.scopedLive("a path through a file", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refusal(["/etc/passwd/program"]))[0], "ENOTDIR")
    }))

  it.scopedLive("no permission to execute it, or a directory", () =>
    Effect.gen(function*() {
      const path = yield* program(0o644, "#!/bin/sh\n")
      assert.deepStrictEqual(yield* refusal([path]), ["EACCES", `can't exec '${path}': [Errno 13] Permission denied`])
      assert.strictEqual((yield* refusal(["/usr"]))[0], "EACCES")
    }))

  it.scopedLive("no format that the kernel knows: text without #!, an empty file", () =>
    Effect.gen(function*() {
      for (const content of ["echo hello\n", ""]) {
        const path = yield* program(0o755, content)
        assert.deepStrictEqual(yield* refusal([path]), ["ENOEXEC", `can't exec '${path}': [Errno 8] Exec format error`])
      }
    }))

  it.scopedLive("a truncated binary", () =>
    Effect.gen(function*() {
      const whole = FileSystem.readFileSync("/bin/true")
      for (const length of [4, 20, 63, 64, 100, 500]) {
        const path = yield* program(0o755, whole.subarray(0, length))
        assert.deepStrictEqual(yield* refusal([path]), ["ENOEXEC", `can't exec '${path}': [Errno 8] Exec format error`])
      }
    }))

  it.scopedLive("a binary for another machine", () =>
    Effect.gen(function*() {
      const whole = Buffer.from(FileSystem.readFileSync("/bin/true"))
      // e_machine: a SPARC.
      whole.writeUInt16LE(2, 18)
      const path = yield* program(0o755, whole)
      assert.strictEqual((yield* refusal([path]))[0], "ENOEXEC")
    }))

  it.scopedLive("a missing interpreter", () =>
    Effect.gen(function*() {
      const path = yield* program(0o755, "#! /no/such/interpreter -x\n")
      assert.deepStrictEqual(yield* refusal([path]), [
        "ENOENT",
        `can't exec '${path}': [Errno 2] No such file or directory (its interpreter /no/such/interpreter)`
      ])
    }))

  it.scopedLive("a missing working directory", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refusal(["/bin/true"], { directory: "/no/such" }), [
        "ENOENT",
        "can't exec '/bin/true': [Errno 2] No such file or directory (its working directory /no/such)"
      ])
      assert.deepStrictEqual(yield* refusal(["/bin/true"], { directory: "/etc/passwd/below" }), [
        "ENOTDIR",
        "can't exec '/bin/true': [Errno 20] Not a directory (its working directory /etc/passwd/below)"
      ])
    }))

  it.scopedLive("too long an argument", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refusal(["/bin/true", "x".repeat(3_000_000)]), [
        "E2BIG",
        "can't exec '/bin/true': [Errno 7] Argument list too long"
      ])
    }))

  it.scopedLive("too many processes", (test) =>
    Effect.gen(function*() {
      if (Isolated.obstacle !== undefined) return test.skip(Isolated.obstacle)
      assert.deepStrictEqual(yield* Isolated.run("spawn-at-limit.ts", [], Isolated.asNobody), [
        "EAGAIN",
        "can't exec '/bin/true': [Errno 11] Resource temporarily unavailable"
      ])
    }))

  it.scopedLive("and leaves no descriptor and no zombie", () =>
    Effect.gen(function*() {
      const { command } = yield* prepare(["/no/such/program"])
      const once = Effect.flip(Effect.scoped(spawn(command)))
      yield* once
      const before = Proc.descriptors("self").length
      yield* Effect.repeatN(once, 99)
      assert.strictEqual(Proc.descriptors("self").length, before)
      assert.deepStrictEqual(Proc.children(Process.pid).filter(({ state }) => state === "Z"), [])
    }))
})

describe("closing the scope", () => {
  it.scopedLive("stops the process with SIGTERM and returns when it was reaped", () =>
    Effect.gen(function*() {
      const { close, process } = yield* launch(["/bin/sleep", "1000"])
      assert.isFalse(yield* process.hasEnded)
      yield* close
      assert.isTrue(yield* process.hasEnded)
      assert.deepStrictEqual(yield* process.exit, signaled("SIGTERM"))
      assert.isUndefined(Proc.stat(process.pid))
    }))

  it.scopedLive("lets a process end in its own way after SIGTERM", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("exit-on.sh"), "TERM"])
      yield* output.lines(1)
      yield* close
      assert.deepStrictEqual(yield* process.exit, exited(7))
      assert.strictEqual(output.bytes().toString(), "ready\ngot\n")
    }))

  it.scopedLive("kills a process that ignores SIGTERM, after the stop timeout and not before", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("ignore-term.sh")], {
        stopTimeout: Duration.millis(300)
      })
      yield* output.lines(1)
      const before = yield* Clock.currentTimeMillis
      yield* close
      assert.deepStrictEqual(yield* process.exit, signaled("SIGKILL"))
      assert.isAtLeast((yield* Clock.currentTimeMillis) - before, 290)
    }))

  it.scopedLive("stops a process that SIGSTOP holds", () =>
    Effect.gen(function*() {
      const { close, process } = yield* launch(["/bin/sleep", "1000"])
      yield* process.signal(SIGSTOP)
      yield* Live.until(() => Proc.stat(process.pid)?.state === "T")
      yield* close
      assert.deepStrictEqual(yield* process.exit, signaled("SIGTERM"))
    }))

  it.scopedLive("never kills where the stop timeout is 0, also when a fiber is interrupted", () =>
    Effect.gen(function*() {
      const { command, output } = yield* prepare([Live.fixture("say-on-term.sh")], { stopTimeout: Duration.zero })
      const fiber = yield* Effect.fork(
        Effect.scoped(Effect.zipRight(spawn(command), Effect.never))
      )
      yield* output.lines(1)
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* output.lines(2)
      const isOver = Option.isSome(yield* Fiber.poll(interruption))
      for (const child of childrenNamed("say-on-term.sh")) Process.kill(child.pid, SIGKILL)
      yield* Fiber.join(interruption)
      assert.isFalse(isOver)
      // The group's own SIGTERM would have it say so once more.
      assert.strictEqual(output.bytes().toString(), "ready\ntold\n")
    }))

  it.scopedLive("does nothing to a process that has ended", () =>
    Effect.gen(function*() {
      const { close, process } = yield* launch([Live.fixture("exit-with.sh"), "3"])
      yield* process.exit
      yield* close
      assert.deepStrictEqual(yield* process.exit, exited(3))
    }))

  it.scopedLive("leaves no process when a fiber is interrupted at any moment of the spawn", () =>
    Effect.gen(function*() {
      const { command } = yield* prepare(["/bin/sleep", "1000"])
      for (let turns = 0; turns < 40; turns++) {
        const fiber = yield* Effect.fork(Effect.scoped(Effect.zipRight(spawn(command), Effect.never)))
        yield* Effect.repeatN(Effect.yieldNow(), turns % 10)
        yield* Fiber.interrupt(fiber)
      }
      assert.deepStrictEqual(childrenNamed("sleep"), [])
    }))
})

describe("what a process leaves in its group", () => {
  it.scopedLive("is dead before the scope is closed, after a crash", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("leave-helper.sh")])
      assert.deepStrictEqual(yield* process.exit, exited(1))
      const helper = Number((yield* output.lines(1))[0])
      assert.isTrue(Proc.isAlive(helper))
      assert.isTrue(ProcessGroup.hasMembers(process.pid))
      yield* close
      assert.isFalse(Proc.isAlive(helper))
    }))

  it.scopedLive("is dead before the scope is closed, after a stop", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("with-helper.sh"), "sleep", "1000"])
      const helper = Number((yield* output.lines(1))[0])
      assert.strictEqual(Proc.stat(helper)?.group, process.pid)
      yield* close
      assert.isFalse(Proc.isAlive(helper))
    }))

  it.scopedLive("lives on with kill-mode process", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("leave-helper.sh")], { killMode: "process" })
      yield* process.exit
      const helper = Number((yield* output.lines(1))[0])
      yield* close
      assert.isTrue(Proc.isAlive(helper))
      Process.kill(helper, "SIGKILL")
    }))

  it.scopedLive("is killed when it ignores SIGTERM", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([
        Live.fixture("with-helper.sh"),
        Live.fixture("ignore-term.sh")
      ])
      const helper = Number((yield* output.lines(2))[0])
      yield* process.signal(SIGKILL)
      yield* process.exit
      yield* close
      assert.isFalse(Proc.isAlive(helper))
    }), 20_000)

  it.scopedLive(
    "is told to go on when SIGSTOP holds it, so that it can end in its own way",
    () =>
      Effect.gen(function*() {
        const { close, output, process } = yield* launch([
          Live.fixture("with-helper.sh"),
          Live.fixture("exit-on.sh"),
          "TERM"
        ])
        const helper = Number((yield* output.lines(2)).find((line) => line !== "ready"))
        yield* process.signal(SIGKILL)
        yield* process.exit
        // Only now: the kernel itself lets a stopped group go on when its leader ends.
        Process.kill(helper, SIGSTOP)
        yield* Live.until(() => Proc.stat(helper)?.state === "T")
        yield* close
        assert.isFalse(Proc.isAlive(helper))
        assert.match(output.bytes().toString(), /got\n$/)
      }),
    20_000
  )

  it.scopedLive("is ended also when the fiber that closes the scope was interrupted", () =>
    Effect.gen(function*() {
      const { command, output } = yield* prepare([Live.fixture("with-helper.sh"), Live.fixture("ignore-term.sh")])
      const fiber = yield* Effect.fork(Effect.scoped(Effect.zipRight(spawn(command), Effect.never)))
      const helper = Number((yield* output.lines(2))[0])
      yield* Fiber.interrupt(fiber)
      assert.isFalse(Proc.isAlive(helper))
    }), 20_000)

  it.scopedLive("is nothing when it is a zombie", () =>
    Effect.gen(function*() {
      const { close, output, process } = yield* launch([Live.fixture("leave-zombie.sh")])
      const [zombie = 0, parent = 0] = (yield* output.lines(2)).map(Number)
      yield* Effect.addFinalizer(() => Effect.sync(() => Process.kill(parent, "SIGKILL")))
      yield* Live.until(() => Proc.stat(zombie)?.state === "Z")
      yield* process.signal(SIGKILL)
      yield* process.exit
      assert.isTrue(Process.kill(-process.pid, 0))
      assert.isFalse(ProcessGroup.hasMembers(process.pid))
      yield* close
      assert.strictEqual(Proc.stat(zombie)?.group, process.pid)
      assert.isTrue(Proc.isAlive(parent))
    }))
})

describe("a signal", () => {
  it.scopedLive("goes to the process by its number, real-time signals too", () =>
    Effect.gen(function*() {
      for (const number of [SIGUSR1, 35, 64]) {
        const { output, process } = yield* launch([Live.fixture("exit-on.sh"), String(number)])
        yield* output.lines(1)
        yield* process.signal(number)
        assert.deepStrictEqual(yield* process.exit, exited(7))
      }
    }))

  it.scopedLive("goes to the process alone, not to its helpers", () =>
    Effect.gen(function*() {
      const { output, process } = yield* launch([Live.fixture("with-helper.sh"), "sleep", "1000"])
      const helper = Number((yield* output.lines(1))[0])
      yield* process.signal(SIGTERM)
      assert.deepStrictEqual(yield* process.exit, signaled("SIGTERM"))
      assert.isTrue(Proc.isAlive(helper))
    }))

  it.scopedLive("is refused with ESRCH after the end, and with EINVAL when there is no such signal", () =>
    Effect.gen(function*() {
      const { process } = yield* launch(["/bin/sleep", "1000"])
      assert.deepStrictEqual(yield* Effect.flip(process.signal(65)), new SignalError({ code: "EINVAL" }))
      yield* process.signal(SIGCONT)
      yield* process.signal(SIGKILL)
      yield* process.exit
      assert.deepStrictEqual(yield* Effect.flip(process.signal(SIGTERM)), new SignalError({ code: "ESRCH" }))
    }))
})

describe("a command in the foreground", () => {
  it.scopedLive("ends as the process does, in our own process group", () =>
    Effect.gen(function*() {
      const words = ["/bin/sleep", "1000"] as const
      const process = yield* foreground({ file: words[0], words, environment: {} })
      assert.strictEqual(Proc.stat(process.pid)?.group, Proc.stat(Process.pid)?.group)
      yield* process.signal(SIGTERM)
      assert.deepStrictEqual(yield* process.exit, signaled("SIGTERM"))
    }))

  it.scopedLive("that cannot be executed is refused", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(foreground({ file: "/no/such", words: ["such"], environment: {} }))
      assert.strictEqual(error.code, "ENOENT")
    }))
})

// ===== Internal

type Words = Parameters<typeof Live.command>[0]

const spawn = (command: Command) =>
  Effect.provide(Effect.flatMap(ProcessSpawner, ({ spawn }) => spawn(command)), ProcessSpawner.layer)

const prepare = (words: Words, overrides?: Partial<Command>) =>
  Effect.map(Live.output, (output) => ({ output, command: Live.command(words, output.descriptor, overrides) }))

/** Spawns a process; `close` closes its scope, which the end of the test does otherwise. */
const launch = Effect.fnUntraced(function*(words: Words, overrides?: Partial<Command>) {
  const { command, output } = yield* prepare(words, overrides)
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const process = yield* Scope.extend(spawn(command), scope)
  return { output, process, close: Scope.close(scope, Exit.void) }
})

const childrenNamed = (name: string) => Proc.children(Process.pid).filter((child) => child.name === name.slice(0, 15))
