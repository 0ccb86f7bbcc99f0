import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { type Clock, minute, second } from "../base/clock.ts";
import { detailsSchema, noDetails } from "./apiErrorDetails.ts";
import { problemOfCode, refusal, unsupportedProblem } from "./apiRefusals.ts";
import { readHttpDate } from "./httpDate.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { readJson, safeCode, unreadableProblem } from "./wire.ts";

/** Zoho's form of an error, alone or as one item of a list. Some services before the CRM have numbers for codes. */
export const apiErrorSchema = v.object({
  code: v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.transform(safeCode)),
  details: v.fallback(detailsSchema, noDetails),
});
export type ApiError = v.InferOutput<typeof apiErrorSchema>;

/** An entry of a list may have a `code` of its own: an error says that it is one. */
const listedErrorSchema = v.intersect([
  apiErrorSchema,
  v.object({ status: v.pipe(v.string(), v.toLowerCase(), v.literal("error")) }),
]);

/** What an answer other than a good one means. Goes by the code in the body, and by the status where there is none. */
export function problemOfAnswer(answer: HttpAnswer, clock: Clock): ZohoProblem {
  const error = errorIn(answer);
  if (error !== undefined) return problemOfError(error, answer, clock);
  return problemOfStatus(answer, codeOfStatus(answer.status), clock) ?? unreadableProblem(answer.status);
}

/** The code in an answer that is an error, where it is one that Zoho is known to have: others may be a gateway's. */
export function zohosCodeIn(answer: HttpAnswer): string | undefined {
  const code = errorIn(answer)?.code;
  return code !== undefined && isKnown(code) ? code : undefined;
}

/**
 * True where an answer can hardly be of somebody on the way: one that something went well in the form of the API, or an
 * error with one of Zoho's codes. The codes of throttles and failures are words that every gateway has.
 */
export function isSurelyZohos(answer: HttpAnswer): boolean {
  const { status } = answer;
  if (status === 204) return true;
  if (zohosCodeIn(answer) !== undefined) return status < 500 && status !== 429;
  return status >= 200 && status < 300 && errorIn(answer) === undefined && hasList(answer);
}

/** Whatever the API gives comes in a list. */
function hasList(answer: HttpAnswer): boolean {
  const body = readJson(answer);
  return body.ok && membersOf(body.value).some(isList);
}

/** The error that the body is, or the first of the list that it wraps errors in. */
function errorIn(answer: HttpAnswer): ApiError | undefined {
  const body = readJson(answer);
  if (!body.ok) return undefined;
  const [alone] = errorsAmong([body.value], apiErrorSchema);
  return alone ?? errorsAmong(listIn(body.value), listedErrorSchema)[0];
}

function errorsAmong(values: readonly unknown[], schema: v.GenericSchema<unknown, ApiError>): readonly ApiError[] {
  const parsed = values.map(value => v.safeParse(schema, value));
  return parsed.flatMap(each => (each.success && each.output.code.toUpperCase() !== "SUCCESS" ? [each.output] : []));
}

/** The items of the one list of an answer, such as `watch` or `data`. */
function listIn(body: unknown): readonly unknown[] {
  return membersOf(body).find(isList) ?? [];
}

