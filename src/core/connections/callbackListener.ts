import * as l10n from "@vscode/l10n";
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { callbackPage } from "./callbackPage.ts";

/** What the accounts server sent the browser back with. `error` is its code when there is no sign-in. */
export type Callback = CallbackCode | { readonly kind: "error"; readonly error: string };

/** A code, and where the account is that gave it, as far as the callback tells. */
export interface CallbackCode {
  readonly kind: "code";
  readonly code: string;
  readonly accountsServer: string | undefined;
  /** Zoho's short name of a data centre. */
  readonly location: string | undefined;
}

/**
 * Waits on 127.0.0.1 for the one request by which the browser returns from the consent page. Requests without the right
 * `state` are turned away and waited past: whoever sends them knows nothing of this sign-in and must not end it.
 */
export class CallbackListener implements Disposable {
  readonly #server: Server;
  readonly #expectedState: Buffer;
  readonly #arrived = Promise.withResolvers<Callback>();
  #used = false;

  private constructor(state: string) {
    this.#expectedState = digestOf(state);
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /** Listens on `port` (0: any free one) until disposed. */
  static async listen(port: number, state: string): Promise<Result<CallbackListener, Problem>> {
    const listener = new CallbackListener(state);
    try {
      listener.#server.listen({ port, host: "127.0.0.1", exclusive: true });
      await once(listener.#server, "listening");
      return succeed(listener);
    } catch (error) {
      return fail(listenProblem(port, error));
    }
  }

  /** The address to register and to ask the accounts server to return to. */
  get redirectUri(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `http://localhost:${port}/callback`;
  }

  /** The callback, after its page has been handed to the browser. Does not settle before. */
  async arrival(): Promise<Callback> {
    return this.#arrived.promise;
  }

  dispose(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const parameters = request.method === "GET" ? callbackParameters(request.url ?? "") : undefined;
    if (parameters === undefined) {
      sendPage(response, 404, callbackPage("unknown"));
      return;
    }
    const callback = this.#used ? undefined : this.#read(parameters);
    if (callback === undefined) {
      sendPage(response, 400, callbackPage(isNamelessRefusal(parameters) ? "declined" : "unexpected"));
      return;
    }
    this.#used = true;
    const deliver = (): void => this.#arrived.resolve(callback);
    response.once("close", deliver);
    sendPage(response, 200, callbackPage(callback.kind === "code" ? "arrived" : "declined"));
  }

  #read(parameters: URLSearchParams): Callback | undefined {
    const state = parameters.get("state");
    if (state === null || !timingSafeEqual(digestOf(state), this.#expectedState)) return undefined;
    const error = parameters.get("error");
    if (error !== null) return { kind: "error", error };
    const code = parameters.get("code");
    if (code === null || code === "") return undefined;
    return {
      kind: "code",
      code,
      accountsServer: parameters.get("accounts-server") ?? undefined,
      location: parameters.get("location") ?? undefined,
    };
  }
}

/** A person may come back from Zoho so, and should read what it means; but any page can send their browser here, too. */
function isNamelessRefusal(parameters: URLSearchParams): boolean {
  return parameters.has("error") && !parameters.has("state");
}

/**
 * The parameters of a request for the redirect address; undefined for every other target. Whatever runs in the browser
 * can send any target, also one that is no address (`//`, `*`), so this must not go through `URL`, which throws.
 */
function callbackParameters(target: string): URLSearchParams | undefined {
  const [path, ...query] = target.split("?");
  return path === "/callback" ? new URLSearchParams(query.join("?")) : undefined;
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(page);
}

/** Digests are of one length whatever the text, as comparing in constant time wants it. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function listenProblem(port: number, cause: unknown): Problem {
  const inUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
  const message = inUse
    ? l10n.t(
        "Port {0} is in use by another program, perhaps another window that waits for a sign-in. " +
          "End that one, or choose another port in the settings and register its address with the client.",
        port,
      )
    : l10n.t(
        "The sign-in could not listen on port {0}. Choose another port in the settings and register its address with the client.",
        port,
      );
  return { code: inUse ? "REDIRECT_PORT_IN_USE" : "REDIRECT_PORT_REFUSED", message, remedy: "retry", cause };
}
