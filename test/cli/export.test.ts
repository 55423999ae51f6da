// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as YAML from "yaml"
import * as Zdaemon from "../support/Zdaemon.ts"

vi.setConfig({ testTimeout: 60_000 })

const canVerify = Zdaemon.canRun("systemd-analyze", "--version")

/** The directives of a unit, each with all its values. */
const directives = (unit: string): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (const line of unit.split("\n")) {
    const [, key = "", value = ""] = /^([A-Z]\w*)=(.*)$/.exec(line) ?? []
    if (key !== "") found.set(key, [...(found.get(key) ?? []), value])
  }
  return found
}

/** Takes a value apart as systemd.syntax(7) and systemd.service(5) say: quotes, escapes, specifiers, and variables if `$` is special. */
const wordsOf = (value: string, hasVariables: boolean): ReadonlyArray<string> =>
  Array.from(value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g), ([, quoted, plain = ""]) => quoted ?? plain).map((word, i) =>
    word
      .replaceAll(
        /\\(x[0-9a-f]{2}|.)/g,
        (_, code: string) =>
          code === "n" ? "\n" : code.startsWith("x") ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : code
      )
      .replaceAll("%%", "%")
      .replaceAll("$$", () => hasVariables && i > 0 ? "$" : "$$")
  )

const Manifest = Schema.Struct({
  apiVersion: Schema.Literal("apps/v1"),
  kind: Schema.Literal("Deployment"),
  metadata: Schema.Struct({ name: Schema.String }),
  spec: Schema.Struct({
    replicas: Schema.Literal(1),
    minReadySeconds: Schema.optional(Schema.Int),
    progressDeadlineSeconds: Schema.Int,
    selector: Schema.Struct({ matchLabels: Schema.Struct({ app: Schema.String }) }),
    template: Schema.Struct({
      metadata: Schema.Struct({ labels: Schema.Struct({ app: Schema.String }) }),
      spec: Schema.Struct({
        shareProcessNamespace: Schema.Literal(true),
        terminationGracePeriodSeconds: Schema.Int,
        securityContext: Schema.optional(Schema.Struct({ runAsUser: Schema.Int })),
        containers: Schema.Tuple(Schema.Struct({
          name: Schema.String,
          image: Schema.String,
          command: Schema.Array(Schema.String),
          workingDir: Schema.optional(Schema.String),
          env: Schema.optional(Schema.Array(Schema.Unknown)),
          startupProbe: Schema.optional(Schema.Unknown)
        }))
      })
    })
  })
})

const decodeManifest = (text: string) => Schema.decodeUnknownSync(Manifest)(YAML.parse(text))

const odd = [`a b`, `"c"`, `'d'`, `$HOME`, `$$`, `$(E)`, `%h`, `50%`, `\\`, `;`, ``, `new\nline`, `tab\there`, `é`]

