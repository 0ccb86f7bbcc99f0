import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { relayPaths } from "../../protocol/relayApi.ts";

export interface PublicDoorOptions {
  /** Where the relay is now, such as `http://127.0.0.1:4321`; undefined while there is none. */
  readonly relay: () => string | undefined;
  readonly clock: Clock;
}

/** Zoho waits less; a connection that does nothing for longer is let go. */
const idleDeadline = 60 * second;

const ingestPrefix = relayPaths.ingest("");

/**
 * What a public address leads to: passes on what is for the relay's ingest, to the byte, and answers 404 to all else, so
 * that the outside can neither read nor create channels. It finds the relay anew for each request: one that was
 * restarted, even on another port, keeps its public address.
 */
export class PublicDoor implements Disposable {
  readonly #relay: () => string | undefined;
  readonly #server: Server;

  private constructor({ relay }: PublicDoorOptions) {
    this.#relay = relay;
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer));
    this.#server.requestTimeout = idleDeadline;
    this.#server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** Listens on 127.0.0.1, on `preferredPort` if it is free, else on any. */
  static async open(options: PublicDoorOptions, preferredPort = 0): Promise<PublicDoor> {
    const door = new PublicDoor(options);
    const listening = await door.#listen(preferredPort);
    if (!listening) await door.#listen(0);
    return door;
  }

  /** Such as `http://127.0.0.1:5432`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.#server.address() as AddressInfo | null;
    return address?.port ?? 0;
  }

  dispose(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #listen(port: number): Promise<boolean> {
    return new Promise(resolve => {
      const failed = (): void => resolve(false);
      this.#server.once("error", failed);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", failed);
        resolve(true);
      });
    });
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const target = incoming.url ?? "";
    if (!target.startsWith(ingestPrefix)) {
      refuse(answer, 404);
      return;
    }
    const relay = this.#relay();
    if (relay === undefined) refuse(answer, 503);
    else passOn(incoming, answer, new URL(relay));
  }
}

function passOn(incoming: IncomingMessage, answer: ServerResponse, { hostname, port }: URL): void {
  const onward = request({
    hostname,
    port,
    path: incoming.url,
    method: incoming.method,
    // As a list: names, order and repetitions stay as they came.
    headers: incoming.rawHeaders,
    agent: false,
    timeout: idleDeadline,
  });
  onward.on("response", response => {
    answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
    response.pipe(answer);
    response.on("error", () => answer.destroy());
  });
  onward.on("timeout", () => onward.destroy());
  // The sender is told to come again: nothing was kept.
  onward.on("error", () => (answer.headersSent ? answer.destroy() : refuse(answer, 503)));
  incoming.on("error", () => onward.destroy());
  answer.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

function refuse(answer: ServerResponse, status: 404 | 503): void {
  answer.writeHead(status, { "content-length": 0, ...(status === 503 ? { "retry-after": "5" } : {}) });
  answer.end();
}
