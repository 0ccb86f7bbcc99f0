import { splitAtTokens } from "./hiddenTokens.ts";
import type { HttpAnswer, HttpRequest } from "./httpTransport.ts";

/** A request as it was sent, without what opens anything: no access token, and channel tokens hidden. */
export interface RecordedRequest {
  readonly method: HttpRequest["method"];
  readonly url: string;
  /** Without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, or why nothing did. */
export type RecordedOutcome =
  | {
      readonly kind: "answer";
      readonly answer: HttpAnswer;
      /** The text was longer than is kept. */ readonly cut: boolean;
    }
  | { readonly kind: "no-answer"; readonly code: string; readonly message: string };

export interface RecordedCall {
  readonly request: RecordedRequest;
  readonly outcome: RecordedOutcome;
  /** When it was sent, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Until the whole answer was there, in milliseconds. */
  readonly duration: number;
}

/** What stands in a recorded body where a channel's token was. */
export const hiddenToken = "(hidden)";

/** Calls that are kept: enough for a renewal of several channels with what came before it. */
const mostCalls = 20;

/** The longest body that is kept, in characters; a full page of 200 subscriptions has about half of it. */
const longestText = 256 * 1024;

/** Keeps the last calls of one connection in memory, oldest first, for people who want to see what went over the wire. */
export class CallRecorder {
  #calls: readonly RecordedCall[] = [];

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  get last(): RecordedCall | undefined {
    return this.#calls.at(-1);
  }

  record(request: HttpRequest, outcome: RecordedOutcome, startedAt: number, endedAt: number): void {
    const call = {
      request: toRecorded(request),
      outcome: hideInOutcome(outcome),
      startedAt,
      duration: endedAt - startedAt,
    };
    this.#calls = [...this.#calls, call].slice(-mostCalls);
  }
}

function toRecorded({ method, url, headers, body }: HttpRequest): RecordedRequest {
  const kept = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() !== "authorization");
  return {
    method,
    url,
    headers: Object.fromEntries(kept),
    ...(body === undefined ? {} : { body: hideTokens(body).slice(0, longestText) }),
  };
}

function hideInOutcome(outcome: RecordedOutcome): RecordedOutcome {
  if (outcome.kind === "no-answer") return outcome;
  const { "set-cookie": _cookie, ...headers } = outcome.answer.headers;
  const text = hideTokens(outcome.answer.text);
  const answer = { status: outcome.answer.status, headers, text: text.slice(0, longestText) };
  return { kind: "answer", answer, cut: text.length > longestText };
}

/** The text to the character but for the values of members called `token`, however they are written. */
function hideTokens(json: string): string {
  return splitAtTokens(json).join(hiddenToken);
}
