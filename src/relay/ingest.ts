import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, second } from "../base/clock.ts";
import { type CapturedRequest, type Header, encodeCapturedRequest } from "../protocol/capturedRequest.ts";
import { plainPayload } from "../protocol/relayFrames.ts";
import { sealedOverhead } from "../protocol/sealing.ts";
import type { Result } from "../base/result.ts";
import { allocate } from "./allocate.ts";
import type { AppendFailure, ChannelRecord, EventLog } from "./eventLog.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";
import { IngestLimits, type IngestLimitOptions } from "./ingestLimits.ts";
import { type BodyFailure, receiveBody } from "./readBody.ts";
import type { RelayLogger } from "./relayLogger.ts";
import type { RelayMeter } from "./relayMeter.ts";
import type { PlainRequest } from "./plainRequest.ts";
import { type RelayFailure, type WholeAnswer, failureAnswer, failures, sendFailure, sendWhole } from "./respond.ts";

const acceptedBody = '{"ok":true}';
const accepted: WholeAnswer = {
  status: 200,
  headers: { "content-type": "application/json", "content-length": acceptedBody.length },
  body: acceptedBody,
};

const bodyFailures: Readonly<Record<BodyFailure, RelayFailure>> = {
  "too-large": failures.tooLarge,
  "no-room": failures.busy,
  incomplete: failures.unreadableBody,
};

/** Hears once what became of a request: undefined when its event is durable. */
type Settle = (failure: RelayFailure | undefined) => void;

/**
 * Takes requests from senders into the log. A 200 means that the event is durable; nothing else gets one. As long as a
 * channel is in memory, nothing here waits but for the body and the log.
 */
export class Ingest {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #meter: RelayMeter;
  readonly #logger: RelayLogger;
  readonly #maxBodyBytes: number;
  readonly #limits: IngestLimits;

  constructor(log: EventLog, clock: Clock, meter: RelayMeter, logger: RelayLogger, options: IngestLimitOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#meter = meter;
    this.#logger = logger;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#limits = new IngestLimits(log, clock, options);
  }

  /** Bytes of requests under way. */
  get unstoredBytes(): number {
    return this.#limits.unstored.held;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const settle: Settle = failure => {
      if (failure !== undefined) sendFailure(response, failure);
      else sendWhole(response, accepted);
    };
    const target = parseIngestTarget(request.url ?? "");
    if (target === undefined) {
      settle(failures.unknownChannel);
      return;
    }
    const refusal = this.#limits.refuse(target.channel, request);
    const goOn = (known: RelayFailure | undefined): void => {
      if (known === undefined) this.#read(request, response, target, settle);
      else settle(known);
    };
    if (refusal instanceof Promise) refusal.then(goOn).catch(this.#refuseFor(settle));
    else goOn(refusal);
  }

  /** Takes what is here whole; false when it is to come as a request like others, to be looked at more closely. */
  take({ target, headers, body }: PlainRequest, answer: (answer: WholeAnswer) => void): boolean {
    const { channel, path, query } = target;
    const record = this.#log.recallChannel(channel);
    if (record === undefined || this.#limits.refuseChannel(channel) !== undefined) return false;
    const held = this.#limits.unstored.hold();
    if (!held.add(body.byteLength)) {
      held.release();
      return false;
    }
    this.#append(record, { method: "POST", path, query, headers, body }, failure => {
      held.release();
      answer(failure === undefined ? accepted : failureAnswer(failure));
    });
    return true;
  }

  #read(request: IncomingMessage, response: ServerResponse, target: IngestTarget, settle: Settle): void {
    if (request.headers.expect !== undefined) response.writeContinue();
    const held = this.#limits.unstored.hold();
    const release: Settle = failure => {
      held.release();
      settle(failure);
    };
    receiveBody(request, this.#maxBodyBytes, held, body => {
      if (body.ok) this.#store(target.channel, captureRequest(request, target, body.value), release);
      else release(bodyFailures[body.error]);
    });
  }

  #store(channel: string, captured: CapturedRequest, settle: Settle): void {
    const record = this.#log.recallChannel(channel);
    if (record !== undefined) {
      this.#append(record, captured, settle);
      return;
    }
    const goOn = (found: ChannelRecord | undefined): void => {
      if (found === undefined) settle(failures.unknownChannel);
      else this.#append(found, captured, settle);
    };
    this.#log.findChannel(channel).then(goOn).catch(this.#refuseFor(settle));
  }

  /** In the clear in memory alone: the log seals where the channel has a key. */
  #append({ channel, publicKey }: ChannelRecord, captured: CapturedRequest, settle: Settle): void {
    const payload = encodeCapturedRequest(captured, allocate);
    const bytes = payload.byteLength + (publicKey === undefined ? 0 : sealedOverhead);
    const receivedAt = this.#clock.now();
    this.#limits.charge(channel, bytes);
    this.#log
      .append(channel, { receivedAt, scheme: plainPayload, payload })
      .then(outcome => settle(this.#conclude(channel, bytes, receivedAt, outcome)))
      .catch(this.#refuseFor(settle));
  }

  #conclude(
    channel: string,
    bytes: number,
    receivedAt: number,
    outcome: Result<number, AppendFailure>,
  ): RelayFailure | undefined {
    if (outcome.ok) {
      this.#meter.accepted(bytes, (this.#clock.now() - receivedAt) / second);
      return undefined;
    }
    if (outcome.error.kind === "storage") return failures.storage;
    this.#limits.forget(channel);
    return failures.unknownChannel;
  }

  /** What rejects is the log, by its contract: it cannot be reached, and the sender is to come again. */
  #refuseFor(settle: Settle): (error: unknown) => void {
    return error => {
      this.#logger.error("request failed", { cause: String(error) });
      settle(failures.storage);
    };
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
