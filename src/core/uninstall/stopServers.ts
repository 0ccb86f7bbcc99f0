import { join } from "node:path";
import { type Clock, second, sleep } from "../../base/clock.ts";
import { type RunningServer, findRunningServer } from "../local/serverHealth.ts";

/** How long a server may take to end by itself. */
const patience = 8 * second;
const pause = 50;

/**
 * Ends this machine's relay and sandbox whose data is under `dataFolder`, and gives the names of those that it ended.
 * Only what answers as the very instance that it noted down is ended: its process id alone may be another's by now.
 */
export async function stopServers(dataFolder: string, clock: Clock): Promise<readonly string[]> {
  const names = ["relay", "sandbox"] as const;
  const stopped = await Promise.all(
    names.map(async name => {
      const server = await findRunningServer(name, join(dataFolder, name), new AbortController().signal);
      if (server !== undefined) await stop(server, clock);
      return server === undefined ? [] : [name];
    }),
  );
  return stopped.flat();
}

async function stop({ pid }: RunningServer, clock: Clock): Promise<void> {
  signal(pid, "SIGTERM");
  const deadline = clock.now() + patience;
  while (signal(pid, 0) && clock.now() < deadline) await sleep(clock, pause);
  signal(pid, "SIGKILL");
}

/** False where there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
