/**
 * Loaded into a server under test ahead of its own program: tells the bench over IPC what the process costs, and ends
 * the process when the bench has gone, however it went.
 */
import { isMainThread } from "node:worker_threads";

/** What a process has used so far: microseconds of processor time, user and system. */
export interface Usage {
  /** Of all its threads. */
  readonly cpu: number;
  /** Of the one that the event loop runs on. */
  readonly main: number;
}

/** What can be asked of the probe; `memory` collects garbage first, which slows what is measured next. */
export type ProbeQuestion = "usage" | "memory";

if (isMainThread && process.send !== undefined) {
  process.on("message", question => process.send?.(question === "memory" ? memory() : usage()));
  process.once("disconnect", () => process.exit());
  // Listening would keep the program from ending by itself.
  process.channel?.unref();
}

function usage(): Usage {
  return { cpu: sum(process.cpuUsage()), main: sum(process.threadCpuUsage()) };
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

/** Bytes resident, right after a collection of garbage. */
function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
