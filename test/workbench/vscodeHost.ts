import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeLanguagePack } from "./languagePack.ts";
import { ProcessTree } from "./processTree.ts";
import type { Say } from "./progress.ts";
import { runToEnd } from "./runToEnd.ts";
import { readIfThere } from "./repository.ts";
import { ensureVscode, type VscodeInstall } from "./vscodeInstall.ts";
import { type Settings, writeSettings } from "./vscodeSettings.ts";

export interface VscodeOptions {
  /** The packaged extension to install. */
  readonly vsix: string;
  /** Packages of other extensions, installed with it. */
  readonly beside?: readonly string[];
  /** The folder that the window opens. */
  readonly folder: string;
  /** User settings, on top of {@link quietSettings}. */
  readonly settings: Settings;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  /** On top of this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The language of extensions, such as "es"; VS Code's own words stay English. */
  readonly language?: string;
  /** Whether folders are trusted without a question. Default: they are. */
  readonly trustsFolders?: boolean;
  /** Preferred port; 0 or a taken one: any. */
  readonly port: number;
  readonly logFile: string;
  readonly say: Say;
}

export interface VscodeHost {
  /** The address of the window: open it in a browser. */
  readonly url: string;
  readonly pid: number;
  /** Resolves with one sentence when VS Code has ended, asked or not. */
  readonly ended: Promise<string>;
  /** Ends VS Code and everything it started. */
  close(): Promise<void>;
}

const startDeadlineMs = 60_000;

/** Starts VS Code as a server on 127.0.0.1 with the extension installed. It is installed into the cache when missing. */
export async function startVscode(options: VscodeOptions): Promise<VscodeHost> {
  const install = await ensureVscode(options.say);
  writeSettings(options.userDataDir, options.settings);
  await installExtension(install, options);
  if (options.language !== undefined) writeLanguagePack(options.userDataDir, options.language);
  const port = await freePort(options.port);
  const address = Promise.withResolvers<string>();
  const tree = ProcessTree.start({
    name: "VS Code server",
    program: install.node,
    args: [install.entry, ...serverArguments(options, port)],
    logFile: options.logFile,
    env: { ...codeServerEnvironment(), ...options.environment },
    onLine: line => {
      const found = /HTTP server listening on (http:\/\/\S+?)\/?$/.exec(line)?.[1];
      if (found !== undefined) address.resolve(found);
    },
  });
  return await whenListening(tree, address.promise, options);
}

/** The address that opens `folder` in a VS Code server, without the welcome page. */
export function windowUrl(server: string, folder: string): string {
  const query = new URLSearchParams({ folder, payload: JSON.stringify([["skipWelcome", "true"]]) });
  return `${server}/?${query.toString()}`;
}

async function whenListening(
  tree: ProcessTree,
  address: Promise<string>,
  { folder, logFile }: VscodeOptions,
): Promise<VscodeHost> {
  const server = await tree.ready(address, startDeadlineMs, logFile);
  return {
    url: windowUrl(server, folder),
    pid: tree.pid,
    ended: tree.ended,
    close: async () => tree.close(),
  };
}

function serverArguments(options: VscodeOptions, port: number): string[] {
  return [
    ...["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--config", join(options.userDataDir, "config.yaml")],
    ...[
      "--disable-telemetry",
      "--disable-update-check",
      ...(options.trustsFolders === false ? [] : ["--disable-workspace-trust"]),
      "--disable-getting-started-override",
    ],
    ...(options.language === undefined ? [] : ["--locale", options.language]),
    ...folders(options),
  ];
}

function folders({ userDataDir, extensionsDir }: VscodeOptions): string[] {
  return ["--user-data-dir", userDataDir, "--extensions-dir", extensionsDir];
}

/** Installs the package unless this very one was installed there before. */
async function installExtension(install: VscodeInstall, options: VscodeOptions): Promise<void> {
  const note = join(options.extensionsDir, ".installed-from");
  mkdirSync(options.extensionsDir, { recursive: true });
  if (readIfThere(note) === options.vsix) return;
  const packages = [options.vsix, ...(options.beside ?? [])].flatMap(vsix => ["--install-extension", vsix]);
  const args = [install.entry, ...folders(options), ...packages, "--force"];
  await runToEnd(install.node, args, { logFile: options.logFile, env: codeServerEnvironment() });
  writeFileSync(note, options.vsix);
}

/** VS Code must not take itself for a terminal inside the VS Code that this may have been started from. */
function codeServerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VSCODE_|CODE_SERVER_|ELECTRON_|NODE_OPTIONS$|PORT$|PASSWORD$)/.test(name),
    ),
  );
}

/** `preferred` when nothing listens there, else 0: any. */
async function freePort(preferred: number): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once("error", () => resolve(0));
    probe.listen(preferred, "127.0.0.1", () => probe.close(() => resolve(preferred)));
  });
}
