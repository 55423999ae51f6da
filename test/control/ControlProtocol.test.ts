// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as ControlProtocol from "../../src/control/ControlProtocol.ts"
import { ReportLine } from "../../src/control/Report.ts"
import type { ProgramState } from "../../src/manager/ProgramState.ts"
import { Activity, initial, Outcome, StartTest } from "../../src/manager/ProgramState.ts"
import { ExitStatus } from "../../src/policy/Run.ts"
import { Verdict } from "../../src/policy/Verdict.ts"
import type { Trouble } from "../../src/transcript/TranscriptError.ts"
import { TranscriptError } from "../../src/transcript/TranscriptError.ts"
import * as Zdaemon from "../support/Zdaemon.ts"

const identity: ControlProtocol.Identity = {
  managerPid: 16540,
  stopTimeout: 300,
  backoffLimit: 10,
  file: "/usr/bin/sleep",
  words: ["sleep", "100"]
}

const running = (startTest: StartTest): ProgramState => ({
  ...initial,
  activity: Activity.Running({ pid: 16542, since: 5_000_000n, startTest }),
  runs: 1,
  lastStart: 1795346237.439
})

const trouble: Trouble = {
  error: new TranscriptError({ path: "/log", operation: "write", code: "ENOSPC" }),
  output: "waits",
  dropped: Option.none()
}

const dropping = (count: number): Trouble => ({ ...trouble, output: "dropped", dropped: Option.some(count) })

const render = (state: ProgramState, troubles: ReadonlyArray<Trouble> = []) =>
  ControlProtocol.renderStatus(identity, state, 1795346238.5, troubles)

const reply = (fields: Readonly<Record<string, string | number>>) =>
  Object.entries({
    status: "running",
    now: 1795346238.5,
    should_be_up: 1,
    delay: 0,
    backoff: 0,
    lasttime: 1795346237.439,
    application: 16542,
    testing: 0,
    manager: 16540,
    backofflimit: 10,
    filename: "'/usr/bin/sleep'",
    args: "['sleep', '100']",
    runs: 1,
    ...fields
  }).map(([key, value]) => `${key}=${value}\n`).join("")

const lastRun: ProgramState["lastRun"] = Option.some({
  number: 3,
  status: ExitStatus.Exited({ code: 1 }),
  uptime: Duration.millis(1500),
  output: new TextEncoder().encode("one\ntwo\n"),
  over: 1_005_000_000n,
  next: Option.some(Verdict.Restart({ backoff: Duration.seconds(3) }))
})

const surroundings: ControlProtocol.Surroundings = {
  nanos: 2_005_000_000n,
  now: 1795346238_500,
  manager: 16540,
  stopTimeout: 10,
  troubles: [],
  prospect: Option.none()
}

