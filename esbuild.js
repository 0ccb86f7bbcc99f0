// Builds the bundles: the extension and what loads it, the inspector page, the relay, the sandbox and the command for terminals; and of the templates of handlers
// (media/scaffold) those in JavaScript, which are the ones in TypeScript without their types.
// `node esbuild.js` builds once; `--watch` rebuilds on change; `--production` minifies and leaves out source maps;
// `--into=<folder>` builds there instead of dist/; `--only-scaffold` leaves out the bundles.
import { globSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { basename, dirname, join } from "node:path";
import * as esbuild from "esbuild";
import { bundledPackages, noticesText } from "./test/workbench/thirdPartyNotices.js";
import * as prettier from "prettier";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
const into = process.argv.find(argument => argument.startsWith("--into="))?.slice("--into=".length) ?? "dist";

/** @type {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  logLevel: "info",
};

// VS Code 1.101, the oldest that engines.vscode admits, runs its extension host on Node 22.15.
// VS Code reports whoever asks its host for `navigator` (a browser's word that Node has taken up); axios would, in passing.
const node = { ...shared, platform: "node", target: "node22.15", define: { navigator: "undefined" } };

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const requireInModule = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

/** What is loaded with the first request, not with the extension; by the name of the package. */
const loadedLate = { axios: "axios.cjs", ws: "ws.cjs", hpke: "hpke.cjs" };

/**
 * Leaves out of axios what it is never asked for here: forms, and the redirects that nobody follows, with the libraries
 * behind them. The extension needs of `ws` the client alone.
 * @type {esbuild.Plugin}
 */
const leanPackages = {
  name: "lean packages",
  setup(build) {
    const replaced = {
      "form-data": "module.exports = FormData;",
      "follow-redirects": "module.exports = { http: require('node:http'), https: require('node:https') };",
      debug: "module.exports = () => () => undefined;",
    };
    build.onResolve({ filter: /^(form-data|follow-redirects|debug)$/ }, ({ path }) => ({ path, namespace: "lean" }));
    build.onLoad({ filter: /.*/, namespace: "lean" }, ({ path }) => ({ contents: replaced[path], loader: "js" }));
  },
};

/** @type {esbuild.Plugin} */
const linkLatePackages = {
  name: "late packages",
  setup(build) {
    build.onResolve({ filter: /^(axios|ws|hpke)$/ }, ({ path }) => ({ path: `./${loadedLate[path]}`, external: true }));
  },
};

/**
 * One module for all that import `vscode`. Each of them would get a copy of its several hundred names otherwise, which
 * takes longer than activation itself.
 * @type {esbuild.Plugin}
 */
const oneVscode = {
  name: "one vscode",
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, ({ namespace }) =>
      namespace === "one" ? { path: "vscode", external: true } : { path: "vscode", namespace: "one" },
    );
    build.onLoad({ filter: /.*/, namespace: "one" }, () => ({ contents: 'export * from "vscode";', loader: "js" }));
  },
};

/**
 * esbuild splits ES modules alone, and VS Code is to load CommonJS: it sees to it that what is required goes through its
 * proxies, and V8's code cache (src/core/codeCache) has neither `import` nor `import()`.
 * @type {esbuild.Plugin}
 */
const splitAsCommonJs = {
  name: "split as CommonJS",
  setup(build) {
    build.onEnd(async ({ outputFiles = [] }) => {
      await mkdir(into, { recursive: true });
      const files = outputFiles.filter(({ path }) => path.endsWith(".js"));
      const names = lastingNames(files);
      const renamed = text =>
        text.replaceAll(/"\.\/([\w-]+)\.js"/g, (all, name) => `"./${names.get(name) ?? name}.js"`);
      await Promise.all(
        files.map(async ({ path, text }) => {
          const name = basename(path, ".js");
          return writeAsCommonJs(names.get(name) ?? name, renamed(text));
        }),
      );
    });
  },
};

/**
 * esbuild tells pieces apart by their hash. What is loaded late is called by its own name, and what several share
 * `chunk-1`, `chunk-2` and so on: what others of them need comes first, then what is needed at the start.
 * @param {readonly import("esbuild").OutputFile[]} files
 */
function lastingNames(files) {
  const names = new Map(files.map(({ path }) => [basename(path, ".js"), basename(path, ".js").replace(/-\w{8}$/, "")]));
  const textOf = new Map(files.map(({ path, text }) => [basename(path, ".js"), text]));
  const importsOf = name => [...names.keys()].filter(other => textOf.get(name)?.includes(`"./${other}.js"`));
  const atStart = new Set(importsOf("extension"));
  const order = name => importsOf(name).length * 2 + (atStart.has(name) ? 0 : 1);
  const chunks = [...names.keys()].filter(name => name.startsWith("chunk-"));
  chunks.sort((one, other) => order(one) - order(other));
  for (const [index, name] of chunks.entries()) names.set(name, `chunk-${index + 1}`);
  return names;
}

