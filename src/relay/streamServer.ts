import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { type Clock, second } from "../base/clock.ts";
import { DisposableStore } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { relaySubprotocol } from "../protocol/relayApi.ts";
import { holderOf } from "./channelAccess.ts";
import type { ChannelApi } from "./channelApi.ts";
import { addressGroup, clientAddress } from "./clientAddress.ts";
import { channelFingerprint } from "./channelKeys.ts";
import { endOnError } from "./endOnError.ts";
import type { EventLog, SequenceBounds } from "./eventLog.ts";
import { readAfter } from "./readAfter.ts";
import type { LogFields, RelayLogger } from "./relayLogger.ts";
import type { RelayMeter } from "./relayMeter.ts";
import { type RelayFailure, failures, refuseUpgrade, tooMany } from "./respond.ts";
import { SendRoom } from "./sendRoom.ts";
import {
  StreamConnection,
  type StreamConnectionOptions,
  type StreamOptions,
  type StreamPeer,
  closeCodes,
} from "./streamConnection.ts";
import { Tally } from "./tally.ts";

/** Editors say nothing but acks, which are some forty bytes. */
const maxFrameBytes = 1024;
/** Numbers that one reconnect may leave unused, so that a broken client cannot use up a channel's numbers. */
const longestSkip = 2 ** 32;

/** How soon an editor may ask again for a place on a channel that has none left. */
const placeRetry = 30 * second;

export interface StreamServerOptions extends StreamOptions {
  readonly maxStreams: number;
  readonly maxStreamsPerChannel: number;
  /** Streams and other connections of one client address; 0: no limit. */
  readonly maxConnectionsPerAddress: number;
  /** How many proxies in front of the relay add to X-Forwarded-For. */
  readonly trustProxy: number;
  /** Bytes that may wait in the sockets of all streams. */
  readonly maxUnsentBytes: number;
}

interface Admission {
  readonly after: number;
  readonly bounds: SequenceBounds;
  readonly keyHash: Uint8Array;
}

/** The streams of all editors: admits them, keeps their heartbeats, and sends them away when the relay stops. */
export class StreamServer {
  readonly #log: EventLog;
  readonly #api: ChannelApi;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #meter: RelayMeter;
  readonly #options: StreamServerOptions;
  readonly #connectionOptions: StreamConnectionOptions;
  readonly #connections = new Set<StreamConnection>();
  readonly #perChannel = new Tally();
  readonly #perAddress = new Tally();
  readonly #room: SendRoom;
  readonly #owned = new DisposableStore();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handleProtocols: () => relaySubprotocol,
  });
  #closing = false;

  constructor(
    log: EventLog,
    api: ChannelApi,
    clock: Clock,
    logger: RelayLogger,
    meter: RelayMeter,
    options: StreamServerOptions,
  ) {
    this.#log = log;
    this.#api = api;
    this.#clock = clock;
    this.#logger = logger;
    this.#meter = meter;
    this.#options = options;
    this.#connectionOptions = {
      ...options,
      isAdmitted: async (channel, keyHash) => this.#isAdmitted(channel, keyHash),
    };
    this.#room = new SendRoom(options.maxUnsentBytes);
    this.#beatLater();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Bytes that wait for editors to take them. */
  get unsentBytes(): number {
    return this.#room.held;
  }

  /** Answers a request to be upgraded to the stream of `channel`; `query` is what followed "?" in its target. */
  async handleUpgrade(
    channel: string,
    query: string,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): Promise<void> {
    endOnError(socket);
    const address = addressGroup(clientAddress(request, this.#options.trustProxy));
    const admission = await this.#admit(channel, query, request);
    // Looked at last, with nothing to wait for until the place is taken.
    const refusal = admission.ok ? this.#lackOfPlace(channel, address) : admission.error;
    if (!admission.ok || refusal !== undefined) {
      const failure = refusal ?? failures.unexpected;
      this.#meter.streamRefused(failure.status);
      refuseUpgrade(socket, failure, this.#clock);
      return;
    }
    const { after, keyHash, bounds } = admission.value;
    this.#sockets.handleUpgrade(request, socket, head, accepted =>
      this.#adopt({ socket: accepted, raw: socket, channel, address, keyHash, after }, bounds),
    );
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
    const after = readAfter(query) ?? 0;
    if (after === "malformed" || after > bounds.newest + longestSkip) return fail(failures.malformedResume);
    if (after > bounds.newest) await this.#log.skipTo(channel, after);
    return succeed({ after, bounds, keyHash: allowed.value.keyHash });
  }

  #lackOfPlace(channel: string, address: string): RelayFailure | undefined {
    const { maxStreams, maxStreamsPerChannel, maxConnectionsPerAddress } = this.#options;
    if (this.#connections.size >= maxStreams) return failures.full;
    const ofChannel = this.#perChannel.of(channel) >= maxStreamsPerChannel;
    const ofAddress = maxConnectionsPerAddress > 0 && this.#perAddress.of(address) >= maxConnectionsPerAddress;
    return ofChannel || ofAddress ? tooMany("TOO_MANY_STREAMS", placeRetry) : undefined;
  }

  /** Whether the key still reads the channel. Of one that is gone or cannot be asked for now, streams end otherwise. */
  async #isAdmitted(channel: string, keyHash: Uint8Array): Promise<boolean> {
    const record = await this.#log.findChannel(channel).catch(() => undefined);
    return record === undefined || holderOf(record, keyHash) !== undefined;
  }

  #adopt(peer: StreamPeer, bounds: SequenceBounds): void {
    const connection = new StreamConnection(peer, this.#log, this.#room, this.#connectionOptions);
    this.#connections.add(connection);
    this.#perChannel.add(peer.channel);
    this.#perAddress.add(peer.address);
    this.#meter.streamOpened();
    this.#logger.info("stream opened", fieldsOf(peer));
    peer.socket.on("error", error => this.#logger.warn("stream failed", { ...fieldsOf(peer), cause: error.message }));
    peer.socket.on("close", code => this.#onClosed(peer, connection, code));
    connection.begin(bounds);
  }

  #onClosed(peer: StreamPeer, connection: StreamConnection, code: number): void {
    this.#connections.delete(connection);
    this.#perChannel.remove(peer.channel);
    this.#perAddress.remove(peer.address);
    this.#meter.streamClosed(code);
    this.#logger.info("stream closed", { ...fieldsOf(peer), code });
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

/** Made when there is something to log: otherwise they would be kept for as long as the stream. */
function fieldsOf({ channel, after }: StreamPeer): LogFields {
  return { channel: channelFingerprint(channel), after };
}

function offersProtocol(request: IncomingMessage): boolean {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some(name => name.trim() === relaySubprotocol);
}
