import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type ApiCall, ApiCaller, type ApiCallerOptions, type CallOptions, watchPath } from "./apiCaller.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import { type FieldInfo, fieldsSchema } from "./fieldInfo.ts";
import {
  type CurrentUser,
  type ModuleInfo,
  type Organization,
  currentUserSchema,
  modulesSchema,
  organizationSchema,
} from "./metadata.ts";
import type { ZohoProblem } from "./problem.ts";
import {
  type DeletedRecord,
  type ModifiedRecordsOptions,
  type RecordList,
  type RecordListOptions,
  type RecordRead,
  readDeletedRecords,
  readModifiedRecords,
  readRecord,
} from "./records.ts";
import type {
  RemoveEventsRequest,
  RenewRequest,
  SubscribeRequest,
  Subscription,
  SubscriptionList,
} from "./subscription.ts";
import {
  type SubscribeOutcome,
  type SubscribeOutcomes,
  type UnsubscribeOutcome,
  readRemovalAnswer,
  readSubscribeAnswer,
  readSubscribeAnswers,
  readSubscriptionPage,
  readUnsubscribeAnswer,
} from "./watchAnswer.ts";
import { removeEventsBody, renewBody, subscribeBody } from "./watchRequest.ts";
import { readJson, unreadableProblem } from "./wire.ts";
import type { ZohoClock } from "./zohoClock.ts";

export type { CallOptions } from "./apiCaller.ts";

export type ZohoClientOptions = ApiCallerOptions;

export interface ListOptions extends CallOptions {
  readonly channelId?: string;
  readonly module?: string;
}

type Answer<T> = Promise<Result<T, ZohoProblem>>;

/** Zoho's limits: items of one page of channels, and of one request that changes channels. */
const longestPage = 200;
export const mostItems = 50;

/** More pages than anyone has channels: an answer that always promises more must not keep us forever. */
const mostPages = 100;

/** Zoho CRM as one user of one organisation sees it. Never throws: what goes wrong is in the result. */
export class ZohoClient {
  readonly #caller: ApiCaller;
  readonly #clock: Clock;

  constructor(options: ZohoClientOptions) {
    this.#caller = new ApiCaller(options);
    this.#clock = options.clock;
  }

  /** Zoho's time: what expires, expires by this clock. */
  get time(): ZohoClock {
    return this.#caller.time;
  }

  /**
   * Makes a channel (POST). Partly refused is a success that says so. Where it is not known what became of the request,
   * the channel is looked for, and the request sent once more if there is none.
   */
  async subscribe(request: SubscribeRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    const outcome = await this.#write("POST", subscribeBody(request), options);
    if (outcome.ok || !(await this.#isSurelyMissing(request.channelId, outcome.error, options))) return outcome;
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

  /** Makes channels (POST) with one request, at most {@link mostItems}. A failure is of the request as a whole. */
  async subscribeMany(requests: readonly SubscribeRequest[], options: CallOptions = {}): Answer<SubscribeOutcomes> {
    return this.#writeMany("POST", subscribeBody(...requests), requests, options);
  }

  /** Prolongs channels (PATCH) with one request, at most {@link mostItems}. A failure is of the request as a whole. */
  async renewMany(requests: readonly RenewRequest[], options: CallOptions = {}): Answer<SubscribeOutcomes> {
    return this.#writeMany("PATCH", renewBody(...requests), requests, options);
  }

  /** Drops some events of a channel and keeps the others. */
  async removeEvents(request: RemoveEventsRequest, options: CallOptions = {}): Answer<void> {
    const answer = await this.#caller.send({
      ...options,
      method: "PATCH",
      path: watchPath,
      body: removeEventsBody(request),
    });
    return answer.ok ? readRemovalAnswer(answer.value, this.#clock) : answer;
  }

  /** All channels of this user, over all pages. */
  async listSubscriptions(options: ListOptions = {}): Answer<SubscriptionList> {
    const all: Subscription[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const answer = await this.#caller.send({
        ...options,
        method: "GET",
        path: watchPath,
        query: pageQuery(page, options),
      });
      const read = answer.ok ? readSubscriptionPage(answer.value, this.#clock) : answer;
      if (!read.ok) return read;
      all.push(...read.value.subscriptions);
      if (!read.value.more) break;
    }
    return succeed({ subscriptions: all, unreadable: [], complete: true });
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

  /** The records of a module that were created or modified since an instant, over all pages. */
  async modifiedRecords(module: string, options: ModifiedRecordsOptions): Answer<RecordList<RecordRead>> {
    return readModifiedRecords(module, options, async call => this.#caller.send(call), this.#clock);
  }

  /** The records of a module that were deleted since an instant, over all pages. */
  async deletedRecords(module: string, options: RecordListOptions): Answer<RecordList<DeletedRecord>> {
    return readDeletedRecords(module, options, async call => this.#caller.send(call), this.#clock);
  }

  /** One record as it is now, as the text of its JSON; undefined where there is none with that id any more. */
  async record(module: string, recordId: string, options: CallOptions = {}): Answer<string | undefined> {
    return readRecord(module, recordId, async call => this.#caller.send(call), this.#clock, options.signal);
  }

  async #isSurelyMissing(channelId: string, problem: ZohoProblem, options: CallOptions): Promise<boolean> {
    if (problem.kind !== "server" && problem.kind !== "offline") return false;
    const listed = await this.listSubscriptions({ ...options, channelId });
    return listed.ok && listed.value.subscriptions.length === 0;
  }

  async #unsubscribeSome(channelIds: readonly string[], options: CallOptions): Answer<UnsubscribeOutcome> {
    const query = { channel_ids: channelIds.join(",") };
    const answer = await this.#caller.send({ ...options, method: "DELETE", path: watchPath, query });
    return answer.ok ? readUnsubscribeAnswer(answer.value, channelIds, this.#clock) : answer;
  }

  async #write(method: "POST" | "PUT" | "PATCH", body: string, options: CallOptions): Answer<SubscribeOutcome> {
    const answer = await this.#caller.send({ ...options, method, path: watchPath, body });
    return answer.ok ? readSubscribeAnswer(answer.value, this.#clock) : answer;
  }

  async #writeMany(
    method: "POST" | "PATCH",
    body: string,
    requests: readonly { readonly channelId: string }[],
    options: CallOptions,
  ): Answer<SubscribeOutcomes> {
    const answer = await this.#caller.send({ ...options, method, path: watchPath, body });
    const channelIds = requests.map(({ channelId }) => channelId);
    return answer.ok ? readSubscribeAnswers(answer.value, channelIds, this.#clock) : answer;
  }

  async #read<T>(call: ApiCall, schema: v.GenericSchema<unknown, T>): Answer<T> {
    const answer = await this.#caller.send(call);
    if (!answer.ok) return answer;
    if (answer.value.status !== 200) return fail(problemOfAnswer(answer.value, this.#clock));
    const body = readJson(answer.value);
    const parsed = body.ok ? v.safeParse(schema, body.value) : undefined;
    return parsed?.success === true ? succeed(parsed.output) : fail(unreadableProblem(answer.value.status));
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