describe("the reply to status", () => {
  const down = { status: "stopped", application: 0 }
  const states: ReadonlyArray<readonly [string, ProgramState, Readonly<Record<string, string | number>>]> = [
    ["before the first run", initial, { ...down, lasttime: 0, runs: 0 }],
    ["being spawned", { ...running(StartTest.None()), activity: Activity.Starting() }, down],
    ["running", running(StartTest.None()), {}],
    ["being tested", running(StartTest.Testing()), { testing: 1 }],
    ["tested", running(StartTest.Passed()), {}],
    ["not testable, which is not tested", running(StartTest.Failed({ reason: "gone" })), { testing: 1 }],
    [
      "being stopped",
      {
        ...running(StartTest.None()),
        shouldBeUp: false,
        activity: Activity.Stopping({ pid: 16542, since: 5_000_000n, told: 5_000_001n })
      },
      { should_be_up: 0 }
    ],
    ["over, but for what it has left behind", { ...running(StartTest.None()), activity: Activity.Clearing() }, down],
    [
      "waiting for its next run",
      {
        ...running(StartTest.None()),
        activity: Activity.BackingOff({ until: 1795346241.25 }),
        runs: 3,
        backoff: Duration.seconds(3),
        lastRun
      },
      { ...down, delay: 1795346241.25, backoff: 3, runs: 3, last_end: "'exit status 1'", last_uptime: "1.500" }
    ],
    [
      "over",
      {
        ...running(StartTest.None()),
        shouldBeUp: false,
        activity: Activity.Down(),
        outcome: Option.some(Outcome.Stopped())
      },
      { ...down, should_be_up: 0 }
    ]
  ]
  for (const [name, state, fields] of states) {
    it(`of a program that is ${name}`, () => {
      assert.strictEqual(render(state), reply(fields))
    })
  }

  it("says why output is waiting, or how much of it was dropped", () => {
    const transcript_error = "\"can't write transcript: [Errno 28] No space left on device: '/log'\""
    assert.strictEqual(render(running(StartTest.None()), [trouble]), reply({ transcript_error }))
    assert.strictEqual(
      render(running(StartTest.None()), [dropping(0)]),
      reply({ transcript_error, transcript_dropped: 0 })
    )
    const both = render(running(StartTest.None()), [trouble, {
      ...trouble,
      error: new TranscriptError({ ...trouble.error, path: "/errors" })
    }])
    assert.strictEqual(
      both,
      `${reply({ transcript_error })}transcript_error=${transcript_error.replace("/log", "/errors")}\n`
    )
  })

  it("says behind all others where its history is, which is taken from there when it is a path", () => {
    const text = ControlProtocol.renderStatus(
      { ...identity, history: "/srv/it's/%2Fapp" },
      running(StartTest.None()),
      1795346238.5,
      []
    )
    assert.strictEqual(text, reply({ history: "\"/srv/it's/%2Fapp\"" }))
    assert.deepInclude(Option.getOrThrow(ControlProtocol.parseStatus(text)), { history: "/srv/it's/%2Fapp" })
    for (const history of ["", "7", "'srv'", "['/srv']", "__import__('os')"]) {
      const status = ControlProtocol.parseStatus(`application=1\nhistory=${history}\n`)
      assert.notProperty(Option.getOrThrow(status), "history", history)
    }
  })

  it.prop(
    "gives the program's words back, whatever is in them",
    [FastCheck.array(FastCheck.fullUnicodeString())],
    ([words]) => {
      const text = ControlProtocol.renderStatus(
        { ...identity, words },
        running(StartTest.Testing()),
        1795346238.5,
        []
      )
      assert.strictEqual(text.split("\n").length, 14)
      assert.deepStrictEqual(Option.getOrThrow(ControlProtocol.parseStatus(text)), {
        pid: 16542,
        shouldBeUp: true,
        testing: true,
        uptime: (1795346238.5 - 1795346237.439) * 1000,
        words
      })
    }
  )

  it.skipIf(!Zdaemon.canRun("python3", "-c", "pass"))("is read by Python as literals", () => {
    const words = [
      "a b",
      "it's",
      "\"",
      "'\"",
      "\\",
      "\n\r\t\0\x1b\x7f",
      "",
      "\u{e4}\u{2028}\u{feff}\u{1f600}",
      "__import__('os')"
    ]
    const text = ControlProtocol.renderStatus({ ...identity, file: "/\u{e4}'", words }, initial, 1.5, [])
    const script = "import ast, json, sys\n" +
      "fields = dict(line.split('=', 1) for line in sys.stdin.buffer.read().decode().split('\\n') if line)\n" +
      "print(json.dumps([ast.literal_eval(fields[key]) for key in " +
      "('now', 'should_be_up', 'delay', 'lasttime', 'application', 'filename', 'args')]))"
    const { stdout } = ChildProcess.spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" })
    assert.deepStrictEqual(JSON.parse(stdout), [1.5, 1, 0, 0, 0, "/\u{e4}'", words])
  })
})

