import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type Clock, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { refusals } from "../crm/apiError.ts";
import type { CallEffect } from "../faults/callEffect.ts";
import { type Answer, json } from "./answer.ts";
import { type SandboxRequest, readRequest } from "./sandboxRequest.ts";

export interface HttpServerContext {
  readonly handle: (request: SandboxRequest) => Promise<Answer>;
  /** What shall go wrong with this call on purpose. */
  readonly fault: (method: string, path: string) => CallEffect | undefined;
  /** Takes over a `GET /lease`; absent when leases are not kept. */
  readonly holdLease: ((response: ServerResponse) => void) | undefined;
  readonly clock: Clock;
  /** Aborted when the server closes: nothing is slow on purpose any more. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
}

/** An HTTP server that turns requests into answers. It does not listen yet. */
export function createHttpServer(context: HttpServerContext): Server {
  const server = createServer((message, response) => {
    respond(context, message, response).catch((error: unknown) => {
      context.logger.debug(`request broke off: ${describeCauses(error)}`);
      response.destroy();
    });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

async function respond(context: HttpServerContext, message: IncomingMessage, response: ServerResponse): Promise<void> {
  if (context.holdLease !== undefined && message.method === "GET" && message.url === "/lease") {
    context.holdLease(response);
    return;
  }
  const request = await readRequest(message);
  if (request === undefined) {
    send(response, json(413, { error: "The body is too large." }));
    return;
  }
  const answer = await answerOrFault(context, request);
  // A connection kept alive would outlast the answer and hold up the end.
  if (context.closing.aborted) response.setHeader("Connection", "close");
  if (answer === undefined) response.destroy();
  else send(response, answer);
}

/** The answer; undefined to hang up without one. */
async function answerOrFault(context: HttpServerContext, request: SandboxRequest): Promise<Answer | undefined> {
  const effect = context.fault(request.method, request.path);
  switch (effect?.kind) {
    case "hang-up":
      return undefined;
    case "answer":
      return effect.answer;
    case "delay":
      await sleep(context.clock, effect.milliseconds, context.closing);
      return answer(context, request);
    case undefined:
      return answer(context, request);
  }
}

async function answer({ handle, logger }: HttpServerContext, request: SandboxRequest): Promise<Answer> {
  try {
    return await handle(request);
  } catch (error) {
    logger.error(`${request.method} ${request.path} failed: ${describeCauses(error)}`);
    return refusals.internalError();
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const bytes = Buffer.from(body);
  const length = status === 204 || status === 304 ? {} : { "Content-Length": bytes.byteLength };
  response.writeHead(status, { ...headers, ...length, "X-Content-Type-Options": "nosniff" });
  response.end(bytes.byteLength === 0 ? undefined : bytes);
}
