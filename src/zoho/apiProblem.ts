import * as v from "valibot";
import { type Clock, minute, second } from "../base/clock.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { readJson, safeCode, unreadableProblem } from "./wire.ts";

const detailsSchema = v.object({
  api_name: v.optional(v.string()),
  json_path: v.optional(v.string()),
  param_name: v.optional(v.string()),
  expected_data_type: v.optional(v.string()),
  maximum_length: v.optional(v.number()),
  supported_values: v.optional(v.array(v.unknown())),
});
type Details = v.InferOutput<typeof detailsSchema>;

/** Zoho's form of an error, alone or as one item of a list. */
export const apiErrorSchema = v.object({
  code: v.pipe(v.string(), v.transform(safeCode)),
  details: v.fallback(detailsSchema, {}),
});
export type ApiError = v.InferOutput<typeof apiErrorSchema>;

/** What an answer other than a good one means. Goes by the code in the body, and by the status where there is none. */
export function problemOfAnswer(answer: HttpAnswer, clock: Clock): ZohoProblem {
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(apiErrorSchema, body.value) : undefined;
  if (parsed?.success === true) return problemOfError(parsed.output, answer, clock);
  return problemOfStatus(answer, `HTTP_${answer.status}`, clock) ?? unreadableProblem(answer.status);
}

/** What an error in Zoho's form means; `answer` is the one that it came in. */
export function problemOfError({ code, details }: ApiError, answer: HttpAnswer, clock: Clock): ZohoProblem {
  return (
    problemOfCode(code, details) ??
    (code === "TOO_MANY_REQUESTS" ? throttledProblem(code, answer, clock) : undefined) ??
    (code === "INTERNAL_ERROR" ? serverProblem(code, answer.status) : undefined) ??
    problemOfStatus(answer, code, clock) ??
    invalid(code, details, `Zoho refused the request with the code ${code}.`)
  );
}

function problemOfCode(code: string, details: Details): ZohoProblem | undefined {
  return Object.hasOwn(byCode, code) ? byCode[code]?.(code, details) : undefined;
}

const byCode: Readonly<Record<string, (code: string, details: Details) => ZohoProblem>> = {
  INVALID_TOKEN: code => signedOutProblem(code),
  AUTHENTICATION_FAILURE: code => signedOutProblem(code),
  OAUTH_SCOPE_MISMATCH: code => scopeProblem(code),
  NO_PERMISSION: code => deniedProblem(code),
  INVALID_URL_PATTERN: code => unsupportedProblem(code),
  INVALID_REQUEST_METHOD: code => unsupportedProblem(code),
  NOT_SUBSCRIBED: code => ({
    kind: "not-subscribed",
    code,
    message: "This subscription no longer exists at Zoho: it expired or was deleted. Create it again.",
    remedy: "recreate-subscription",
  }),
  REQUIRED_PARAM_MISSING: (code, details) =>
    invalid(code, details, `Zoho needs the parameter ${nameOf(details, "that is missing")}.`),
  MANDATORY_NOT_FOUND: (code, details) =>
    invalid(code, details, `Zoho needs a value for ${nameOf(details, "a field")}. Fill it in and try again.`),
  EXPECTED_FIELD_MISSING: (code, details) =>
    invalid(code, details, `Zoho needs one more field: ${nameOf(details, "one that is missing")}.`),
  DEPENDENT_FIELD_MISSING: (code, details) =>
    invalid(
      code,
      details,
      `Zoho needs another field together with this one: ${nameOf(details, "one that is missing")}.`,
    ),
  AMBIGUITY_DURING_PROCESSING: (code, details) =>
    invalid(
      code,
      details,
      `Two parts of the request contradict each other: ${nameOf(details, "keep only one of them")}.`,
    ),
  INVALID_DATA: (code, details) => invalid(code, details, invalidDataMessage(details)),
};

