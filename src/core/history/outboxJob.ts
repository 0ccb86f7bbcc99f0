import type { SQLOutputValue } from "node:sqlite";

/** An event to send. */
export interface NewJob {
  readonly eventId: number;
  readonly targets: readonly string[];
  /** It goes after older events of these lanes. */
  readonly lanes: readonly string[];
  /** `held`: it waits for a word; `withheld`: no rule sends it, and its state says so. */
  readonly standing: "queued" | "held" | "withheld";
  /** The rule that sends it. Default: the one that looked at it. */
  readonly owner?: string;
}

/** An event that a person sends. */
export interface HandJob {
  readonly eventId: number;
  readonly target: string;
  readonly lanes: readonly string[];
}

/** An event that this window sends now. */
export interface ClaimedJob {
  readonly id: number;
  readonly eventId: number;
  /** The key of a rule, or a window where a person sends. */
  readonly owner: string;
  readonly target: string;
  /** How often it was tried by this job, with this try. */
  readonly tries: number;
  readonly attemptId: number;
  /** How often the event has been sent in all, with this time. */
  readonly attempts: number;
}

/** What is to happen to a job after a try: it is done, tried again then (milliseconds since 1970), or held. */
export type AfterTry = { readonly kind: "done" | "held" } | { readonly kind: "again"; readonly dueAt: number };

/** Who claims. */
export interface Claimant {
  readonly window: string;
  /** Whose jobs it may take. */
  readonly owners: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The event of a row of `forward_job`. */
export function eventOf(row: Readonly<Record<string, SQLOutputValue>>): number {
  return Number(row["event"]);
}
