/** What became of one POST that a change asked for. */
export type DeliveryOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly error: string; readonly milliseconds: number }
  /** Never sent, and why. */
  | { readonly kind: "not-sent"; readonly reason: string }
  | { readonly kind: "under-way" };

/** What is sent to whom, and why. */
export interface DeliveryDescription {
  /** The channel that it is for; undefined for a workflow webhook. */
  readonly channelId: string | undefined;
  /** The workflow rule that it is for; undefined for a notification. */
  readonly webhookId?: string | undefined;
  readonly module: string;
  readonly operation: string;
  readonly ids: readonly string[];
  readonly notifyUrl: string;
}

/** One delivery, or one that ought to have been. */
export interface Delivery extends DeliveryDescription {
  readonly number: number;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly at: number;
  readonly outcome: DeliveryOutcome;
}

const kept = 500;

/** The latest deliveries, so that people see why something arrived or did not. Not kept across restarts. */
export class DeliveryLog {
  readonly #deliveries = new Map<number, Delivery>();
  #count = 0;

  /** Notes a delivery of now; what comes back notes what became of it. */
  begin(about: DeliveryDescription, at: number): (outcome: DeliveryOutcome) => void {
    const number = ++this.#count;
    this.#deliveries.set(number, { ...about, at, number, outcome: { kind: "under-way" } });
    this.#deliveries.delete(number - kept);
    return outcome => {
      if (this.#deliveries.has(number)) this.#deliveries.set(number, { ...about, at, number, outcome });
    };
  }

  /** Newest first. */
  list(): readonly Delivery[] {
    return [...this.#deliveries.values()].reverse();
  }
}

/** The outcome in words. */
export function describeOutcome(outcome: DeliveryOutcome): string {
  switch (outcome.kind) {
    case "answered":
      return `answered ${outcome.status} after ${outcome.milliseconds} ms`;
    case "failed":
      return `failed after ${outcome.milliseconds} ms: ${outcome.error}`;
    case "not-sent":
      return `not sent: ${outcome.reason}`;
    case "under-way":
      return "under way";
  }
}
