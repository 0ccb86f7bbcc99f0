import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { newKeySchema, readerIdPattern } from "../protocol/relayApi.ts";
import { type AccessChange, mostReaders, readersOf } from "./channelAccess.ts";
import type { ChannelApi } from "./channelApi.ts";
import { channelFingerprint, hashKey } from "./channelKeys.ts";
import type { ChannelRecord, EventLog } from "./eventLog.ts";
import { readJsonBody } from "./readJsonBody.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { type RelayFailure, failures, methodNotAllowed, sendFailure, sendJson } from "./respond.ts";

/** Who may read a channel, over HTTP: the owner replaces their key, and shares the channel with readers. */
export class AccessApi {
  readonly #log: EventLog;
  readonly #api: ChannelApi;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;

  constructor(log: EventLog, api: ChannelApi, clock: Clock, logger: RelayLogger) {
    this.#log = log;
    this.#api = api;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** `/v1/channels/<channel>/read-key` */
  async handleReadKey(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.#api.authorizeOwner(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method !== "PUT") sendFailure(response, methodNotAllowed("PUT"));
    else {
      const given = await readNewKey(request);
      const change = given.ok ? succeed({ kind: "read-key", readKeyHash: given.value } as const) : given;
      await this.#change(channel, change, response, "channel read key replaced");
    }
  }

  /** `/v1/channels/<channel>/readers` */
  async handleReaders(channel: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.#api.authorizeOwner(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method !== "GET") sendFailure(response, methodNotAllowed("GET"));
    else sendJson(response, 200, { readers: readersOf(allowed.value).map(({ id, createdAt }) => ({ id, createdAt })) });
  }

  /** `/v1/channels/<channel>/readers/<id>` */
  async handleReader(channel: string, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const allowed = await this.#api.authorizeOwner(channel, request);
    if (!allowed.ok) sendFailure(response, allowed.error);
    else if (request.method === "PUT") {
      await this.#change(channel, await this.#added(allowed.value, id, request), response, "channel shared");
    } else if (request.method === "DELETE") {
      await this.#change(channel, succeed({ kind: "remove-reader", id }), response, "channel no longer shared");
    } else sendFailure(response, methodNotAllowed("PUT, DELETE"));
  }

  async #added(
    record: ChannelRecord,
    id: string,
    request: IncomingMessage,
  ): Promise<Result<AccessChange, RelayFailure>> {
    if (!readerIdPattern.test(id)) return fail(failures.malformedReader);
    const given = await readNewKey(request);
    if (!given.ok) return given;
    const others = readersOf(record).filter(reader => reader.id !== id);
    if (others.length >= mostReaders) return fail(failures.tooManyReaders);
    const reader = { id, readKeyHash: given.value, createdAt: this.#clock.now() };
    return succeed({ kind: "add-reader", reader });
  }

  async #change(
    channel: string,
    change: Result<AccessChange, RelayFailure>,
    response: ServerResponse,
    done: string,
  ): Promise<void> {
    if (!change.ok) sendFailure(response, change.error);
    else if (!(await this.#log.changeAccess(channel, change.value))) sendFailure(response, failures.unknownChannel);
    else {
      this.#logger.info(done, { channel: channelFingerprint(channel) });
      response.writeHead(204).end();
    }
  }
}

const bodySchema = v.object({ readKey: newKeySchema });

/** The hash of the key that a request brings. */
async function readNewKey(request: IncomingMessage): Promise<Result<Uint8Array, RelayFailure>> {
  const body = await readJsonBody(request, bodySchema, failures.malformedReadKey);
  return body.ok ? succeed(hashKey(body.value.readKey)) : body;
}
