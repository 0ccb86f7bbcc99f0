import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { cacheFolder } from "./cacheFolder.ts";
import { acquireFileLock } from "./fileLock.js";
import { type Say, step } from "./progress.ts";
import { repositoryRoot } from "./repository.ts";
import { runToEnd } from "./runToEnd.ts";

/** Switches for a Chromium that is driven: no sandbox (containers run as root), nothing in the background. */
export const chromiumArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The path of a Chromium, Chrome or Edge: the one that `ZCN_CHROMIUM` names, an installed one, else one that is
 * installed now (Debian's package when root, else Playwright's). Throws one sentence with a remedy when there is none.
 */
export async function ensureChromium(say: Say): Promise<string> {
  const named = process.env["ZCN_CHROMIUM"];
  if (named !== undefined) return namedBrowser(named);
  return findBrowser() ?? (await installDebianPackage(say)) ?? (await installPlaywrights(say)) ?? noBrowser();
}

/** Where the browsers of this family usually are, best first. */
export function browserCandidates(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === "win32") return windowsCandidates(env);
  if (platform === "darwin") return macCandidates(env["HOME"] ?? "");
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
  const folders = [
    ...(env["PATH"] ?? "").split(delimiter).filter(folder => folder !== ""),
    "/usr/bin",
    "/opt/google/chrome",
  ];
  return names.flatMap(name => folders.map(folder => join(folder, name)));
}

function namedBrowser(path: string): string {
  if (existsSync(path)) return path;
  throw new Error(`ZCN_CHROMIUM names ${path}, which is not there.`);
}

function findBrowser(): string | undefined {
  const downloaded = chromium.executablePath();
  return [...browserCandidates(process.platform, process.env), downloaded].find(path => existsSync(path));
}

function windowsCandidates(env: NodeJS.ProcessEnv): string[] {
  const folders = [env["ProgramFiles"], env["ProgramFiles(x86)"], env["LOCALAPPDATA"]];
  const programs = [
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
  ];
  return programs.flatMap(program => folders.flatMap(folder => (folder === undefined ? [] : [join(folder, program)])));
}

function macCandidates(home: string): string[] {
  const programs = ["Google Chrome", "Chromium", "Microsoft Edge"];
  const folders = ["/Applications", join(home, "Applications")];
  return programs.flatMap(name => folders.map(folder => join(folder, `${name}.app`, "Contents/MacOS", name)));
}

async function installDebianPackage(say: Say): Promise<string | undefined> {
  const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (!isDebian || process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, logFile: logFile() };
  return await attempt(say, "Installing Chromium (apt-get)", async () => {
    await runToEnd("apt-get", ["update"], options);
    await runToEnd("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], options);
  });
}

async function installPlaywrights(say: Say): Promise<string | undefined> {
  const cli = join(repositoryRoot, "node_modules/playwright-core/cli.js");
  return await attempt(say, "Downloading Chromium (Playwright)", async () => {
    await runToEnd(process.execPath, [cli, "install", "chromium"], { logFile: logFile() });
  });
}

/** One install at a time. What fails is not the end: there may be another way. */
async function attempt(say: Say, title: string, work: () => Promise<void>): Promise<string | undefined> {
  const release = await acquireFileLock(join(cacheFolder(), "chromium.lock"));
  try {
    if (findBrowser() === undefined) await step(say, title, work);
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    release();
  }
  return findBrowser();
}

function logFile(): string {
  return join(cacheFolder(), "chromium.install.log");
}

function noBrowser(): never {
  throw new Error(
    "The editor tests need Chromium, Chrome or Edge, and none could be found or installed. " +
      "Install one, or set ZCN_CHROMIUM to the path of its program.",
  );
}
