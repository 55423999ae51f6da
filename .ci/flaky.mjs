// A reporter that names the tests which passed only when they were tried again. Each of them is a defect, of the test or of
// what it tests: a second try keeps it from hiding the rest, and this list keeps it from being hidden.
export default class Flaky {
  onTestRunEnd(modules) {
    const flaky = modules.flatMap((module) =>
      [...module.children.allTests()].filter((test) => test.diagnostic()?.flaky).map((test) =>
        `${module.moduleId}: ${test.fullName}`
      )
    )
    if (flaky.length > 0) process.stdout.write(`\nneeded a second try:\n${flaky.map((test) => `  ${test}\n`).join("")}`)
  }
}
