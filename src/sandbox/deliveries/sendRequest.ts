import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { DeliveryOutcome } from "./deliveryLog.ts";
import { loopbackAddressOf } from "./loopback.ts";

/** One HTTP request that the sandbox makes of its own accord. */
export interface OutgoingRequest {
  readonly method: "POST" | "GET" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a request without a body. */
  readonly body: string | undefined;
}

export interface SendOptions {
  /** Whether addresses other than this machine's own may be reached. */
  readonly allowAnyHost: boolean;
  /** Milliseconds until an unanswered request is given up. */
  readonly deadline: number;
  /** Ends the wait early. */
  readonly signal: AbortSignal;
}

/** Sends a request once. Redirects are not followed, connections not reused; never rejects. */
export async function sendRequest(request: OutgoingRequest, options: SendOptions): Promise<DeliveryOutcome> {
  const url = new URL(request.url);
  const host = options.allowAnyHost ? unbracketed(url.hostname) : await loopbackAddressOf(url.hostname);
  if (host === undefined) {
    const reason = `${url.hostname} is not this machine; start the sandbox with --allow-any-host to deliver there`;
    return { kind: "not-sent", reason };
  }
  const start = performance.now();
  const elapsed = (): number => Math.round(performance.now() - start);
  try {
    const status = await transmit(url, host, request, options);
    return { kind: "answered", status, milliseconds: elapsed() };
  } catch (error) {
    return { kind: "failed", error: describeFailure(error), milliseconds: elapsed() };
  }
}

async function transmit(url: URL, host: string, request: OutgoingRequest, options: SendOptions): Promise<number> {
  const start = url.protocol === "https:" ? httpsRequest : httpRequest;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadline)]);
  const { method, headers, body } = request;
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  return new Promise<number>((resolve, reject) => {
    const outgoing = start(
      {
        host,
        port: url.port,
        ...(isIP(unbracketed(url.hostname)) === 0 ? { servername: url.hostname } : {}),
        path: url.pathname + url.search,
        method,
        agent: false,
        signal,
        headers: { "User-Agent": "ZohoCRM-Sandbox", ...headers, ...length, Host: url.host, Connection: "close" },
      },
      incoming => {
        incoming.resume();
        incoming.once("error", reject);
        incoming.once("end", () => resolve(incoming.statusCode ?? 0));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  if ("code" in error && error.code === "ECONNREFUSED") return "nobody listens there";
  if ("code" in error && error.code === "ECONNRESET") return "the connection broke off";
  if (error.name === "AbortError" || error.name === "TimeoutError") return "no answer in time";
  return error.message;
}
