import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { parseJson } from "../base/json.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** A signed 64-bit id: Zoho sends a string or a number, and `parseJson` has kept the digits of large ones. */
export const idSchema = v.union([
  v.pipe(v.string(), v.check(isSigned64Bit)),
  v.pipe(v.number(), v.safeInteger(), v.transform(String)),
]);

function isSigned64Bit(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt(text) >= least && BigInt(text) <= most;
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** An ISO 8601 time with offset, as milliseconds since 1970. What else `Date.parse` takes for a time is none here. */
export const timeSchema = v.pipe(
  v.string(),
  v.regex(isoTime),
  v.transform(text => Date.parse(text)),
  v.number(),
  v.finite(),
);

/** Text that may be null or missing: both are undefined here. */
export const optionalText = v.optional(
  v.pipe(
    v.nullable(v.string()),
    v.transform(text => text ?? undefined),
  ),
);

/** Text that is only shown: what is no text is as good as none. */
export const looseText = v.fallback(optionalText, undefined);

/** True or false, which some versions of the API write as text. */
const booleanSchema = v.union([
  v.boolean(),
  v.pipe(
    v.string(),
    v.toLowerCase(),
    v.picklist(["true", "false"]),
    v.transform(word => word === "true"),
  ),
]);

/** True or false; null and missing are undefined. */
export const flagSchema = v.optional(
  v.pipe(
    v.nullable(booleanSchema),
    v.transform(value => value ?? undefined),
  ),
);

/** True where the answer says so, and false where it says anything else. */
export const plainFlag = v.fallback(booleanSchema, false);

/** A value that says something beside the matter: in another form it is as if it were missing. */
export function optionalPart<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T | undefined> {
  return v.fallback(v.optional(schema), undefined);
}

/** The time in the one form that Zoho takes everywhere: ISO 8601 with offset and without fractions of a second. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "+00:00");
}

/** The body as JSON, where it is JSON. */
export function readJson(answer: HttpAnswer): Result<unknown, ZohoProblem> {
  const parsed = parseJson(withoutMark(answer.text));
  return parsed.ok ? succeed(parsed.value) : fail(unreadableProblem(answer.status));
}

/** Without the byte order mark that some gateways put before a text. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** An answer that is not Zoho's: a page of a proxy or a hotel's sign-in, half of an answer, another shape. */
export function unreadableProblem(status: number): ZohoProblem {
  return {
    kind: "unreadable",
    code: "UNREADABLE_ANSWER",
    message: l10n.t(
      "The answer (HTTP {0}) is not one that Zoho CRM gives. " +
        "Check that no proxy or sign-in page of the network is in between, and try again.",
      status,
    ),
    remedy: "retry",
  };
}

/** A code from the other side, safe to show and to log: codes are words, not data. */
export function safeCode(code: string): string {
  return /^[\w .-]{1,60}$/.test(code) ? code : "UNKNOWN_CODE";
}
