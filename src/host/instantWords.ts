/** An instant in full, with its zone; milliseconds since 1970. */
export function instantInFull(instant: number): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
}

/** The time of day alone, for where there is no room; the tooltip beside it has the rest. */
export function timeOfDay(instant: number): string {
  return new Date(instant).toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
}
