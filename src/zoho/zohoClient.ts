import * as l10n from "@vscode/l10n";
import type * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type ApiCall, ApiCaller, type ApiCallerOptions, type CallOptions, watchPath } from "./apiCaller.ts";
import { type FieldInfo, fieldsSchema } from "./fieldInfo.ts";
import { lacksExpiry, toOutcomes } from "./grantExpiries.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import {
  type CurrentUser,
  type ModuleInfo,
  type Organization,
  modulesSchema,
  organizationsSchema,
  usersSchema,
} from "./metadata.ts";
import { type NumberedPage, readOverlappingPages } from "./overlappingPages.ts";
import { present } from "./present.ts";
import type { ZohoProblem } from "./problem.ts";
import { type ItemList, type ItemsRead, readList } from "./readItems.ts";
import {
  type DeletedRecord,
  type ModifiedRecordsOptions,
  type RecordList,
  type RecordListOptions,
  type RecordRead,
  type RecordSource,
  readDeletedRecords,
  readModifiedRecords,
  readRecord,
} from "./records.ts";
import { ShapeTeller } from "./shapeTeller.ts";
import { type BatchFailure, type OfChannel, type Outcomes, sendBatch } from "./splitBatch.ts";
import {
  type GrantedSubscription,
  type RemoveEventsRequest,
  type RenewRequest,
  type SubscribeRequest,
  type Subscription,
  type SubscriptionList,
  moduleOf,
} from "./subscription.ts";
import { type AskedChannel, type ToldOutcomes, readBatchRefusal, readSubscribeAnswer } from "./subscribeAnswer.ts";
import { partsOf, readUnsubscribeAnswer } from "./unsubscribeAnswer.ts";
import {
  type SubscribeOutcome,
  type SubscribeOutcomes,
  type UnsubscribeOutcome,
  unansweredProblem,
} from "./watchAnswer.ts";
import {
  type ListFilter,
  type ListedSubscription,
  keyOfListed,
  readSubscriptionPage,
  toSubscriptionList,
} from "./watchList.ts";
import { removeEventsBody, renewBody, subscribeBody } from "./watchRequest.ts";
import { readRemovalAnswer } from "./watchResults.ts";
import { unreadableProblem } from "./wire.ts";
import type { ZohoClock } from "./zohoClock.ts";

export type { CallOptions } from "./apiCaller.ts";

export type ZohoClientOptions = ApiCallerOptions;

