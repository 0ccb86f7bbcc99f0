import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import { type Clock, second } from "../base/clock.ts";
import { refusals } from "../protocol/refusals.ts";
import type { RelayErrorBody } from "../protocol/relayApi.ts";

/** An answer that is not a success: `code` is stable, `message` is for people (docs/relay-protocol.md lists them). */
export interface RelayFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: OutgoingHttpHeaders;
}

export const failures = {
  unknownChannel: failure(404, "UNKNOWN_CHANNEL", "There is no such channel on this relay."),
  unknownPath: refusals.unknownPath,
  wrongKey: failure(401, "WRONG_KEY", "The key is missing or is not the key of this channel.", {
    "www-authenticate": "Bearer",
  }),
  wrongCreateKey: failure(401, "WRONG_CREATE_KEY", "This relay needs a create key. Ask its operator for a join link.", {
    "www-authenticate": "Bearer",
  }),
  malformedHost: failure(400, "MALFORMED_HOST", "The Host header does not name an address."),
  malformedPublicKey: failure(400, "MALFORMED_PUBLIC_KEY", "The body holds no X25519 key as JSON in `publicKey`."),
  malformedReadKey: failure(400, "MALFORMED_READ_KEY", "The body holds no 32 bytes in base64url as JSON in `readKey`."),
  malformedReader: failure(400, "MALFORMED_READER", "A reader's name has 1 to 32 letters, digits, `-` or `_`."),
  readOnlyKey: failure(
    403,
    "READ_ONLY_KEY",
    "This key reads the channel and does nothing else. Ask whoever shared it.",
  ),
  tooManyReaders: failure(409, "TOO_MANY_READERS", "The channel is shared with as many as this relay allows."),
  newerEvents: failure(409, "NEWER_EVENTS", "The channel has events after the one that `after` names."),
  publicKeyRequired: failure(
    400,
    "PUBLIC_KEY_REQUIRED",
    "This relay wants a public key to seal the channel's events to.",
  ),
  unreadableBody: failure(400, "INCOMPLETE_BODY", "The body did not arrive whole."),
  tooLarge: failure(413, "BODY_TOO_LARGE", "The body is larger than this relay accepts.", { connection: "close" }),
  tooManyHeaders: failure(431, "TOO_MANY_HEADERS", "The request has more headers than this relay accepts."),
  storage: failure(503, "STORAGE_DOWN", "The relay cannot store events now.", { "retry-after": "5" }),
  notReady: { ...refusals.notReady, headers: { "retry-after": "5" } },
  busy: failure(503, "BUSY", "The relay holds as much unstored data as it may.", { "retry-after": "1" }),
  notAStream: failure(426, "UPGRADE_REQUIRED", "This address speaks WebSocket.", { upgrade: "websocket" }),
  wrongProtocol: failure(400, "WRONG_PROTOCOL", "The client did not offer a protocol version of this relay."),
  malformedResume: failure(400, "MALFORMED_RESUME", "The parameter `after` is not a sequence of this channel."),
  full: failure(503, "FULL", "The relay serves as many streams as it may.", { "retry-after": "30" }),
  noUpgrade: failure(501, "UPGRADE_NOT_SUPPORTED", "Only the stream address can be upgraded."),
  unexpected: failure(500, "UNEXPECTED", "The relay met a fault of its own."),
} as const;

/** More than the limit allows; `wait` is in milliseconds. */
export function tooMany(code: "CHANNEL_RATE" | "CREATE_RATE" | "TOO_MANY_STREAMS", wait: number): RelayFailure {
  const headers = { "retry-after": String(Math.max(1, Math.ceil(wait / second))) };
  return failure(429, code, excess[code], headers);
}

const excess = {
  CHANNEL_RATE: "The channel gets more than this relay takes for one.",
  CREATE_RATE: "This address makes more channels than this relay allows.",
  TOO_MANY_STREAMS: "The channel, or this address, has as many streams as this relay allows.",
} as const;

/** `detail` says what is wrong with it, in the words of AnswerFault (protocol/chosenAnswer.ts). */
export function malformedAnswer(detail: string): RelayFailure {
  return failure(400, "MALFORMED_ANSWER", `This relay gives no such answer: ${detail}.`);
}

export function methodNotAllowed(allowed: string): RelayFailure {
  return failure(405, "METHOD_NOT_ALLOWED", `Allowed here: ${allowed}.`, { allow: allowed });
}

function failure(status: number, code: string, message: string, headers?: OutgoingHttpHeaders): RelayFailure {
  return headers === undefined ? { status, code, message } : { status, code, message, headers };
}

/** An answer as one whole, with the headers in the order in which they are written. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

export function jsonAnswer(status: number, value: unknown, headers?: OutgoingHttpHeaders): WholeAnswer {
  const body = JSON.stringify(value);
  const own = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return { status, headers: { ...own, "cache-control": "no-store", ...headers }, body };
}

export function failureAnswer(failure: RelayFailure): WholeAnswer {
  return jsonAnswer(failure.status, errorBody(failure), failure.headers);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: OutgoingHttpHeaders,
): void {
  sendWhole(response, jsonAnswer(status, value, headers));
}

/** In one piece: the body is a string, which Node sends with the head. */
export function sendWhole(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  response.writeHead(status, headers).end(body);
}

/** Does nothing where an answer has begun or the sender has gone. */
export function sendFailure(response: ServerResponse, failure: RelayFailure): void {
  if (response.headersSent || response.destroyed) return;
  sendWhole(response, failureAnswer(failure));
}

/** How long a peer may take to read why its upgrade was refused. */
const refusalDeadline = 5 * second;

/** Answers a refused upgrade on the bare socket, and closes it, whether or not the peer reads and closes too. */
export function refuseUpgrade(socket: Socket, failure: RelayFailure, clock: Clock): void {
  const body = JSON.stringify(errorBody(failure));
  const headers = Object.entries({
    ...failure.headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  const lines = headers.map(([name, value]) => `${name}: ${String(value)}\r\n`).join("");
  const late = clock.after(refusalDeadline, () => socket.destroy());
  socket.once("close", () => late.dispose());
  // What the peer has sent behind the request and nobody reads would make the system drop the answer.
  socket.resume();
  socket.write(`HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ""}\r\n${lines}\r\n${body}`);
  socket.destroySoon();
}

function errorBody({ code, message }: RelayFailure): RelayErrorBody {
  return { error: { code, message } };
}
