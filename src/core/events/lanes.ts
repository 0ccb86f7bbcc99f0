import { type ReadEvent, notificationOf } from "./readEvent.ts";

/** An event about more records than this has {@link everyLane}. */
const mostLanes = 200;

/** The lane of an event about very many records: it goes alone. */
export const everyLane = "*";

/** What is sent one after another: everything about one record. An event about no record waits for nobody. */
export function lanesOf(read: ReadEvent): readonly string[] {
  const records = notificationOf(read)?.recordIds ?? [];
  return records.length > mostLanes ? [everyLane] : records;
}
