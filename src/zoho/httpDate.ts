/**
 * The instant that a header of HTTP names, in milliseconds since 1970. Only the one form that may still be sent (RFC 9110,
 * IMF-fixdate) counts: what else `Date.parse` takes for a time, such as "1", is none.
 */
export function readHttpDate(header: string | undefined): number | undefined {
  const time = Date.parse(header ?? "");
  return !Number.isNaN(time) && new Date(time).toUTCString() === header ? time : undefined;
}
