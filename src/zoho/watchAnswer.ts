import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type ApiError, apiErrorSchema, problemOfAnswer, problemOfError } from "./apiProblem.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import type { GrantedSubscription, Subscription } from "./subscription.ts";
import { idSchema, optionalText, readJson, timeSchema, unreadableProblem } from "./wire.ts";

/**
 * The answers of `/actions/watch`. A write is answered by one result per item, good and bad ones mixed, whatever the
 * status of the whole; only where there are no results is the answer a failure as a whole.
 */

const resultsSchema = v.object({ watch: v.array(v.unknown()) });

const grantedSchema = v.object({
  channel_id: idSchema,
  resource_name: v.string(),
  channel_expiry: timeSchema,
  resource_id: v.optional(idSchema),
  resource_uri: optionalText,
});

const subscribedSchema = v.object({
  status: v.literal("success"),
  details: v.object({ events: v.array(grantedSchema) }),
});

const removedSchema = v.object({ status: v.literal("success") });

/** Where a result tells which channel it is about. */
const aboutSchema = v.object({ details: v.object({ channel_id: idSchema }) });

const listedSchema = v.pipe(
  v.object({
    channel_id: idSchema,
    resource_name: v.string(),
    channel_expiry: timeSchema,
    notify_url: optionalText,
    events: v.fallback(v.array(v.string()), []),
    token: optionalText,
    resource_id: v.fallback(v.optional(idSchema), undefined),
    resource_uri: optionalText,
    notify_on_related_action: v.fallback(v.boolean(), true),
    return_affected_field_values: v.fallback(v.boolean(), false),
    notification_condition: v.optional(v.unknown()),
  }),
  v.transform((item): Subscription => ({
    channelId: item.channel_id,
    module: item.resource_name,
    events: item.events,
    expiresAt: item.channel_expiry,
    notifyUrl: item.notify_url ?? "",
    notifyOnRelatedAction: item.notify_on_related_action,
    returnAffectedFieldValues: item.return_affected_field_values,
    ...present("token", item.token),
    ...present("resourceId", item.resource_id),
    ...present("resourceUri", item.resource_uri),
    ...present("notificationCondition", item.notification_condition ?? undefined),
  })),
);

const listSchema = v.object({
  watch: v.array(listedSchema),
  info: v.optional(v.object({ more_records: v.fallback(v.boolean(), false) })),
});

export interface SubscriptionPage {
  readonly subscriptions: readonly Subscription[];
  readonly more: boolean;
}

/** Reads a page of `GET /actions/watch`; 204 is how Zoho says "none". */
export function readSubscriptionPage(answer: HttpAnswer, clock: Clock): Result<SubscriptionPage, ZohoProblem> {
  if (answer.status === 204) return succeed({ subscriptions: [], more: false });
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(listSchema, body.value) : undefined;
  if (answer.status === 200 && parsed?.success === true) {
    return succeed({ subscriptions: parsed.output.watch, more: parsed.output.info?.more_records === true });
  }
  return fail(problemOfAnswer(answer, clock));
}

/** What Zoho granted, and what it refused of the same request. At least one module was granted. */
export interface SubscribeOutcome {
  readonly granted: readonly GrantedSubscription[];
  readonly refused: readonly ZohoProblem[];
}

/** Reads the answer to POST, PUT and PATCH. Where nothing was granted, that is a failure with the first reason. */
export function readSubscribeAnswer(answer: HttpAnswer, clock: Clock): Result<SubscribeOutcome, ZohoProblem> {
  const results = readResults(answer, clock);
  return results.ok ? outcomeOf(results.value, answer, clock) : results;
}

/** One outcome for each channel of a request that was about several. */
export type SubscribeOutcomes = ReadonlyMap<string, Result<SubscribeOutcome, ZohoProblem>>;

/** Reads the answer to a POST or PATCH of `channelIds`, in this order. A failure is of the request as a whole. */
export function readSubscribeAnswers(
  answer: HttpAnswer,
  channelIds: readonly string[],
  clock: Clock,
): Result<SubscribeOutcomes, ZohoProblem> {
  const results = readResults(answer, clock);
  if (!results.ok) return results;
  const outcome = (channelId: string, index: number): Result<SubscribeOutcome, ZohoProblem> => {
    const mine = grantsAbout(channelId, index, channelIds.length, results.value);
    return mine.length === 0 ? fail(unansweredProblem()) : outcomeOf(mine, answer, clock);
  };
  return succeed(new Map(channelIds.map((channelId, index) => [channelId, outcome(channelId, index)])));
}

