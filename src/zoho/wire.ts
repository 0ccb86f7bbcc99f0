import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { parseJson } from "../base/json.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";

/** A 64-bit id: Zoho sends a string or a number, and `parseJson` has kept the digits of large ones. */
export const idSchema = v.union([
  v.pipe(v.string(), v.regex(/^-?\d+$/)),
  v.pipe(v.number(), v.safeInteger(), v.transform(String)),
]);

/** An ISO 8601 time with offset, as milliseconds since 1970. */
export const timeSchema = v.pipe(
  v.string(),
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

/** The time in the one form that Zoho takes everywhere: ISO 8601 with offset and without fractions of a second. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "+00:00");
}

/** The body as JSON, where it is JSON. */
export function readJson(answer: HttpAnswer): Result<unknown, ZohoProblem> {
  const parsed = parseJson(answer.text);
  return parsed.ok ? succeed(parsed.value) : fail(unreadableProblem(answer.status));
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
