/** `2026-01-05`, with a time of day behind it or not, and behind that where on earth that is or not. */
const form =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[ T](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.\d+)?)?\s*(?<zone>Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Milliseconds since 1970 of a date, or a date and time, that a person wrote; undefined where it is none. Without an
 * offset it is meant where the person is: `Date.parse` would take a date alone for one in Greenwich.
 */
export function parseInstant(text: string): number | undefined {
  const groups = form.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const { year, month, day, hour = "00", minute = "00", second = "00", zone } = groups;
  const isReal = Number(hour) < 24 && isDay(Number(year), Number(month), Number(day));
  if (!isReal) return undefined;
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset(zone)}`);
  return Number.isNaN(instant) ? undefined : instant;
}

/** `Date` takes the 31st of February for the 3rd of March, as it takes 24:00 for the next day. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** As `Date.parse` demands it, which takes a time without one for local time. */
function offset(zone: string | undefined): string {
  if (zone === undefined) return "";
  return zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
}