describe("the reply of another manager", () => {
  const original =
    "status=running\nnow=1795346238.439075\nshould_be_up=1\ndelay=0\nbackoff=0\nlasttime=1795346237.4397774\n" +
    "application=16542\ntesting=0\nmanager=16540\nbackofflimit=10\nfilename='/usr/bin/sleep'\nargs=['sleep', '100']\n"

  it("is read when it is the original's", () => {
    const { uptime, ...status } = Option.getOrThrow(ControlProtocol.parseStatus(original))
    assert.deepStrictEqual(status, { pid: 16542, shouldBeUp: true, testing: false, words: ["sleep", "100"] })
    assert.approximately(uptime, 999.3, 0.1)
    assert.isTrue(Option.getOrThrow(ControlProtocol.parseStatus(original.replace("testing=0", "testing=1"))).testing)
    const down = original.replace("running", "stopped").replace("16542", "0").replace(
      "should_be_up=1",
      "should_be_up=0"
    )
    assert.deepInclude(Option.getOrThrow(ControlProtocol.parseStatus(down)), { pid: 0, shouldBeUp: false, uptime: 0 })
  })

  it("is read when it is version 2.0.0's, which has moods", () => {
    const old = (mood: number) => original.replace("should_be_up=1", `mood=${mood}`).replace("testing=0\n", "")
    for (const [mood, shouldBeUp] of [[1, true], [0, false], [-1, false]] as const) {
      const status = Option.getOrThrow(ControlProtocol.parseStatus(old(mood)))
      assert.deepInclude(status, { pid: 16542, shouldBeUp, testing: false, words: ["sleep", "100"] })
    }
  })

  it("is none without a pid", () => {
    for (
      const text of [
        "",
        "\n",
        "status=running\n",
        "application=\n",
        "application=-1\n",
        "application=1.5\n",
        "application=x\n"
      ]
    ) {
      assert.isTrue(Option.isNone(ControlProtocol.parseStatus(text)), text)
    }
  })

  it("is never run as a program: arguments are text or nothing", () => {
    for (
      const args of [
        "__import__('os').system('touch /tmp/owned')",
        "['a', __import__('os')]",
        "['a'",
        "{'a': 1}",
        "[1, None, ['a']]",
        "[".repeat(100_000),
        `'${"\\".repeat(99_999)}`
      ]
    ) {
      const status = Option.getOrThrow(ControlProtocol.parseStatus(`application=1\nargs=${args}\n`))
      assert.deepStrictEqual(status.words, [], args.slice(0, 40))
    }
  })

  const line = FastCheck.oneof(
    FastCheck.fullUnicodeString(),
    FastCheck.tuple(
      FastCheck.constantFrom(
        "application",
        "args",
        "history",
        "now",
        "lasttime",
        "mood",
        "should_be_up",
        "testing",
        "__proto__"
      ),
      FastCheck.oneof(
        FastCheck.fullUnicodeString(),
        FastCheck.integer().map(String),
        FastCheck.double().map(String),
        FastCheck.constantFrom("[", "]", "['", "{}", "['a', 'b']", "'\\x", "1e999", "-0", "nan", "0x7", "\\u")
      )
    ).map(([key, value]) => `${key}=${value}`)
  )

  it.prop("is read or none, and never an error", [FastCheck.array(line, { maxLength: 20 })], ([lines]) => {
    const status = ControlProtocol.parseStatus(lines.join("\n"))
    if (Option.isNone(status)) return
    assert.isAtLeast(status.value.pid, 0)
    assert.isTrue(Number.isFinite(status.value.uptime) && status.value.uptime >= 0)
    assert.isTrue(status.value.words.every((word) => typeof word === "string"))
    ControlProtocol.reportOfStatus(status.value)
  }, { fastCheck: { numRuns: 2000 } })
})