describe.concurrent("export systemd", () => {
  it.scopedLive("prints a unit that systemd has no complaints about", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write(
        "app.conf",
        [
          "<runner>",
          "  program sleep 100",
          `  directory ${zdaemon.directory}`,
          "  transcript app%1.log",
          "  start-test-program test -e ready",
          "  start-timeout 1m",
          "  stop-timeout 20",
          "  user daemon",
          "  umask 027",
          "  exit-codes 0,3",
          "</runner>",
          "<environment>",
          "  GREETING hello \"you\", 5%",
          "  API_TOKEN hush",
          "</environment>"
        ].join("\n")
      )
      const before = FileSystem.readdirSync(zdaemon.directory)
      const { code, stderr, stdout } = yield* zdaemon.run("-C", "app.conf", "export", "systemd")
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.deepStrictEqual(FileSystem.readdirSync(zdaemon.directory), before)
      const sleep = ChildProcess.execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim()
      const found = directives(stdout)
      for (
        const [key, ...values] of [
          ["Description", "sleep 100"],
          ["Type", "exec"],
          ["ExecStart", `${sleep} 100`],
          ["TimeoutStartSec", "60"],
          ["WorkingDirectory", zdaemon.directory],
          ["User", "daemon"],
          ["UMask", "0027"],
          ["Environment", `"GREETING=hello \\"you\\", 5%%"`],
          ["EnvironmentFile", "/etc/app.env"],
          ["StandardOutput", `append:${zdaemon.directory}/app%%1.log`],
          ["Restart", "always"],
          ["RestartPreventExitStatus", "0 3"],
          ["KillMode", "mixed"],
          ["TimeoutStopSec", "20"],
          ["StartLimitBurst", "10"]
        ]
      ) {
        assert.deepStrictEqual([key, found.get(key ?? "")], [key, values])
      }
      assert.notInclude(stdout, "hush")
      assert.match(stdout, /^# - API_TOKEN: /m)
      if (!canVerify) return
      zdaemon.write("app.service", stdout)
      const verified = ChildProcess.spawnSync("systemd-analyze", ["verify", zdaemon.at("app.service")], {
        encoding: "utf8"
      })
      assert.deepStrictEqual([verified.stdout + verified.stderr, verified.status], ["", 0])
    }))

  it.scopedLive("spells words so that the program gets them as they are", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write(
        "app.json",
        JSON.stringify({
          runner: { program: ["echo", ...odd] },
          environment: { A: odd.filter((word) => !word.includes("\n")).join(" ") }
        })
      )
      const { stdout } = yield* zdaemon.run("-C", "app.json", "export", "systemd")
      const found = directives(stdout)
      const [start = ""] = found.get("ExecStart") ?? []
      assert.deepStrictEqual(wordsOf(start, true).slice(1), odd)
      const [environment = ""] = found.get("Environment") ?? []
      assert.deepStrictEqual(wordsOf(environment, false), [
        `A=${odd.filter((word) => !word.includes("\n")).join(" ")}`
      ])
      if (!canVerify) return
      zdaemon.write("app.service", stdout)
      assert.strictEqual(
        ChildProcess.spawnSync("systemd-analyze", ["verify", zdaemon.at("app.service")], { encoding: "utf8" }).stderr,
        ""
      )
    }))

  it.scopedLive("waits for the start test as zdaemon does, once a second", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const test = zdaemon.write("a test", "#!/bin/sh\ntest -e \"$1\" || { : >tried; exit 1; }\n", 0o755)
      zdaemon.write(
        "app.json",
        JSON.stringify({ runner: { program: "true", "start-test-program": [test, "is ready"] } })
      )
      const { stdout } = yield* zdaemon.run("-C", "app.json", "export", "systemd")
      const [file = "", ...words] = wordsOf(directives(stdout).get("ExecStartPost")?.[0] ?? "", true)
      const waiting = yield* zdaemon.begin(words, { file })
      yield* Zdaemon.eventually("a first try", () => zdaemon.exists("tried"))
      zdaemon.write("is ready", "")
      assert.strictEqual((yield* waiting.result).code, 0)
    }))

  it.scopedLive("maps every way of giving up and stopping", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [options, expected] of [
          [[], { StartLimitIntervalSec: "110", StartLimitBurst: "10", KillMode: "mixed", TimeoutStopSec: "300" }],
          [["-b", "3"], { StartLimitIntervalSec: "12", StartLimitBurst: "3" }],
          [["-b", "0"], { StartLimitIntervalSec: "0", StartLimitBurst: undefined }],
          [["-f"], { StartLimitIntervalSec: "0", StartLimitBurst: undefined }],
          [["--stop-timeout", "0", "--kill-mode", "process"], { TimeoutStopSec: "infinity", KillMode: "process" }],
          [["-x", ""], { RestartPreventExitStatus: undefined }],
          [["--give-up-after", "5 in 10m"], { StartLimitIntervalSec: "600", StartLimitBurst: "5" }],
          [["--give-up-after", "5"], { StartLimitIntervalSec: "55", StartLimitBurst: "5" }],
          [["-b", "3", "--reset-after", "1m"], { StartLimitIntervalSec: "183", StartLimitBurst: "3" }],
          [["--reset-after", "never"], { StartLimitIntervalSec: "infinity", StartLimitBurst: "10" }],
          [["-f", "--give-up-after", "5 in 10m"], { StartLimitIntervalSec: "0", StartLimitBurst: undefined }],
          [["--on-exit", "75 stop", "--on-signal", "TERM stop"], { RestartPreventExitStatus: "0 2 75 SIGTERM" }],
          [["-x", "-1,0,3", "--on-exit", "0 after 5s", "--on-exit", "0,7 stay", "--on-signal", "KILL after 1s"], {
            RestartPreventExitStatus:
              "3 7 SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGUSR1 SIGSEGV " +
              "SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGXCPU SIGXFSZ"
          }],
          [["-t", "/dev/null"], { StandardOutput: "null" }],
          [["-u", "0"], { User: "0", EnvironmentFile: undefined }]
        ] as const
      ) {
        const { stdout } = yield* zdaemon.run("-p", "sleep 100", ...options, "export", "systemd")
        const found = directives(stdout)
        for (const [key, value] of Object.entries(expected)) {
          assert.deepStrictEqual([options, key, found.get(key)?.[0]], [options, key, value])
        }
      }
      const signals = yield* zdaemon.run("-p", "sleep 100", "-x", "-1,7,300", "export", "systemd")
      assert.match(signals.stdout, /^RestartPreventExitStatus=7 SIGHUP .*SIGKILL/m)
      const grace = yield* zdaemon.run("-p", "sleep 100", "--start-grace", "5", "export", "systemd")
      assert.match(grace.stdout, /^# - start-grace 5: this has no counterpart here\.$/m)
    }))

  it.scopedLive("says of rules and limits what systemd does not do, and nothing of what it does", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const exported = (...options: ReadonlyArray<string>) =>
        Effect.map(zdaemon.run("-p", "/bin/sleep 100", "-z", "/", ...options, "export", "systemd"), ({ stdout }) => {
          if (canVerify) {
            zdaemon.write("app.service", stdout)
            const verified = ChildProcess.spawnSync("systemd-analyze", ["verify", zdaemon.at("app.service")], {
              encoding: "utf8"
            })
            assert.deepStrictEqual([verified.stdout + verified.stderr, verified.status], ["", 0])
          }
          return stdout.split("\n").filter((line) => line.startsWith("#")).join(" ").replaceAll(/\s+#?\s*/g, " ")
        })
      const window = yield* exported("--give-up-after", "5 in 10m", "--give-up", "stay")
      assert.include(
        window,
        "After 5 starts within 600 s of the first of them systemd gives up, where zdaemon does after 5 ends within any 600 s."
      )
      assert.notInclude(window, "this has no counterpart")
      const rules = yield* exported(
        "--on-exit",
        "75 after 1m",
        "--on-exit",
        "3 stay",
        "--on-signal",
        "SEGV at most 3 in 1h"
      )
      assert.deepStrictEqual(rules.match(/on-\w+ [^:]*: this has no/g), [
        "on-exit 75 after 1m: this has no",
        "on-signal SEGV at most 3 in 1h: this has no"
      ])
      const never = yield* exported("--reset-after", "never", "--give-up", "retry after 10m")
      assert.include(never, "After 10 starts systemd gives up, as zdaemon does after 10 ends.")
      assert.match(never, /give-up retry after 10m: this has no/)
      assert.notInclude(never, "reset-after")
    }))

  it.scopedLive("says what it cannot do, and prints no unit then", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      for (
        const [words, reason] of [
          [["export", "systemd"], "no program specified; use -p or -C"],
          [["-p", "./nothing", "export", "systemd"], "can't stat program './nothing'"],
          [
            ["-p", "sleep 1", "-t", "log\\", "export", "systemd"],
            `systemd cannot take the path '${zdaemon.at("log\\")}'`
          ],
          [["-p", "sleep 1", "export"], "export argument must be systemd or kubernetes"],
          [["-p", "sleep 1", "export", "launchd"], "export argument must be systemd or kubernetes"]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* zdaemon.run(...words)
        assert.deepStrictEqual([code, stdout, stderr], [2, "", `Error: ${reason}\nFor help, use zdaemon -h\n`])
      }
    }))
})

