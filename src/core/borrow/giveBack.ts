import { minute } from "../../base/clock.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";
import { type Difference, differencesBetween } from "../subscriptions/differences.ts";
import { longestExpiry } from "../subscriptions/grants.ts";
import type { Loan } from "./loan.ts";
import type { LoanTokens } from "./loanBook.ts";

/** What to do with a channel that somebody changed while it was borrowed. */
export type Resolution =
  /** Put the address back, and keep what else was changed. */
  | "address"
  /** Put everything back as it was before. */
  | "everything"
  /** Leave the channel as it is now, and forget the loan. */
  | "leave";

/** The step that gives a channel back, decided from how it is found. */
export type GiveBackStep =
  /** It is no longer here: forget the loan. */
  | { readonly kind: "done" }
  | { readonly kind: "change"; readonly towards: (now: ChannelDetails) => ChannelDetails }
  /** It is gone: subscribe it again. */
  | { readonly kind: "restore"; readonly details: ChannelDetails }
  | { readonly kind: "ask"; readonly found: Found };

/** How a borrowed channel was found that cannot simply be given back. */
export type Found =
  | { readonly kind: "deleted" }
  /** Something else of it was changed; `differences` are those from what it was. */
  | { readonly kind: "changed"; readonly differences: readonly Difference[]; readonly details: ChannelDetails }
  /** It points neither here nor where it did; `details` are missing where it ended since. */
  | { readonly kind: "moved"; readonly notifyUrl: string; readonly details?: ChannelDetails };

/** How far Zoho's clock may be ahead of ours, so that what expired there is not taken for deleted. */
const clockDifference = 2 * minute;

/** `found` is the channel as the server has it, undefined where it has none. */
export function planGiveBack(
  loan: Loan,
  { token, changed }: LoanTokens,
  found: ChannelDetails | undefined,
  now: number,
  resolution?: Resolution,
): GiveBackStep {
  const original: ChannelDetails = { ...loan.original, ...(token === undefined ? {} : { token }) };
  if (resolution === "leave") return { kind: "done" };
  if (found === undefined) return planRestore(loan, { original, changed }, now, resolution);
  const isElsewhere = !sendsHere(loan, found) && resolution === undefined;
  if (isElsewhere && found.notifyUrl === original.notifyUrl) return { kind: "done" };
  if (isElsewhere) {
    return { kind: "ask", found: { kind: "moved", notifyUrl: found.notifyUrl, details: found } };
  }
  const differences = changesSince(original, found);
  if (differences.length > 0 && resolution === undefined) {
    return { kind: "ask", found: { kind: "changed", differences, details: found } };
  }
  return {
    kind: "change",
    towards:
      resolution === "everything"
        ? putAllBack(original)
        : putAddressBack({ ...original, ...(changed === undefined ? {} : { token: changed }) }),
  };
}

/**
 * One that expired is made again, for as long as can be: how long its owner would have kept it is not known. What somebody
 * had changed meanwhile stays, unless a person wants everything back; one that somebody had pointed elsewhere is asked about.
 */
function planRestore(
  loan: Loan,
  { original, changed }: { readonly original: ChannelDetails; readonly changed: string | undefined },
  now: number,
  resolution?: Resolution,
): GiveBackStep {
  const lastUrl = loan.changed?.notifyUrl ?? loan.borrowedUrl;
  if (lastUrl !== loan.borrowedUrl && resolution === undefined) {
    return { kind: "ask", found: { kind: "moved", notifyUrl: lastUrl } };
  }
  const expired = loan.wasDeleted !== true && loan.expiresAt <= now + clockDifference;
  if (!expired && resolution === undefined) return { kind: "ask", found: { kind: "deleted" } };
  const { notifyUrl } = original;
  const token = changed === undefined ? {} : { token: changed };
  const kept = resolution === "everything" ? {} : { ...loan.changed, ...token, notifyUrl };
  return { kind: "restore", details: { ...original, ...kept, expiresAt: now + longestExpiry } };
}

/**
 * What somebody changed, apart from address and expiry. A token that is gone is not a decision of anybody's: a PATCH that
 * leaves it out loses it.
 */
export function changesSince(original: ChannelDetails, found: ChannelDetails): readonly Difference[] {
  const lost = found.token === undefined;
  return differencesBetween(original, found).filter(
    ({ kind }) => kind !== "address" && kind !== "expiry" && !(kind === "token" && lost),
  );
}

/** True while any module of the channel sends to where it was borrowed: Zoho may have taken the address for some only. */
export function sendsHere(
  { borrowedUrl }: Pick<Loan, "borrowedUrl">,
  { notifyUrl, otherUrls = [] }: Pick<ChannelDetails, "notifyUrl" | "otherUrls">,
): boolean {
  return [notifyUrl, ...otherUrls].includes(borrowedUrl);
}

function putAddressBack(original: ChannelDetails): (now: ChannelDetails) => ChannelDetails {
  return ({ otherUrls: _, ...now }) => {
    const token = now.token ?? original.token;
    return {
      ...now,
      notifyUrl: original.notifyUrl,
      expiresAt: laterExpiry(original, now),
      ...(token === undefined ? {} : { token }),
    };
  };
}

function putAllBack(original: ChannelDetails): (now: ChannelDetails) => ChannelDetails {
  return now => ({ ...original, expiresAt: laterExpiry(original, now) });
}

/**
 * Never earlier than what is there: somebody, or automatic renewal, gave the channel more time while it was here, and
 * the one thing that must not come of borrowing is that it ends before anybody expects. More time harms nobody.
 */
function laterExpiry(original: ChannelDetails, now: ChannelDetails): number {
  return Math.max(original.expiresAt, now.expiresAt);
}
