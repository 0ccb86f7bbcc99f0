import * as v from "valibot";
import type { ZohoProblem } from "./problem.ts";
import { safeCode } from "./wire.ts";

/** What Zoho says about an error beside its code: names, never values that somebody typed. */
export const detailsSchema = v.object({
  api_name: v.optional(v.string()),
  json_path: v.optional(v.string()),
  param_name: v.optional(v.string()),
  expected_data_type: v.optional(v.string()),
  maximum_length: v.optional(v.number()),
  supported_values: v.optional(v.array(v.unknown())),
});
export type Details = v.InferOutput<typeof detailsSchema>;

/** What an error code of the API means and what to do about it; undefined where the code is not known. */
export function problemOfCode(code: string, details: Details): ZohoProblem | undefined {
  return Object.hasOwn(byCode, code) ? byCode[code]?.(code, details) : undefined;
}

const byCode: Readonly<Record<string, (code: string, details: Details) => ZohoProblem>> = {
  INVALID_TOKEN: code => signedOutProblem(code),
  INVALID_OAUTHTOKEN: code => signedOutProblem(code),
  AUTHENTICATION_FAILURE: code =>
    signedOutProblem(
      code,
      "Zoho cannot tell whose sign-in this is. Sign in again, in the data centre of the organisation.",
    ),
  OAUTH_SCOPE_MISMATCH: code => ({
    kind: "scope",
    code,
    message: "The sign-in does not include the permission (scope) for this. Sign in again and grant it.",
    remedy: "sign-in",
  }),
  NO_PERMISSION: code => deniedProblem(code),
  AUTHORIZATION_FAILED: code => deniedProblem(code),
  INVALID_URL_PATTERN: code => unsupportedProblem(code),
  INVALID_REQUEST_METHOD: code =>
    unsupportedProblem(
      code,
      "The server does not offer this kind of request. Check that the connection leads to Zoho CRM.",
    ),
  NOT_SUBSCRIBED: code => ({
    kind: "not-subscribed",
    code,
    message: "This subscription no longer exists at Zoho: it expired or was deleted. Create it again.",
    remedy: "recreate-subscription",
  }),
  INVALID_MODULE: (code, details) =>
    refusal(code, details, "The organisation has no such module, or does not offer it to the API. Choose another."),
  REQUIRED_PARAM_MISSING: (code, details) =>
    refusal(code, details, `Zoho needs the parameter ${nameOf(details, "that is missing")}. Add it and try again.`),
  MANDATORY_NOT_FOUND: (code, details) =>
    refusal(code, details, `Zoho needs a value for ${nameOf(details, "a field")}. Fill it in and try again.`),
  EXPECTED_FIELD_MISSING: (code, details) =>
    refusal(code, details, `Zoho needs one more field: ${nameOf(details, "one is missing")}. Add it and try again.`),
  DEPENDENT_FIELD_MISSING: (code, details) =>
    refusal(
      code,
      details,
      `Zoho needs another field together with this one: ${nameOf(details, "one is missing")}. Add it and try again.`,
    ),
  AMBIGUITY_DURING_PROCESSING: (code, details) =>
    refusal(
      code,
      details,
      `Two parts of the request contradict each other${at(details)}. Keep only one of them and try again.`,
    ),
  DUPLICATE_DATA: (code, details) =>
    refusal(code, details, `There is already one with this value${at(details)}. Choose another value and try again.`),
  UNABLE_TO_PARSE_DATA_TYPE: (code, details) =>
    refusal(code, details, `Zoho cannot read the request${at(details)}. Change its form and try again.`),
  LIMIT_EXCEEDED: (code, details) => refusal(code, details, limitReached),
  LIMIT_REACHED: (code, details) => refusal(code, details, limitReached),
  INVALID_DATA: (code, details) => refusal(code, details, invalidDataMessage(details)),
};

const limitReached = "Zoho takes no more of these. Delete what is no longer needed and try again.";

/** Zoho does not accept what was sent, and trying again changes nothing. */
export function refusal(code: string, details: Details, message: string): ZohoProblem {
  const field = details.api_name ?? details.param_name;
  return { kind: "invalid", code, message, remedy: "none", ...(field === undefined ? {} : { field }) };
}

/** The connection's sign-in is no longer good. */
export function signedOutProblem(
  code: string,
  message = "Zoho no longer accepts this sign-in. Sign in again.",
): ZohoProblem {
  return { kind: "signed-out", code, message, remedy: "sign-in" };
}

export function deniedProblem(code: string): ZohoProblem {
  return {
    kind: "denied",
    code,
    message: "Your Zoho user is not allowed to do this. Ask an administrator of the organisation for the permission.",
    remedy: "none",
  };
}

export function unsupportedProblem(
  code: string,
  message = "The server does not offer this part of Zoho CRM's API. Check that the connection leads to Zoho CRM.",
): ZohoProblem {
  return { kind: "unsupported", code, message, remedy: "none" };
}

function invalidDataMessage(details: Details): string {
  const name = nameOf(details, "one of the fields");
  const { api_name, maximum_length, supported_values, expected_data_type } = details;
  if (maximum_length !== undefined) {
    return `Zoho takes at most ${maximum_length}${unitOf(details)} for ${name}. Shorten it and try again.`;
  }
  if (supported_values !== undefined) return `Zoho does not know this value of ${name}. ${choiceOf(supported_values)}`;
  // Of these, what is wrong is hardly ever the type that Zoho names.
  if (["channel_expiry", "channel_id", "notify_url"].includes(api_name ?? "")) return adviceOn(api_name, name);
  if (expected_data_type !== undefined) {
    return `Zoho expects ${name} in another form: ${safeCode(expected_data_type)}. Change it and try again.`;
  }
  return adviceOn(api_name, name);
}

function adviceOn(field: string | undefined, name: string): string {
  const otherwise = `Zoho does not accept the value of ${name}. Change it and try again.`;
  return field !== undefined && Object.hasOwn(fieldAdvice, field) ? (fieldAdvice[field] ?? otherwise) : otherwise;
}

/** Where Zoho says no more than the field's name, what it most often means. */
const fieldAdvice: Readonly<Record<string, string>> = {
  events: "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
  channel_expiry: "Zoho does not accept the expiry. Choose a time from now to at most one week ahead.",
  notify_url:
    "Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters.",
  channel_id: "Zoho does not accept the channel ID. It must be a whole number of at most 64 bits.",
};

const lists: readonly (string | undefined)[] = ["watch", "data", "events", "group", "field_selection"];
const numbers: readonly (string | undefined)[] = ["page", "per_page"];

/** What a `maximum_length` counts. */
function unitOf({ api_name, param_name }: Details): string {
  if (lists.includes(api_name)) return " entries";
  return numbers.includes(param_name) ? "" : " characters";
}

/** The values to choose from, where they are words and few. */
function choiceOf(values: readonly unknown[]): string {
  const words = values.filter(value => typeof value === "string" && /^[\w .-]{1,40}$/.test(value));
  const few = words.length > 0 && words.length === values.length && words.length <= 10;
  return few ? `Choose one of: ${words.join(", ")}.` : "Choose another.";
}

function at(details: Details): string {
  const name = nameOf(details, "");
  return name === "" ? "" : ` at ${name}`;
}

/** The name by which the API calls what is wrong; never its value. */
function nameOf(details: Details, otherwise: string): string {
  const name = details.api_name ?? details.param_name ?? details.json_path;
  return name !== undefined && /^[\w$.[\]-]{1,100}$/.test(name) ? `“${name}”` : otherwise;
}
