import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import type { Remedy } from "../base/problem.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { AccessToken, TokenSource } from "./accessTokens.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "./httpTransport.ts";
import {
  type CurrentUser,
  type FieldInfo,
  type ModuleInfo,
  type Organization,
  currentUserSchema,
  fieldsSchema,
  modulesSchema,
  organizationSchema,
} from "./metadata.ts";
import { withOfflineRemedy } from "./networkProblem.ts";
import type { ZohoProblem } from "./problem.ts";
import type { RemoveEventsRequest, RenewRequest, SubscribeRequest, Subscription } from "./subscription.ts";
import {
  type SubscribeOutcome,
  type UnsubscribeOutcome,
  readRemovalAnswer,
  readSubscribeAnswer,
  readSubscriptionPage,
  readUnsubscribeAnswer,
} from "./watchAnswer.ts";
import { removeEventsBody, renewBody, subscribeBody } from "./watchRequest.ts";
import { readJson, unreadableProblem } from "./wire.ts";

export interface ZohoClientOptions {
  /** Origin of the API, such as `https://www.zohoapis.eu`. */
  readonly apiDomain: string;
  readonly tokens: TokenSource;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** What to offer when nothing answers: "retry", and "start-sandbox" for a server that we can start. */
  readonly remedyWhenOffline?: Remedy;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  readonly channelId?: string;
  readonly module?: string;
}

type Answer<T> = Promise<Result<T, ZohoProblem>>;

interface Call extends CallOptions {
  readonly method: HttpRequest["method"];
  /** Below the API's root, such as `/org`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const apiRoot = "/crm/v8";
const watchPath = "/actions/watch";

/** Zoho's limits: items of one page of channels, and of one request that changes channels. */
const longestPage = 200;
const mostItems = 50;

/** More pages than anyone has channels: an answer that always promises more must not keep us forever. */
const mostPages = 100;

/** Zoho CRM as one user of one organisation sees it. Never throws: what goes wrong is in the result. */
export class ZohoClient {
  readonly #options: ZohoClientOptions;

  constructor(options: ZohoClientOptions) {
    this.#options = options;
  }

  /** Makes a channel (POST). Partly refused is a success that says so. */
  async subscribe(request: SubscribeRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    return this.#write("POST", subscribeBody(request), options);
  }

  /** Replaces all details of a channel (PUT). */
  async updateSubscription(request: SubscribeRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    return this.#write("PUT", subscribeBody(request), options);
  }

  /** Prolongs a channel (PATCH), sending what Zoho would otherwise forget. */
  async renewSubscription(request: RenewRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    return this.#write("PATCH", renewBody(request), options);
  }

