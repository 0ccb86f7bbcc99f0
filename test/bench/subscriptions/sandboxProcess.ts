import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { repositoryRoot } from "../../workbench/repository.ts";

/** A sandbox in a process of its own, so that its work is not counted as ours. */
export interface SandboxProcess {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a sandbox with so many modules and channels in it; the channels are of the user that signs in. */
export async function startFullSandbox(size: { modules: number; channels: number }): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [join(repositoryRoot, "src/sandbox/main.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^sandbox ready (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    const populated = await fetch(`${url}/sandbox/populate`, { method: "POST", body: JSON.stringify(size) });
    if (populated.ok) return { url, close };
    break;
  }
  await close();
  throw new Error("The sandbox did not start, or could not be filled.");
}
