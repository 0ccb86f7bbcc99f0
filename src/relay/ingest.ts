import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../base/clock.ts";
import { type CapturedRequest, type Header, encodeCapturedRequest } from "../protocol/capturedRequest.ts";
import { plainPayload } from "../protocol/relayFrames.ts";
import type { AppendFailure, EventLog } from "./eventLog.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";
import { type BodyFailure, readBody } from "./readBody.ts";
import { type RelayFailure, failures, sendFailure } from "./respond.ts";

export interface IngestOptions {
  readonly maxBodyBytes: number;
  /** Bytes of bodies that may be on their way into the log at once, over all requests. */
  readonly maxUnstoredBytes: number;
}

const accepted = Buffer.from('{"ok":true}');
const acceptedHeaders = { "content-type": "application/json", "content-length": accepted.byteLength };

/** Takes requests from senders into the log. A 200 means that the event is durable; nothing else gets one. */
export class Ingest {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #options: IngestOptions;
  #unstoredBytes = 0;

  constructor(log: EventLog, clock: Clock, options: IngestOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#options = options;
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
    const refusal = await this.#refuseUnread(request, target);
    if (refusal !== undefined) return refusal;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await readBody(request, this.#options.maxBodyBytes);
    return body.ok ? this.#store(target, captureRequest(request, target, body.value)) : bodyFailure(body.error);
  }

  /** Spares a sender that asks first (`Expect: 100-continue`) from sending what would be refused. */
  async #refuseUnread(request: IncomingMessage, target: IngestTarget): Promise<RelayFailure | undefined> {
    if (this.#unstoredBytes > this.#options.maxUnstoredBytes) return failures.busy;
    if (request.headers.expect === undefined) return undefined;
    if (Number(request.headers["content-length"] ?? 0) > this.#options.maxBodyBytes) return failures.tooLarge;
    const channel = await this.#log.findChannel(target.channel);
    return channel === undefined ? failures.unknownChannel : undefined;
  }

  async #store(target: IngestTarget, captured: CapturedRequest): Promise<RelayFailure | undefined> {
    const payload = encodeCapturedRequest(captured);
    const event = { receivedAt: this.#clock.now(), scheme: plainPayload, payload };
    this.#unstoredBytes += payload.byteLength;
    const outcome = await this.#log.append(target.channel, event);
    this.#unstoredBytes -= payload.byteLength;
    return outcome.ok ? undefined : appendFailure(outcome.error);
  }
}

/** The request exactly as it came: raw path and query, headers with their case, order and repetitions. */
export function captureRequest(
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

function bodyFailure(failure: BodyFailure): RelayFailure {
  return failure === "too-large" ? failures.tooLarge : failures.unreadableBody;
}

function appendFailure(failure: AppendFailure): RelayFailure {
  return failure.kind === "storage" ? failures.storage : failures.unknownChannel;
}
