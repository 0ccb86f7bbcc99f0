import { type ClientRequest, type IncomingMessage, get } from "node:http";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";

/** The server shows a sign of life every five seconds. */
const silenceDeadline = 20 * second;

/**
 * Our share in a server that ends itself when nobody holds one: a request whose answer stays open. Whatever ends this
 * process ends the lease with it, so no server is left behind.
 */
export class Lease implements Disposable {
  readonly #request: ClientRequest;
  readonly #clock: Clock;
  readonly #onBroken: () => void;
  readonly #owned = new DisposableStore();
  #silence: Disposable;

  private constructor(url: string, clock: Clock, onBroken: () => void) {
    this.#clock = clock;
    this.#onBroken = onBroken;
    this.#request = get(`${url}/lease`, { agent: false });
    this.#silence = this.#waitForSilence();
    this.#request.on("error", () => this.#break());
    this.#request.on("close", () => this.#break());
  }

  /** Resolves with the lease once the server has granted it; undefined when it does not. `onBroken` comes once. */
  static async take(url: string, clock: Clock, onBroken: () => void): Promise<Lease | undefined> {
    return new Promise(resolve => {
      let granted = false;
      const lease = new Lease(url, clock, () => (granted ? onBroken() : resolve(undefined)));
      lease.#request.on("response", response => {
        if (response.statusCode !== 200) {
          lease.#break();
          return;
        }
        granted = true;
        lease.#hold(response);
        resolve(lease);
      });
    });
  }

  dispose(): void {
    if (this.#owned.isDisposed) return;
    this.#owned.dispose();
    this.#silence.dispose();
    this.#request.destroy();
  }

  #hold(response: IncomingMessage): void {
    response.on("data", () => {
      this.#silence.dispose();
      if (!this.#owned.isDisposed) this.#silence = this.#waitForSilence();
    });
    response.on("error", () => this.#break());
    response.on("close", () => this.#break());
  }

  #waitForSilence(): Disposable {
    return this.#clock.after(silenceDeadline, () => this.#break());
  }

  #break(): void {
    if (this.#owned.isDisposed) return;
    this.dispose();
    this.#onBroken();
  }
}
