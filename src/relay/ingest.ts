import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Clock, second } from "../base/clock.ts";
import { type CapturedRequest, type Header, encodeCapturedRequest } from "../protocol/capturedRequest.ts";
import { plainPayload } from "../protocol/relayFrames.ts";
import { sealedOverhead } from "../protocol/sealing.ts";
import { allocate } from "./allocate.ts";
import type { AppendFailure, ChannelRecord, EventLog } from "./eventLog.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";
import { IngestLimits, type IngestLimitOptions } from "./ingestLimits.ts";
import { type ChosenReply, replyTo } from "./chosenReply.ts";
import { type BodyFailure, receiveBody } from "./readBody.ts";
import type { MemoryHold } from "./memoryBudget.ts";
import type { RelayLogger } from "./relayLogger.ts";
import type { RelayMeter } from "./relayMeter.ts";
import type { PlainRequest } from "./plainRequest.ts";
import type { RequestAccounts } from "./requestAccounts.ts";
import { type Result, fail, succeed } from "../base/result.ts";
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

/** What a sender gets whose event is durable; undefined: the relay's own answer. Or why it is not. */
type Taken = Result<ChosenReply | undefined, RelayFailure>;

/** Hears once what became of a request. */
type Settle = (taken: Taken) => void;

/** A request that is taken in. */
interface Sending {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: IngestTarget;
  readonly account: MemoryHold;
  readonly settle: Settle;
}

/**
 * Takes requests from senders into the log. A 200, or what was chosen for the channel in its place, means that the event
 * is durable; nothing else gets it. As long as a channel is in memory, nothing here waits but for the body and the log.
 */
export class Ingest {
  readonly #log: EventLog;
  readonly #accounts: RequestAccounts;
  readonly #clock: Clock;
  readonly #meter: RelayMeter;
  readonly #logger: RelayLogger;
  readonly #limits: IngestLimits;
  readonly #maxBodyBytes: number;

  constructor(
    log: EventLog,
    accounts: RequestAccounts,
    clock: Clock,
    meter: RelayMeter,
    logger: RelayLogger,
    options: IngestLimitOptions,
  ) {
    this.#log = log;
    this.#accounts = accounts;
    this.#clock = clock;
    this.#meter = meter;
    this.#logger = logger;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#limits = new IngestLimits(log, clock, options);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const target = parseIngestTarget(request.url ?? "");
    if (target === undefined) {
      sendFailure(response, failures.unknownChannel);
      return;
    }
    const account = this.#accounts.open(request, target.channel);
    const settle: Settle = taken => {
      account.release();
      this.#answer(response, taken);
    };
    const goOn = (refusal: RelayFailure | undefined): void => {
      if (refusal === undefined) this.#read({ request, response, target, account, settle });
      else settle(fail(refusal));
    };
    const refusal = this.#limits.refuse(target.channel, request, account);
    if (refusal instanceof Promise) refusal.then(goOn).catch(this.#refuseFor(settle));
    else goOn(refusal);
  }

  /**
   * Takes what is here whole; false when it is to come as a request like others, to be looked at more closely. So does what
   * gets an answer of one's choosing.
   */
  take(plain: PlainRequest, answer: (answer: WholeAnswer) => void, socket: Socket): boolean {
    const { target, headers, body } = plain;
    const { channel, path, query } = target;
    const record = this.#log.recallChannel(channel);
    if (record === undefined || record.answer !== undefined) return false;
    if (this.#limits.refuseChannel(channel) !== undefined) return false;
    const account = this.#accounts.openPlain(plain, socket);
    if (!account.hasRoom() || !account.add(body.byteLength)) {
      account.release();
      return false;
    }
    this.#append(record, { method: "POST", path, query, headers, body }, account, taken => {
      account.release();
      answer(taken.ok ? accepted : failureAnswer(taken.error));
    });
    return true;
  }

  #answer(response: ServerResponse, taken: Taken): void {
    if (!taken.ok) sendFailure(response, taken.error);
    else if (taken.value === undefined) sendWhole(response, accepted);
    else {
      const { status, headers, body } = taken.value;
      this.#meter.answeredAsChosen(status);
      response.writeHead(status, [...headers]).end(body);
    }
  }

  #read(sending: Sending): void {
    const { request, response, account, settle } = sending;
    if (request.headers.expect !== undefined) response.writeContinue();
    receiveBody(request, this.#maxBodyBytes, account, body => {
      if (body.ok) this.#store(sending, body.value);
      else settle(fail(bodyFailures[body.error]));
    });
  }

  #store(sending: Sending, body: Uint8Array): void {
    const { channel } = sending.target;
    const record = this.#log.recallChannel(channel);
    if (record !== undefined) {
      this.#appendSent(sending, body, record);
      return;
    }
    const goOn = (found: ChannelRecord | undefined): void => {
      if (found === undefined) sending.settle(fail(failures.unknownChannel));
      else this.#appendSent(sending, body, found);
    };
    this.#log.findChannel(channel).then(goOn).catch(this.#refuseFor(sending.settle));
  }

  #appendSent({ request, target, account, settle }: Sending, body: Uint8Array, record: ChannelRecord): void {
    this.#append(record, captureRequest(request, target, body), account, settle);
  }

  /**
   * In the clear in memory alone: the log seals where the channel has a key. The body counts on for the copy that the log
   * makes, and is itself let go.
   */
  #append(record: ChannelRecord, captured: CapturedRequest, account: MemoryHold, settle: Settle): void {
    const { channel, publicKey, answer } = record;
    const payload = encodeCapturedRequest(captured, allocate);
    account.add(payload.byteLength);
    const reply = answer === undefined ? undefined : replyTo(captured, answer);
    const bytes = payload.byteLength + (publicKey === undefined ? 0 : sealedOverhead);
    const receivedAt = this.#clock.now();
    this.#limits.charge(channel, bytes);
    this.#log
      .append(channel, { receivedAt, scheme: plainPayload, payload })
      .then(outcome => {
        const failure = this.#conclude(channel, bytes, receivedAt, outcome);
        settle(failure === undefined ? succeed(reply) : fail(failure));
      })
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
      settle(fail(failures.storage));
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