  /** Drops some events of a channel and keeps the others. */
  async removeEvents(request: RemoveEventsRequest, options: CallOptions = {}): Answer<void> {
    const answer = await this.#call({ ...options, method: "PATCH", path: watchPath, body: removeEventsBody(request) });
    return answer.ok ? readRemovalAnswer(answer.value, this.#options.clock) : answer;
  }

  /** All channels of this user, over all pages. */
  async listSubscriptions(options: ListOptions = {}): Answer<readonly Subscription[]> {
    const all: Subscription[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const answer = await this.#call({ ...options, method: "GET", path: watchPath, query: pageQuery(page, options) });
      const read = answer.ok ? readSubscriptionPage(answer.value, this.#options.clock) : answer;
      if (!read.ok) return read;
      all.push(...read.value.subscriptions);
      if (!read.value.more) break;
    }
    return succeed(all);
  }

  /** Drops channels, at most 50 with one request; fails as a whole only where no request told about any channel. */
  async unsubscribe(channelIds: readonly string[], options: CallOptions = {}): Answer<UnsubscribeOutcome> {
    const outcomes = new Map<string, Result<void, ZohoProblem>>();
    for (let start = 0; start < channelIds.length; start += mostItems) {
      const some = channelIds.slice(start, start + mostItems);
      const outcome = await this.#unsubscribeSome(some, options);
      if (!outcome.ok && start === 0) return outcome;
      for (const id of some) outcomes.set(id, outcome.ok ? (outcome.value.get(id) ?? succeed(undefined)) : outcome);
    }
    return succeed(outcomes);
  }

  async modules(options: CallOptions = {}): Answer<readonly ModuleInfo[]> {
    return this.#read({ ...options, method: "GET", path: "/settings/modules" }, modulesSchema);
  }

  async fields(module: string, options: CallOptions = {}): Answer<readonly FieldInfo[]> {
    return this.#read({ ...options, method: "GET", path: "/settings/fields", query: { module } }, fieldsSchema);
  }

  async organization(options: CallOptions = {}): Answer<Organization> {
    return this.#read({ ...options, method: "GET", path: "/org" }, organizationSchema);
  }

  async currentUser(options: CallOptions = {}): Answer<CurrentUser> {
    return this.#read({ ...options, method: "GET", path: "/users", query: { type: "CurrentUser" } }, currentUserSchema);
  }

  async #unsubscribeSome(channelIds: readonly string[], options: CallOptions): Answer<UnsubscribeOutcome> {
    const query = { channel_ids: channelIds.join(",") };
    const answer = await this.#call({ ...options, method: "DELETE", path: watchPath, query });
    return answer.ok ? readUnsubscribeAnswer(answer.value, channelIds, this.#options.clock) : answer;
  }

  async #write(method: "POST" | "PUT" | "PATCH", body: string, options: CallOptions): Answer<SubscribeOutcome> {
    const answer = await this.#call({ ...options, method, path: watchPath, body });
    return answer.ok ? readSubscribeAnswer(answer.value, this.#options.clock) : answer;
  }

  async #read<T>(call: Call, schema: v.GenericSchema<unknown, T>): Answer<T> {
    const answer = await this.#call(call);
    if (!answer.ok) return answer;
    if (answer.value.status !== 200) return fail(problemOfAnswer(answer.value, this.#options.clock));
    const body = readJson(answer.value);
    const parsed = body.ok ? v.safeParse(schema, body.value) : undefined;
    return parsed?.success === true ? succeed(parsed.output) : fail(unreadableProblem(answer.value.status));
  }

  /** Sends a call; where Zoho no longer takes the token, once more with a fresh one. */
  async #call(call: Call): Answer<HttpAnswer> {
    const first = await this.#attempt(call);
    if (!first.ok || !this.#refusesToken(first.value.answer)) return this.#finish(first);
    this.#options.tokens.invalidate(first.value.token);
    return this.#finish(await this.#attempt(call));
  }

  async #attempt(call: Call): Answer<{ readonly answer: HttpAnswer; readonly token: AccessToken }> {
    const token = await this.#options.tokens.get(call.signal);
    if (!token.ok) return token;
    const answer = await this.#options.transport.send(this.#toRequest(call, token.value));
    return answer.ok ? succeed({ answer: answer.value, token: token.value }) : answer;
  }

  #finish(attempt: Result<{ readonly answer: HttpAnswer }, ZohoProblem>): Result<HttpAnswer, ZohoProblem> {
    if (attempt.ok) return succeed(attempt.value.answer);
    return fail(withOfflineRemedy(attempt.error, this.#options.remedyWhenOffline ?? "retry"));
  }

  #refusesToken(answer: HttpAnswer): boolean {
    return answer.status === 401 && problemOfAnswer(answer, this.#options.clock).code === "INVALID_TOKEN";
  }

  #toRequest({ method, path, query, body, signal }: Call, token: AccessToken): HttpRequest {
    const url = new URL(apiRoot + path, this.#options.apiDomain);
    url.search = new URLSearchParams(query).toString();
    return {
      method,
      url: url.href,
      headers: {
        accept: "application/json",
        authorization: `Zoho-oauthtoken ${token.value}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal,
      ...(body === undefined ? {} : { body }),
    };
  }
}

/** What the client offers, for those who stand in for it. */
export type ZohoApi = Pick<ZohoClient, keyof ZohoClient>;

function pageQuery(page: number, { channelId, module }: ListOptions): Record<string, string> {
  return {
    page: String(page),
    per_page: String(longestPage),
    ...(channelId === undefined ? {} : { channel_id: channelId }),
    ...(module === undefined ? {} : { module }),
  };
}
