import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";

/** Where a running server is to be found. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  readonly instance: string;
}

/** Writes `server.json` in one step, so that nobody reads half of it; disposing removes it while it is still this one. */
export function writeServerFile(dataDir: string, content: ServerFile): Disposable {
  const path = join(dataDir, "server.json");
  const text = JSON.stringify(content);
  const draft = `${path}.${content.instance}`;
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
