import * as l10n from "@vscode/l10n";
import { second } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";

export interface RelayRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Sent as a bearer token. */
  readonly key?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface RelayAnswer {
  readonly status: number;
  /** undefined where the answer is not JSON. */
  readonly body: unknown;
}

const deadline = 10 * second;

/** Asks the relay at `origin` over HTTP. Fails when nothing answers; throws CancelledError when `signal` aborts. */
export async function askRelay(
  origin: string,
  path: string,
  request: RelayRequest,
): Promise<Result<RelayAnswer, Problem>> {
  const { method, signal } = request;
  try {
    const response = await fetch(origin + path, {
      method,
      redirect: "error",
      headers: headersOf(request),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: AbortSignal.any([AbortSignal.timeout(deadline), ...(signal === undefined ? [] : [signal])]),
    });
    return succeed({ status: response.status, body: parseOrNothing(await response.text()) });
  } catch (cause) {
    if (signal?.aborted === true) throw new CancelledError();
    return fail(unreachable(origin, cause));
  }
}

function headersOf({ key, body }: RelayRequest): Record<string, string> {
  return {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(origin: string, cause: unknown): Problem {
  const message = l10n.t("The relay at {0} does not answer. Check that it runs and that the address is right.", origin);
  return { code: "RELAY_UNREACHABLE", message, remedy: "configure-relay", cause };
}