export interface ListOptions extends CallOptions, ListFilter {}

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
  readonly #shapes: ShapeTeller;

  constructor(options: ZohoClientOptions) {
    this.#caller = new ApiCaller(options);
    this.#clock = options.clock;
    this.#shapes = new ShapeTeller(options.shapes);
  }

  /** Zoho's time: what expires, expires by this clock. */
  get time(): ZohoClock {
    return this.#caller.time;
  }

  /**
   * Makes a channel (POST). Partly refused is a success that says so. Where it is not known what became of the request,
   * the channel is looked for: it was made where it is there as it was asked for, and asked for once more where it is not.
   */
  async subscribe(request: SubscribeRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    const outcome = await this.#write("POST", subscribeBody(request), request, options);
    const found = outcome.ok ? undefined : await this.#lookFor(request.channelId, outcome.error, options);
    if (found === undefined) return outcome;
    if (found.length === 0) return this.#write("POST", subscribeBody(request), request, options);
    return found.every(each => isAsAsked(each, request))
      ? succeed({ granted: found.map(toGrant), refused: [] })
      : outcome;
  }

  /** Replaces all details of a channel (PUT). */
  async updateSubscription(request: SubscribeRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    return this.#write("PUT", subscribeBody(request), request, options);
  }

  /** Prolongs a channel (PATCH), sending what Zoho would otherwise forget. */
  async renewSubscription(request: RenewRequest, options: CallOptions = {}): Answer<SubscribeOutcome> {
    return this.#write("PATCH", renewBody(request), request, options);
  }

  /**
   * Makes channels (POST), at most {@link mostItems}, with one request, or a few where one of them is refused with all
   * others. A failure is of the request as a whole.
   */
  async subscribeMany(requests: readonly SubscribeRequest[], options: CallOptions = {}): Answer<SubscribeOutcomes> {
    return sendBatch(requests, async some => this.#writeMany("POST", subscribeBody(...some), some, options));
  }

  /** Prolongs channels (PATCH), as {@link subscribeMany} makes them. */
  async renewMany(requests: readonly RenewRequest[], options: CallOptions = {}): Answer<SubscribeOutcomes> {
    return sendBatch(requests, async some => this.#writeMany("PATCH", renewBody(...some), some, options));
  }

  /** Drops some events of a channel and keeps the others. */
  async removeEvents(request: RemoveEventsRequest, options: CallOptions = {}): Answer<void> {
    const body = removeEventsBody(request);
    const answer = await this.#caller.send({ ...options, method: "PATCH", path: watchPath, body });
    if (!answer.ok) return answer;
    return this.#noted(`PATCH ${watchPath}`, answer.value, readRemovalAnswer(answer.value, this.#clock));
  }

  /** All channels of this user, over all pages, each (channel, module) once. */
  async listSubscriptions(options: ListOptions = {}): Answer<SubscriptionList> {
    const listed = await readOverlappingPages<ListedSubscription, ZohoProblem>({
      read: async (page, perPage) => this.#listPage(page, perPage, options),
      keyOf: keyOfListed,
      longestPage,
      mostPages,
    });
    if (!listed.ok) return listed;
    const odd = listed.value.items.flatMap(each => ("odd" in each ? [each.odd] : []));
    this.#shapes.odd(`GET ${watchPath}`, odd);
    return succeed(toSubscriptionList(listed.value, options));
  }

  /**
   * Drops channels, as many with one request as Zoho takes; fails as a whole only where no request told about any
   * channel.
   */
  async unsubscribe(channelIds: readonly string[], options: CallOptions = {}): Answer<UnsubscribeOutcome> {
    const outcomes = new Map<string, Result<void, ZohoProblem>>();
    for (const part of partsOf(channelIds)) {
      const asked = part.map(channelId => ({ channelId }));
      const outcome = await sendBatch(asked, async some => this.#unsubscribeSome(some, options));
      if (!outcome.ok && outcomes.size === 0) return outcome;
      for (const id of part)
        outcomes.set(id, outcome.ok ? (outcome.value.get(id) ?? fail(unansweredProblem())) : outcome);
    }
    return succeed(outcomes);
  }

  async modules(options: CallOptions = {}): Answer<ItemList<ModuleInfo>> {
    return this.#readList({ ...options, method: "GET", path: "/settings/modules" }, modulesSchema);
  }

  async fields(module: string, options: CallOptions = {}): Answer<ItemList<FieldInfo>> {
    return this.#readList({ ...options, method: "GET", path: "/settings/fields", query: { module } }, fieldsSchema);
  }

  async organization(options: CallOptions = {}): Answer<Organization> {
    return this.#readOne({ ...options, method: "GET", path: "/org" }, organizationsSchema);
  }

  async currentUser(options: CallOptions = {}): Answer<CurrentUser> {
    return this.#readOne({ ...options, method: "GET", path: "/users", query: { type: "CurrentUser" } }, usersSchema);
  }

  /** The records of a module that were created or modified since an instant, over all pages. */
  async modifiedRecords(module: string, options: ModifiedRecordsOptions): Answer<RecordList<RecordRead>> {
    return readModifiedRecords(module, options, this.#recordSource());
  }

  /** The records of a module that were deleted since an instant, over all pages. */
  async deletedRecords(module: string, options: RecordListOptions): Answer<RecordList<DeletedRecord>> {
    return readDeletedRecords(module, options, this.#recordSource());
  }

  /** One record as it is now, as the text of its JSON; undefined where there is none with that id any more. */
  async record(module: string, recordId: string, options: CallOptions = {}): Answer<string | undefined> {
    return readRecord(module, recordId, this.#recordSource(), options.signal);
  }

  #recordSource(): RecordSource {
    return { send: async call => this.#caller.send(call), clock: this.#clock, shapes: this.#shapes };
  }

  /**
   * All that is alive of a channel of which it is not known whether it was made; undefined where that cannot be known now
   * either. What has ended is listed for a moment yet, and is not what was asked for.
   */
  async #lookFor(
    channelId: string,
    problem: ZohoProblem,
    options: CallOptions,
  ): Promise<readonly Subscription[] | undefined> {
    if (problem.kind !== "server" && problem.kind !== "offline") return undefined;
    const listed = await this.listSubscriptions({ ...options, channelId });
    if (!listed.ok || !listed.value.complete || listed.value.unreadable.length > 0) return undefined;
    return listed.value.subscriptions.filter(({ expiresAt }) => !this.time.hasPassed(expiresAt));
  }

  async #listPage(page: number, perPage: number, options: ListOptions): Answer<NumberedPage<ListedSubscription>> {
    const query = pageQuery(page, perPage, options);
    const answer = await this.#caller.send({ ...options, method: "GET", path: watchPath, query });
    if (!answer.ok) return answer;
    return this.#noted(`GET ${watchPath}`, answer.value, readSubscriptionPage(answer.value, this.#clock));
  }

  async #unsubscribeSome(
    asked: readonly OfChannel[],
    options: CallOptions,
  ): Promise<Result<UnsubscribeOutcome, BatchFailure>> {
    const channelIds = asked.map(({ channelId }) => channelId);
    const query = { channel_ids: channelIds.join(",") };
    const answer = await this.#caller.send({ ...options, method: "DELETE", path: watchPath, query });
    if (!answer.ok) return fail({ problem: answer.error });
    const refusal = readBatchRefusal(answer.value, asked, this.#clock);
    if (refusal !== undefined) return fail(refusal);
    const outcomes = readUnsubscribeAnswer(answer.value, channelIds, this.#clock);
    const noted = this.#notedEach(`DELETE ${watchPath}`, answer.value, outcomes);
    return noted.ok ? noted : fail({ problem: noted.error });
  }

  async #write(method: WriteMethod, body: string, asked: AskedChannel, options: CallOptions): Answer<SubscribeOutcome> {
    const outcomes = await this.#writeMany(method, body, [asked], options);
    if (!outcomes.ok) return fail(outcomes.error.problem);
    return outcomes.value.get(asked.channelId) ?? fail(unansweredProblem());
  }

  async #writeMany(
    method: WriteMethod,
    body: string,
    asked: readonly AskedChannel[],
    options: CallOptions,
  ): Promise<Result<SubscribeOutcomes, BatchFailure>> {
    const answer = await this.#caller.send({ ...options, method, path: watchPath, body });
    if (!answer.ok) return fail({ problem: answer.error });
    const refusal = readBatchRefusal(answer.value, asked, this.#clock);
    if (refusal !== undefined) return fail(refusal);
    const told = readSubscribeAnswer(answer.value, asked, this.#clock);
    const noted = this.#notedEach(`${method} ${watchPath}`, answer.value, told);
    return noted.ok ? succeed(await this.#withExpiries(noted.value, options)) : fail({ problem: noted.error });
  }

  /** Where an answer does not say until when something was granted, the list does. */
  async #withExpiries(told: ToldOutcomes, options: CallOptions): Promise<SubscribeOutcomes> {
    if (!lacksExpiry(told)) return toOutcomes(told, []);
    const [only] = told.keys();
    const filter = told.size === 1 && only !== undefined ? { channelId: only } : {};
    const listed = await this.listSubscriptions({ ...options, ...filter });
    return toOutcomes(told, listed.ok ? listed.value.subscriptions : []);
  }

  async #readList<T>(call: ApiCall, schema: v.GenericSchema<unknown, ItemsRead<T>>): Answer<ItemList<T>> {
    const read = await this.#readItems(call, schema);
    return read.ok ? succeed({ items: read.value.items, unreadable: read.value.odd.length }) : read;
  }

  /** The first entry that can be read of a list that should have one. */
  async #readOne<T>(call: ApiCall, schema: v.GenericSchema<unknown, ItemsRead<T>>): Answer<T> {
    const read = await this.#readItems(call, schema);
    if (!read.ok) return read;
    const { items, odd } = read.value;
    if (items[0] !== undefined) return succeed(items[0]);
    return fail(odd.length > 0 ? unreadableProblem(200) : nobodyProblem());
  }

  async #readItems<T>(call: ApiCall, schema: v.GenericSchema<unknown, ItemsRead<T>>): Answer<ItemsRead<T>> {
    const answer = await this.#caller.send(call);
    if (!answer.ok) return answer;
    const where = `${call.method} ${call.path}`;
    const read = this.#noted(where, answer.value, readList(answer.value, schema, this.#clock));
    if (read.ok) this.#shapes.odd(where, read.value.odd);
    return read;
  }

  #noted<T>(where: string, answer: HttpAnswer, read: Result<T, ZohoProblem>): Result<T, ZohoProblem> {
    if (!read.ok) this.#shapes.unclear(where, answer, read.error);
    return read;
  }

  #notedEach<T>(
    where: string,
    answer: HttpAnswer,
    outcomes: Result<Outcomes<T>, ZohoProblem>,
  ): Result<Outcomes<T>, ZohoProblem> {
    if (!outcomes.ok) return this.#noted(where, answer, outcomes);
    const unclear = [...outcomes.value.values()].find(each => !each.ok && each.error.kind === "unreadable");
    if (unclear !== undefined) this.#noted(where, answer, unclear);
    return outcomes;
  }
}

