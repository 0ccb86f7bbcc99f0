import type { ServerResponse } from "node:http";
import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";

/** How often a held lease shows that the server is alive. */
const signInterval = 5 * second;

/**
 * Who still needs this server: each holds a response open. `onUnused` runs once nobody has held one for `patience`
 * milliseconds, counted from the start too.
 */
export class Leases implements Disposable {
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #onUnused: () => void;
  readonly #holders = new Set<ServerResponse>();
  #countdown: Disposable | undefined;
  #signs: Disposable | undefined;

  constructor(clock: Clock, patience: number, onUnused: () => void) {
    this.#clock = clock;
    this.#patience = patience;
    this.#onUnused = onUnused;
    this.#startCountdown();
  }

  /** Keeps the response open until the other side closes it. */
  hold(response: ServerResponse): void {
    this.#countdown?.dispose();
    this.#holders.add(response);
    response.once("close", () => this.#release(response));
    response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
    response.write("\n");
    if (this.#signs === undefined) this.#scheduleSign();
  }

  dispose(): void {
    this.#countdown?.dispose();
    this.#signs?.dispose();
    for (const holder of this.#holders) holder.end();
  }

  #release(response: ServerResponse): void {
    this.#holders.delete(response);
    if (this.#holders.size > 0) return;
    this.#signs?.dispose();
    this.#signs = undefined;
    this.#startCountdown();
  }

  #startCountdown(): void {
    this.#countdown = this.#clock.after(this.#patience, this.#onUnused);
  }

  #scheduleSign(): void {
    this.#signs = this.#clock.after(signInterval, () => {
      for (const holder of this.#holders) holder.write("\n");
      this.#scheduleSign();
    });
  }
}
