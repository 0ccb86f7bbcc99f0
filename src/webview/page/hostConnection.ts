import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import {
  type EventAction,
  type EventDetail,
  type EventRow,
  type EventSelection,
  type HostMessage,
  type PageMessage,
  type PageRemedy,
  type Sort,
  hostMessageSchema,
} from "../../protocol/inspector.ts";

/** How long the host may take to answer, in milliseconds. It answers from a local file, so it is down or very busy then. */
export const answerDeadline = 10_000;

/** What asks the CRM may take longer: retries included, in milliseconds. */
const fetchDeadline = 120_000;

/** The host did not answer in time. */
export type NoAnswer = "no-answer";

type Answer = Extract<HostMessage, { readonly request: number }>;
type AnswerOf<Type extends Answer["type"]> = Extract<Answer, { readonly type: Type }>;
export type HostNews = Exclude<HostMessage, Answer>;

/** What may stand at the cursor of the filter box. */
export type Completions = Omit<AnswerOf<"completions">, "type" | "request">;

/** A slice of a body: text, or Base64 for bytes that are no text; it ends before the byte `next`. */
export interface BodySlice {
  readonly next: number;
  readonly part: string | undefined;
}

interface Waiting {
  readonly deadline: Disposable;
  readonly settle: (answer: Result<Answer, NoAnswer>) => void;
}

/** The page's end of the inspector protocol: every request comes back with an answer or, after the deadline, without. */
export class HostConnection {
  readonly #post: (message: PageMessage) => void;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #news = new Emitter<HostNews>();
  #lastRequest = 0;

  /** What the host says unasked. */
  readonly onNews: Event<HostNews> = this.#news.event;

  constructor(post: (message: PageMessage) => void, clock: Clock) {
    this.#post = post;
    this.#clock = clock;
  }

  /** Takes what came from the host; anything of no known form is dropped. */
  receive(raw: unknown): void {
    const parsed = v.safeParse(hostMessageSchema, raw);
    if (!parsed.success) return;
    const message = parsed.output;
    if ("request" in message) this.#settle(message.request, succeed(message));
    else this.#news.fire(message);
  }

  ready(): void {
    this.#post({ type: "ready" });
  }

  setFilter(text: string): void {
    this.#post({ type: "setFilter", text });
  }

  /** Without a sort the list is in order of arrival. */
  setSort(sort: Sort | undefined): void {
    this.#post(sort === undefined ? { type: "setSort" } : { type: "setSort", sort });
  }

  /** Has the host say again what is kept: another window may have changed it. */
  askQuery(): void {
    this.#post({ type: "getQuery" });
  }

  saveFilter(filter: string): void {
    this.#post({ type: "saveFilter", filter });
  }

  forgetFilter(name: string): void {
    this.#post({ type: "forgetFilter", name });
  }

  act(action: EventAction, selection: EventSelection): void {
    this.#post({ type: "act", action, selection });
  }

  selected(selection: EventSelection): void {
    this.#post({ type: "selected", selection });
  }

  /** Says what to do with the events that wait for a word. */
  held(what: "send" | "discard"): void {
    this.#post({ type: "held", what });
  }

  openDocument(id: number): void {
    this.#post({ type: "openDocument", id });
  }

  /** Has the value of a parameter saved in a file. */
  saveParameter(id: number, index: number): void {
    this.#post({ type: "saveParameter", id, index });
  }

  copy(text: string): void {
    this.#post({ type: "copy", text });
  }

  changeSandboxRecords(): void {
    this.#post({ type: "changeSandboxRecords" });
  }

  async getPage(generation: number, offset: number, limit: number): Promise<Result<readonly EventRow[], NoAnswer>> {
    const answer = await this.#ask("page", request => ({ type: "getPage", request, generation, offset, limit }));
    return answer.ok ? succeed(answer.value.rows) : answer;
  }

  /** The value is undefined when the event is no longer kept. */
  async getDetail(id: number): Promise<Result<EventDetail | undefined, NoAnswer>> {
    const answer = await this.#ask("detail", request => ({ type: "getDetail", request, id }));
    return answer.ok ? succeed(answer.value.detail) : answer;
  }

  /** A slice of a body, without its codings or as it was sent, from a byte on; its part is undefined when the event is no longer kept. */
  async getBody(id: number, from: number, as: "plain" | "sent"): Promise<Result<BodySlice, NoAnswer>> {
    const answer = await this.#ask("body", request => ({ type: "getBody", request, id, from, as }));
    if (!answer.ok) return answer;
    const { next, text, base64 } = answer.value;
    return succeed({ next, part: text ?? base64 });
  }

  /** Has a record fetched from the CRM, which takes as long as the CRM does. */
  async fetchRecord(id: number, recordId: string): Promise<Result<AnswerOf<"record">, NoAnswer>> {
    const ask = (request: number): PageMessage => ({ type: "fetchRecord", request, id, recordId });
    return this.#ask("record", ask, fetchDeadline);
  }

  revealEvent(id: number): void {
    this.#post({ type: "revealEvent", id });
  }

  remedy(remedy: PageRemedy): void {
    this.#post({ type: "remedy", remedy });
  }

  /** What can be typed on at `cursor` in the text of a filter. */
  async complete(text: string, cursor: number): Promise<Result<Completions, NoAnswer>> {
    return this.#ask("completions", request => ({ type: "complete", request, text, cursor }));
  }

  async #ask<Type extends Answer["type"]>(
    type: Type,
    messageOf: (request: number) => PageMessage,
    deadlineAfter = answerDeadline,
  ): Promise<Result<AnswerOf<Type>, NoAnswer>> {
    const request = ++this.#lastRequest;
    const answer = await new Promise<Result<Answer, NoAnswer>>(settle => {
      const deadline = this.#clock.after(deadlineAfter, () => this.#settle(request, fail("no-answer")));
      this.#waiting.set(request, { deadline, settle });
      this.#post(messageOf(request));
    });
    if (!answer.ok) return answer;
    return isAnswer(type, answer.value) ? succeed(answer.value) : fail("no-answer");
  }

  #settle(request: number, answer: Result<Answer, NoAnswer>): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.deadline.dispose();
    waiting?.settle(answer);
  }
}

function isAnswer<Type extends Answer["type"]>(type: Type, answer: Answer): answer is AnswerOf<Type> {
  return answer.type === type;
}
