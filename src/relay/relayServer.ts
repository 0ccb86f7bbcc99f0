import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Clock, second, sleep } from "../base/clock.ts";
import { relayPaths } from "../protocol/relayApi.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { failures, refuseUpgrade, sendFailure } from "./respond.ts";
import { splitAt, withoutOrigin } from "./ingestTarget.ts";

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Where requests go. */
export interface RelayRoutes {
  readonly ingest: RequestHandler;
  readonly health: RequestHandler;
  readonly ready: RequestHandler;
  readonly lease: RequestHandler | undefined;
  readonly channels: RequestHandler;
  readonly channel: (channel: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly stream: (
    channel: string,
    query: string,
    request: IncomingMessage,
    socket: IncomingMessage["socket"],
    head: Buffer,
  ) => Promise<void>;
}

/** Time and size limits on HTTP as such. Durations in milliseconds. */
const limits = {
  /** A whole head must be here by then: what slower senders do is called slowloris. */
  headersTimeout: 10 * second,
  /** A whole request, for a megabyte over a poor line. */
  requestTimeout: 60 * second,
  /** Longer than the idle time of common proxies, so that the proxy is the one who closes. */
  keepAliveTimeout: 75 * second,
  connectionsCheckingInterval: 5 * second,
  maxHeaderSize: 32 * 1024,
};

const channelRoute = /^\/v1\/channels\/([A-Za-z0-9_-]{1,128})(\/stream)?$/;

/** The relay's HTTP side: routes requests, and owns the listening socket. */
export class RelayServer {
  readonly #routes: RelayRoutes;
  readonly #logger: RelayLogger;
  readonly #server: Server;
  #draining = false;

  constructor(routes: RelayRoutes, logger: RelayLogger) {
    this.#routes = routes;
    this.#logger = logger;
    const server = createServer({ ...limits, shouldUpgradeCallback: request => streamChannel(request) !== undefined });
    // Node drops headers past a number in silence; the size limit is what bounds them here.
    server.maxHeadersCount = 0;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => this.#onRequest(request, response);
    server.on("request", onRequest).on("checkContinue", onRequest);
    server.on("upgrade", (request, socket, head) => {
      this.#onUpgrade(request, request.socket, head);
      socket.on("error", () => socket.destroy());
    });
    this.#server = server;
  }

  /** Resolves with the port; rejects when the address cannot be had. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    this.#server.on("error", error => this.#logger.error("server failed", { cause: error.message }));
    return portOf(this.#server.address());
  }

  /** Accepts nothing new, and waits until what is under way has been answered, or `deadline` milliseconds. */
  async drain(clock: Clock, deadline: number): Promise<void> {
    this.#draining = true;
    const late = new AbortController();
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    await Promise.race([closed, sleep(clock, deadline, late.signal)]);
    late.abort();
    this.#server.closeAllConnections();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    // After an upgrade that was offered and declined, Node does not see what was sent right behind the request.
    if (this.#draining || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    this.#route(request, response).catch((error: unknown) => {
      this.#logger.error("request failed", { cause: String(error) });
      sendFailure(response, failures.unexpected);
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { before: path } = splitAt(withoutOrigin(request.url ?? ""), "?");
    const [, channel, stream] = channelRoute.exec(path) ?? [];
    if (path.startsWith("/in/")) await this.#routes.ingest(request, response);
    else if (stream !== undefined) sendFailure(response, failures.notAStream);
    else if (channel !== undefined) await this.#routes.channel(channel, request, response);
    else await (this.#fixedRoute(path) ?? unknownPath)(request, response);
  }

  #fixedRoute(path: string): RequestHandler | undefined {
    const routes: Readonly<Record<string, RequestHandler | undefined>> = {
      [relayPaths.channels]: this.#routes.channels,
      [relayPaths.health]: this.#routes.health,
      [relayPaths.ready]: this.#routes.ready,
      "/lease": this.#routes.lease,
    };
    return Object.hasOwn(routes, path) ? routes[path] : undefined;
  }

  #onUpgrade(request: IncomingMessage, socket: IncomingMessage["socket"], head: Buffer): void {
    const channel = streamChannel(request);
    const { after: query } = splitAt(request.url ?? "", "?");
    // Only older Node brings other paths here: it cannot decline an upgrade and go on with the request.
    if (channel === undefined) refuseUpgrade(socket, failures.noUpgrade);
    else void this.#upgrade(channel, query, request, socket, head);
  }

  async #upgrade(...[channel, query, request, socket, head]: Parameters<RelayRoutes["stream"]>): Promise<void> {
    try {
      await this.#routes.stream(channel, query, request, socket, head);
    } catch (error) {
      this.#logger.error("upgrade failed", { cause: String(error) });
      refuseUpgrade(socket, failures.unexpected);
    }
  }
}

function unknownPath(_request: IncomingMessage, response: ServerResponse): void {
  sendFailure(response, failures.unknownPath);
}

/** The channel whose stream the request asks for. Other requests are not upgraded: some clients offer HTTP/2 that way. */
function streamChannel(request: IncomingMessage): string | undefined {
  const { before: path } = splitAt(withoutOrigin(request.url ?? ""), "?");
  const [, channel, stream] = channelRoute.exec(path) ?? [];
  return stream === undefined ? undefined : channel;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
