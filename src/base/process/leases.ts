import type { ServerResponse } from "node:http";
import { type Clock, second } from "../clock.ts";
import { type Disposable, DisposableStore } from "../lifecycle.ts";

/** How often a lease's answer shows a sign of life. */
const sign = 5 * second;

/**
 * Who still needs this process. A lease is a request whose answer is held open; it ends with its connection, however
 * that ends. When nobody has held one for `graceMs` milliseconds, `onUnused` is called.
 */
export class Leases implements Disposable {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #onUnused: () => void;
  readonly #held = new Set<ServerResponse>();
  readonly #owned = new DisposableStore();
  #end: Disposable | undefined;

  constructor(clock: Clock, graceMs: number, onUnused: () => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#onUnused = onUnused;
    this.#waitForEnd();
    this.#signLater();
  }

  hold(response: ServerResponse): void {
    this.#end?.dispose();
    this.#held.add(response);
    response.once("close", () => this.#release(response));
    response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-store" });
    response.write("\n");
  }

  /** Ends all leases: their holders see that the process goes. */
  dispose(): void {
    this.#end?.dispose();
    this.#owned.dispose();
    for (const response of this.#held) response.end();
  }

  #release(response: ServerResponse): void {
    this.#held.delete(response);
    if (this.#held.size === 0 && !this.#owned.isDisposed) this.#waitForEnd();
  }

  #waitForEnd(): void {
    this.#end?.dispose();
    this.#end = this.#clock.after(this.#graceMs, this.#onUnused);
  }

  #signLater(): void {
    const timer = this.#clock.after(sign, () => {
      this.#owned.delete(timer);
      for (const response of this.#held) response.write("\n");
      this.#signLater();
    });
    this.#owned.add(timer);
  }
}
