import * as l10n from "@vscode/l10n";
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
      l10n.t("Zoho cannot tell whose sign-in this is. Sign in again, in the data centre of the organisation."),
    ),
  OAUTH_SCOPE_MISMATCH: code => ({
    kind: "scope",
    code,
    message: l10n.t("The sign-in does not include the permission (scope) for this. Sign in again and grant it."),
    remedy: "sign-in",
  }),
  NO_PERMISSION: code => deniedProblem(code),
  AUTHORIZATION_FAILED: code => deniedProblem(code),
  INVALID_URL_PATTERN: code => unsupportedProblem(code),
  INVALID_REQUEST_METHOD: code =>
    unsupportedProblem(
      code,
      l10n.t("The server does not offer this kind of request. Check that the connection leads to Zoho CRM."),
    ),
  NOT_SUBSCRIBED: code => ({
    kind: "not-subscribed",
    code,
    message: l10n.t("This subscription no longer exists at Zoho: it expired or was deleted. Create it again."),
    remedy: "recreate-subscription",
  }),
  INVALID_MODULE: (code, details) =>
    refusal(
      code,
      details,
      l10n.t("The organisation has no such module, or does not offer it to the API. Choose another."),
    ),
  REQUIRED_PARAM_MISSING: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho needs the parameter {0}. Add it and try again.", name),
        unnamed: () => l10n.t("Zoho needs a parameter that is missing. Add it and try again."),
      }),
    ),
  MANDATORY_NOT_FOUND: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho needs a value for {0}. Fill it in and try again.", name),
        unnamed: () => l10n.t("Zoho needs a value for a field. Fill it in and try again."),
      }),
    ),
  EXPECTED_FIELD_MISSING: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho needs one more field: {0}. Add it and try again.", name),
        unnamed: () => l10n.t("Zoho needs one more field: one is missing. Add it and try again."),
      }),
    ),
  DEPENDENT_FIELD_MISSING: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho needs another field together with this one: {0}. Add it and try again.", name),
        unnamed: () => l10n.t("Zoho needs another field together with this one: one is missing. Add it and try again."),
      }),
    ),
  AMBIGUITY_DURING_PROCESSING: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name =>
          l10n.t("Two parts of the request contradict each other at {0}. Keep only one of them and try again.", name),
        unnamed: () => l10n.t("Two parts of the request contradict each other. Keep only one of them and try again."),
      }),
    ),
  DUPLICATE_DATA: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("There is already one with this value at {0}. Choose another value and try again.", name),
        unnamed: () => l10n.t("There is already one with this value. Choose another value and try again."),
      }),
    ),
  UNABLE_TO_PARSE_DATA_TYPE: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho cannot read the request at {0}. Change its form and try again.", name),
        unnamed: () => l10n.t("Zoho cannot read the request. Change its form and try again."),
      }),
    ),
  LIMIT_EXCEEDED: (code, details) => limitProblem(code, details),
  LIMIT_REACHED: (code, details) => limitProblem(code, details),
  INVALID_DATA: (code, details) => refusal(code, details, invalidDataMessage(details)),
};

function limitProblem(code: string, details: Details): ZohoProblem {
  return refusal(code, details, l10n.t("Zoho takes no more of these. Delete what is no longer needed and try again."));
}

/** Zoho does not accept what was sent, and trying again changes nothing. */
export function refusal(code: string, details: Details, message: string): ZohoProblem {
  const field = details.api_name ?? details.param_name;
  return { kind: "invalid", code, message, remedy: "none", ...(field === undefined ? {} : { field }) };
}

/** The connection's sign-in is no longer good. */
export function signedOutProblem(
  code: string,
  message = l10n.t("Zoho no longer accepts this sign-in. Sign in again."),
): ZohoProblem {
  return { kind: "signed-out", code, message, remedy: "sign-in" };
}

export function deniedProblem(code: string): ZohoProblem {
  return {
    kind: "denied",
    code,
    message: l10n.t(
      "Your Zoho user is not allowed to do this. Ask an administrator of the organisation for the permission.",
    ),
    remedy: "none",
  };
}

export function unsupportedProblem(
  code: string,
  message = l10n.t(
    "The server does not offer this part of Zoho CRM's API. Check that the connection leads to Zoho CRM.",
  ),
): ZohoProblem {
  return { kind: "unsupported", code, message, remedy: "none" };
}

function invalidDataMessage(details: Details): string {
  const name = nameOf(details) ?? l10n.t("one of the fields");
  const { api_name, maximum_length, supported_values, expected_data_type } = details;
  if (maximum_length !== undefined) {
    return atMostSentence(maximum_length, name, details);
  }
  if (supported_values !== undefined) return unknownValueSentence(name, supported_values);
  // Of these, what is wrong is hardly ever the type that Zoho names.
  if (["channel_expiry", "channel_id", "notify_url"].includes(api_name ?? "")) return adviceOn(api_name, name);
  if (expected_data_type !== undefined) {
    return l10n.t(
      "Zoho expects {0} in another form: {1}. Change it and try again.",
      name,
      safeCode(expected_data_type),
    );
  }
  return adviceOn(api_name, name);
}

function adviceOn(field: string | undefined, name: string): string {
  const advice = field !== undefined && Object.hasOwn(fieldAdvice, field) ? fieldAdvice[field] : undefined;
  return advice?.() ?? l10n.t("Zoho does not accept the value of {0}. Change it and try again.", name);
}

/** Where Zoho says no more than the field's name, what it most often means. */
const fieldAdvice: Readonly<Record<string, () => string>> = {
  events: () =>
    l10n.t(
      "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
    ),
  channel_expiry: () => l10n.t("Zoho does not accept the expiry. Choose a time from now to at most one week ahead."),
  notify_url: () =>
    l10n.t("Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters."),
  channel_id: () => l10n.t("Zoho does not accept the channel ID. It must be a whole number of at most 64 bits."),
};

const lists: readonly (string | undefined)[] = ["watch", "data", "events", "group", "field_selection"];
const numbers: readonly (string | undefined)[] = ["page", "per_page"];

/** A `maximum_length` counts entries, or is the largest number, or counts characters. */
function atMostSentence(most: number, name: string, { api_name, param_name }: Details): string {
  if (lists.includes(api_name)) {
    return l10n.t("Zoho takes at most {0} entries for {1}. Shorten it and try again.", most, name);
  }
  return numbers.includes(param_name)
    ? l10n.t("Zoho takes at most {0} for {1}. Lower it and try again.", most, name)
    : l10n.t("Zoho takes at most {0} characters for {1}. Shorten it and try again.", most, name);
}

/** With the values to choose from, where they are words and few. */
function unknownValueSentence(name: string, values: readonly unknown[]): string {
  const words = values.filter(value => typeof value === "string" && /^[\w .-]{1,40}$/.test(value));
  const few = words.length > 0 && words.length === values.length && words.length <= 10;
  return few
    ? l10n.t("Zoho does not know this value of {0}. Choose one of: {1}.", name, words.join(", "))
    : l10n.t("Zoho does not know this value of {0}. Choose another.", name);
}

interface Sentences {
  readonly named: (name: string) => string;
  readonly unnamed: () => string;
}

function withName(details: Details, { named, unnamed }: Sentences): string {
  const name = nameOf(details);
  return name === undefined ? unnamed() : named(name);
}

/** The name by which the API calls what is wrong, in quotes; never its value. */
function nameOf(details: Details): string | undefined {
  const name = details.api_name ?? details.param_name ?? details.json_path;
  return name !== undefined && /^[\w$.[\]-]{1,100}$/.test(name) ? `“${name}”` : undefined;
}
