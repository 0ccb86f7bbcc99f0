// What every `npm run …` of this repository starts with: plain JavaScript for Node 20 without any package installed.
// It installs what package-lock.json asks for, and then runs the command under the Node that the repository pins.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { acquireFileLock } from "./fileLock.js";
import { npmCommand, npmEnvironment } from "./npmCommand.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const commands = {
  start: "test/workbench/start.ts",
  test: "test/workbench/test.ts",
  check: "test/workbench/check.ts",
  bench: "test/workbench/bench.ts",
  package: "test/workbench/package.ts",
  strings: "test/workbench/strings.ts",
  relay: "src/relay/main.ts",
  sandbox: "src/sandbox/main.ts",
};

/** Progress goes to stderr: the first line of a server's stdout is its ready line. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

const parent = process.ppid;

class Stop extends Error {}

async function main([command, ...args]) {
  const script = commands[command];
  if (script === undefined) throw new Stop(`Unknown command. There is: ${Object.keys(commands).join(", ")}.`);
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new Stop(`This needs Node 20 or newer to start with; this is ${process.version}.`);
  }
  await ensureDependencies();
  // The channel tells the command that this process is gone, however it ended.
  const stdio = ["inherit", "inherit", "inherit", "ipc"];
  return await run(findNode(), [join(root, script), ...args], { env: environment(), stdio });
}

async function ensureDependencies() {
  if (isInstalled()) return;
  const key = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const release = await acquireFileLock(join(tmpdir(), `zoho-crm-notifications-install-${key}.lock`), {
    onWait: holder => say(`Waiting for another install of the dependencies (process ${holder?.pid ?? "unknown"})…`),
  });
  try {
    if (!isInstalled()) await install();
  } finally {
    release();
  }
}

/** Whether node_modules holds what the lock file says. npm notes what it installed once all of it is in place. */
function isInstalled() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages("node_modules/.package-lock.json");
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional === true || present[path]?.version === entry.version,
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function install() {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  say("Installing the dependencies (npm ci)…");
  const reminder = setInterval(() => say(`  still installing, ${seconds()} s`), 15_000);
  try {
    if ((await npm("ci")) !== 0) await installWhatIsThere();
  } finally {
    clearInterval(reminder);
  }
  say(`Dependencies installed in ${seconds()} s.`);
}

/** A registry that lacks a build for some other system is enough for npm ci to refuse; npm install goes on without it. */
async function installWhatIsThere() {
  say("npm ci could not do it, for the reason above. Trying npm install, with the versions of the lock file…");
  const code = await npm("install", "--no-save");
  if (code !== 0 || !isInstalled()) throw new Stop(`The dependencies could not be installed (exit code ${code}).`);
}

async function npm(...args) {
  const [program, ...first] = npmCommand();
  const flags = ["--include=dev", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  return await run(program, [...first, ...args, ...flags], { env: npmEnvironment(), stdio: ["ignore", 2, 2] });
}

/** The pinned Node when its install script was allowed to fetch it, else this one when it is new enough. */
function findNode() {
  const pinned = join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned) && spawnSync(pinned, ["--version"], { timeout: 30_000 }).status === 0) return pinned;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath;
  throw new Stop(
    `The Node that this repository pins did not install, and ${process.version} is too old to stand in (22.15 is needed). ` +
      `Allow npm to run the install script of the package "node" and run: npm rebuild node`,
  );
}

/** Runs a program to its end, passing signals on. The exit code, or 128 + the signal that ended it. */
async function run(program, args, options) {
  const child = spawn(program, args, { cwd: root, ...options });
  const stopForwarding = forwardSignals(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  } catch (error) {
    throw new Stop(`${program} could not be started: ${error.message}`);
  } finally {
    stopForwarding();
  }
}

function environment() {
  const name = Object.keys(process.env).find(key => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [name]: [join(root, "node_modules/.bin"), process.env[name]].join(delimiter) };
}

/**
 * Each kind of signal is passed on once: from a terminal the child gets it directly as well. That npm was ended counts
 * as one: the shell that npm puts between itself and this does not pass signals on.
 */
function forwardSignals(child) {
  const forward = signal => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const ignoreLater = () => undefined;
  for (const signal of signals) process.once(signal, forward).on(signal, ignoreLater);
  const watch = setInterval(() => wasLeftByNpm() && child.kill("SIGTERM"), 500);
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.removeListener(signal, forward).removeListener(signal, ignoreLater);
  };
}

function wasLeftByNpm() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = 1;
}
