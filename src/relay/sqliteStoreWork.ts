import {
  type ReadOutcome,
  type StoreAnswers,
  type StoreRead,
  type StoreReply,
  type StoreRequest,
  type StoreWrite,
  packAppends,
  unpackPayloads,
} from "./sqliteMessages.ts";
import type { StoreAppend } from "./sqliteStore.ts";

/** What became of events that were appended together. */
export type AppendOutcome =
  | {
      readonly ok: true;
      /** 0 for an unknown channel, `notSealable` where its public key is no key. */
      readonly sequences: readonly number[];
      /** The payloads of those that were sealed on their way; undefined for those kept as they were. */
      readonly sealed: readonly (Uint8Array | undefined)[];
    }
  | { readonly ok: false; readonly cause: unknown };

/** What the thread answers once all of it is on disk. */
export type WrittenReply = Extract<StoreReply, { readonly kind: "written" }>;

interface Asked<Call> {
  readonly call: Call;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

/** What came up together, becomes one transaction, and waits for its answers. */
export class StoreWork<Append extends StoreAppend> {
  readonly #onAppended: (appends: readonly Append[], outcome: AppendOutcome) => void;
  readonly #appends: Append[] = [];
  readonly #writes: Asked<StoreWrite>[] = [];
  readonly #reads: Asked<StoreRead>[] = [];

  constructor(onAppended: (appends: readonly Append[], outcome: AppendOutcome) => void) {
    this.#onAppended = onAppended;
  }

  get isEmpty(): boolean {
    return this.#appends.length === 0 && this.#writes.length === 0 && this.#reads.length === 0;
  }

  /** How many events are appended. */
  get events(): number {
    return this.#appends.length;
  }

  get hasReads(): boolean {
    return this.#reads.length > 0;
  }

  append(append: Append): void {
    this.#appends.push(append);
  }

  async write<K extends StoreWrite["kind"]>(call: StoreWrite & { readonly kind: K }): Promise<StoreAnswers[K]> {
    return ask<StoreAnswers[K], StoreWrite>(call, this.#writes);
  }

  async read<K extends StoreRead["kind"]>(call: StoreRead & { readonly kind: K }): Promise<StoreAnswers[K]> {
    return ask<StoreAnswers[K], StoreRead>(call, this.#reads);
  }

  /** The message that has the thread do this, and what of it to transfer. */
  toRequest(): { readonly request: StoreRequest; readonly transfer: readonly ArrayBuffer[] } {
    const appends = packAppends(this.#appends);
    const writes = this.#writes.map(({ call }) => call);
    const reads = this.#reads.map(({ call }) => call);
    return { request: { kind: "work", appends, writes, reads }, transfer: [appends.bytes.buffer] };
  }

  settleWrites({ sequences, sealed, answers }: WrittenReply): void {
    if (this.#appends.length > 0) {
      this.#onAppended(this.#appends, { ok: true, sequences, sealed: unpackPayloads(sealed) });
    }
    this.#writes.forEach(({ resolve }, index) => resolve(answers[index]));
  }

  refuseWrites(cause: unknown): void {
    if (this.#appends.length > 0) this.#onAppended(this.#appends, { ok: false, cause });
    for (const { reject } of this.#writes) reject(cause);
  }

  settleReads(outcomes: readonly ReadOutcome[]): void {
    this.#reads.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && "answer" in outcome) resolve(outcome.answer);
      else reject(outcome?.cause);
    });
  }

  refuseReads(cause: unknown): void {
    for (const { reject } of this.#reads) reject(cause);
  }
}

async function ask<Answer, Call>(call: Call, queue: Asked<Call>[]): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    // Each kind of call has its own kind of answer, as StoreAnswers says.
    queue.push({ call, resolve: answer => resolve(answer as Answer), reject });
  });
}
