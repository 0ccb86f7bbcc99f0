import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, second } from "../base/clock.ts";
import { type CapturedRequest, type Header, encodeCapturedRequest } from "../protocol/capturedRequest.ts";
import { plainPayload, sealedPayload } from "../protocol/relayFrames.ts";
import { allocate } from "./allocate.ts";
import type { ChannelRecord, EventLog, NewEvent } from "./eventLog.ts";
import type { EventSealer } from "./eventSealer.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";
import { IngestLimits, type IngestLimitOptions } from "./ingestLimits.ts";
import { type ChosenReply, replyTo } from "./chosenReply.ts";
import { type BodyFailure, readBody } from "./readBody.ts";
import type { RelayMeter } from "./relayMeter.ts";
import { type RelayFailure, failures, sendFailure } from "./respond.ts";
import { type Result, fail, succeed } from "../base/result.ts";

/** A string, which Node sends in one piece with the head. */
const accepted = '{"ok":true}';
const acceptedHeaders = { "content-type": "application/json", "content-length": accepted.length };

const bodyFailures: Readonly<Record<BodyFailure, RelayFailure>> = {
  "too-large": failures.tooLarge,
  "no-room": failures.busy,
  incomplete: failures.unreadableBody,
};

/** What a sender gets whose event is durable; undefined: the relay's own answer. */
type Taken = Result<ChosenReply | undefined, RelayFailure>;
const taken: Taken = succeed(undefined);

/**
 * Takes requests from senders into the log. A 200, or what was chosen for the channel in its place, means that the event
 * is durable; nothing else gets it.
 */
export class Ingest {
  readonly #log: EventLog;
  readonly #sealer: EventSealer;
  readonly #clock: Clock;
  readonly #meter: RelayMeter;
  readonly #maxBodyBytes: number;
  readonly #limits: IngestLimits;

  constructor(log: EventLog, sealer: EventSealer, clock: Clock, meter: RelayMeter, options: IngestLimitOptions) {
    this.#log = log;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#meter = meter;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#limits = new IngestLimits(log, clock, options);
  }

  /** Bytes of requests under way. */
  get unstoredBytes(): number {
    return this.#limits.unstored.held;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = parseIngestTarget(request.url ?? "");
    const outcome = target === undefined ? fail(failures.unknownChannel) : await this.#take(request, response, target);
    if (!outcome.ok) sendFailure(response, outcome.error);
    else if (outcome.value === undefined) response.writeHead(200, acceptedHeaders).end(accepted);
    else this.#reply(response, outcome.value);
  }

  #reply(response: ServerResponse, { status, headers, body }: ChosenReply): void {
    this.#meter.answeredAsChosen(status);
    response.writeHead(status, [...headers]).end(body);
  }

  async #take(request: IncomingMessage, response: ServerResponse, target: IngestTarget): Promise<Taken> {
    const refusal = await this.#limits.refuse(target.channel, request);
    if (refusal !== undefined) return fail(refusal);
    if (request.headers.expect !== undefined) response.writeContinue();
    const held = this.#limits.unstored.hold();
    try {
      const body = await readBody(request, this.#maxBodyBytes, held);
      if (!body.ok) return fail(bodyFailures[body.error]);
      return await this.#store(target, captureRequest(request, target, body.value));
    } finally {
      held.release();
    }
  }

  async #store(target: IngestTarget, captured: CapturedRequest): Promise<Taken> {
    const record = await this.#log.findChannel(target.channel);
    if (record === undefined) return fail(failures.unknownChannel);
    const event = await this.#toEvent(record, encodeCapturedRequest(captured, allocate));
    this.#limits.charge(target.channel, event.payload.byteLength);
    const outcome = await this.#log.append(target.channel, event);
    if (outcome.ok) {
      this.#meter.accepted(event.payload.byteLength, (this.#clock.now() - event.receivedAt) / second);
      return record.answer === undefined ? taken : succeed(replyTo(captured, record.answer));
    }
    if (outcome.error.kind === "storage") return fail(failures.storage);
    this.#limits.forget(target.channel);
    return fail(failures.unknownChannel);
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