async function writeAsCommonJs(name, text) {
  const { code, map } = await esbuild.transform(text, {
    ...{ format: "cjs", platform: "node", target: node.target, minify: production, legalComments: "none" },
    ...{ supported: { "dynamic-import": false }, sourcemap: production ? false : "external" },
  });
  const linked = code.replaceAll(/(require\("\.\/[\w-]+)\.js"\)/g, '$1.cjs")');
  const comment = production ? "" : `//# sourceMappingURL=${name}.cjs.map\n`;
  await writeFile(join(into, `${name}.cjs`), linked + comment);
  if (!production) await writeFile(join(into, `${name}.cjs.map`), map);
}

/** @type {(contents: string, outfile: string) => esbuild.BuildOptions} */
const latePackage = (contents, outfile) => ({
  ...node,
  stdin: { contents, resolveDir: import.meta.dirname },
  outfile: `${into}/${outfile}`,
  format: "cjs",
  external: ["bufferutil", "utf-8-validate"],
  plugins: [leanPackages],
});

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: { extension: "src/extension.ts" },
    outdir: into,
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]",
    plugins: [linkLatePackages, oneVscode, splitAsCommonJs],
    // What the sources are, for the next step.
    sourcemap: production ? false : "inline",
    write: false,
  },
  { ...node, entryPoints: { entry: "src/entry.ts" }, outdir: into, outExtension: { ".js": ".cjs" }, format: "cjs" },
  latePackage('module.exports = require("axios/unsafe/axios.js").default;', loadedLate.axios),
  latePackage('exports.WebSocket = require("./node_modules/ws/lib/websocket.js");', loadedLate.ws),
  latePackage(
    'export { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";',
    loadedLate.hpke,
  ),
  {
    ...node,
    entryPoints: { leash: "src/core/address/leashProgram.ts", uninstall: "src/core/uninstall/uninstallProgram.ts" },
    outdir: into,
    format: "esm",
  },
  {
    ...node,
    entryPoints: { relay: "src/relay/main.ts", sandbox: "src/sandbox/main.ts" },
    outdir: into,
    format: "esm",
    banner: requireInModule,
    // Optional native accelerators of ws; without them it uses its own JavaScript.
    external: ["bufferutil", "utf-8-validate"],
  },
  {
    ...node,
    // Whoever tests a handler may have an older Node than the editor.
    target: "node20.19",
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: into,
    format: "esm",
    banner: { js: `#!/usr/bin/env node\n${requireInModule.js}` },
  },
  {
    ...shared,
    entryPoints: { inspector: "src/webview/main.ts" },
    outdir: `${into}/webview`,
    platform: "browser",
    target: ["chrome134"],
    format: "iife",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
];

/** What tells editors the type of an event where TypeScript's own is stripped. */
const eventType = ' *\n * @param {import("./zoho-crm-events.d.ts").ZohoEvent} event\n */\n';

/** A template in JavaScript. Blanks stand where the types were, which the formatter takes away. */
async function withoutTypes(file) {
  const typed = (await readFile(file, "utf8")).replace(/^\/\/\/ .*\n/, "");
  const documented = typed.replace(/ \*\/\n(?=export async function handle\(event: ZohoEvent\))/, eventType);
  const stripped = stripTypeScriptTypes(documented).replaceAll(/((?:from |import\()"\.[^"]*)(?<!\.d)\.ts"/g, '$1.js"');
  return prettier.format(stripped, { ...(await prettier.resolveConfig(file)), parser: "babel" });
}

async function buildScaffold() {
  const root = "media/scaffold";
  for (const file of globSync("**/*.ts", { cwd: root, exclude: name => name.endsWith(".d.ts") })) {
    const target = join(into, "scaffold", file.replace(/\.ts$/, ".js"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await withoutTypes(join(root, file)));
  }
}

await rm(into, { recursive: true, force: true });
await buildScaffold();
if (process.argv.includes("--only-scaffold")) process.exit();
if (watch) {
  const contexts = await Promise.all(bundles.map(bundle => esbuild.context(bundle)));
  await Promise.all(contexts.map(context => context.watch()));
} else {
  const results = await Promise.all(bundles.map(bundle => esbuild.build({ ...bundle, metafile: true })));
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile(join(into, "THIRD-PARTY-NOTICES.txt"), noticesText(bundledPackages(inputs)));
}