describe.concurrent("export kubernetes", () => {
  it.scopedLive("prints a manifest with a probe and a grace period", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      zdaemon.write(
        "My App.json",
        JSON.stringify({
          runner: {
            program: ["./is-in-the-image", ...odd],
            directory: "/srv/app",
            "start-test-program": ["test", "-e", "a b"],
            "start-timeout": "1m",
            "stop-timeout": 20,
            user: "1000"
          },
          environment: { GREETING: "$(HOME) $$ 5%", PORT: 8080, DB_PASSWORD: "hush" }
        })
      )
      const { code, stderr, stdout } = yield* zdaemon.run("-C", "My App.json", "export", "--kubernetes")
      assert.deepStrictEqual([code, stderr], [0, ""])
      const { metadata, spec: { template: { spec }, ...deployment } } = decodeManifest(stdout)
      assert.deepStrictEqual([metadata.name, deployment.selector.matchLabels.app], ["my-app", "my-app"])
      assert.deepStrictEqual([spec.terminationGracePeriodSeconds, spec.securityContext], [20, { runAsUser: 1000 }])
      const [{ command, env, image, startupProbe, workingDir }] = spec.containers
      assert.deepStrictEqual([image, workingDir], ["my-app:FILL-IN", "/srv/app"])
      assert.deepStrictEqual(command, [
        "./is-in-the-image",
        ...odd.map((word) => word === "$(E)" ? "$$(E)" : word === "$$" ? "$$$" : word)
      ])
      assert.deepStrictEqual(env, [
        { name: "GREETING", value: "$$(HOME) $$$ 5%" },
        { name: "PORT", value: "8080" },
        { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "my-app", key: "DB_PASSWORD" } } }
      ])
      assert.deepStrictEqual(startupProbe, {
        exec: { command: ["test", "-e", "a b"] },
        periodSeconds: 1,
        timeoutSeconds: 10,
        failureThreshold: 60
      })
      assert.notInclude(stdout, "hush")
      assert.include(stdout, "kubectl create secret generic my-app --from-literal=DB_PASSWORD=VALUE")
    }))

  it.scopedLive("goes without a probe where there is no start test, and says what a cluster cannot do", () =>
    Effect.gen(function*() {
      const zdaemon = yield* Zdaemon.make
      const { stdout } = yield* zdaemon.run(
        "-fp",
        "sleep 100",
        "--start-grace=2.5",
        "--stop-timeout=0",
        "-uroot",
        "-m027",
        "-tlog",
        "export",
        "kubernetes"
      )
      const { spec: { minReadySeconds, template: { spec } } } = decodeManifest(stdout)
      assert.deepStrictEqual([minReadySeconds, spec.terminationGracePeriodSeconds], [3, 604_800])
      assert.deepStrictEqual([spec.securityContext, spec.containers[0].startupProbe], [undefined, undefined])
      const comment = stdout.split("\n").filter((line) => line.startsWith("#")).join(" ").replaceAll(/\s+#?\s*/g, " ")
      for (
        const note of [
          `nothing is written to ${zdaemon.at("log")}.`,
          "There is no start-test-program",
          "stop-timeout 0, never kill,",
          "user root: ",
          "umask 027 "
        ]
      ) assert.include(comment, note)
    }))
})
