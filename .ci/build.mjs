// Builds what the package ships: the executables, each a bundle behind the loader, and the library as modules.
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"

rmSync("dist", { recursive: true, force: true })
mkdirSync("dist")

// Node's modules by their parts: a part that is used is a variable, where esbuild would copy all of the module's, once for
// every file that imports it. These two are loaded when one of their functions is first called, which `status` never does.
const calledOnly = ["node:child_process", "node:fs/promises"]
const builtins = {
  name: "builtins",
  setup: (build) => {
    build.onResolve(
      { filter: /^node:/ },
      ({ kind, path }) => kind === "import-statement" ? { path, namespace: "builtin" } : undefined
    )
    build.onLoad({ filter: /^/, namespace: "builtin" }, async ({ path }) => {
      const whole = `require(${JSON.stringify(path)})`
      const part = (name) =>
        calledOnly.includes(path)
          ? `(...parameters) => ${whole}.${name}(...parameters)`
          : `/* @__PURE__ */ (() => whole.${name})()`
      const names = Object.keys(await import(path)).filter((name) => name !== "default" && name !== "module.exports")
      return {
        contents: [
          ...(calledOnly.includes(path) ? [] : [`const whole = ${whole}`, "export default whole"]),
          ...names.map((name) => `export const ${name} = ${part(name)}`)
        ].join("\n")
      }
    })
  }
}

// What the command line never reaches, and every start would spend 4 ms on evaluating: @effect/cli's prompts, which are for
// its own --wizard, and the errors of the file system and the paths that the command tree asks for and does not use. What is
// imported of them is undefined, as esbuild would warn.
const unreached = {
  name: "unreached",
  setup: (build) => {
    const none = (path) => ({ path, namespace: "unreached" })
    build.onResolve(
      { filter: /^\.\/(internal\/)?prompt(\/|\.js$)/ },
      ({ importer, path }) => importer.includes("/@effect/cli/") ? none(path) : undefined
    )
    build.onResolve(
      { filter: /^(\.\.\/Error\.js|@effect\/platform\/Error)$/ },
      ({ importer, path }) =>
        /\/@effect\/platform.*\/internal\/(fileSystem|path)\.js$/.test(importer) ? none(path) : undefined
    )
    build.onLoad({ filter: /^/, namespace: "unreached" }, () => ({ contents: "" }))
  }
}

const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  supported: { "dynamic-import": false },
  minify: true,
  plugins: [builtins],
  // Effect's clock goes by process.hrtime; for its origin alone, Node would load its performance hooks. Its logger asks
  // for the colours of a stream that nobody writes to, which Node would make.
  define: { performance: "undefined", "process.stdout": "undefined" },
  legalComments: "none",
  logLevel: "warning"
}

// What is imported dynamically is a bundle of its own, loaded when it is needed: the manager by a command that becomes it
// (it stays in the foreground), the editor of lines by one that is interactive, the parsers of TOML, YAML and JSON by a command that is given such a file, the mailer by
// a manager that is to send mail.
const bundled = (filter, path) => ({
  name: path,
  setup: (build) => {
    build.onResolve({ filter }, ({ kind }) => kind === "dynamic-import" ? { path, external: true } : undefined)
  }
})

await build({
  ...common,
  entryPoints: ["src/bin.ts"],
  outfile: "dist/command.cjs",
  logOverride: { "import-is-undefined": "silent" },
  plugins: [
    unreached,
    builtins,
    bundled(/^\.\/manage\.ts$/, "./manager.cjs"),
    bundled(/\/ConfigFormats\.ts$/, "./formats.cjs"),
    bundled(/\/LineEditor\.ts$/, "./editor.cjs"),
    bundled(/\/CompletionScript\.ts$/, "./completions.cjs"),
    bundled(/\/Exports\.ts$/, "./exports.cjs")
  ]
})
await build({
  ...common,
  entryPoints: ["src/manage.ts"],
  outfile: "dist/manager.cjs",
  plugins: [builtins, bundled(/^nodemailer$/, "./mailer.cjs")]
})
await build({ ...common, entryPoints: ["src/process/LineEditor.ts"], outfile: "dist/editor.cjs" })
await build({ ...common, entryPoints: ["src/cli/CompletionScript.ts"], outfile: "dist/completions.cjs" })
await build({ ...common, entryPoints: ["src/cli/Exports.ts"], outfile: "dist/exports.cjs" })
await build({ ...common, entryPoints: ["nodemailer"], outfile: "dist/mailer.cjs" })
await build({
  ...common,
  entryPoints: ["src/process/ConfigFormats.ts"],
  outfile: "dist/formats.cjs",
  // The modules that the libraries ship for browsers need nothing of a browser, and only what is used of them is taken.
  conditions: ["browser"]
})
for (
  const [outfile, bundle, entry] of [["zdaemon", "command.cjs", "main"], [
    "zdaemon-manager",
    "manager.cjs",
    "background"
  ]]
) {
  await build({
    ...common,
    entryPoints: ["src/loader.ts"],
    outfile: `dist/${outfile}.cjs`,
    banner: { js: "#!/usr/bin/env node" },
    define: { BUNDLE: JSON.stringify(bundle), ENTRY: JSON.stringify(entry) }
  })
  chmodSync(`dist/${outfile}.cjs`, 0o755)
}

// The man page and the completions come from the command's own tables.
await build({ ...common, entryPoints: ["src/cli/Pages.ts"], outfile: "dist/pages.cjs" })
for (const [path, text] of Object.entries(createRequire(import.meta.url)("../dist/pages.cjs").files())) {
  mkdirSync(dirname(`dist/${path}`), { recursive: true })
  writeFileSync(`dist/${path}`, text)
}
rmSync("dist/pages.cjs")

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "src"], { stdio: "inherit" })
