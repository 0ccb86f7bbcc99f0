import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cacheFolder } from "./cacheFolder.ts";
import { acquireFileLock } from "./fileLock.js";
import { type Say, step } from "./progress.ts";
import { runToEnd } from "./runToEnd.ts";

/**
 * The path of a nats-server: the one that `ZCN_NATS_SERVER` names, an installed one, else Debian's package, which is
 * installed now when that is possible. Throws one sentence with a remedy when there is none.
 */
export async function ensureNatsServer(say: Say): Promise<string> {
  const named = process.env["ZCN_NATS_SERVER"];
  if (named !== undefined) return namedServer(named);
  return findNatsServer() ?? (await installDebianPackage(say)) ?? noServer();
}

function namedServer(path: string): string {
  if (existsSync(path)) return path;
  throw new Error(`ZCN_NATS_SERVER names ${path}, which is not there.`);
}

function findNatsServer(): string | undefined {
  const program = process.platform === "win32" ? "nats-server.exe" : "nats-server";
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(folder => folder !== "");
  // Debian puts servers where the PATH of ordinary users does not lead.
  return [...folders, "/usr/sbin", "/usr/local/bin"].map(folder => join(folder, program)).find(existsSync);
}

async function installDebianPackage(say: Say): Promise<string | undefined> {
  const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (!isDebian || process.getuid?.() !== 0) return undefined;
  const release = await acquireFileLock(join(cacheFolder(), "nats-server.lock"));
  try {
    if (findNatsServer() === undefined) await step(say, "Installing nats-server (apt-get)", installWithApt);
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    release();
  }
  return findNatsServer();
}

async function installWithApt(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, logFile: join(cacheFolder(), "nats-server.install.log") };
  await runToEnd("apt-get", ["update"], options);
  await runToEnd("apt-get", ["install", "--yes", "--no-install-recommends", "nats-server"], options);
}

function noServer(): never {
  throw new Error(
    "The tests of the relay's NATS engine need nats-server (2.9 or newer), and none could be found or installed. " +
      "Install it, or set ZCN_NATS_SERVER to the path of its program.",
  );
}
