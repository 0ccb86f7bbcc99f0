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

/** What a sender gets whose event is durable; undefined: the relay's own answer. */
type Taken = Result<ChosenReply | undefined, RelayFailure>;
const taken: Taken = succeed(undefined);

/** A request that has come in as a whole, for a channel that is there. */
interface Received {
  readonly record: ChannelRecord;
  /** The request as an event has it. */
  readonly encoded: Uint8Array;
  /** What the sender gets once that is durable; undefined: the relay's own answer. */
  readonly reply: ChosenReply | undefined;
}

/**
 * Takes requests from senders into the log. A 200, or what was chosen for the channel in its place, means that the event
 * is durable; nothing else gets it.
 */
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
    const account = this.#accounts.open(request, target.channel);
    try {
      const refusal = await this.#limits.refuse(target.channel, request, account);
      if (refusal !== undefined) return fail(refusal);
      if (request.headers.expect !== undefined) response.writeContinue();
      const received = await this.#receive(request, target, account);
      return received.ok ? await this.#store(received.value) : received;
    } finally {
      account.release();
    }
  }

  /** The request as an event has it. Its body counts on for the copy that the log makes, and is itself let go. */
  async #receive(
    request: IncomingMessage,
    target: IngestTarget,
    account: MemoryHold,
  ): Promise<Result<Received, RelayFailure>> {
    const body = await readBody(request, this.#maxBodyBytes, account);
    if (!body.ok) return fail(bodyFailures[body.error]);
    const record = await this.#log.findChannel(target.channel);
    if (record === undefined) return fail(failures.unknownChannel);
    const captured = captureRequest(request, target, body.value);
    const encoded = encodeCapturedRequest(captured, allocate);
    account.add(encoded.byteLength);
    const reply = record.answer === undefined ? undefined : replyTo(captured, record.answer);
    return succeed({ record, encoded, reply });
  }

  async #store({ record, encoded, reply }: Received): Promise<Taken> {
    const { channel } = record;
    const event = await this.#toEvent(record, encoded);
    this.#limits.charge(channel, event.payload.byteLength);
    const outcome = await this.#log.append(channel, event);
    if (outcome.ok) {
      this.#meter.accepted(event.payload.byteLength, (this.#clock.now() - event.receivedAt) / second);
      return reply === undefined ? taken : succeed(reply);
    }
    if (outcome.error.kind === "storage") return fail(failures.storage);
    this.#limits.forget(channel);
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
