import type { IncomingMessage, ServerResponse } from "node:http";
import { assertNever } from "../base/assertNever.ts";
import { type Clock, hour, second } from "../base/clock.ts";
import { type ChannelCreated, relayPaths } from "../protocol/relayApi.ts";
import { keyIdOf } from "../protocol/sealing.ts";
import { addressGroup, clientAddress, clientProtocol } from "./clientAddress.ts";
import { bearerKey, channelFingerprint, hashKey, newChannelId, newReadKey } from "./channelKeys.ts";
import { type KeyHolder, holderOf, knownHash } from "./channelAccess.ts";
import type { CreateKeys } from "./createKeys.ts";
import type { ChannelRecord, Deletion, EventLog } from "./eventLog.ts";
import { canSealTo } from "./eventSealer.ts";
import { RateLimiter } from "./rateLimiter.ts";
import { splitAt } from "./ingestTarget.ts";
import { readAfter } from "./readAfter.ts";
import { readPublicKey } from "./readPublicKey.ts";
import { readChosenAnswer } from "./readChosenAnswer.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { type RelayFailure, failures, methodNotAllowed, sendFailure, sendJson, tooMany } from "./respond.ts";
import { type Result, fail, succeed } from "../base/result.ts";

export interface ChannelApiOptions {
  /** What senders reach this relay at; without it, the Host header of the request says. No slash at its end. */
  readonly publicUrl?: string | undefined;
  /** Refuse channels whose events would be kept in the clear. */
  readonly requirePublicKey: boolean;
  /** New channels per hour and client address; 0: no limit. */
  readonly maxNewChannels: number;
  /** How many proxies in front of the relay add to X-Forwarded-For. */
  readonly trustProxy: number;
}

/** A channel, and who asked for it. */
export interface Admitted {
  readonly record: ChannelRecord;
  readonly holder: KeyHolder;
  /** Of the key that was shown, as the record has it. */
  readonly keyHash: Uint8Array;
}

/** Channels over HTTP: make one, look at one, give it another public key, choose what its senders get, delete one. */
export class ChannelApi {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #publicUrl: string | undefined;
  readonly #createKeys: CreateKeys;
  readonly #requirePublicKey: boolean;
  readonly #creations: RateLimiter;
  readonly #proxies: number;
  #toldOfProxy = false;

  constructor(log: EventLog, createKeys: CreateKeys, clock: Clock, logger: RelayLogger, options: ChannelApiOptions) {
    this.#log = log;
    this.#requirePublicKey = options.requirePublicKey;
    this.#clock = clock;
    this.#logger = logger;
    this.#publicUrl = options.publicUrl;
    this.#createKeys = createKeys;
    const { maxNewChannels } = options;
    this.#creations = new RateLimiter({ perSecond: maxNewChannels / (hour / second), burst: maxNewChannels }, clock);
    this.#proxies = options.trustProxy;
  }

  /** `/v1/channels` */
  async handleCollection(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const origin = this.#mayCreate(request);
    const created = origin.ok ? await this.#create(origin.value, request) : origin;
    if (created.ok) sendJson(response, 201, created.value);
    else sendFailure(response, created.error);
  }

  /** `/v1/channels/<channel>` */
  async handleChannel(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.authorize(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method === "GET") await this.#describe(allowed.value.record, response);
    else if (request.method !== "DELETE") sendFailure(response, methodNotAllowed("GET, DELETE"));
    else if (allowed.value.holder !== "owner") sendFailure(response, failures.readOnlyKey);
    else await this.#delete(channel, request, response);
  }

  /** `/v1/channels/<channel>/key` */
  async handleKey(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.authorizeOwner(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method !== "PUT") sendFailure(response, methodNotAllowed("PUT"));
    else await this.#replaceKey(channel, request, response);
  }

  /** `/v1/channels/<channel>/answer` */
  async handleAnswer(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.authorize(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method === "GET") sendJson(response, 200, { answer: allowed.value.record.answer ?? null });
    else if (request.method !== "PUT") sendFailure(response, methodNotAllowed("GET, PUT"));
    else if (allowed.value.holder !== "owner") sendFailure(response, failures.readOnlyKey);
    else await this.#chooseAnswer(channel, request, response);
  }

  /** The channel, if it exists and the request carries a key that reads it. */
  async authorize(channel: string, request: IncomingMessage): Promise<Result<Admitted, RelayFailure>> {
    const record = await this.#log.findChannel(channel);
    if (record === undefined) return fail(failures.unknownChannel);
    const key = bearerKey(request.headers.authorization);
    const keyHash = key === undefined ? undefined : knownHash(record, hashKey(key));
    const holder = keyHash && holderOf(record, keyHash);
    return keyHash === undefined || holder === undefined
      ? fail(failures.wrongKey)
      : succeed({ record, holder, keyHash });
  }

  /** The same, if the key is the owner's. */
  async authorizeOwner(channel: string, request: IncomingMessage): Promise<Result<ChannelRecord, RelayFailure>> {
    const allowed = await this.authorize(channel, request);
    if (!allowed.ok) return allowed;
    return allowed.value.holder === "owner" ? succeed(allowed.value.record) : fail(failures.readOnlyKey);
  }