/** The results that name the channel; else, as a failure often names none, the one in its place. */
function grantsAbout(channelId: string, index: number, asked: number, results: readonly unknown[]): unknown[] {
  const naming = results.filter(result => grantedChannel(result) === channelId);
  if (naming.length > 0 || results.length !== asked) return naming;
  return [results[index]].filter(result => grantedChannel(result) === undefined);
}

function grantedChannel(result: unknown): string | undefined {
  const success = v.safeParse(subscribedSchema, result);
  return success.success ? success.output.details.events[0]?.channel_id : undefined;
}

function outcomeOf(
  results: readonly unknown[],
  answer: HttpAnswer,
  clock: Clock,
): Result<SubscribeOutcome, ZohoProblem> {
  const granted: GrantedSubscription[] = [];
  const refused: ZohoProblem[] = [];
  for (const result of results) {
    const success = v.safeParse(subscribedSchema, result);
    if (success.success) granted.push(...success.output.details.events.map(toGranted));
    else refused.push(problemOfResult(result, answer, clock));
  }
  if (granted.length > 0) return succeed({ granted, refused });
  return fail(refused[0] ?? unreadableProblem(answer.status));
}

/** Reads the answer to a call that only takes away. */
export function readRemovalAnswer(answer: HttpAnswer, clock: Clock): Result<void, ZohoProblem> {
  const results = readResults(answer, clock);
  if (!results.ok) return results;
  const refused = results.value.find(result => !v.is(removedSchema, result));
  return refused === undefined ? succeed(undefined) : fail(problemOfResult(refused, answer, clock));
}

/** One result for each channel that was asked about. */
export type UnsubscribeOutcome = ReadonlyMap<string, Result<void, ZohoProblem>>;

/** Reads the answer to `DELETE ?channel_ids=`, which has any number of results per channel. */
export function readUnsubscribeAnswer(
  answer: HttpAnswer,
  channelIds: readonly string[],
  clock: Clock,
): Result<UnsubscribeOutcome, ZohoProblem> {
  const results = readResults(answer, clock);
  if (!results.ok) return results;
  const removal = (channelId: string, index: number): Result<void, ZohoProblem> =>
    worstOf(resultsAbout(channelId, index, channelIds.length, results.value), answer, clock);
  return succeed(new Map(channelIds.map((channelId, index) => [channelId, removal(channelId, index)])));
}

/**
 * The results that are about a channel: those that name it; else, as a failure often names none, the one in its place
 * when there are as many results as channels.
 */
function resultsAbout(channelId: string, index: number, asked: number, results: readonly unknown[]): unknown[] {
  const naming = results.filter(result => aboutChannel(result) === channelId);
  if (naming.length > 0) return naming;
  const nameless = results.filter(result => aboutChannel(result) === undefined);
  if (asked === 1) return nameless;
  return results.length === asked ? nameless.filter(result => result === results[index]) : [];
}

function aboutChannel(result: unknown): string | undefined {
  const about = v.safeParse(aboutSchema, result);
  return about.success ? about.output.details.channel_id : undefined;
}

function worstOf(results: readonly unknown[], answer: HttpAnswer, clock: Clock): Result<void, ZohoProblem> {
  if (results.length === 0) return fail(unansweredProblem());
  const refused = results.find(result => !v.is(removedSchema, result));
  return refused === undefined ? succeed(undefined) : fail(problemOfResult(refused, answer, clock));
}

function unansweredProblem(): ZohoProblem {
  return {
    kind: "unreadable",
    code: "UNANSWERED",
    message: l10n.t("Zoho's answer does not say what became of this subscription. Refresh to see."),
    remedy: "refresh",
  };
}

function readResults(answer: HttpAnswer, clock: Clock): Result<readonly unknown[], ZohoProblem> {
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(resultsSchema, body.value) : undefined;
  return parsed?.success === true ? succeed(parsed.output.watch) : fail(problemOfAnswer(answer, clock));
}

/** Inside a list the status of the whole says nothing about the item: only its code counts. */
function problemOfResult(result: unknown, answer: HttpAnswer, clock: Clock): ZohoProblem {
  const parsed = v.safeParse(v.intersect([apiErrorSchema, v.object({ status: v.literal("error") })]), result);
  if (!parsed.success) return unreadableProblem(answer.status);
  const error: ApiError = parsed.output;
  return problemOfError(error, { ...answer, status: 400 }, clock);
}

function toGranted(item: v.InferOutput<typeof grantedSchema>): GrantedSubscription {
  return {
    channelId: item.channel_id,
    module: item.resource_name,
    expiresAt: item.channel_expiry,
    ...present("resourceId", item.resource_id),
    ...present("resourceUri", item.resource_uri),
  };
}

/** A property that is there only when it has a value. */
function present<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  // The compiler cannot follow a computed name; the object has this one property and no other.
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}
