import { second } from "../../base/clock.ts";
import type { MissedWindow } from "./missedChanges.ts";

/** A time, both ends included: milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A time that may not have ended yet. */
export interface OpenSpan {
  readonly from: number;
  readonly to?: number | undefined;
}

/** When deliveries may be missing, as it was noted: a lapse by Zoho's clock, anything else by this machine's. */
export interface OpenTime extends OpenSpan {
  /** Whose clock `from` and `to` are by. Not there: `to` is by this machine's, and `from` may be by either. */
  readonly clock?: "zoho" | undefined;
  /** What is missing besides a lapse: by this machine's clock. */
  readonly gap?: Span | undefined;
}

/** Such a time that has ended, so that it can be looked through. */
export type RequestedTime = OpenTime & Span;

/** The CRM shows whole seconds, and so does the Date by which clocks are compared: each may be off by one. */
export const rounding = 2 * second;

/** The time in the CRM's own, where that is ahead of this machine's by `serverAhead` milliseconds. */
export function inCrmTime({ from, to, clock, gap }: RequestedTime, serverAhead: number): MissedWindow {
  if (clock === undefined) return moved({ from, to }, serverAhead);
  const lapse = { from: from - rounding, to };
  return gap === undefined ? lapse : joinedSpans(lapse, moved(gap, serverAhead));
}

/** The earliest beginning that was noted, by whichever clock. */
export function earliest({ from, gap }: RequestedTime): number {
  return Math.min(from, gap?.from ?? from);
}

/** From the earlier to the later, for each clock apart: how they differ is not known before Zoho answers. */
export function joinedTimes(one: OpenTime, other: OpenTime): OpenTime {
  const gap = joinedIfBoth(gapOf(one), gapOf(other), joinedSpans);
  const lapse = joinedIfBoth(lapseOf(one), lapseOf(other), joinedLapses);
  return lapse === undefined ? (gap ?? one) : { ...lapse, clock: "zoho", ...(gap === undefined ? {} : { gap }) };
}

/** Whether two times were noted alike. */
export function isSameTime(one: OpenTime, other: OpenTime): boolean {
  return one.clock === other.clock && isSameSpan(one, other) && isSameSpan(one.gap, other.gap);
}

/**
 * The end is moved by the difference of the clocks. The beginning may be by either (a person chooses among both), so the
 * earlier reading holds: what was delivered is left out anyway.
 */
function moved({ from, to }: Span, serverAhead: number): MissedWindow {
  return { from: Math.min(from, from + serverAhead) - rounding, to: to + serverAhead };
}

/** What has no end is a lapse, also where an earlier version noted it without the clock. */
function lapseOf({ from, to, clock }: OpenTime): OpenSpan | undefined {
  return clock === "zoho" || to === undefined ? { from, to } : undefined;
}

function gapOf({ from, to, clock, gap }: OpenTime): Span | undefined {
  return clock === "zoho" || to === undefined ? gap : { from, to };
}

function joinedIfBoth<T>(one: T | undefined, other: T | undefined, join: (one: T, other: T) => T): T | undefined {
  return one === undefined || other === undefined ? (one ?? other) : join(one, other);
}

function joinedSpans(one: Span, other: Span): Span {
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

/** Without an end where one of them has none. */
function joinedLapses(one: OpenSpan, other: OpenSpan): OpenSpan {
  const to = one.to === undefined || other.to === undefined ? undefined : Math.max(one.to, other.to);
  return { from: Math.min(one.from, other.from), to };
}

function isSameSpan(one: OpenSpan | undefined, other: OpenSpan | undefined): boolean {
  return one?.from === other?.from && one?.to === other?.to;
}
