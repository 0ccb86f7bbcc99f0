import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, second } from "../base/clock.ts";
import { type CapturedRequest, type Header, encodeCapturedRequest } from "../protocol/capturedRequest.ts";
import { plainPayload, sealedPayload } from "../protocol/relayFrames.ts";
import { allocate } from "./allocate.ts";
import type { ChannelRecord, EventLog, NewEvent } from "./eventLog.ts";
import type { EventSealer } from "./eventSealer.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";
import { IngestLimits, type IngestLimitOptions } from "./ingestLimits.ts";
import { type BodyFailure, readBody } from "./readBody.ts";
import type { MemoryHold } from "./memoryBudget.ts";
import type { RelayMeter } from "./relayMeter.ts";
import type { RequestAccounts } from "./requestAccounts.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type RelayFailure, failures, sendFailure } from "./respond.ts";

/** A string, which Node sends in one piece with the head. */
const accepted = '{"ok":true}';
const acceptedHeaders = { "content-type": "application/json", "content-length": accepted.length };

const bodyFailures: Readonly<Record<BodyFailure, RelayFailure>> = {
  "too-large": failures.tooLarge,
  "no-room": failures.busy,
  incomplete: failures.unreadableBody,
};

/** Takes requests from senders into the log. A 200 means that the event is durable; nothing else gets one. */
export class Ingest {
  readonly #log: EventLog;
  readonly #sealer: EventSealer;
  readonly #accounts: RequestAccounts;
  readonly #clock: Clock;
  readonly #meter: RelayMeter;
  readonly #maxBodyBytes: number;
  readonly #limits: IngestLimits;

  constructor(
    log: EventLog,
    sealer: EventSealer,
    accounts: RequestAccounts,
    clock: Clock,
    meter: RelayMeter,
    options: IngestLimitOptions,
  ) {
    this.#log = log;
    this.#sealer = sealer;
    this.#accounts = accounts;
    this.#clock = clock;
    this.#meter = meter;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#limits = new IngestLimits(log, clock, options);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = parseIngestTarget(request.url ?? "");
    const failure = target === undefined ? failures.unknownChannel : await this.#take(request, response, target);
    if (failure !== undefined) sendFailure(response, failure);
    else response.writeHead(200, acceptedHeaders).end(accepted);
  }

  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    target: IngestTarget,
  ): Promise<RelayFailure | undefined> {
    const account = this.#accounts.open(request, target.channel);
    try {
      const refusal = await this.#limits.refuse(target.channel, request, account);
      if (refusal !== undefined) return refusal;
      if (request.headers.expect !== undefined) response.writeContinue();
      const captured = await this.#receive(request, target, account);
      return captured.ok ? await this.#store(target.channel, captured.value) : bodyFailures[captured.error];
    } finally {
      account.release();
    }
  }

  /** The request as an event has it. Its body counts on for the copy that the log makes, and is itself let go. */
  async #receive(
    request: IncomingMessage,
    target: IngestTarget,
    account: MemoryHold,
  ): Promise<Result<Uint8Array, BodyFailure>> {
    const body = await readBody(request, this.#maxBodyBytes, account);
    if (!body.ok) return fail(body.error);
    const captured = encodeCapturedRequest(captureRequest(request, target, body.value), allocate);
    account.add(captured.byteLength);
    return succeed(captured);
  }

  async #store(channel: string, captured: Uint8Array): Promise<RelayFailure | undefined> {
    const record = await this.#log.findChannel(channel);
    if (record === undefined) return failures.unknownChannel;
    const event = await this.#toEvent(record, captured);
    this.#limits.charge(channel, event.payload.byteLength);
    const outcome = await this.#log.append(channel, event);
    if (outcome.ok) {
      this.#meter.accepted(event.payload.byteLength, (this.#clock.now() - event.receivedAt) / second);
      return undefined;
    }
    if (outcome.error.kind === "storage") return failures.storage;
    this.#limits.forget(channel);
    return failures.unknownChannel;
  }

  /** From here on the request is in the clear only where its channel has no key. */
  async #toEvent({ channel, publicKey }: ChannelRecord, request: Uint8Array): Promise<NewEvent> {
    const receivedAt = this.#clock.now();
    if (publicKey === undefined) return { receivedAt, scheme: plainPayload, payload: request };
    const payload = await this.#sealer.seal(channel, publicKey, receivedAt, request);
    return { receivedAt, scheme: sealedPayload, payload };
  }
}

/** The request exactly as it came: raw path and query, headers with their case, order and repetitions. */
function captureRequest(
  request: Pick<IncomingMessage, "method" | "rawHeaders">,
  target: IngestTarget,
  body: Uint8Array,
): CapturedRequest {
  const { path, query } = target;
  return { method: request.method ?? "", path, query, headers: pairUp(request.rawHeaders), body };
}

function pairUp(rawHeaders: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return headers;
}
