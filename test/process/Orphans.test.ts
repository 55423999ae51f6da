// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import Process from "node:process"
import * as Orphans from "../../src/process/Orphans.ts"
import * as OutputPipe from "../../src/process/OutputPipe.ts"
import * as ProcessStat from "../../src/process/ProcessStat.ts"
import * as Live from "../support/Live.ts"
import * as Proc from "../support/Proc.ts"

const pipeName = Orphans.pipeName(`/tmp/test.${Process.pid}`)

/** A program with an output pipe of that name, whose manager is this process until `abandon`. */
const program = Effect.fnUntraced(function*(script: string) {
  const scope = yield* Scope.make()
  const { input, output } = yield* Scope.extend(OutputPipe.named(pipeName), scope)
  const child = ChildProcess.spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["ignore", output, output] })
  const pid = child.pid ?? NaN
  yield* Effect.addFinalizer(() => Effect.sync(() => void child.kill("SIGKILL")))
  yield* Live.until(() => Proc.children(Process.pid).some((it) => it.pid === pid && it.session === pid))
  const said = () => {
    try {
      const buffer = Buffer.alloc(100)
      return buffer.toString("latin1", 0, FileSystem.readSync(input, buffer))
    } catch {
      return ""
    }
  }
  yield* Live.until(() => said() === "up\n")
  const abandon = Effect.zipRight(Effect.sync(() => FileSystem.closeSync(input)), Scope.close(scope, Exit.void))
  return { pid, abandon, isAlive: () => Proc.isAlive(pid) }
})

const end = (stopTimeout: Duration.DurationInput, killMode: "group" | "process" = "group") =>
  Logger.withMinimumLogLevel(
    Orphans.end(pipeName, { stopTimeout: Duration.decode(stopTimeout), killMode, recorded: Option.none() }),
    LogLevel.None
  )

describe.skipIf(!FileSystem.existsSync("/proc/self/fd"))("ending orphans", () => {
  it.scopedLive("leaves a program alone as long as somebody in another session holds its pipe", () =>
    Effect.gen(function*() {
      const { abandon, isAlive, pid } = yield* program("echo up; exec sleep 1000")
      yield* end("5 seconds")
      assert.isTrue(isAlive())
      yield* abandon
      yield* end("5 seconds")
      assert.isFalse(isAlive(), String(pid))
    }))

  it.scopedLive("kills after the stop timeout what ignores SIGTERM, and wakes what is suspended", () =>
    Effect.gen(function*() {
      const stubborn = yield* program("trap '' TERM; echo up; while :; do sleep 0.05; done")
      yield* stubborn.abandon
      yield* end("200 millis")
      assert.isFalse(stubborn.isAlive())
      const suspended = yield* program("echo up; exec sleep 1000")
      Process.kill(suspended.pid, "SIGSTOP")
      yield* suspended.abandon
      yield* end("60 seconds")
      assert.isFalse(suspended.isAlive())
    }))

  it.scopedLive("leaves those alone whose pipe has another name", () =>
    Effect.gen(function*() {
      const { abandon, isAlive } = yield* program("echo up; exec sleep 1000")
      yield* abandon
      yield* Orphans.end(Orphans.pipeName("/tmp/other"), {
        stopTimeout: Duration.zero,
        killMode: "group",
        recorded: Option.none()
      })
      assert.isTrue(isAlive())
    }))

  for (const isOld of [false, true]) {
    it.scopedLive(
      `ends the one that is written down${
        isOld ? " by an older manager" : ""
      }, unless it is another or its manager is there`,
      () =>
        Effect.gen(function*() {
          const { abandon, isAlive, pid } = yield* program("echo up; exec sleep 1000 > /dev/null 2>&1")
          yield* abandon
          const now = yield* Clock.currentTimeMillis
          const birth = ProcessStat.birth(pid) ?? ""
          const recorded = (manager: number, offset: number, birth: string): Orphans.Recorded => {
            const known = { pid, manager, began: DateTime.toDate(DateTime.unsafeMake(now + offset)) }
            return isOld ? known : { ...known, birth }
          }
          const endRecorded = (run: Orphans.Recorded) =>
            Effect.map(
              Logger.withMinimumLogLevel(
                Orphans.end(pipeName, {
                  stopTimeout: Duration.seconds(5),
                  killMode: "group",
                  recorded: Option.some(run)
                }),
                LogLevel.None
              ),
              (ended) => [ended.length, isAlive()]
            )
          assert.deepStrictEqual(yield* endRecorded(recorded(Process.pid, 0, birth)), [0, true])
          assert.deepStrictEqual(yield* endRecorded(recorded(1, isOld ? -60_000 : 0, `${birth}0`)), [0, true])
          // Somebody may have set the clock meanwhile.
          assert.deepStrictEqual(yield* endRecorded(recorded(1, isOld ? 0 : 3_600_000, birth)), [1, false])
        })
    )
  }
})

describe.skipIf(!FileSystem.existsSync("/proc/self/fd"))("a manager that is written down", () => {
  it.scopedLive("is there while its process is, whatever becomes of the clock", () =>
    Effect.gen(function*() {
      const { isAlive, pid } = yield* program("echo up; exec sleep 1000")
      const now = yield* Clock.currentTimeMillis
      const birth = ProcessStat.birth(pid) ?? ""
      const isManaging = (offset: number, birth?: string) =>
        Orphans.isManaging({
          pid,
          began: DateTime.toDate(DateTime.unsafeMake(now + offset)),
          ...(birth === undefined ? {} : { birth })
        })
      assert.isTrue(yield* isManaging(0))
      assert.isFalse(yield* isManaging(-3_600_000))
      assert.isTrue(yield* isManaging(-3_600_000, birth))
      assert.isFalse(yield* isManaging(0, `${birth}0`))
      Process.kill(pid, "SIGKILL")
      yield* Live.until(() => !isAlive())
      assert.isFalse(yield* isManaging(0, birth))
    }))
})
