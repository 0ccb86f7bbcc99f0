// Builds the four bundles: the extension, the inspector page, the relay and the sandbox.
// `node esbuild.js` builds once; `--watch` rebuilds on change; `--production` minifies and leaves out source maps;
// `--into=<folder>` builds there instead of dist/.
import { rm } from "node:fs/promises";
import * as esbuild from "esbuild";

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

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: ["src/extension.ts"],
    outfile: `${into}/extension.cjs`,
    format: "cjs",
    external: ["vscode"],
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

await rm(into, { recursive: true, force: true });
if (watch) {
  const contexts = await Promise.all(bundles.map(bundle => esbuild.context(bundle)));
  await Promise.all(contexts.map(context => context.watch()));
} else {
  await Promise.all(bundles.map(bundle => esbuild.build(bundle)));
}
