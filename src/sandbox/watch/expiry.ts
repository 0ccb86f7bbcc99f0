import { day, hour } from "../../base/clock.ts";

/** How long a channel may live at most, by version of the API. */
function longestLife(version: number): number {
  return version >= 4 ? 7 * day : day;
}

/** What a channel gets that asks for nothing, or for too much. */
const defaultLife = hour;

/**
 * The expiry that a channel gets (milliseconds since 1970, whole seconds) for the one it asked for. Asking for nothing
 * or for more than the version allows gives one hour, without a word.
 */
export function grantedExpiry(requested: number | undefined, now: number, version: number): number {
  const refused = requested === undefined || requested > now + longestLife(version);
  return wholeSecond(refused ? now + defaultLife : requested);
}

const isoSeconds = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})$/;

/** The instant of an expiry as the API takes it; undefined for anything else, fractional seconds among it. */
export function parseExpiry(text: unknown): number | undefined {
  if (typeof text !== "string" || !isoSeconds.test(text)) return undefined;
  const instant = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(instant) ? undefined : instant;
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
