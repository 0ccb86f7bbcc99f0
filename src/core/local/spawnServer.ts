import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** How a started server stands: still at work, or ended with this code (null after a signal or a failed start). */
export interface SpawnedServer {
  readonly pid: number | undefined;
  /** Ends it, when another was quicker and this one is not needed. */
  abandon(): void;
  exit(): { readonly code: number | null } | undefined;
}

export interface SpawnRequest {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly dataDir: string;
}

const longestLogBytes = 4 * 1024 * 1024;

/**
 * Starts a server that outlives this process: other windows may be using it when this one closes. It says what it has
 * to say in `<name>.log` in its data directory; no pipe ties it to us.
 */
export function spawnServer({ name, script, args, dataDir }: SpawnRequest): SpawnedServer {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const log = openLog(join(dataDir, `${name}.log`));
  try {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: dataDir,
      env: serverEnvironment(),
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
    child.unref();
    return followExit(child);
  } finally {
    closeSync(log);
  }
}

function followExit(child: ChildProcess): SpawnedServer {
  let exit: { readonly code: number | null } | undefined;
  child.once("exit", code => (exit = { code }));
  child.once("error", () => (exit ??= { code: null }));
  return { pid: child.pid, abandon: () => void child.kill(), exit: () => exit };
}

/** The editor's Electron behaves as Node with this variable; what steers the editor's own Node is not for the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VSCODE_INSPECTOR_OPTIONS: _inspector, ...environment } = process.env;
  return { ...environment, ELECTRON_RUN_AS_NODE: "1" };
}

/** Opens the log for writing at its end; one that has grown large is put aside first, over the one before it. */
function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > longestLogBytes) renameSync(path, `${path}.old`);
  return openSync(path, "a", 0o600);
}
