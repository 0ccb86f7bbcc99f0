import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Disposable } from "../../base/lifecycle.ts";
import { type RelayErrorBody, relayPaths } from "../../protocol/relayApi.ts";
import { refusals } from "../../protocol/refusals.ts";
import { httpLimits } from "../../protocol/relayLimits.ts";
import { withoutOrigin } from "../../protocol/requestTarget.ts";
import { RelayPassage } from "./relayPassage.ts";

export interface PublicDoorOptions {
  /** Where the relay is now, such as `http://127.0.0.1:4321`; undefined while there is none. */
  readonly relay: () => string | undefined;
}

/** Requests from outside that may be under way, and connections: fewer than the relay gives one address. */
const mostAtOnce = 500;

const ingestPrefix = relayPaths.ingest("");

/**
 * What a public address leads to: passes on what is for the relay's ingest, to the byte, and answers 404 to all else, so
 * that the outside can neither read nor create channels. What is not HTTP, too long or too slow it answers as the relay
 * would, having the same parser and the same limits. It finds the relay anew for each request: one that was restarted,
 * even on another port, keeps its public address.
 */
export class PublicDoor implements Disposable {
  readonly #relay: () => string | undefined;
  readonly #server: Server;
  #underWay = 0;

  private constructor({ relay }: PublicDoorOptions) {
    this.#relay = relay;
    this.#server = createServer({
      maxHeaderSize: httpLimits.maxHeadBytes,
      headersTimeout: httpLimits.headTimeout,
      requestTimeout: httpLimits.requestTimeout,
      keepAliveTimeout: httpLimits.idleTimeout,
      connectionsCheckingInterval: httpLimits.headTimeout / 2,
    });
    // None is dropped in silence: the relay counts them.
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = mostAtOnce;
    this.#server.timeout = httpLimits.idleTimeout;
    const pass = (incoming: IncomingMessage, answer: ServerResponse): void => this.#pass(incoming, answer);
    // The relay says whether a body is to be sent.
    this.#server.on("request", pass).on("checkContinue", pass);
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
    if (!withoutOrigin(incoming.url ?? "").startsWith(ingestPrefix)) {
      refuse(answer, refusals.unknownPath);
      return;
    }
    const relay = this.#relay();
    if (relay === undefined || this.#underWay >= mostAtOnce) refuse(answer, refusals.notReady);
    else this.#passOn(incoming, answer, new URL(relay));
  }

  #passOn(incoming: IncomingMessage, answer: ServerResponse, relay: URL): void {
    this.#underWay += 1;
    const passage = new RelayPassage(incoming, answer, relay);
    void passage.done.then(() => {
      this.#underWay -= 1;
      // The sender is told to come again: nothing was kept.
      if (!answer.headersSent) refuse(answer, refusals.notReady);
    });
  }
}

function refuse(answer: ServerResponse, { status, code, message }: (typeof refusals)[keyof typeof refusals]): void {
  if (answer.destroyed) return;
  const body = JSON.stringify({ error: { code, message } } satisfies RelayErrorBody);
  answer.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(status === 503 ? { "retry-after": "5" } : {}),
  });
  answer.end(body);
}