function membersOf(body: unknown): readonly unknown[] {
  return typeof body === "object" && body !== null ? Object.values(body) : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * Zoho says why it refuses or forbids something: without one of its codes it is most likely somebody on the way who does,
 * and neither the sign-in nor the rights of the person are at fault.
 */
function gatewayProblem(status: number, code: string): ZohoProblem {
  const message =
    code === codeOfStatus(status)
      ? l10n.t(
          "Something between here and Zoho CRM refuses the request (HTTP {0}): a proxy, a firewall or a gateway, not Zoho. " +
            "Ask your network administrator, and try again.",
          status,
        )
      : l10n.t(
          "The request is refused (HTTP {0}) with the code {1}, which is not known of Zoho CRM. " +
            "A proxy, a firewall or a gateway may be in between: ask your network administrator, and try again.",
          status,
          code,
        );
  return { kind: "unreadable", code, message, remedy: "retry" };
}

/** Stands for the code of an answer without one. */
function codeOfStatus(status: number): string {
  return `HTTP_${status}`;
}

/** Codes that count whatever the status of the answer: inside a list it says nothing. */
const tooMany = ["TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"];
const troubles = ["INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"];

function isKnown(code: string): boolean {
  return problemOfCode(code, noDetails) !== undefined || tooMany.includes(code) || troubles.includes(code);
}

/** What an error in Zoho's form means; `answer` is the one that it came in. */
export function problemOfError({ code, details }: ApiError, answer: HttpAnswer, clock: Clock): ZohoProblem {
  return (
    problemOfCode(code, details) ??
    (tooMany.includes(code) ? throttledProblem(code, answer, clock) : undefined) ??
    (troubles.includes(code) ? serverProblem(code, answer.status) : undefined) ??
    problemOfStatus(answer, code, clock) ??
    refusal(
      code,
      details,
      l10n.t("Zoho refused the request with the code {0}. The last request and answer show what it is about.", code),
    )
  );
}

function problemOfStatus(answer: HttpAnswer, code: string, clock: Clock): ZohoProblem | undefined {
  if (answer.status >= 500) return serverProblem(code, answer.status);
  switch (answer.status) {
    case 401:
    case 403:
      return gatewayProblem(answer.status, code);
    case 404:
    case 405:
      return unsupportedProblem(code);
    case 429:
      return throttledProblem(code, answer, clock);
    default:
      return undefined;
  }
}

/** Zoho failed, and it is not our doing. */
export function serverProblem(code: string, status: number): ZohoProblem {
  return {
    kind: "server",
    code,
    status,
    message: l10n.t("Zoho has trouble at the moment and could not answer. Try again in a few minutes."),
    remedy: "retry",
  };
}

/** Too many requests. Where Zoho does not say how long to wait, a minute. */
function throttledProblem(code: string, answer: HttpAnswer, clock: Clock): ZohoProblem {
  const wait = retryAfter(answer, clock) ?? minute;
  return {
    kind: "throttled",
    code,
    retryAt: clock.now() + wait,
    message: throttledSentence(minutesOf(wait)),
    remedy: "retry",
  };
}

/** The throttle on access tokens: none before `retryAt` (milliseconds since 1970). */
export function tokenThrottleProblem(code: string, retryAt: number, clock: Clock): ZohoProblem {
  return {
    kind: "throttled",
    code,
    retryAt,
    message: tokensUsedUpSentence(minutesOf(retryAt - clock.now())),
    remedy: "retry",
  };
}

/**
 * How long an answer asks to wait, by the header of RFC 9110, in milliseconds from now. Zoho does not document it,
 * gateways before Zoho may send it. A date is by the clock of whoever answered, which the answer's own Date tells.
 */
export function retryAfter(answer: HttpAnswer, clock: Clock): number | undefined {
  const header = answer.headers["retry-after"];
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * second;
  const date = readHttpDate(header);
  if (date === undefined) return undefined;
  return Math.max(date - (readHttpDate(answer.headers["date"]) ?? clock.now()), 0);
}

function minutesOf(milliseconds: number): number {
  return Math.ceil(milliseconds / minute);
}

function throttledSentence(minutes: number): string {
  return minutes <= 1
    ? l10n.t("Zoho takes no more requests for now. Try again in a minute.")
    : l10n.t("Zoho takes no more requests for now. Try again in {0} minutes.", minutes);
}

function tokensUsedUpSentence(minutes: number): string {
  return minutes <= 1
    ? l10n.t(
        "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. Try again in a minute.",
      )
    : l10n.t(
        "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. " +
          "Try again in {0} minutes.",
        minutes,
      );
}
