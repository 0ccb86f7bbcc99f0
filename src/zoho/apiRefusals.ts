import * as l10n from "@vscode/l10n";
import { type Details, nameOf, namesOf } from "./apiErrorDetails.ts";
import { invalidDataMessage } from "./invalidData.ts";
import type { ZohoProblem } from "./problem.ts";

/** What an error code of the API means and what to do about it; undefined where the code is not known. */
export function problemOfCode(code: string, details: Details): ZohoProblem | undefined {
  return Object.hasOwn(byCode, code) ? byCode[code]?.(code, details) : undefined;
}

const byCode: Readonly<Record<string, (code: string, details: Details) => ZohoProblem>> = {
  INVALID_TOKEN: code => signedOutProblem(code),
  INVALID_OAUTHTOKEN: code => signedOutProblem(code),
  // "Invalid Ticket Id", from the service that checks sign-ins before the CRM.
  "4834": code => signedOutProblem(code),
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
  API_NOT_SUPPORTED: code => unsupportedProblem(code),
  INVALID_HOST: code =>
    unsupportedProblem(
      code,
      l10n.t("Zoho CRM's API is not offered at this address. Sign in again, in the data centre of the organisation."),
    ),
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
  REQUIRED_PARAM_MISSING: (code, details) => refusal(code, details, missingParameterMessage(details)),
  EXPECTED_PARAM_MISSING: (code, details) => refusal(code, details, missingParameterMessage(details)),
  MANDATORY_NOT_FOUND: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho needs a value for {0}. Fill it in and try again.", name),
        unnamed: () => l10n.t("Zoho needs a value for a field. Fill it in and try again."),
      }),
    ),
  EXPECTED_FIELD_MISSING: (code, details) => refusal(code, details, expectedFieldMessage(details)),
  DEPENDENT_FIELD_MISSING: (code, details) => refusal(code, details, dependentFieldMessage(details)),
  AMBIGUITY_DURING_PROCESSING: (code, details) => refusal(code, details, ambiguityMessage(details)),
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
  ALREADY_USED: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("The value of {0} is in use already. Choose another and try again.", name),
        unnamed: () => l10n.t("One of the values is in use already. Choose another and try again."),
      }),
    ),
  NOT_SUPPORTED: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho does not support this for {0}. Choose another.", name),
        unnamed: () => l10n.t("Zoho does not support this. Choose another module or another kind of event."),
      }),
    ),
  INVALID_QUERY: (code, details) =>
    refusal(
      code,
      details,
      withName(details, {
        named: name => l10n.t("Zoho does not accept the parameter {0}. Change it and try again.", name),
        unnamed: () => l10n.t("Zoho does not accept the parameters of the request. Change them and try again."),
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

function deniedProblem(code: string): ZohoProblem {
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

function missingParameterMessage(details: Details): string {
  return withName(details, {
    named: name => l10n.t("Zoho needs the parameter {0}. Add it and try again.", name),
    unnamed: () => l10n.t("Zoho needs a parameter that is missing. Add it and try again."),
  });
}

function expectedFieldMessage(details: Details): string {
  const names = namesOf(details.expected_fields);
  if (names.length > 1) {
    return l10n.t("Zoho needs at least one of these: {0}. Add one and try again.", names.join(", "));
  }
  const name = names[0] ?? nameOf(details);
  return name === undefined
    ? l10n.t("Zoho needs one more field: one is missing. Add it and try again.")
    : l10n.t("Zoho needs one more field: {0}. Add it and try again.", name);
}

function dependentFieldMessage(details: Details): string {
  const name = nameOf(details);
  const [dependee] = namesOf([details.dependee]);
  if (name !== undefined && dependee !== undefined) {
    return l10n.t("Zoho needs {0} together with {1}. Add it and try again.", name, dependee);
  }
  return withName(details, {
    named: field => l10n.t("Zoho needs another field together with this one: {0}. Add it and try again.", field),
    unnamed: () => l10n.t("Zoho needs another field together with this one: one is missing. Add it and try again."),
  });
}

function ambiguityMessage(details: Details): string {
  const names = namesOf(details.ambiguity_due_to);
  if (names.length > 1) {
    return l10n.t("These contradict each other: {0}. Keep only one of them and try again.", names.join(", "));
  }
  return withName(details, {
    named: name =>
      l10n.t("Two parts of the request contradict each other at {0}. Keep only one of them and try again.", name),
    unnamed: () => l10n.t("Two parts of the request contradict each other. Keep only one of them and try again."),
  });
}

interface Sentences {
  readonly named: (name: string) => string;
  readonly unnamed: () => string;
}

function withName(details: Details, { named, unnamed }: Sentences): string {
  const name = nameOf(details);
  return name === undefined ? unnamed() : named(name);
}
