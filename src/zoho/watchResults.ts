import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type Details, detailsSchema, noDetails } from "./apiErrorDetails.ts";
import { apiErrorSchema, problemOfAnswer, problemOfError } from "./apiProblem.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { unansweredProblem } from "./watchAnswer.ts";
import { idSchema, looseText, optionalPart, readJson, timeSchema, unreadableProblem } from "./wire.ts";

/**
 * The results in an answer of `/actions/watch`. A write is answered by one result per item, good and bad ones mixed,
 * whatever the status of the whole; only where there are no results is the answer a failure as a whole.
 */

/** What Zoho says that it granted for one module; what it does not say is undefined. */
export interface ToldGrant {
  readonly channelId: string | undefined;
  readonly module: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
  readonly resourceId: string | undefined;
  readonly resourceUri: string | undefined;
}

/** One result of a write. */
export interface WatchResult {
  /** The channels that it names: none where it is a failure, mostly. */
  readonly channelIds: readonly string[];
  /** The place in the request of the item that it is about, from 0, where it says so. */
  readonly place: number | undefined;
  /** Undefined where it is a success. */
  readonly problem: ZohoProblem | undefined;
  readonly grants: readonly ToldGrant[];
}

const grantSchema = v.pipe(
  v.object({
    channel_id: optionalPart(idSchema),
    resource_name: looseText,
    channel_expiry: optionalPart(timeSchema),
    resource_id: optionalPart(idSchema),
    resource_uri: looseText,
  }),
  v.transform((told): ToldGrant => ({
    channelId: told.channel_id,
    module: told.resource_name,
    expiresAt: told.channel_expiry,
    resourceId: told.resource_id,
    resourceUri: told.resource_uri,
  })),
);

const nothingTold = { ...noDetails, channel_id: undefined, events: [] };

const resultSchema = v.object({
  code: v.optional(v.unknown()),
  status: v.optional(v.unknown()),
  details: v.fallback(
    v.object({
      ...detailsSchema.entries,
      channel_id: optionalPart(idSchema),
      events: v.fallback(v.optional(v.array(v.unknown()), []), []),
    }),
    nothingTold,
  ),
});
type ToldResult = v.InferOutput<typeof resultSchema>;

const resultsSchema = v.object({ watch: v.array(v.unknown()) });

/** The results of a write, or why there are none. */
export function readResults(answer: HttpAnswer, clock: Clock): Result<readonly WatchResult[], ZohoProblem> {
  if (isEmptySuccess(answer)) return fail(unansweredProblem());
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(resultsSchema, body.value) : undefined;
  if (parsed?.success !== true) return fail(problemOfAnswer(answer, clock));
  return succeed(parsed.output.watch.map(result => readResult(result, answer, clock)));
}

/** An answer that says that something went well, and not what. */
function isEmptySuccess({ status, text }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && text.trim() === "";
}

function readResult(value: unknown, answer: HttpAnswer, clock: Clock): WatchResult {
  const told = v.safeParse(resultSchema, value);
  if (!told.success) return { channelIds: [], place: undefined, problem: unreadableProblem(answer.status), grants: [] };
  const grants = told.output.details.events.flatMap(event => grantOf(event) ?? []);
  return {
    channelIds: channelsOf(told.output, grants),
    place: placeIn(told.output.details),
    problem: isSuccess(told.output) ? undefined : problemOfResult(value, answer, clock),
    grants,
  };
}

function grantOf(event: unknown): ToldGrant | undefined {
  const grant = v.safeParse(grantSchema, event);
  return grant.success ? grant.output : undefined;
}

function channelsOf({ details }: ToldResult, grants: readonly ToldGrant[]): string[] {
  const named = [details.channel_id, ...grants.map(({ channelId }) => channelId)];
  return [...new Set(named.flatMap(channelId => channelId ?? []))];
}

/** The one place that paths such as `$.watch[1].channel_id` lead to. */
function placeIn({ json_path, expected_fields, ambiguity_due_to, dependee }: Details): number | undefined {
  const parts = [{ json_path }, dependee, ...expected_fields, ...ambiguity_due_to];
  const places = parts.map(part => /^\$\.watch\[(\d{1,3})\]/.exec(part?.json_path ?? "")?.[1]);
  const [place, ...others] = new Set(places.flatMap(each => each ?? []));
  return place === undefined || others.length > 0 ? undefined : Number(place);
}

/** The status decides, and the code where there is no status. Versions of the API differ in the case of both. */
function isSuccess({ status, code }: ToldResult): boolean {
  const word = typeof status === "string" ? status : code;
  return typeof word === "string" && word.toLowerCase() === "success";
}

/** Inside a list the status of the whole says nothing about the item: only its code counts. */
function problemOfResult(result: unknown, answer: HttpAnswer, clock: Clock): ZohoProblem {
  const error = v.safeParse(apiErrorSchema, result);
  return error.success
    ? problemOfError(error.output, { ...answer, status: 400 }, clock)
    : unreadableProblem(answer.status);
}

/**
 * The result of an answer that refuses a request about several channels as a whole because of one of them: alone, or the
 * only one of a list. None where the reason is not in the request.
 */
export function readRefusal(answer: HttpAnswer, clock: Clock): WatchResult | undefined {
  const body = readJson(answer);
  if (!body.ok) return undefined;
  const list = v.safeParse(resultsSchema, body.value);
  const [result, ...others] = list.success ? list.output.watch : [body.value];
  if (list.success && (answer.status < 400 || others.length > 0)) return undefined;
  const problem = problemOfAnswer(answer, clock);
  const isOfAnItem = problem.kind === "invalid" || problem.kind === "not-subscribed";
  return isOfAnItem ? { ...readResult(result, answer, clock), problem } : undefined;
}

/** Reads the answer to a call about one channel that only takes away. */
export function readRemovalAnswer(answer: HttpAnswer, clock: Clock): Result<void, ZohoProblem> {
  const results = readResults(answer, clock);
  if (!results.ok) return results;
  if (results.value.length === 0) return fail(unansweredProblem());
  const refused = results.value.find(({ problem }) => problem !== undefined)?.problem;
  return refused === undefined ? succeed(undefined) : fail(refused);
}
