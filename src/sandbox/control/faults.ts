import * as v from "valibot";
import { assertNever } from "../../base/assertNever.ts";
import { refusals } from "../crm/apiError.ts";
import { type Answer, json } from "../http/answer.ts";

const common = {
  /** Calls whose path begins so. */
  path: v.optional(v.string(), "/crm/"),
  /** Calls of this method only. */
  method: v.optional(v.string()),
  /** How many calls it strikes. */
  times: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 1),
};

/** What shall go wrong with the next calls. */
export const faultSchema = v.variant("kind", [
  v.object({
    kind: v.literal("status"),
    status: v.picklist([401, 403, 404, 429, 500, 502, 503]),
    ...common,
  }),
  /** Answers as usual, but so many milliseconds later. */
  v.object({
    kind: v.literal("slow"),
    milliseconds: v.pipe(v.number(), v.minValue(0), v.maxValue(600_000)),
    ...common,
  }),
  /** Status 200, said to be JSON, which it is not. */
  v.object({ kind: v.literal("garbage"), ...common }),
  /** Closes the connection without an answer. */
  v.object({ kind: v.literal("hang-up"), ...common }),
]);
export type Fault = v.InferOutput<typeof faultSchema>;

/** What a fault does to one call. */
export type FaultEffect =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "delay"; readonly milliseconds: number }
  | { readonly kind: "hang-up" };

/** The faults that wait for calls. Never strikes `/sandbox/` and the pages for people. */
export class Faults {
  #faults: readonly Fault[] = [];

  add(fault: Fault): void {
    this.#faults = [...this.#faults, fault];
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Uses up one stroke of the oldest fault that fits the call. */
  strike(method: string, path: string): FaultEffect | undefined {
    if (!path.startsWith("/crm/") && !path.startsWith("/oauth/")) return undefined;
    const fault = this.#faults.find(each => path.startsWith(each.path) && (each.method ?? method) === method);
    if (fault === undefined) return undefined;
    this.#faults = this.#faults.flatMap(each => {
      if (each !== fault) return [each];
      return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
    });
    return effectOf(fault);
  }
}

function effectOf(fault: Fault): FaultEffect {
  switch (fault.kind) {
    case "status":
      return { kind: "answer", answer: statusAnswer(fault.status) };
    case "slow":
      return { kind: "delay", milliseconds: fault.milliseconds };
    case "garbage":
      return { kind: "answer", answer: { ...json(200, null), body: '{"watch":[{"code":"SUCC' } };
    case "hang-up":
      return { kind: "hang-up" };
    default:
      return assertNever(fault);
  }
}

function statusAnswer(status: 401 | 403 | 404 | 429 | 500 | 502 | 503): Answer {
  switch (status) {
    case 401:
      return refusals.invalidToken();
    case 404:
      return refusals.urlPattern();
    case 429:
      return refusals.tooManyRequests();
    case 500:
      return refusals.internalError();
    default:
      return { status, headers: { "Content-Type": "text/html" }, body: `<html><body><h1>${status}</h1></body></html>` };
  }
}
