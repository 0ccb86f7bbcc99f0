import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../base/clock.ts";
import { type ChannelCreated, relayPaths } from "../protocol/relayApi.ts";
import { bearerKey, channelFingerprint, hashKey, keyMatches, newChannelId, newReadKey } from "./channelKeys.ts";
import type { ChannelRecord, EventLog } from "./eventLog.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { type RelayFailure, failures, methodNotAllowed, sendFailure, sendJson } from "./respond.ts";
import { type Result, fail, succeed } from "../base/result.ts";

export interface ChannelApiOptions {
  /** What senders reach this relay at; without it, the Host header of the request says. No slash at its end. */
  readonly publicUrl?: string | undefined;
  /** Wanted for a new channel. Without it anybody who reaches the relay may make one. */
  readonly createKey?: string | undefined;
}

/** Channels over HTTP: make one, look at one, delete one. */
export class ChannelApi {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #publicUrl: string | undefined;
  readonly #createKeyHash: Uint8Array | undefined;

  constructor(log: EventLog, clock: Clock, logger: RelayLogger, options: ChannelApiOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
    this.#publicUrl = options.publicUrl;
    this.#createKeyHash = options.createKey === undefined ? undefined : hashKey(options.createKey);
  }

  /** `/v1/channels` */
  async handleCollection(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const origin = this.#mayCreate(request);
    if (origin.ok) sendJson(response, 201, await this.#create(origin.value));
    else sendFailure(response, origin.error);
  }

  /** `/v1/channels/<channel>` */
  async handleChannel(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.authorize(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method === "GET") await this.#describe(allowed.value, response);
    else if (request.method === "DELETE") await this.#delete(channel, response);
    else sendFailure(response, methodNotAllowed("GET, DELETE"));
  }

  /** The channel, if it exists and the request carries its read key. */
  async authorize(channel: string, request: IncomingMessage): Promise<Result<ChannelRecord, RelayFailure>> {
    const record = await this.#log.findChannel(channel);
    if (record === undefined) return fail(failures.unknownChannel);
    const key = bearerKey(request.headers.authorization);
    return key !== undefined && keyMatches(key, record.readKeyHash) ? succeed(record) : fail(failures.wrongKey);
  }

  /** The origin for the new channel's ingest address, unless the request may not have one. */
  #mayCreate(request: IncomingMessage): Result<string, RelayFailure> {
    if (request.method !== "POST") return fail(methodNotAllowed("POST"));
    if (!this.#hasCreateKey(request)) return fail(failures.wrongCreateKey);
    const origin = this.#publicUrl ?? originOf(request);
    return origin === undefined ? fail(failures.malformedHost) : succeed(origin);
  }

  #hasCreateKey(request: IncomingMessage): boolean {
    if (this.#createKeyHash === undefined) return true;
    const key = bearerKey(request.headers.authorization);
    return key !== undefined && keyMatches(key, this.#createKeyHash);
  }

  async #create(origin: string): Promise<ChannelCreated> {
    const channel = newChannelId();
    const readKey = newReadKey();
    await this.#log.createChannel({ channel, readKeyHash: hashKey(readKey), createdAt: this.#clock.now() });
    this.#logger.info("channel created", { channel: channelFingerprint(channel) });
    return { channel, readKey, ingestUrl: `${origin}${relayPaths.ingest(channel)}` };
  }

  async #describe({ channel, createdAt }: ChannelRecord, response: ServerResponse): Promise<void> {
    const bounds = await this.#log.bounds(channel);
    if (bounds === undefined) sendFailure(response, failures.unknownChannel);
    else sendJson(response, 200, { channel, createdAt, ...bounds });
  }

  async #delete(channel: string, response: ServerResponse): Promise<void> {
    await this.#log.deleteChannel(channel);
    this.#logger.info("channel deleted", { channel: channelFingerprint(channel) });
    response.writeHead(204).end();
  }
}

function originOf(request: IncomingMessage): string | undefined {
  const host = request.headers.host ?? "";
  return /^[A-Za-z0-9.:[\]_-]+$/.test(host) && URL.canParse(`http://${host}/`) ? `http://${host}` : undefined;
}
