import { type IncomingMessage, type Server, type ServerOptions, type ServerResponse, createServer } from "node:http";
import { Server as TlsServer, createServer as createTlsServer } from "node:https";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, second, sleep } from "../base/clock.ts";
import { relayPaths } from "../protocol/relayApi.ts";
import { withoutOrigin } from "../protocol/requestTarget.ts";
import { endOnError } from "./endOnError.ts";
import { OpenSockets } from "./openSockets.ts";
import { type RelayMeter, silentRelayMeter } from "./relayMeter.ts";
import { IngestFront, type TakePlainRequest } from "./ingestFront.ts";
import type { RelayLogger } from "./relayLogger.ts";
import type { RequestAccounts } from "./requestAccounts.ts";
import { type WholeAnswer, failures, refuseUpgrade, sendFailure } from "./respond.ts";
import { splitAt } from "./ingestTarget.ts";

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export type ChannelHandler = (channel: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const channelParts = ["key", "answer", "read-key", "readers"] as const;
type ChannelPart = (typeof channelParts)[number];

/** Where requests go. */
export interface RelayRoutes {
  readonly plainIngest: TakePlainRequest;
  readonly ingest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly health: RequestHandler;
  readonly ready: RequestHandler;
  readonly lease: RequestHandler | undefined;
  readonly channels: RequestHandler;
  readonly channel: ChannelHandler;
  /** What lies under a channel, by its name. */
  readonly channelParts: Readonly<Record<ChannelPart, ChannelHandler>>;
  readonly reader: (channel: string, id: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly stream: (
    channel: string,
    query: string,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ) => Promise<void>;
}

/** Time and size limits on HTTP as such. Durations in milliseconds. */
export interface HttpLimits {
  readonly maxBodyBytes: number;
  /** A whole head must be here by then: what slower senders do is called slowloris. */
  readonly headTimeout: number;
  /** For a whole request, and for the answer to the wish for a stream. */
  readonly requestTimeout: number;
  /** For a connection between two requests. */
  readonly idleTimeout: number;
  /** Request line and headers. */
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  readonly maxConnections: number;
  /** Per client address; 0: no limit. Behind proxies there is none, since the connections are theirs. */
  readonly maxConnectionsPerAddress: number;
  readonly trustProxy: number;
}

/** How often connections are looked through for those whose time is up. */
const longestCheckInterval = 5 * second;

const channelRoute = /^\/v1\/channels\/([A-Za-z0-9_-]{1,128})(?:\/(stream|key|answer|read-key|readers))?$/;
const readerRoute = /^\/v1\/channels\/([A-Za-z0-9_-]{1,128})\/readers\/([A-Za-z0-9_-]{1,128})$/;

/** The relay's HTTP side: routes requests, and owns the listening socket. */
export class RelayServer {
  readonly #routes: RelayRoutes;
  readonly #accounts: RequestAccounts;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #server: Server | TlsServer;
  readonly #sockets: OpenSockets;
  readonly #meter: RelayMeter;
  readonly #limits: HttpLimits;
  readonly #front: IngestFront;
  #draining = false;

  /** With `tls` it speaks HTTPS. */
  constructor(
    routes: RelayRoutes,
    accounts: RequestAccounts,
    clock: Clock,
    logger: RelayLogger,
    meter: RelayMeter,
    limits: HttpLimits,
    tls: SecureContextOptions | undefined,
  ) {
    this.#routes = routes;
    this.#accounts = accounts;
    this.#clock = clock;
    this.#logger = logger;
    this.#meter = meter;
    this.#limits = limits;
    this.#sockets = new OpenSockets(limits.trustProxy > 0 ? 0 : limits.maxConnectionsPerAddress);
    const options = serverOptions(limits);
    const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tls });
    this.#front = new IngestFront(server, clock, limits, this.#metered(routes.plainIngest));
    // Node drops headers past its own number in silence. Ours is checked with the request, and refused aloud.
    server.maxHeadersCount = 0;
    server.maxConnections = limits.maxConnections;
    // Also a peer that does not read its answers comes to its end, once nothing has moved for as long as it might.
    server.timeout = Math.max(limits.requestTimeout, limits.idleTimeout);
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => this.#onRequest(request, response);
    server.on("request", onRequest).on("checkContinue", onRequest);
    server.on("upgrade", (request, socket, head) => {
      this.#onUpgrade(request, request.socket, head);
      endOnError(socket);
    });
    server.on("drop", () => meter.connectionDropped());
    server.on("connection", (socket: Socket) => {
      if (!this.#sockets.admit(socket)) meter.connectionDropped();
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

  async countConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  /** New connections get this certificate. */
  renewTls(tls: SecureContextOptions): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(tls);
  }

  /** Accepts nothing new, and waits until what is under way has been answered, or `deadline` milliseconds. */
  async drain(clock: Clock, deadline: number): Promise<void> {
    this.#draining = true;
    this.#front.drain();
    const late = new AbortController();
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    await Promise.race([closed, sleep(clock, deadline, late.signal)]);
    late.abort();
    this.#front.close();
    this.#sockets.destroyAll();
  }

  #metered(take: TakePlainRequest): TakePlainRequest {
    if (this.#meter === silentRelayMeter) return take;
    return (request, answer, socket) => {
      const counted = (given: WholeAnswer): void => {
        answer(given);
        this.#meter.answered("ingest", given.status);
      };
      return take(request, counted, socket);
    };
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    // After an upgrade that was offered and declined, Node does not see what was sent right behind the request.
    if (this.#draining || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    if (this.#meter !== silentRelayMeter) {
      response.once("finish", () => this.#meter.answered(routeName(request.url ?? ""), response.statusCode));
    }
    if (request.rawHeaders.length > 2 * this.#limits.maxHeaders) sendFailure(response, failures.tooManyHeaders);
    else if (isIngest(request)) this.#routes.ingest(request, response);
    else this.#answer(request, response);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#serve(request, response).catch((error: unknown) => {
      this.#logger.error("request failed", { cause: String(error) });
      // What rejects is the log, by its contract: it cannot be reached, and the sender is to come again.
      sendFailure(response, failures.storage);
    });
  }

  /** All but ingest, which keeps accounts of its own. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { before: path } = splitAt(withoutOrigin(request.url ?? ""), "?");
    const account = this.#accounts.open(request);
    try {
      // Whoever asks how the relay is gets an answer at any time.
      if (path.startsWith(relayPaths.channels) && !account.hasRoom()) sendFailure(response, failures.busy);
      else await this.#handlerOf(path)(request, response);
    } finally {
      account.release();
    }
  }

  #handlerOf(path: string): RequestHandler {
    const [, channel, part] = channelRoute.exec(path) ?? [];
    if (channel === undefined) return this.#readerRoute(path) ?? this.#fixedRoute(path) ?? unknownPath;
    if (part === "stream") return (_request, response) => sendFailure(response, failures.notAStream);
    const handle = this.#channelRoute(part);
    return async (request, response) => handle(channel, request, response);
  }

  #channelRoute(part: string | undefined): ChannelHandler {
    const known = channelParts.find(name => name === part);
    return known === undefined ? this.#routes.channel : this.#routes.channelParts[known];
  }

  #readerRoute(path: string): RequestHandler | undefined {
    const [, channel, id] = readerRoute.exec(path) ?? [];
    if (channel === undefined || id === undefined) return undefined;
    return async (request, response) => this.#routes.reader(channel, id, request, response);
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

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const channel = streamChannel(request);
    const { after: query } = splitAt(request.url ?? "", "?");
    // Only older Node brings other paths here: it cannot decline an upgrade and go on with the request.
    if (channel === undefined) refuseUpgrade(socket, failures.noUpgrade, this.#clock);
    else void this.#upgrade(channel, query, request, socket, head);
  }

  /** From the upgrade on none of Node's time limits holds for the socket: until there is a stream, this one does. */
  async #upgrade(...[channel, query, request, socket, head]: Parameters<RelayRoutes["stream"]>): Promise<void> {
    const account = this.#accounts.open(request);
    const late = this.#clock.after(this.#limits.requestTimeout, () => socket.destroy());
    try {
      await this.#routes.stream(channel, query, request, socket, head);
    } catch (error) {
      this.#logger.error("upgrade failed", { cause: String(error) });
      refuseUpgrade(socket, failures.storage, this.#clock);
    } finally {
      late.dispose();
      account.release();
    }
  }
}

function serverOptions(limits: HttpLimits): ServerOptions & Pick<TlsOptions, "handshakeTimeout"> {
  const shortest = Math.min(limits.headTimeout, limits.requestTimeout);
  return {
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: Math.min(longestCheckInterval, shortest),
    maxHeaderSize: limits.maxHeadBytes,
    // Unused by a server without TLS.
    handshakeTimeout: limits.headTimeout,
    shouldUpgradeCallback: request => streamChannel(request) !== undefined,
  };
}

function isIngest({ url = "" }: IncomingMessage): boolean {
  return withoutOrigin(url).startsWith(relayPaths.ingest(""));
}

/** A word for a request's address, of which there are few. */
function routeName(target: string): string {
  const { before: path } = splitAt(withoutOrigin(target), "?");
  if (path.startsWith("/in/")) return "ingest";
  if (path.startsWith(relayPaths.channels)) return "channels";
  return path === relayPaths.health || path === relayPaths.ready ? "health" : "other";
}

function unknownPath(_request: IncomingMessage, response: ServerResponse): void {
  sendFailure(response, failures.unknownPath);
}

/** The channel whose stream the request asks for. Other requests are not upgraded: some clients offer HTTP/2 that way. */
function streamChannel(request: IncomingMessage): string | undefined {
  const { before: path } = splitAt(withoutOrigin(request.url ?? ""), "?");
  const [, channel, part] = channelRoute.exec(path) ?? [];
  return part === "stream" ? channel : undefined;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
