import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ProcessTree } from "./processTree.ts";
import { type Settings, writeSettings } from "./vscodeSettings.ts";

export interface DesktopOptions {
  /** A folder with package.json and dist/ of the extension. */
  readonly extension: string;
  readonly folder: string;
  readonly settings: Settings;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly logFile: string;
}

/**
 * The program of an installed desktop VS Code that could open a window here: there is a display, and `code` on the PATH
 * is not the one that only speaks to an editor elsewhere (WSL, remote terminals).
 */
export function findDesktopVscode(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter(folder => folder !== "");
  // code.cmd would need a shell; the program it starts is beside it.
  if (platform === "win32") return folders.map(folder => join(dirname(folder), "Code.exe")).find(exists);
  if (platform !== "darwin" && !hasDisplay(env)) return undefined;
  if (env["VSCODE_IPC_HOOK_CLI"] !== undefined || env["WSL_DISTRO_NAME"] !== undefined) return undefined;
  return folders.map(folder => join(folder, "code")).find(exists);
}

/** Opens a window of its own (own settings, own extensions) that runs the extension; it ends when the window closes. */
export function startDesktopVscode(program: string, options: DesktopOptions): ProcessTree {
  writeSettings(options.userDataDir, options.settings);
  return ProcessTree.start({
    name: "VS Code window",
    program,
    args: [
      ...["--user-data-dir", options.userDataDir, "--extensions-dir", options.extensionsDir],
      ...["--disable-workspace-trust", "--skip-welcome", "--new-window", "--wait"],
      ...[`--extensionDevelopmentPath=${options.extension}`, options.folder],
    ],
    logFile: options.logFile,
  });
}

function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return (env["DISPLAY"] ?? "") !== "" || (env["WAYLAND_DISPLAY"] ?? "") !== "";
}
