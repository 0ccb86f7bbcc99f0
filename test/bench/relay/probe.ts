/**
 * Loaded into a server under test ahead of its own program: tells the bench over IPC what the process costs, and ends
 * the process when the bench has gone, however it went.
 */
import { isMainThread } from "node:worker_threads";

/** What a process has used so far, over all its threads. */
export interface Usage {
  /** Microseconds of processor time, user and system. */
  readonly cpu: number;
  /** Bytes resident, right after a collection of garbage. */
  readonly memory: number;
}

if (isMainThread && process.send !== undefined) {
  process.on("message", () => process.send?.(measure()));
  process.once("disconnect", () => process.exit());
  // Listening would keep the program from ending by itself.
  process.channel?.unref();
}

function measure(): Usage {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  return { cpu: user + system, memory: process.memoryUsage.rss() };
}