type WriteMethod = "POST" | "PUT" | "PATCH";

/**
 * True where a channel is there by this very request, and by nobody else's of the same id: the token shows it. Zoho may list
 * events otherwise than they were asked for, as "create", "edit" and "delete" for "all".
 */
function isAsAsked({ token, notifyUrl, events }: Subscription, asked: SubscribeRequest): boolean {
  const modules = asked.events.map(moduleOf);
  return (
    token === asked.token && notifyUrl === asked.notifyUrl && events.every(each => modules.includes(moduleOf(each)))
  );
}

/** By the name that the events have, as the list may give the module another: "Meetings" for "Events.create". */
function toGrant({ channelId, module, events, ...rest }: Subscription): GrantedSubscription {
  const { expiresAt, resourceId, resourceUri } = rest;
  const [named = module] = events.map(moduleOf);
  const resource = { ...present("resourceId", resourceId), ...present("resourceUri", resourceUri) };
  return { channelId, module: named, expiresAt, ...resource };
}

/** Zoho's accounts server knows the sign-in, and the CRM has nobody to go with it. */
function nobodyProblem(): ZohoProblem {
  return {
    kind: "denied",
    code: "NO_CONTENT",
    message: l10n.t("Zoho CRM has no user and no organisation for this sign-in. Sign in again, as a user of Zoho CRM."),
    remedy: "sign-in",
  };
}

/** What the client offers, for those who stand in for it. */
export type ZohoApi = Pick<ZohoClient, keyof ZohoClient>;

function pageQuery(page: number, perPage: number, { channelId, module }: ListFilter): Record<string, string> {
  return {
    page: String(page),
    per_page: String(perPage),
    ...(channelId === undefined ? {} : { channel_id: channelId }),
    ...(module === undefined ? {} : { module }),
  };
}
