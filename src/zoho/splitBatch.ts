import { type Result, fail, succeed } from "../base/result.ts";
import type { ZohoProblem } from "./problem.ts";

/** Why nothing was done of a request about several channels. */
export interface BatchFailure {
  readonly problem: ZohoProblem;
  /** Where one item is the reason for which all were refused. */
  readonly refusedItem?: RefusedItem;
}

/** The item of a request because of which all of it was refused. */
export interface RefusedItem {
  /** Its channel, where the answer names one of the request. */
  readonly channelId: string | undefined;
}

/** What became of each channel. */
export type Outcomes<T> = ReadonlyMap<string, Result<T, ZohoProblem>>;

/** Whom an item of a request is about. */
export interface OfChannel {
  readonly channelId: string;
}

/** Sends one request about some channels. */
export type SendSome<T, O> = (some: readonly T[]) => Promise<Result<Outcomes<O>, BatchFailure>>;

/** How many requests a batch may cost beside its first: by halves, one of fifty is found with twelve. */
const mostMoreRequests = 20;

/**
 * Sends a request about several channels. Where Zoho refuses all of them because of one, the others are sent again
 * without it; where the answer does not say which it is, in halves. A failure is of the request as a whole, and of none
 * of its channels.
 */
export async function sendBatch<T extends OfChannel, O>(
  requests: readonly T[],
  send: SendSome<T, O>,
): Promise<Result<Outcomes<O>, ZohoProblem>> {
  const answer = await send(requests);
  if (answer.ok) return answer;
  const { problem, refusedItem } = answer.error;
  if (refusedItem === undefined || requests.length < 2) return fail(problem);
  const batch = new SplitBatch(send);
  batch.split(requests, problem, refusedItem);
  const outcomes = await batch.settle();
  return succeed(new Map(requests.map(({ channelId }) => [channelId, outcomes.get(channelId) ?? fail(problem)])));
}

/** Some of a batch that are to be sent again. */
interface Part<T> {
  readonly some: readonly T[];
  /** Why they were refused together with others. */
  readonly problem: ZohoProblem;
}

class SplitBatch<T extends OfChannel, O> {
  readonly #send: SendSome<T, O>;
  readonly #outcomes = new Map<string, Result<O, ZohoProblem>>();
  /** The largest come first, so that few requests settle most. */
  readonly #waiting: Part<T>[] = [];
  #stop: ZohoProblem | undefined;

  constructor(send: SendSome<T, O>) {
    this.#send = send;
  }

  async settle(): Promise<Outcomes<O>> {
    let left = mostMoreRequests;
    for (let part = this.#waiting.shift(); part !== undefined; part = this.#waiting.shift()) {
      if (this.#stop !== undefined) this.#fail(part.some, this.#stop);
      else if (left-- > 0) await this.#settlePart(part.some);
      else this.#fail(part.some, part.problem);
    }
    return this.#outcomes;
  }

  /** Puts those that may fare better apart from each other. */
  split(some: readonly T[], problem: ZohoProblem, { channelId }: RefusedItem): void {
    const refused = some.filter(each => each.channelId === channelId);
    this.#fail(refused, problem);
    const others = some.filter(each => !refused.includes(each));
    const parts = refused.length > 0 ? [others] : halvesOf(others);
    this.#waiting.push(...parts.filter(({ length }) => length > 0).map(part => ({ some: part, problem })));
  }

  async #settlePart(some: readonly T[]): Promise<void> {
    const answer = await this.#send(some);
    if (answer.ok) {
      for (const [channelId, outcome] of answer.value) this.#outcomes.set(channelId, outcome);
      return;
    }
    const { problem, refusedItem } = answer.error;
    if (refusedItem !== undefined) this.split(some, problem, refusedItem);
    else this.#fail(some, problem);
    if (!isAboutSome(problem)) this.#stop = problem;
  }

  #fail(some: readonly T[], problem: ZohoProblem): void {
    for (const { channelId } of some) this.#outcomes.set(channelId, fail(problem));
  }
}

/** True where other channels may fare better. */
function isAboutSome({ kind }: ZohoProblem): boolean {
  return ["invalid", "not-subscribed", "unreadable"].includes(kind);
}

function halvesOf<T>(some: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(some.length / 2);
  return [some.slice(0, middle), some.slice(middle)];
}
