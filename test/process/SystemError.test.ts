// @effect-diagnostics nodeBuiltinImport:off
import { assert, describe, it } from "@effect/vitest"
import * as FileSystem from "node:fs"
import * as SystemError from "../../src/process/SystemError.ts"

describe("codeOf", () => {
  it("names the error of a system call", () => {
    assert.strictEqual(SystemError.codeOf(caught(() => FileSystem.readFileSync("/no/such"))), "ENOENT")
    assert.strictEqual(SystemError.codeOf(caught(() => FileSystem.readFileSync("/"))), "EISDIR")
  })

  it("has a name for everything else too", () => {
    for (const cause of [undefined, null, "ENOENT", 2, new Error("ENOENT"), { code: 2 }]) {
      assert.strictEqual(SystemError.codeOf(cause), "EUNKNOWN")
    }
  })
})

describe("describe", () => {
  it("has Python's number and words", () => {
    // python3 -c 'import os; print(os.strerror(2))'
    const python: ReadonlyArray<readonly [string, string]> = [
      ["EPERM", "[Errno 1] Operation not permitted"],
      ["ENOENT", "[Errno 2] No such file or directory"],
      ["EIO", "[Errno 5] Input/output error"],
      ["E2BIG", "[Errno 7] Argument list too long"],
      ["ENOEXEC", "[Errno 8] Exec format error"],
      ["EAGAIN", "[Errno 11] Resource temporarily unavailable"],
      ["ENOMEM", "[Errno 12] Cannot allocate memory"],
      ["EACCES", "[Errno 13] Permission denied"],
      ["EBUSY", "[Errno 16] Device or resource busy"],
      ["EEXIST", "[Errno 17] File exists"],
      ["ENOTDIR", "[Errno 20] Not a directory"],
      ["EISDIR", "[Errno 21] Is a directory"],
      ["EINVAL", "[Errno 22] Invalid argument"],
      ["ENFILE", "[Errno 23] Too many open files in system"],
      ["EMFILE", "[Errno 24] Too many open files"],
      ["ETXTBSY", "[Errno 26] Text file busy"],
      ["EFBIG", "[Errno 27] File too large"],
      ["ENOSPC", "[Errno 28] No space left on device"],
      ["EROFS", "[Errno 30] Read-only file system"],
      ["EPIPE", "[Errno 32] Broken pipe"]
    ]
    for (const [code, text] of python) assert.strictEqual(SystemError.describe(code), text)
  })

  it.runIf(process.platform === "linux")("has Python's number and words for what Linux numbers in its own way", () => {
    assert.strictEqual(SystemError.describe("ENAMETOOLONG"), "[Errno 36] File name too long")
    assert.strictEqual(SystemError.describe("ELOOP"), "[Errno 40] Too many levels of symbolic links")
    assert.strictEqual(SystemError.describe("EADDRINUSE"), "[Errno 98] Address already in use")
    assert.strictEqual(SystemError.describe("ECONNREFUSED"), "[Errno 111] Connection refused")
  })

  it("adds the path in quotes", () => {
    assert.strictEqual(SystemError.describe("EACCES", "/a b"), "[Errno 13] Permission denied: '/a b'")
  })

  it("leaves a name that it does not know as it is", () => {
    assert.strictEqual(SystemError.describe("EUNKNOWN"), "EUNKNOWN")
    assert.strictEqual(SystemError.describe("ERR_INVALID_ARG_VALUE", "/a"), "ERR_INVALID_ARG_VALUE: '/a'")
  })
})

// ===== Internal

const caught = (action: () => unknown): unknown => {
  try {
    return action()
  } catch (cause) {
    return cause
  }
}
