import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { DoomedEntries } from "./doomedEntries.ts";
import { importedPlace } from "./importLog.ts";
import { isKept } from "./isKept.ts";
import { localPlace } from "./localLog.ts";
import { placeRow } from "./places.ts";
import { recoveredPlace } from "./recoveredLog.ts";
import { Removal } from "./removal.ts";

/** Other numbers are counted by each database for itself. */
const numberedByRelays = `relay NOT IN ('${localPlace}', '${importedPlace}', '${recoveredPlace}')`;

type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * What relays delivered to a window with its history in memory, and was taken away there, is taken away from the file, and
 * does not come back to it. Belongs inside a transaction, once the file has what is left in memory.
 */
export function joinRemovals(memory: DatabaseSync, file: DatabaseSync): void {
  const places = memory.prepare(`SELECT * FROM place WHERE ${numberedByRelays}`).all();
  const ids = places.flatMap(place => joinPlace(memory, file, place));
  if (ids.length > 0) new Removal(file, new DoomedEntries(file), Infinity).delete(ids);
  const { until } = memory.prepare("SELECT forgotten_until AS until FROM past").get() ?? {};
  file.prepare("UPDATE past SET forgotten_until = max(forgotten_until, ?)").run(until ?? 0);
}

/** Gives the ids of what the file has and the memory has no more. */
function joinPlace(memory: DatabaseSync, file: DatabaseSync, { id, relay, channel, ...place }: Row): readonly number[] {
  const there = placeRow(file, String(relay), String(channel));
  const { last_sequence: last = 0, forgotten_through: forgotten = 0 } = place;
  file
    .prepare(
      "UPDATE place SET last_sequence = max(last_sequence, ?), forgotten_through = max(forgotten_through, ?) WHERE id = ?",
    )
    .run(last, forgotten, there);
  const sequences = JSON.stringify(takenAway(memory, Number(id)));
  file
    .prepare("INSERT OR IGNORE INTO dropped (place, sequence) SELECT ?, value FROM json_each(?) WHERE value > ?")
    .run(there, sequences, forgotten);
  return file
    .prepare(
      `SELECT id FROM event WHERE place = ? AND gap_count = 0 AND sequence IN (SELECT value FROM json_each(?))
         AND ${isKept("id")}`,
    )
    .all(there, sequences)
    .map(row => Number(row["id"]));
}

/** The sequences of what has left the tables, and of what is about to. */
function takenAway(memory: DatabaseSync, place: number): readonly number[] {
  return memory
    .prepare(
      `SELECT sequence FROM taken_out WHERE place = ?1
       UNION SELECT sequence FROM event WHERE place = ?1 AND gap_count = 0 AND NOT ${isKept("id")}`,
    )
    .all(place)
    .map(row => Number(row["sequence"]));
}
