import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How long a sender waits for an answer: longer than a relay holds a request while its storage elects a leader. */
const patience = 30_000;

/**
 * Senders behind a load balancer: each posts numbered bodies one after another, never the same twice, and goes to the
 * next node when one does not answer.
 */
export class Senders {
  /** Bodies that got a 200. */
  readonly accepted = new Set<string>();
  readonly sent = new Set<string>();
  /** How often each other answer came; "none" where the connection failed. */
  readonly refused = new Map<number | "none", number>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #running: Promise<unknown>;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(urls: readonly string[], channel: string, count: number) {
    const addresses = urls.map(url => `${url}/in/${channel}`);
    this.#running = Promise.all(Array.from({ length: count }, async (_, sender) => this.#run(addresses, sender)));
  }

  /** Resolves when so many more than now have been accepted. */
  async more(count: number): Promise<void> {
    const goal = this.accepted.size + count;
    while (this.accepted.size < goal) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  /** Sends no more, and resolves when all that was sent has been answered or given up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
  }

  async #run(addresses: readonly string[], sender: number): Promise<void> {
    let node = sender;
    for (let count = 1; !this.#stopped; count++) {
      const body = `${sender}/${count}`;
      this.sent.add(body);
      const status = await this.#post(addresses[node % addresses.length] ?? "", body);
      if (status === 200) {
        this.accepted.add(body);
        this.#wake();
      } else {
        this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
        node += 1;
        await delay(20);
      }
    }
  }

  async #post(address: string, body: string): Promise<number | "none"> {
    return new Promise(resolve => {
      const options = { method: "POST", agent: this.#agent, timeout: patience };
      const sending = request(address, options, response => {
        response.on("error", () => resolve("none")).on("end", () => resolve(response.statusCode ?? "none"));
        response.resume();
      });
      sending.on("error", () => resolve("none")).on("timeout", () => sending.destroy());
      sending.end(body);
    });
  }
}
