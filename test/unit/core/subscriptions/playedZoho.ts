import assert from "node:assert/strict";
import type { Clock } from "../../../../src/base/clock.ts";
import { type Result, succeed } from "../../../../src/base/result.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import type {
  RemoveEventsRequest,
  RenewRequest,
  SubscribeRequest,
  Subscription,
  SubscriptionList,
} from "../../../../src/zoho/subscription.ts";
import type { SubscribeOutcome, SubscribeOutcomes, UnsubscribeOutcome } from "../../../../src/zoho/watchAnswer.ts";
import type { ListOptions, ZohoApi } from "../../../../src/zoho/zohoClient.ts";
import { ZohoClock } from "../../../../src/zoho/zohoClock.ts";
import { FakeClock } from "../../../support/fakeClock.ts";

type Reply<T> = Result<T, ZohoProblem> | Promise<Result<T, ZohoProblem>>;

/** A client whose server the test plays: what is not played must not be called. */
export class PlayedZoho implements ZohoApi {
  readonly time: ZohoClock;
  readonly calls: string[] = [];
  readonly subscribed: SubscribeRequest[] = [];
  readonly renewed: RenewRequest[] = [];
  /** What the server has; a test changes it as the server would. */
  listed: readonly Subscription[] = [];

  /** What it lists beside that cannot be read, and whether the list is whole. */
  unreadable: SubscriptionList["unreadable"] = [];
  complete = true;
  /** So many entries it gives, and no more. */
  cutAt: number | undefined;

  /** `clock`: the machine's; Zoho's is the same, as no answer here tells another. */
  constructor(clock: Clock = new FakeClock()) {
    this.time = new ZohoClock(clock);
  }

  onList: (options?: ListOptions) => Reply<readonly Subscription[]> = () => succeed(this.listed);
  onSubscribe: (request: SubscribeRequest) => Reply<SubscribeOutcome> = () => assert.fail("subscribe");
  onRenew: (request: RenewRequest) => Reply<SubscribeOutcome> = () => assert.fail("renew");
  onUpdate: (request: SubscribeRequest) => Reply<SubscribeOutcome> = () => assert.fail("update");
  onRemoveEvents: (request: RemoveEventsRequest) => Reply<void> = () => assert.fail("remove events");
  onUnsubscribe: (channelIds: readonly string[]) => Reply<UnsubscribeOutcome> = () => assert.fail("unsubscribe");

  readonly listSubscriptions = async (options?: ListOptions): Promise<Result<SubscriptionList, ZohoProblem>> => {
    this.calls.push("list");
    const listed = await this.onList(options);
    const { unreadable, complete, cutAt } = this;
    return listed.ok
      ? succeed({ subscriptions: listed.value, unreadable, complete, ...(cutAt === undefined ? {} : { cutAt }) })
      : listed;
  };

  readonly subscribe = async (request: SubscribeRequest): Promise<Result<SubscribeOutcome, ZohoProblem>> => {
    this.calls.push("subscribe");
    this.subscribed.push(request);
    return this.onSubscribe(request);
  };

  readonly renewSubscription = async (request: RenewRequest): Promise<Result<SubscribeOutcome, ZohoProblem>> => {
    this.calls.push("renew");
    this.renewed.push(request);
    return this.onRenew(request);
  };

  /** One request for many; each is answered as if it had come alone. */
  readonly subscribeMany = async (
    requests: readonly SubscribeRequest[],
  ): Promise<Result<SubscribeOutcomes, ZohoProblem>> => {
    this.calls.push("subscribe many");
    this.subscribed.push(...requests);
    return succeed(new Map(await Promise.all(requests.map(async each => outcomeOf(each, this.onSubscribe(each))))));
  };

  readonly renewMany = async (requests: readonly RenewRequest[]): Promise<Result<SubscribeOutcomes, ZohoProblem>> => {
    this.calls.push("renew many");
    this.renewed.push(...requests);
    return succeed(new Map(await Promise.all(requests.map(async each => outcomeOf(each, this.onRenew(each))))));
  };

  readonly unsubscribe = async (channelIds: readonly string[]): Promise<Result<UnsubscribeOutcome, ZohoProblem>> => {
    this.calls.push("unsubscribe");
    return this.onUnsubscribe(channelIds);
  };

  readonly updateSubscription = async (request: SubscribeRequest): Promise<Result<SubscribeOutcome, ZohoProblem>> => {
    this.calls.push("update");
    return this.onUpdate(request);
  };

  readonly removeEvents = async (request: RemoveEventsRequest): Promise<Result<void, ZohoProblem>> => {
    this.calls.push("remove events");
    return this.onRemoveEvents(request);
  };

  readonly modules = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly fields = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly modifiedRecords = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly deletedRecords = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly record = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly organization = async (): Promise<never> => Promise.reject(new Error("Not played"));
  readonly currentUser = async (): Promise<never> => Promise.reject(new Error("Not played"));
}

async function outcomeOf(
  { channelId }: { readonly channelId: string },
  reply: Reply<SubscribeOutcome>,
): Promise<[string, Result<SubscribeOutcome, ZohoProblem>]> {
  return [channelId, await reply];
}

/** A problem of Zoho's of the given kind, with the code given. */
export function zohoProblem(kind: "invalid" | "not-subscribed" | "unreadable" | "signed-out", code = "X"): ZohoProblem {
  return { kind, code, message: `It is ${code}.`, remedy: "none" };
}