  /** The origin for the new channel's ingest address, unless the request may not have one. */
  #mayCreate(request: IncomingMessage): Result<string, RelayFailure> {
    if (request.method !== "POST") return fail(methodNotAllowed("POST"));
    // Before the key is looked at, so that guessing it is as slow.
    const wait = this.#countCreation(request);
    if (wait > 0) return fail(tooMany("CREATE_RATE", wait));
    if (!this.#createKeys.accepts(request.headers.authorization)) return fail(failures.wrongCreateKey);
    const origin = this.#publicUrl ?? this.#originOf(request);
    return origin === undefined ? fail(failures.malformedHost) : succeed(origin);
  }

  /** Milliseconds until the client may try to make a channel; 0 when this is the try. */
  #countCreation(request: IncomingMessage): number {
    this.#lookForProxy(request);
    const client = addressGroup(clientAddress(request, this.#proxies));
    const wait = this.#creations.wait(client);
    if (wait === 0) this.#creations.take(client, 1);
    return wait;
  }

  /** Tells the operator once: behind a proxy that is not trusted, all clients share one limit. */
  #lookForProxy(request: IncomingMessage): void {
    if (this.#proxies > 0 || this.#toldOfProxy || request.headers["x-forwarded-for"] === undefined) return;
    this.#toldOfProxy = true;
    this.#logger.warn("A request came through a proxy. Set --trust-proxy if that is yours.");
  }

  /** What the client has addressed, as far as its headers can be believed. */
  #originOf(request: IncomingMessage): string | undefined {
    const host = request.headers.host ?? "";
    const usable = /^[A-Za-z0-9.:[\]_-]+$/.test(host) && URL.canParse(`http://${host}/`);
    return usable ? `${clientProtocol(request, this.#proxies)}://${host}` : undefined;
  }

  async #create(origin: string, request: IncomingMessage): Promise<Result<ChannelCreated, RelayFailure>> {
    const channel = newChannelId();
    const readKey = newReadKey();
    const usable = await usableKey(request);
    if (!usable.ok) return usable;
    const publicKey = usable.value;
    if (publicKey === undefined && this.#requirePublicKey) return fail(failures.publicKeyRequired);
    await this.#log.createChannel({ channel, readKeyHash: hashKey(readKey), createdAt: this.#clock.now(), publicKey });
    this.#logger.info("channel created", { channel: channelFingerprint(channel), sealed: publicKey !== undefined });
    const ingestUrl = `${origin}${relayPaths.ingest(channel)}`;
    return succeed({ channel, readKey, ingestUrl, ...(await nameKey(publicKey)) });
  }

  async #replaceKey(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const usable = await usableKey(request);
    if (!usable.ok) sendFailure(response, usable.error);
    else if (usable.value === undefined) sendFailure(response, failures.malformedPublicKey);
    else if (!(await this.#log.setPublicKey(channel, usable.value))) sendFailure(response, failures.unknownChannel);
    else {
      this.#logger.info("channel key set", { channel: channelFingerprint(channel) });
      sendJson(response, 200, await nameKey(usable.value));
    }
  }

  async #chooseAnswer(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chosen = await readChosenAnswer(request);
    if (!chosen.ok) sendFailure(response, chosen.error);
    else if (!(await this.#log.setAnswer(channel, chosen.value))) sendFailure(response, failures.unknownChannel);
    else {
      this.#logger.info("channel answer set", {
        channel: channelFingerprint(channel),
        own: chosen.value === undefined,
      });
      sendJson(response, 200, { answer: chosen.value ?? null });
    }
  }

  async #describe({ channel, createdAt, publicKey }: ChannelRecord, response: ServerResponse): Promise<void> {
    const bounds = await this.#log.bounds(channel);
    if (bounds === undefined) sendFailure(response, failures.unknownChannel);
    else sendJson(response, 200, { channel, createdAt, ...bounds, ...(await nameKey(publicKey)) });
  }

  async #delete(channel: string, { url = "" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { after: query } = splitAt(url, "?");
    const after = readAfter(query);
    if (after === "malformed") sendFailure(response, failures.malformedResume);
    else this.#answerDeletion(channel, await this.#log.deleteChannel(channel, after), response);
  }

  #answerDeletion(channel: string, deletion: Deletion, response: ServerResponse): void {
    switch (deletion) {
      case "newer-events":
        sendFailure(response, failures.newerEvents);
        return;
      case "unknown-channel":
        sendFailure(response, failures.unknownChannel);
        return;
      case "deleted":
        this.#logger.info("channel deleted", { channel: channelFingerprint(channel) });
        response.writeHead(204).end();
        return;
      default:
        assertNever(deletion);
    }
  }
}

/** How answers name the key that events are sealed to; nothing where there is none. */
async function nameKey(publicKey: string | undefined): Promise<{ readonly keyId?: string }> {
  return publicKey === undefined ? {} : { keyId: Buffer.from(await keyIdOf(publicKey)).toString("hex") };
}

/** The public key that the request brings, if any, and if events can be sealed to it. */
async function usableKey(request: IncomingMessage): Promise<Result<string | undefined, RelayFailure>> {
  const given = await readPublicKey(request);
  if (!given.ok || given.value === undefined) return given;
  return canSealTo(given.value) ? given : fail(failures.malformedPublicKey);
}
