import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import {
  type EventDetail,
  type EventRow,
  type HostMessage,
  type PageMessage,
  hostMessageSchema,
} from "../../protocol/inspector.ts";

/** How long the host may take to answer, in milliseconds. It answers from a local file, so it is down or very busy then. */
export const answerDeadline = 10_000;

/** The host did not answer in time. */
export type NoAnswer = "no-answer";

type Answer = HostMessage & { type: "page" | "detail" };
export type HostNews = Exclude<HostMessage, Answer>;

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
    if (message.type === "page" || message.type === "detail") this.#settle(message.request, succeed(message));
    else this.#news.fire(message);
  }

  ready(): void {
    this.#post({ type: "ready" });
  }

  clearFilter(): void {
    this.#post({ type: "clearFilter" });
  }

  openDocument(id: number): void {
    this.#post({ type: "openDocument", id });
  }

  copy(text: string): void {
    this.#post({ type: "copy", text });
  }

  async getPage(generation: number, offset: number, limit: number): Promise<Result<readonly EventRow[], NoAnswer>> {
    const answer = await this.#ask(request => ({ type: "getPage", request, generation, offset, limit }));
    if (!answer.ok) return answer;
    return answer.value.type === "page" ? succeed(answer.value.rows) : fail("no-answer");
  }

  changeSandboxRecords(): void {
    this.#post({ type: "changeSandboxRecords" });
  }

  /** The value is undefined when the event is no longer kept. */
  async getDetail(id: number): Promise<Result<EventDetail | undefined, NoAnswer>> {
    const answer = await this.#ask(request => ({ type: "getDetail", request, id }));
    if (!answer.ok) return answer;
    return answer.value.type === "detail" ? succeed(answer.value.detail) : fail("no-answer");
  }

  async #ask(messageOf: (request: number) => PageMessage): Promise<Result<Answer, NoAnswer>> {
    const request = ++this.#lastRequest;
    return new Promise(settle => {
      const deadline = this.#clock.after(answerDeadline, () => this.#settle(request, fail("no-answer")));
      this.#waiting.set(request, { deadline, settle });
      this.#post(messageOf(request));
    });
  }

  #settle(request: number, answer: Result<Answer, NoAnswer>): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.deadline.dispose();
    waiting?.settle(answer);
  }
}
