import { type ReadEvent, notificationOf } from "./readEvent.ts";

/** What is sent one after another: everything about one record. An event about no record waits for nobody. */
export function lanesOf(read: ReadEvent): readonly string[] {
  return notificationOf(read)?.recordIds ?? [];
}
