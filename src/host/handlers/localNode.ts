import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as v from "valibot";
import * as vscode from "vscode";
import { second } from "../../base/clock.ts";
import { type NodeVersion, readNodeVersion } from "../../core/handlers/debugging/nodeVersion.ts";

const run = promisify(execFile);

/** The Node that VS Code's debugger starts programs with where the configuration names none. */
function defaultExecutable(): string {
  const setting: unknown = vscode.workspace.getConfiguration("debug.javascript").get("defaultRuntimeExecutable");
  const parsed = v.safeParse(v.object({ "pwa-node": v.pipe(v.string(), v.minLength(1)) }), setting);
  return parsed.success ? parsed.output["pwa-node"] : "node";
}

/** The version of the Node that a handler would run on; undefined where that cannot be told. Only where trusted. */
export async function localNodeVersion(executable = defaultExecutable()): Promise<NodeVersion | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  try {
    const { stdout } = await run(executable, ["--version"], { timeout: 5 * second, windowsHide: true });
    return readNodeVersion(stdout);
  } catch {
    return undefined;
  }
}
