import { setImmediate } from "node:timers/promises";
import type { RequestSender } from "../../../../src/core/forwarding/requestSender.ts";
import type { Marks } from "../../../../src/core/forwarding/outgoingHeaders.ts";
import type { Header } from "../../../../src/protocol/capturedRequest.ts";
import type { SendOutcome } from "../../../../src/core/forwarding/sendOutcome.ts";
import { stoppedFailure } from "../../../../src/core/forwarding/sendProblem.ts";
import { anAnswer } from "./outcomes.ts";

/** A request that reached the handler, in the words of the test. */
export interface Arrival {
  readonly target: string;
  readonly body: string;
  readonly marks: Marks;
  readonly headers: readonly Header[];
  readonly signal: AbortSignal | undefined;
}

/** A handler that answers when the test says so, or at once when it was told how. */
export class PlayedHandler implements Pick<RequestSender, "send"> {
  readonly arrivals: Arrival[] = [];
  readonly #open: { readonly arrival: Arrival; readonly answer: (outcome: SendOutcome) => void }[] = [];
  /** How to answer at once; undefined: not. */
  always: number | undefined;
  /** Whether it can be connected to: else nothing of a request goes out. */
  isReached = true;

  async send(...[target, request, options]: Parameters<RequestSender["send"]>): Promise<SendOutcome> {
    const { marks = {}, headers = [], signal, onConnected } = options ?? {};
    const arrival = { target, body: Buffer.from(request.body).toString(), marks, headers, signal };
    this.arrivals.push(arrival);
    if (this.isReached) onConnected?.();
    if (this.always !== undefined) return anAnswer(this.always);
    return new Promise(resolve => {
      this.#open.push({ arrival, answer: resolve });
      signal?.addEventListener("abort", () => {
        this.#close(arrival);
        resolve({ kind: "failed", ...stoppedFailure(), milliseconds: 1 });
      });
    });
  }

  /** What is under way, oldest first: the events' ids. */
  get under(): readonly (number | undefined)[] {
    return this.#open.map(({ arrival }) => arrival.marks.event);
  }

  /** The events' ids in the order in which they came. */
  get came(): readonly (number | undefined)[] {
    return this.arrivals.map(({ marks }) => marks.event);
  }

  /** Answers the oldest request that is under way. */
  async answer(outcome: SendOutcome | number): Promise<void> {
    const [first] = this.#open;
    if (first === undefined) throw new Error("nothing is under way");
    this.#close(first.arrival);
    first.answer(typeof outcome === "number" ? anAnswer(outcome) : outcome);
    await settled();
  }

  #close(arrival: Arrival): void {
    const index = this.#open.findIndex(each => each.arrival === arrival);
    if (index >= 0) this.#open.splice(index, 1);
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}
