import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";

/** What `server.json` in the data directory says: where this process listens. */
export interface ServerAddress {
  readonly url: string;
  readonly pid: number;
  readonly instance: string;
}

const instanceSchema = v.object({ instance: v.string() });

/** Writes `server.json` whole or not at all; disposing removes it, unless another instance has written its own. */
export function announceServer(directory: string, address: ServerAddress): Disposable {
  const path = join(directory, "server.json");
  const draft = join(directory, `server.json.${address.pid}`);
  writeFileSync(draft, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(draft, path);
  return toDisposable(() => {
    if (instanceIn(path) === address.instance) rmSync(path, { force: true });
  });
}

function instanceIn(path: string): string | undefined {
  try {
    return v.parse(instanceSchema, JSON.parse(readFileSync(path, "utf8"))).instance;
  } catch {
    return undefined;
  }
}
