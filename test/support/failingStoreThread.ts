/**
 * Loaded into a relay ahead of its program (`--import`): its storage thread breaks, as by a fault of its own, when it is
 * given an event whose body says so.
 */
import { parentPort } from "node:worker_threads";

/** In the body of the event that breaks the thread. */
export const fatalBody = "the storage thread breaks at this";

// A listener that throws does not keep the event from the next one, which is the thread's own: that would store it.
parentPort?.addEventListener("message", event => {
  if (!("data" in event) || !bytesOf(event.data).includes(fatalBody)) return;
  event.stopImmediatePropagation();
  throw new Error("broken by the test");
});

function bytesOf(request: unknown): string {
  if (typeof request !== "object" || request === null || !("appends" in request)) return "";
  const { appends } = request;
  const isPacked = typeof appends === "object" && appends !== null && "bytes" in appends;
  return isPacked && appends.bytes instanceof Uint8Array ? Buffer.from(appends.bytes).toString("latin1") : "";
}
