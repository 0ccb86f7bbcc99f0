import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { second } from "../../base/clock.ts";

/** A server of ours that answers, and where. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly instance: string;
}

const serverFileSchema = v.object({
  url: v.pipe(v.string(), v.regex(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/)),
  pid: v.number(),
  instance: v.string(),
});
const healthSchema = v.object({ service: v.string(), instance: v.string() });
const healthDeadline = 2 * second;

/**
 * The server that `server.json` in `dataDir` tells of, if the very instance that wrote it answers there. The file alone
 * proves nothing: a process that was killed leaves it behind, and its port may be somebody else's by now.
 */
export async function findRunningServer(
  name: string,
  dataDir: string,
  signal: AbortSignal,
): Promise<RunningServer | undefined> {
  const written = parseWith(serverFileSchema, await readIfThere(join(dataDir, "server.json")));
  if (written === undefined) return undefined;
  const health = parseWith(healthSchema, await fetchIfThere(`${written.url}/healthz`, signal));
  return health?.service === name && health.instance === written.instance ? written : undefined;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

async function fetchIfThere(url: string, signal: AbortSignal): Promise<string> {
  try {
    const over = AbortSignal.any([signal, AbortSignal.timeout(healthDeadline)]);
    const response = await fetch(url, { signal: over, redirect: "error" });
    return await response.text();
  } catch {
    return "";
  }
}

function parseWith<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
