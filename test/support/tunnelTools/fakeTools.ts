import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConnectProxy, startConnectProxy } from "../companyNetwork/connectProxy.ts";

/** Tunnel tools that can be put on PATH, and the part of the internet on which their addresses are known. */
export interface FakeTools {
  /** The folder with the programs. */
  readonly path: string;
  /** What the tools need in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A proxy that knows the addresses. */
  readonly internet: ConnectProxy;
  program(tool: string): string;
}

/** Makes the programs `tools` in `folder`. */
export async function makeFakeTools(folder: string, tools: readonly string[]): Promise<FakeTools> {
  const [path, names] = [join(folder, "bin"), join(folder, "names")];
  for (const each of [path, names]) mkdirSync(each, { recursive: true });
  for (const tool of tools) makeProgram(join(path, tool), tool);
  const portOf = (host: string): number | undefined =>
    existsSync(join(names, host)) ? Number(readFileSync(join(names, host), "utf8")) : undefined;
  return {
    path,
    environment: { FAKE_TUNNEL_NAMES: names },
    internet: await startConnectProxy(portOf),
    program: tool => join(path, tool),
  };
}

function makeProgram(file: string, tool: string): void {
  const script = join(import.meta.dirname, "fakeTool.ts");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" ${tool} "$@"\n`);
  chmodSync(file, 0o755);
}