function invalidDataMessage(details: Details): string {
  const name = nameOf(details, "one of the fields");
  if (details.maximum_length !== undefined) {
    return `Zoho takes at most ${details.maximum_length} characters for ${name}. Shorten it and try again.`;
  }
  if (details.supported_values !== undefined) return `Zoho does not know this value of ${name}. Choose another.`;
  if (details.expected_data_type !== undefined) {
    return `Zoho expects ${name} in another form: ${safeCode(details.expected_data_type)}.`;
  }
  return fieldAdvice[details.api_name ?? ""] ?? `Zoho does not accept the value of ${name}. Change it and try again.`;
}

/** Where Zoho says no more than the field's name, what it most often means. */
const fieldAdvice: Readonly<Record<string, string>> = {
  events: "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
  channel_expiry: "Zoho does not accept the expiry. Choose a time from now to at most one week ahead.",
  notify_url:
    "Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters.",
  channel_id: "Zoho does not accept the channel ID. It must be a whole number of at most 64 bits.",
};

function invalid(code: string, details: Details, message: string): ZohoProblem {
  const field = details.api_name ?? details.param_name;
  return { kind: "invalid", code, message, remedy: "none", ...(field === undefined ? {} : { field }) };
}

/** The name by which the API calls what is wrong; never its value. */
function nameOf(details: Details, otherwise: string): string {
  const name = details.api_name ?? details.param_name ?? details.json_path;
  return name !== undefined && /^[\w$.[\]-]{1,100}$/.test(name) ? `“${name}”` : otherwise;
}

function problemOfStatus(answer: HttpAnswer, code: string, clock: Clock): ZohoProblem | undefined {
  if (answer.status >= 500) return serverProblem(code, answer.status);
  switch (answer.status) {
    case 401:
      return signedOutProblem(code);
    case 403:
      return deniedProblem(code);
    case 404:
    case 405:
      return unsupportedProblem(code);
    case 429:
      return throttledProblem(code, answer, clock);
    default:
      return undefined;
  }
}

/** The connection's sign-in is no longer good. */
export function signedOutProblem(code: string): ZohoProblem {
  return {
    kind: "signed-out",
    code,
    message: "Zoho no longer accepts this sign-in. Sign in again.",
    remedy: "sign-in",
  };
}

function scopeProblem(code: string): ZohoProblem {
  return {
    kind: "scope",
    code,
    message: "The sign-in does not include the permission (scope) for this. Sign in again and grant it.",
    remedy: "sign-in",
  };
}

function deniedProblem(code: string): ZohoProblem {
  return {
    kind: "denied",
    code,
    message: "Your Zoho user is not allowed to do this. Ask an administrator of the organisation for the permission.",
    remedy: "none",
  };
}

function unsupportedProblem(code: string): ZohoProblem {
  return {
    kind: "unsupported",
    code,
    message: "The server does not offer this part of Zoho CRM's API. Check that the connection leads to Zoho CRM.",
    remedy: "none",
  };
}

/** Zoho failed, and it is not our doing. */
export function serverProblem(code: string, status: number): ZohoProblem {
  return {
    kind: "server",
    code,
    status,
    message: "Zoho has trouble at the moment and could not answer. Try again in a few minutes.",
    remedy: "retry",
  };
}

/** Too many requests. Where Zoho does not say how long to wait, a minute. */
export function throttledProblem(code: string, answer: HttpAnswer, clock: Clock, wait = minute): ZohoProblem {
  const retryAt = clock.now() + (retryAfter(answer, clock) ?? wait);
  return {
    kind: "throttled",
    code,
    retryAt,
    message: `Zoho takes no more requests for now. Try again ${waitWords(retryAt - clock.now())}.`,
    remedy: "retry",
  };
}

/** The header of RFC 9110, in milliseconds from now. Zoho does not document it, gateways before Zoho may send it. */
function retryAfter(answer: HttpAnswer, clock: Clock): number | undefined {
  const header = answer.headers["retry-after"];
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * second : Date.parse(header) - clock.now();
  return Number.isFinite(wait) ? Math.max(wait, 0) : undefined;
}

function waitWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / minute);
  return minutes <= 1 ? "in a minute" : `in ${minutes} minutes`;
}
