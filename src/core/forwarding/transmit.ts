import { ClientRequest, type ClientRequestArgs, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type LookupFunction, connect as connectPlain } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { Header } from "../../protocol/capturedRequest.ts";
import type { ForwardTarget } from "./forwardTarget.ts";
import { familiesOf, placeOf } from "./place.ts";
import { readBrokenAnswer } from "./httpFault.ts";
import { type RawAnswer, readAnswer } from "./rawAnswer.ts";
import { flat, headOf } from "./requestHead.ts";

/** One request as it goes out, to the byte. */
export interface Transmission {
  readonly target: ForwardTarget;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Called when the connection stands, that is when the first byte goes out. */
export type OnConnected = () => void;

/** Begins a connection to a handler on this machine, at one of its addresses. */
export type Connect = (url: URL, addresses: readonly string[]) => Duplex;

/**
 * Sends a request on a connection of its own and reads the answer to its end. Rejects with what Node's client gives,
 * and with `signal`'s reason when that aborts. Follows nothing.
 */
export async function transmit(
  transmission: Transmission,
  onConnected: OnConnected,
  signal: AbortSignal,
  connect: Connect = connectLocally,
): Promise<RawAnswer> {
  return new Promise<RawAnswer>((resolve, reject) => {
    signal.throwIfAborted();
    const request = open(transmission, connect);
    const abort = (): void => void request.destroy(asError(signal.reason));
    signal.addEventListener("abort", abort);
    const settle = (action: () => void): void => {
      signal.removeEventListener("abort", abort);
      action();
    };
    request.once("socket", socket => whenConnected(socket, transmission.target.url, onConnected));
    request.on("error", error => {
      const broken = signal.aborted ? undefined : readBrokenAnswer(error);
      settle(() => (broken === undefined ? reject(error) : resolve({ ...nothing, ...broken })));
    });
    const hangUp = (): void => settle(() => reject(brokenOff()));
    request.once("close", hangUp);
    request.once("response", response => {
      // An answer without a length ends with its connection: how it ended, it says itself.
      request.off("close", hangUp);
      readAnswer(response, signal).then(
        answer => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(asError(signal.aborted ? signal.reason : error))),
      );
    });
    request.end(transmission.body);
  });
}

/**
 * A local handler is connected to directly: the request functions that the editor replaces would send it through a
 * configured proxy. An allowed host elsewhere goes by those functions, with the proxies and certificates they know.
 */
function open({ target, method, path, headers, body }: Transmission, connect: Connect): ClientRequest {
  const { url, addresses } = target;
  const all = headOf({ method, headers, body }, url.host);
  const options = { method, path, headers: flat(all) };
  if (addresses !== undefined) {
    const args: ClientRequestArgs = { ...options, createConnection: () => connect(url, addresses) };
    return new ClientRequest(args);
  }
  const { host } = placeOf(url);
  const place = { host, port: url.port, agent: false };
  return url.protocol === "https:"
    ? httpsRequest({ ...options, ...place })
    : openPlain({ method, path, ...place }, all);
}

/**
 * The headers are set one by one, not given as they are to be written: for a proxy, the editor's functions write the
 * head of the request anew from those that were set, and would write none. Equal names come together by that.
 */
function openPlain(options: ClientRequestArgs, headers: readonly Header[]): ClientRequest {
  const request = httpRequest(options);
  request.removeHeader("Host");
  for (const [name, value] of headers) request.appendHeader(name, value);
  return request;
}

/**
 * A development server's certificate is its own, and it runs on this machine as plain HTTP may too: it is not checked.
 */
function connectLocally(url: URL, addresses: readonly string[]): Duplex {
  const { isTls, ...place } = placeOf(url);
  const lookup: LookupFunction = (_hostname, _options, callback) => callback(null, familiesOf(addresses));
  const options = { ...place, lookup, autoSelectFamily: true };
  return isTls ? connectTls({ ...options, rejectUnauthorized: false }) : connectPlain(options);
}

/** What is known of an answer that cannot be read. */
const nothing = { headers: [], body: new Uint8Array(), bytes: 0 } as const;

function whenConnected(socket: Duplex, url: URL, onConnected: OnConnected): void {
  socket.once(url.protocol === "https:" ? "secureConnect" : "connect", onConnected);
}

function brokenOff(): Error {
  return Object.assign(new Error("closed without an answer"), { code: "ECONNRESET" });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
