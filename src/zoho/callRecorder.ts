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

/** Leaves out what opens something. */
export interface CallHider {
  /** A text with marks where something was that opens something. */
  marked(text: string): string;
  /** Headers that open nothing. */
  headers(headers: readonly CallHeader[], secret: "left-out"): readonly CallHeader[];
}

type CallHeader = readonly [name: string, value: string];

/** Calls that are kept: enough for a renewal of several channels with what came before it. */
const mostCalls = 20;

/** The longest body that is kept, in characters; a full page of 200 subscriptions has about half of it. */
const longestText = 256 * 1024;

/** What is looked through behind that, so that a secret is seen whole before the text is cut. */
const hidingMargin = 4_096;

/** What takes note of calls. */
export interface CallListener {
  record(request: HttpRequest, outcome: RecordedOutcome, startedAt: number, endedAt: number): void | Promise<void>;
}

/** Keeps the last calls of one connection in memory, oldest first, for people who want to see what went over the wire. */
export class CallRecorder implements CallListener {
  readonly #hider: CallHider;
  #calls: readonly RecordedCall[] = [];

  constructor(hider: CallHider) {
    this.#hider = hider;
  }

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  get last(): RecordedCall | undefined {
    return this.#calls.at(-1);
  }

  record(request: HttpRequest, outcome: RecordedOutcome, startedAt: number, endedAt: number): void {
    const call = {
      request: toRecorded(request, this.#hider),
      outcome: hideInOutcome(outcome, this.#hider),
      startedAt,
      duration: endedAt - startedAt,
    };
    this.#calls = [...this.#calls, call].slice(-mostCalls);
  }
}

function toRecorded({ method, url, headers, body }: HttpRequest, hider: CallHider): RecordedRequest {
  return {
    method,
    url: hider.marked(url),
    headers: openHeaders(headers ?? {}, hider),
    ...(body === undefined ? {} : { body: hideIn(body, hider) }),
  };
}

function hideInOutcome(outcome: RecordedOutcome, hider: CallHider): RecordedOutcome {
  if (outcome.kind === "no-answer") return { ...outcome, message: hider.marked(outcome.message) };
  const { status, headers, text } = outcome.answer;
  const answer = { status, headers: openHeaders(headers, hider), text: hideIn(text, hider) };
  return { kind: "answer", answer, cut: text.length > longestText };
}

function openHeaders(headers: Readonly<Record<string, string>>, hider: CallHider): Readonly<Record<string, string>> {
  return Object.fromEntries(hider.headers(Object.entries(headers), "left-out"));
}

function hideIn(text: string, hider: CallHider): string {
  return hider.marked(text.slice(0, longestText + hidingMargin)).slice(0, longestText);
}
