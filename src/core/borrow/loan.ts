import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";
import { turnLife } from "../subscriptions/channelTurns.ts";

/** A channel that sends to this editor for a while, and how it was. The token is kept apart: it is a secret. */
export interface Loan {
  /** Tells it from an earlier or later loan of the same channel; those of former versions have none. */
  readonly id?: string | undefined;
  readonly connectionId: string;
  readonly channelId: string;
  /** What the server said of it before, but for the token. */
  readonly original: Omit<ChannelDetails, "token">;
  /** How it was found when somebody had changed it meanwhile, but for the token. */
  readonly changed?: Omit<ChannelDetails, "token"> | undefined;
  /** When Zoho was asked how it is `changed`, in milliseconds since 1970: what was read before says nothing against it. */
  readonly changedAt?: number | undefined;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt?: number | undefined;
  /** True while nobody has heard whether Zoho pointed the channel here: it may do so yet. */
  readonly isPending?: boolean | undefined;
  /** Where it was pointed at. */
  readonly borrowedUrl: string;
  /** When it goes back, in milliseconds since 1970; none: when somebody says so. */
  readonly until?: number | undefined;
  /** When Zoho ends it, as last seen: it goes back before, while it can still be changed. */
  readonly expiresAt: number;
  /** True once it was found deleted before its end: that this passes later makes nobody want it back. */
  readonly wasDeleted?: boolean | undefined;
  /** The events that it is to have once it is made again: nobody may have heard what became of that. */
  readonly restoring?: readonly string[] | undefined;
  /** When a window last looked after it, in milliseconds since 1970. */
  readonly seenAt: number;
}

/** What was agreed, without what changes from one look to the next. */
export type LoanTerms = Omit<Loan, "seenAt">;

const termsSchema = v.object({
  channelId: v.string(),
  events: v.array(v.string()),
  notifyUrl: v.string(),
  expiresAt: v.number(),
  notifyOnRelatedAction: v.boolean(),
  returnAffectedFieldValues: v.boolean(),
  conditions: v.array(v.unknown()),
});

const loanSchema: v.GenericSchema<unknown, Loan> = v.object({
  id: v.optional(v.string()),
  connectionId: v.string(),
  channelId: v.string(),
  original: termsSchema,
  changed: v.optional(termsSchema),
  changedAt: v.optional(v.number()),
  madeAt: v.optional(v.number()),
  isPending: v.optional(v.boolean()),
  borrowedUrl: v.string(),
  until: v.optional(v.number()),
  expiresAt: v.number(),
  wasDeleted: v.optional(v.boolean()),
  restoring: v.optional(v.array(v.string())),
  seenAt: v.number(),
});

/** Names the channel of a loan among those of all connections. */
export function loanKey({ connectionId, channelId }: Pick<Loan, "connectionId" | "channelId">): string {
  return `${connectionId}/${channelId}`;
}

/** Names a loan among all there are and were, also of the same channel. */
export function loanName(loan: Pick<Loan, "id" | "connectionId" | "channelId">): string {
  return `${loanKey(loan)}/${loan.id ?? ""}`;
}

/**
 * Whether what Zoho said of the channel, when it was asked at `askedAt` (milliseconds since 1970), is how it stays. Whoever
 * borrows has the channel's turn for so long: until then, the request that points it here may still be on its way.
 */
export function isSettled({ isPending, madeAt = 0 }: Loan, askedAt: number): boolean {
  return isPending !== true || Math.abs(askedAt - madeAt) > turnLife;
}

/** Undefined for what is not a loan, such as one of a version that knows more. */
export function readLoan(text: string): Loan | undefined {
  const json = parseJson(text);
  const parsed = json.ok ? v.safeParse(loanSchema, json.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}

export function writeLoan(loan: Loan): string {
  return JSON.stringify(loan);
}
