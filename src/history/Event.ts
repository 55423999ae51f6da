/**
 * What is kept of a program's history: one line for each thing that happened, and a report on each crash. The schemas are made
 * when they are needed, since most commands need none.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as ProcessStat from "../process/ProcessStat.ts"

const time = () => Schema.Date.annotations({ description: "ISO 8601 in UTC" })

const birth = () =>
  Schema.optional(
    Schema.String.annotations({
      description:
        "what tells the process from any other of its pid: the boot of the machine, and its start in ticks since then"
    })
  )

/**
 * Something that happened.
 *
 * - `manager`: a manager began to look after the program.
 * - `began`, `ended`: a run. `uptime` is in seconds; without `next` it was told to end; `crash` is the number of the
 *   report on it.
 * - `ordered`: a request, or a signal to the manager.
 * - `over`: the manager has nothing left to do; or, where there is a `manager`, somebody has found that this one ended
 *   without a word, and has ended the processes of its run that were `left`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const event = () =>
  Schema.Union(
    Schema.Struct({ time: time(), event: Schema.Literal("manager"), pid: Schema.Int, birth: birth() }),
    Schema.Struct({ time: time(), event: Schema.Literal("began"), run: Schema.Int, pid: Schema.Int, birth: birth() }),
    Schema.Struct({
      time: time(),
      event: Schema.Literal("ended"),
      run: Schema.Int,
      pid: Schema.optional(Schema.Int),
      end: Schema.String,
      uptime: Schema.Number,
      next: Schema.optional(Schema.String),
      crash: Schema.optional(Schema.Int)
    }),
    Schema.Struct({ time: time(), event: Schema.Literal("ordered"), order: Schema.String }),
    Schema.Struct({
      time: time(),
      event: Schema.Literal("over"),
      reason: Schema.String,
      manager: Schema.optional(
        Schema.Int.annotations({ description: "the manager, where it did not say this itself: it was found killed" })
      ),
      left: Schema.optional(
        Schema.Array(Schema.Int).annotations({
          description: "the processes of its run that it had left behind, and that were ended then"
        })
      )
    })
  )

/**
 * @category models
 * @since 0.1.0
 */
export type Event = Schema.Schema.Type<ReturnType<typeof event>>

/**
 * The process that began.
 *
 * @category getters
 * @since 0.1.0
 */
export const known = (
  { birth, pid, time }: Event & { readonly event: "began" | "manager" }
): ProcessStat.Known => birth === undefined ? { pid, began: time } : { pid, began: time, birth }

/**
 * {@link event} as a line of the file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const EventLine = Schema.suspend(() => Schema.parseJson(event()))

/**
 * A report on a run that was not told to end, and did not end well. Of the environment there are only the names.
 *
 * @category schemas
 * @since 0.1.0
 */
export const crash = () =>
  Schema.Struct({
    number: Schema.Int.annotations({ description: "the number of the report" }),
    time: time(),
    run: Schema.Int,
    pid: Schema.optional(Schema.Int),
    manager: Schema.Int.annotations({ description: "the manager's process" }),
    end: Schema.String.annotations({ description: "exit status N, terminated by SIGNAL, or not started: REASON" }),
    uptime: Schema.Number.annotations({ description: "in seconds" }),
    next: Schema.String.annotations({ description: "what followed" }),
    file: Schema.String.annotations({ description: "what was executed" }),
    program: Schema.Array(Schema.String).annotations({ description: "the words of the program, without secrets" }),
    settings: Schema.Record({ key: Schema.String, value: Schema.String }),
    environment: Schema.Array(Schema.String).annotations({ description: "the names of its variables" }),
    limits: Schema.Array(Schema.Struct({ name: Schema.String, soft: Schema.String, hard: Schema.String })).annotations({
      description: "the limits that it started with, as getrlimit(2) has them"
    }),
    output: Schema.String.annotations({ description: "the last that it wrote" })
  })

/**
 * @category models
 * @since 0.1.0
 */
export type Crash = Schema.Schema.Type<ReturnType<typeof crash>>

/**
 * {@link crash} as the text of a file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CrashText = Schema.suspend(() => Schema.parseJson(crash(), { space: 2 }))
