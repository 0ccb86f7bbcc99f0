/** `npm start`: sandbox, relay and VS Code with the extension connected to them. See `npm start -- --help`. */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findDesktopVscode, startDesktopVscode } from "./desktopVscode.ts";
import { readLockHolder, tryFileLock } from "./fileLock.js";
import { type LocalServer, serverScript, startLocalServer } from "./localServer.ts";
import { type ExtensionPackage, packageExtension } from "./packageExtension.ts";
import { sayOnConsole as say, seconds, step } from "./progress.ts";
import { type StartOptions, parseStartOptions, startHelp } from "./startOptions.ts";
import { startVscode } from "./vscodeHost.ts";
import { ensureVscode } from "./vscodeInstall.ts";
import type { Settings } from "./vscodeSettings.ts";

/** Something that was started, and is closed at the end. */
interface Part {
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

interface Window extends Part {
  /** Where to look: an address, or what opened. */
  readonly where: string;
}

/** The folders inside the data directory: these, and nothing else in it, are this command's. */
const stateFolders = ["sandbox", "relay", "user-data", "extensions", "workspace", "logs"] as const;

const sandboxPort = 47_632;
const relayPort = 47_633;

/** Everything that runs, in the order in which it was started. */
const running: Part[] = [];

/** Resolves when a person asks to end, or the process that started this one is gone. */
async function askedToEnd(): Promise<undefined> {
  return new Promise(resolve => {
    const end = (): void => {
      say("Ending…");
      resolve(undefined);
    };
    process.once("SIGINT", end).once("SIGTERM", end).once("SIGHUP", end).once("disconnect", end);
    // A terminal and npm both pass Ctrl-C on: the second one changes nothing.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  });
}

async function main(options: StartOptions): Promise<number> {
  const asked = askedToEnd();
  const release = lockState(options.dataDir);
  const began = performance.now();
  try {
    const window = await Promise.race([asked, startAll(options)]);
    if (window === undefined) return 0;
    sayWhereToLook(window, began);
    const why = await Promise.race([asked, ...running.map(async part => part.ended)]);
    return why === undefined ? 0 : reportEnd(why);
  } finally {
    await closeAll();
    release();
  }
}

/** A window that was closed is the person's way to end; anything else that ends by itself is a fault. */
function reportEnd(why: string): number {
  const closed = why.startsWith("The VS Code window") && why.endsWith("exit code 0.");
  say(closed ? "The window was closed." : `${why} Everything else is ended too.`);
  return closed ? 0 : 1;
}

function lockState(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, ".lock");
  const release = tryFileLock(path, "npm start");
  if (release !== undefined) return release;
  const holder = readLockHolder(path)?.pid ?? "unknown";
  throw new Error(`Another npm start (process ${holder}) uses ${dataDir}. End it, or choose another --data-dir.`);
}

async function startAll(options: StartOptions): Promise<Window> {
  if (options.fresh) forgetState(options.dataDir);
  const desktop = options.window === "browser" ? undefined : findDesktopVscode();
  if (options.window === "desktop" && desktop === undefined) {
    throw new Error('No desktop VS Code: "code" is not on the PATH, or there is no display. Try --browser.');
  }
  const [extension] = await Promise.all([packageExtension(say), desktop ?? ensureVscode(say)]);
  const settings = await startServers(options, extension);
  const window = await step(say, "Starting VS Code", async () =>
    desktop === undefined
      ? openInBrowser(options, extension, settings)
      : openDesktop(desktop, options, extension, settings),
  );
  running.push(window);
  return window;
}

function forgetState(dataDir: string): void {
  for (const folder of stateFolders) rmSync(join(dataDir, folder), { recursive: true, force: true, maxRetries: 3 });
}

/** Starts both servers and gives the settings that connect the extension to them. */
async function startServers(options: StartOptions, extension: ExtensionPackage): Promise<Settings> {
  const activity = options.activitySeconds === 0 ? [] : ["--activity", String(options.activitySeconds)];
  const [sandbox, relay] = await step(say, "Starting the sandbox and the relay", async () =>
    Promise.all([
      startServer(options, extension, "sandbox", sandboxPort, activity),
      startServer(options, extension, "relay", relayPort, []),
    ]),
  );
  say(`  sandbox ${sandbox.url} (open it to change records)`);
  say(`  relay   ${relay.url}`);
  return {
    "zohoCrm.sandbox.url": sandbox.url,
    "zohoCrm.relay.url": relay.url,
    "zohoCrm.trySandboxOnStartup": true,
  };
}

async function startServer(
  { dataDir }: StartOptions,
  extension: ExtensionPackage,
  name: "sandbox" | "relay",
  port: number,
  args: readonly string[],
): Promise<LocalServer> {
  const server = await startLocalServer({
    name,
    script: serverScript(extension.folder, name),
    dataDir: join(dataDir, name),
    port,
    args,
    logFile: join(dataDir, "logs", `${name}.log`),
  });
  running.push(server);
  return server;
}

function windowFolders(dataDir: string): {
  userDataDir: string;
  extensionsDir: string;
  logFile: string;
  folder: string;
} {
  return {
    userDataDir: join(dataDir, "user-data"),
    extensionsDir: join(dataDir, "extensions"),
    logFile: join(dataDir, "logs", "vscode.log"),
    folder: makeWorkspace(join(dataDir, "workspace")),
  };
}

async function openInBrowser(options: StartOptions, extension: ExtensionPackage, settings: Settings): Promise<Window> {
  const { port, dataDir } = options;
  const host = await startVscode({ ...windowFolders(dataDir), vsix: extension.vsix, settings, port, say });
  if (options.open) openSystemBrowser(host.url);
  return { where: host.url, ended: host.ended, close: async () => host.close() };
}

async function openDesktop(
  program: string,
  { dataDir }: StartOptions,
  extension: ExtensionPackage,
  settings: Settings,
): Promise<Window> {
  const tree = startDesktopVscode(program, { ...windowFolders(dataDir), extension: extension.folder, settings });
  return Promise.resolve({ where: "in the window that opened", ended: tree.ended, close: async () => tree.close() });
}

/** Something to have open: what is in it is the person's. */
function makeWorkspace(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const note = "# A folder to try things in\n\nWrite the handler for your notifications here.\n";
  try {
    writeFileSync(join(folder, "README.md"), note, { flag: "wx" });
  } catch {
    // It is there already.
  }
  return folder;
}

function openSystemBrowser(url: string): void {
  const programs: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
    win32: ["rundll32", "url.dll,FileProtocolHandler"],
    darwin: ["open"],
  };
  const [program, ...args] = programs[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.once("error", () => say("  The system's browser could not be opened; open the address yourself."));
  child.unref();
}

function sayWhereToLook({ where }: Window, began: number): void {
  say(`\nReady in ${seconds(began)}. VS Code is ${where.startsWith("http") ? `at\n\n  ${where}\n` : `${where}.\n`}`);
  say("Zoho CRM in the activity bar shows the subscriptions; the panel below shows changes as they arrive.");
  say("Try: select an event, New Subscription… in the sidebar, or a record changed in the sandbox.");
  say("Ctrl-C ends everything.");
}

async function closeAll(): Promise<void> {
  for (const part of running.reverse()) {
    await part.close().catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
  }
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) say(startHelp);
  else process.exitCode = await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Whatever was under way when it was asked to end (an install, a start) does not keep it.
process.exit();
