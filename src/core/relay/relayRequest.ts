import * as l10n from "@vscode/l10n";
import { second } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { AxiosTransport } from "../../zoho/axiosTransport.ts";
import type { HttpAnswer } from "../../zoho/httpTransport.ts";
import { isOfProxy } from "../../zoho/networkProblem.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { readUpgradeAnswer } from "./upgradeAnswer.ts";

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
  /** The relay's own code of a failure; undefined in what somebody else answered. */
  readonly code: string | undefined;
  /** Whether it is a web page. */
  readonly isPage: boolean;
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
  if (answer.ok) return succeed(toRelayAnswer(answer.value));
  if (signal?.aborted === true) throw new CancelledError();
  return fail(unreachable(origin, answer.error));
}

function toRelayAnswer({ status, headers, text }: HttpAnswer): RelayAnswer {
  const { code, isPage = false } = readUpgradeAnswer({
    ...{ status, contentType: headers["content-type"], location: undefined, body: text },
  });
  return { status, code, isPage, body: parseOrNothing(text) };
}

/** What is not of the relay, for a person: something on the way has answered in its place. */
export function strangersAnswer(origin: string, { status, isPage }: RelayAnswer): Problem {
  if (status >= 502 && status <= 504) {
    const message = l10n.t("A proxy in front of the relay at {0} can't reach it (status {1}).", origin, status);
    return { code: "RELAY_BEHIND_GATEWAY", message, remedy: "retry" };
  }
  if (isPage) {
    const message = l10n.t(
      "The address {0} answered with a web page that is not the relay's (status {1}). Check the address and any proxy in front of the relay.",
      origin,
      status,
    );
    return { code: "RELAY_WEB_PAGE", message, remedy: "configure-relay" };
  }
  const message = l10n.t("What answers at {0} is not a relay. Check the address.", origin);
  return { code: "RELAY_NOT_A_RELAY", message, remedy: "configure-relay" };
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
  const message = l10n.t(
    "The relay at {0} does not answer. Check that it is running and that the address is right.",
    origin,
  );
  return { code: "RELAY_UNREACHABLE", message, remedy: "configure-relay", cause };
}