describe("a report", () => {
  it("tells the last lines of the last run, and what follows", () => {
    const output = new TextEncoder().encode(Array.from({ length: 30 }, (_, i) => `${i}\n`).join(""))
    const run = Option.map(lastRun, (run) => ({ ...run, output }))
    const report = ControlProtocol.report({ ...running(StartTest.None()), lastRun: run }, surroundings)
    assert.strictEqual(report.uptime, 2000)
    assert.deepStrictEqual(report.lastRun, {
      number: 3,
      end: "exit status 1",
      uptime: 1500,
      endedAgo: 1000,
      next: "restarts in 3 s",
      output: Array.from({ length: 10 }, (_, i) => String(20 + i)).join("\n")
    })
  })

  it("says when the next run starts, whose manager it is, and why output waits", () => {
    const waiting = { ...initial, activity: Activity.BackingOff({ until: 1795346241.25 }) }
    const error = "can't write transcript: [Errno 28] No space left on device: '/log'"
    const report = ControlProtocol.report(waiting, { ...surroundings, troubles: [trouble] })
    assert.deepInclude(report, {
      nextStartIn: 2750,
      manager: 16540,
      transcriptTroubles: [{ error, output: "waits", dropped: undefined }]
    })
    const late = { ...initial, activity: Activity.BackingOff({ until: 1795346238 }) }
    assert.strictEqual(ControlProtocol.report(late, surroundings).nextStartIn, 0)
  })

  it("says of each file what becomes of output, and how much was dropped", () => {
    const report = ControlProtocol.report(initial, { ...surroundings, troubles: [trouble, dropping(7)] })
    assert.deepStrictEqual(report.transcriptTroubles?.map(({ dropped, output }) => [output, dropped]), [
      ["waits", undefined],
      ["dropped", 7]
    ])
  })

  it("says how long ago a process was told to end, and when it is killed", () => {
    const told = {
      ...initial,
      activity: Activity.Stopping({ pid: 16542, since: 5_000_000n, told: 1_005_000_000n })
    }
    assert.deepStrictEqual(ControlProtocol.report(told, surroundings).stopping, { for: 1000, killIn: 9000 })
    assert.deepStrictEqual(ControlProtocol.report(told, { ...surroundings, stopTimeout: 0 }).stopping, { for: 1000 })
  })

  it("says that a process is over, and that what it has left behind is not", () => {
    const { activity, pid, stopping } = ControlProtocol.report(
      { ...initial, activity: Activity.Clearing() },
      surroundings
    )
    assert.deepStrictEqual([activity, pid, stopping], ["Stopping", 0, undefined])
  })

  it("says when the policy gives up, which clients and managers need not know of", () => {
    const prospect = Option.some({ ends: 7, reason: "restarting too frequently" })
    const report = ControlProtocol.report(initial, { ...surroundings, prospect })
    assert.deepStrictEqual(report.givesUp, { after: 7, reason: "restarting too frequently" })
    assert.isFalse("givesUp" in ControlProtocol.report(initial, surroundings))
    const line = Schema.encodeSync(ReportLine)(report)
    const another = JSON.stringify({ ...JSON.parse(line), ofALaterVersion: { after: 1 } })
    assert.deepStrictEqual(Schema.decodeSync(ReportLine)(another), report)
  })

  it("says why the manager leaves", () => {
    for (
      const [outcome, leaving] of [
        [Outcome.Stopped(), "stopped"],
        [Outcome.Killed({ signal: "SIGHUP" }), "daemon manager killed by SIGHUP"],
        [Outcome.GaveUp(), "restarting too frequently; gave up"],
        [Outcome.GaveUp({ reason: "4 ends in 10m" }), "4 ends in 10m; gave up"],
        [Outcome.Exited({ code: 255, reason: "on-signal TERM stop" }), "on-signal TERM stop; not restarted"],
        [Outcome.Exited({ code: 2 }), "exit code 2 is in exit-codes; not restarted"]
      ] as const
    ) {
      assert.strictEqual(
        ControlProtocol.report({ ...initial, outcome: Option.some(outcome) }, surroundings).leaving,
        leaving
      )
    }
  })
})
