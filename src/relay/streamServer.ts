import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../base/clock.ts";
import { DisposableStore } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { relaySubprotocol } from "../protocol/relayApi.ts";
import type { ChannelApi } from "./channelApi.ts";
import { channelFingerprint } from "./channelKeys.ts";
import type { EventLog, SequenceBounds } from "./eventLog.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { type RelayFailure, failures, refuseUpgrade } from "./respond.ts";
import { StreamConnection, type StreamOptions, closeCodes } from "./streamConnection.ts";

/** Editors say nothing but acks, which are some forty bytes. */
const maxFrameBytes = 1024;
/** Numbers that one reconnect may leave unused, so that a broken client cannot use up a channel's numbers. */
const longestSkip = 2 ** 32;

interface Admission {
  readonly after: number;
  readonly bounds: SequenceBounds;
}

/** The streams of all editors: admits them, keeps their heartbeats, and sends them away when the relay stops. */
export class StreamServer {
  readonly #log: EventLog;
  readonly #api: ChannelApi;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #options: StreamOptions;
  readonly #connections = new Set<StreamConnection>();
  readonly #owned = new DisposableStore();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handleProtocols: () => relaySubprotocol,
  });
  #closing = false;

  constructor(log: EventLog, api: ChannelApi, clock: Clock, logger: RelayLogger, options: StreamOptions) {
    this.#log = log;
    this.#api = api;
    this.#clock = clock;
    this.#logger = logger;
    this.#options = options;
    this.#beatLater();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Answers a request to be upgraded to the stream of `channel`; `query` is what followed "?" in its target. */
  async handleUpgrade(
    channel: string,
    query: string,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    socket.on("error", () => socket.destroy());
    const admission = await this.#admit(channel, query, request);
    if (!admission.ok) {
      refuseUpgrade(socket, admission.error);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, accepted => {
      if (socket instanceof Socket) this.#adopt(accepted, socket, channel, admission.value);
      else accepted.terminate();
    });
  }

  /** Tells every editor to come back in `retryAfter` milliseconds, and admits no more. */
  leave(retryAfter: number): void {
    this.#closing = true;
    this.#owned.dispose();
    for (const connection of this.#connections) connection.leave("restart", retryAfter, closeCodes.restart);
  }

  terminate(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  async #admit(channel: string, query: string, request: IncomingMessage): Promise<Result<Admission, RelayFailure>> {
    if (this.#closing) return fail(failures.notReady);
    const allowed = await this.#api.authorize(channel, request);
    if (!allowed.ok) return allowed;
    if (!offersProtocol(request)) return fail(failures.wrongProtocol);
    const bounds = await this.#log.bounds(channel);
    if (bounds === undefined) return fail(failures.unknownChannel);
    const after = parseAfter(query);
    if (after === undefined || after > bounds.newest + longestSkip) return fail(failures.malformedResume);
    if (after > bounds.newest) await this.#log.skipTo(channel, after);
    return succeed({ after, bounds });
  }

  #adopt(socket: WebSocket, raw: Socket, channel: string, { after, bounds }: Admission): void {
    const connection = new StreamConnection(socket, raw, this.#log, channel, after, this.#options);
    const fields = { channel: channelFingerprint(channel), after };
    this.#connections.add(connection);
    this.#logger.info("stream opened", fields);
    socket.on("error", error => this.#logger.warn("stream failed", { ...fields, cause: error.message }));
    socket.once("close", code => {
      this.#connections.delete(connection);
      this.#logger.info("stream closed", { ...fields, code });
    });
    connection.begin(bounds);
  }

  #beatLater(): void {
    const timer = this.#clock.after(this.#options.heartbeatInterval, () => {
      this.#owned.delete(timer);
      for (const connection of this.#connections) connection.beat();
      this.#beatLater();
    });
    this.#owned.add(timer);
  }
}

function offersProtocol(request: IncomingMessage): boolean {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some(name => name.trim() === relaySubprotocol);
}

/** The last sequence the editor has: 0 where it has none or does not say. */
function parseAfter(query: string): number | undefined {
  const text = new URLSearchParams(query).get("after") ?? "0";
  const after = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return after !== undefined && Number.isSafeInteger(after) ? after : undefined;
}
