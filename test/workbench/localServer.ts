import { join } from "node:path";
import { ProcessTree } from "./processTree.ts";

export interface LocalServerOptions {
  readonly name: "relay" | "sandbox";
  /** The program: see {@link serverScript}. */
  readonly script: string;
  readonly dataDir: string;
  /** Preferred port: any other when it is taken. 0 or absent: any. */
  readonly port?: number;
  readonly args?: readonly string[];
  readonly logFile: string;
}

export interface LocalServer {
  readonly url: string;
  readonly pid: number;
  /** Resolves with one sentence when it has ended, asked or not. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

const readyDeadlineMs = 20_000;

/** Starts a relay or a sandbox on 127.0.0.1 as a process of its own; resolves when it says that it is ready. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const address = Promise.withResolvers<string>();
  const tree = ProcessTree.start({
    name: options.name,
    program: process.execPath,
    args: [options.script, ...serverArguments(options)],
    logFile: options.logFile,
    onLine: line => {
      const url = /^\w+ ready (https?:\S+)$/.exec(line)?.[1];
      if (url !== undefined) address.resolve(url);
    },
  });
  const url = await tree.ready(address.promise, readyDeadlineMs, options.logFile);
  return { url, pid: tree.pid, ended: tree.ended, close: async () => tree.close() };
}

/** The bundle of a server inside a package folder. */
export function serverScript(packageFolder: string, name: "relay" | "sandbox"): string {
  return join(packageFolder, "dist", `${name}.js`);
}

function serverArguments({ dataDir, port = 0, args = [] }: LocalServerOptions): string[] {
  const preferred = port === 0 ? [] : ["--port-or-any"];
  return ["--port", String(port), ...preferred, "--data-dir", dataDir, ...args];
}
