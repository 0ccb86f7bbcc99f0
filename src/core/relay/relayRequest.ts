import * as l10n from "@vscode/l10n";
import { second } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { AxiosTransport } from "../../zoho/axiosTransport.ts";
import { isOfProxy } from "../../zoho/networkProblem.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";

export interface RelayRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
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

/**
 * Not `fetch`: the one that the editor puts in its place trusts the authorities of the system only, while those that
 * NODE_EXTRA_CA_CERTS adds are known to the modules that everything else here is sent with.
 */
const transport = new AxiosTransport({ deadline: 10 * second, longestAnswer: 1024 * 1024 });

/** Asks the relay at `origin` over HTTP. Fails when nothing answers; throws CancelledError when `signal` aborts. */
export async function askRelay(
  origin: string,
  path: string,
  request: RelayRequest,
): Promise<Result<RelayAnswer, Problem>> {
  const { method, body, signal } = request;
  const answer = await transport.send({
    ...{ method, url: origin + path, headers: headersOf(request), signal },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.ok) return succeed({ status: answer.value.status, body: parseOrNothing(answer.value.text) });
  if (signal?.aborted === true) throw new CancelledError();
  return fail(unreachable(origin, answer.error));
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

function unreachable(origin: string, cause: ZohoProblem): Problem {
  if (cause.kind === "offline" && cause.reason === "certificate") {
    return { code: "RELAY_NOT_TRUSTED", message: cause.message, remedy: "retry", cause };
  }
  if (cause.kind === "offline" && isOfProxy(cause.reason)) {
    return { code: "RELAY_BEHIND_PROXY", message: cause.message, remedy: "retry", cause };
  }
  const message = l10n.t("The relay at {0} does not answer. Check that it runs and that the address is right.", origin);
  return { code: "RELAY_UNREACHABLE", message, remedy: "configure-relay", cause };
}
