import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** Where programs are looked for, as the system says it. */
export interface ProgramSearch {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/**
 * The whole path of a program on PATH; undefined where there is none. No shell is asked. Entries that depend on the
 * working directory are left out: what lies in a folder that somebody opened is not a program of the person's own.
 */
export function findOnPath(name: string, { platform, env }: ProgramSearch = process): string | undefined {
  const isWindows = platform === "win32";
  const folders = valueOf(env, "PATH", isWindows).split(isWindows ? ";" : ":");
  // Scripts (.cmd, .bat) cannot be started without a shell.
  const names = isWindows ? [`${name}.exe`, `${name}.com`] : [name];
  return folders
    .map(folder => folder.replace(/^"(.*)"$/, "$1"))
    .filter(folder => isAbsolute(folder))
    .flatMap(folder => names.map(file => join(folder, file)))
    .find(path => isProgram(path, isWindows));
}

/** On Windows the names of variables are the same in any case. */
function valueOf(env: ProgramSearch["env"], name: string, isWindows: boolean): string {
  if (!isWindows) return env[name] ?? "";
  const key = Object.keys(env).find(candidate => candidate.toUpperCase() === name);
  return key === undefined ? "" : (env[key] ?? "");
}

function isProgram(path: string, isWindows: boolean): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    if (!isWindows) accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
