import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Disposable, toDisposable } from "../lifecycle.ts";

/** What `server.json` in the data directory says: where this process listens. */
export interface ServerAddress {
  readonly url: string;
  readonly pid: number;
  readonly instance: string;
}

/** Writes `server.json` whole or not at all; disposing removes it, unless another instance has written its own. */
export function announceServer(directory: string, address: ServerAddress): Disposable {
  const path = join(directory, "server.json");
  const draft = `${path}.${address.instance}`;
  const text = `${JSON.stringify(address)}\n`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
  return toDisposable(() => {
    if (readText(path) === text) rmSync(path, { force: true });
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
