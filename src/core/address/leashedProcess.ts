import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";

export interface LeashRequest {
  /** `leashProgram.ts` as it was built, for this process's own Node. */
  readonly leash: string;
  /** Whole path: nothing is looked up, and no shell is asked. */
  readonly program: string;
  readonly args: readonly string[];
  readonly onLine: (line: string) => void;
  /** Called once, with the exit code; null after a signal or a failed start. Not called after `dispose`. */
  readonly onExit: (code: number | null) => void;
}

/** Starts a program that ends with this process, or when disposed. */
export function startOnLeash({ leash, program, args, onLine, onExit }: LeashRequest): Disposable {
  const child = spawn(process.execPath, [leash, program, ...args], {
    env: environment(),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const release = toDisposable(() => letGo(child));
  let isReleased = false;
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", line => isReleased || onLine(line));
  }
  let ended = false;
  const end = (code: number | null): void => {
    if (ended || isReleased) return;
    ended = true;
    onExit(code);
  };
  child.once("error", () => end(null));
  // "close" comes after the last line was read, so that what a tool says before it ends is heard.
  child.once("close", code => end(code));
  return {
    dispose: () => {
      isReleased = true;
      release.dispose();
    },
  };
}

/** The leash ends when its input does. */
function letGo(child: ChildProcess): void {
  child.stdin?.on("error", () => undefined);
  child.stdin?.end();
}

/** The editor's Electron behaves as Node with this variable; what steers the editor's own Node is not for others. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VSCODE_INSPECTOR_OPTIONS: _inspector, ...rest } = process.env;
  return { ...rest, ELECTRON_RUN_AS_NODE: "1" };
}
