import { rmSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { stopServers } from "./stopServers.ts";

/**
 * Ends the servers whose data is under `dataFolder` and removes the folder: events, logs, and the key without which the
 * secrets that the editor keeps cannot be read. Gives the names of the servers that it ended.
 */
export async function forgetData(dataFolder: string, clock: Clock): Promise<readonly string[]> {
  const stopped = await stopServers(dataFolder, clock);
  rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return stopped;
}
