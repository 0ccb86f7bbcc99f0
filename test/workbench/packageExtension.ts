import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cacheFolder.ts";
import { acquireFileLock } from "./fileLock.js";
import { type Say, step } from "./progress.ts";
import { readManifest, repositoryRoot } from "./repository.ts";
import { runToEnd, tailOf } from "./runToEnd.ts";
import { vsceArguments } from "./vsceArguments.ts";

/** A packaged extension in the cache. */
export interface ExtensionPackage {
  readonly vsix: string;
  /** The same build as a folder: package.json, media/ and dist/ with the relay and the sandbox. */
  readonly folder: string;
  /** What the packaging printed. */
  readonly log: string;
}

/** What the package is made of: when none of these changed, the last one is used again. */
const inputs = [
  ...["src/**/*", "media/**/*", "package*.json", "tsconfig.json", "esbuild.js", ".vscodeignore"],
  "test/workbench/thirdPartyNotices.js",
  ...["README.md", "CHANGELOG.md", "LICENSE"],
];

const keptPackages = 4;

const logName = "packaging.log";

/** The production build of this checkout as a .vsix, made when its inputs changed since the last one. */
export async function packageExtension(say: Say): Promise<ExtensionPackage> {
  const packages = join(cacheFolder(), "packages");
  mkdirSync(packages, { recursive: true });
  const release = await acquireFileLock(join(packages, ".lock"), {
    onWait: holder => say(`Waiting for process ${holder?.pid ?? "?"}, which is packaging the extension…`),
  });
  try {
    return await packageOnce(packages, say);
  } finally {
    release();
  }
}

/** A digest over names and contents of files under `root`; line by line the same on every system. */
export function digestOf(root: string, patterns: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of globSync(patterns, { cwd: root }).map(toPosix).sort()) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex").slice(0, 20);
}

async function packageOnce(packages: string, say: Say): Promise<ExtensionPackage> {
  const { name, version } = readManifest();
  const folder = join(packages, digestOf(repositoryRoot, inputs));
  if (!existsSync(folder)) {
    await step(say, "Packaging the extension", async () => build(folder, `${name}-${version}.vsix`));
    removeOldest(packages, folder);
  }
  return { folder, vsix: join(folder, `${name}-${version}.vsix`), log: join(folder, logName) };
}

async function build(folder: string, fileName: string): Promise<void> {
  const aside = `${folder}.part`;
  const logFile = join(dirname(folder), logName);
  rmSync(aside, { recursive: true, force: true });
  rmSync(logFile, { force: true });
  mkdirSync(aside);
  try {
    await runNode(["esbuild.js", "--production"], logFile);
    await runNode(vsceArguments(join(aside, fileName), readManifest().repository), logFile);
    cpSync(logFile, join(aside, logName));
    for (const part of ["dist", "media", "package.json", "package.nls.json"]) copyIfThere(part, aside);
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

async function runNode(args: readonly string[], logFile: string): Promise<void> {
  try {
    await runToEnd(process.execPath, args, { cwd: repositoryRoot, logFile });
  } catch (error) {
    throw new Error(`Packaging failed:\n${tailOf(logFile, 40)}`, { cause: error });
  }
}

function copyIfThere(part: string, target: string): void {
  const source = join(repositoryRoot, part);
  if (existsSync(source)) cpSync(source, join(target, part), { recursive: true });
}

function removeOldest(packages: string, current: string): void {
  const folders = readdirSync(packages, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(packages, entry.name))
    .filter(folder => folder !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of folders.slice(keptPackages)) rmSync(folder, { recursive: true, force: true });
}

function toPosix(path: string): string {
  return path.replaceAll("\\", "/");
}
