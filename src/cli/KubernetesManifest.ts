/**
 * A manifest for Kubernetes that runs a program as zdaemon would, as far as a cluster does such things.
 *
 * @since 0.1.0
 */
import type { Exported } from "./Exported.ts"
import { leftOver, list, secrets, variables } from "./Exported.ts"

/**
 * The manifest as data, and the comment in front of it, in lines.
 *
 * @category models
 * @since 0.1.0
 */
export interface Manifest {
  readonly document: object
  readonly comment: ReadonlyArray<string>
}

/**
 * Makes the manifest: a Deployment of one copy, whose image is left to be filled in.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (exported: Exported): Manifest => {
  const { settings, words } = exported
  const name = label(exported.name)
  const environment = environmentOf(exported, name)
  return {
    comment: notes(exported, name),
    document: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        replicas: 1,
        // The old copy ends before the new one begins.
        strategy: { type: "Recreate" },
        ...(exported.startTest === undefined ? { minReadySeconds: Math.ceil(settings.startGrace) } : {}),
        progressDeadlineSeconds: Math.max(settings.startTimeout, Math.ceil(settings.startGrace) + 1),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            // Whose first process reaps what loses its parent, and leaves the program its signals.
            shareProcessNamespace: true,
            terminationGracePeriodSeconds: settings.stopTimeout === 0 ? never : settings.stopTimeout,
            ...securityContext(settings.user),
            containers: [{
              name,
              image: `${name}:FILL-IN`,
              command: words.map(unexpanded),
              ...(exported.given.has("directory") ? { workingDir: exported.directory } : {}),
              ...(environment.length === 0 ? {} : { env: environment }),
              ...startupProbe(exported)
            }]
          }
        }
      }
    }
  }
}

// ===== Internal

/** Seconds, a week: a cluster has no word for never. */
const never = 604_800

const isUid = (user: string | undefined): boolean => user !== undefined && /^\d+$/.test(user)

const securityContext = (user: string | undefined): object =>
  isUid(user) ? { securityContext: { runAsUser: Number(user) } } : {}

const startupProbe = ({ settings, startTest }: Exported): object =>
  startTest === undefined ? {} : {
    startupProbe: {
      // A probe's command is taken as it is.
      exec: { command: startTest },
      periodSeconds: 1,
      timeoutSeconds: 10,
      failureThreshold: Math.max(1, settings.startTimeout)
    }
  }

const environmentOf = (exported: Exported, name: string): ReadonlyArray<object> => [
  ...variables(exported).map(([name, value]) => ({ name, value: unexpanded(value) })),
  ...secrets(exported).map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } }))
]

/** What a cluster does not take for a variable, `$(NAME)`. */
const unexpanded = (text: string): string => text.replaceAll(/\$(?=[$(])/g, "$$$$")

/** A name as DNS has it. */
const label = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 63).replaceAll(/^-+|-+$/g, "") || "program"

const notes = (exported: Exported, name: string): ReadonlyArray<string> => {
  const { command, given, origin, settings, startTest, transcript } = exported
  const secret = secrets(exported)
  return [
    `Made by "${command} export kubernetes" from ${origin}.`,
    "The cluster looks after the program itself, without zdaemon.",
    ...list([
      `To be filled in: the image, which has the program in it; "${name}:FILL-IN" is none.`,
      ...(secret.length === 0
        ? []
        : [
          `To be created: kubectl create secret generic ${name} ${
            secret.map((key) => `--from-literal=${key}=VALUE`).join(" ")
          }`
        ]),
      "A Deployment starts the program again after every end, whatever its exit status. The waits grow from 10 s to 5 " +
      `minutes, and it never gives up. exit-codes ${
        settings.exitCodes.join(",") || "(none)"
      } have no counterpart: make it a ` +
      "Job where the program is meant to end.",
      transcript === undefined || transcript === "/dev/null"
        ? "What the program prints is what kubectl logs shows."
        : `What the program prints is what kubectl logs shows; nothing is written to ${transcript}.`,
      startTest === undefined
        ? "There is no start-test-program, so no probe: a Pod is available when it has run for start-grace."
        : "The start test is the startup probe. When it has not passed in start-timeout, the program is started again.",
      ...(settings.stopTimeout === 0
        ? ["stop-timeout 0, never kill, has no counterpart: here the cluster waits for a week."]
        : []),
      ...(settings.user === undefined || isUid(settings.user)
        ? []
        : [`user ${settings.user}: write the number that it has in the image as securityContext.runAsUser.`]),
      ...(given.has("umask") ? [`umask ${settings.umask} has no counterpart: the image has to set it.`] : []),
      ...(exported.hasEventLog ? ["The event log has no counterpart: see kubectl describe."] : []),
      ...leftOver(exported, "start-grace").map(([key, text]) => `${key} ${text}: this has no counterpart here.`)
    ])
  ].map((line) => ` ${line}`)
}
