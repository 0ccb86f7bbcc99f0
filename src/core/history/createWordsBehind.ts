import type { DatabaseSync } from "node:sqlite";

/**
 * Words are put into their index some moments after an entry is stored (wordIndex.ts). `past.words_through` is the entry
 * up to which that is done.
 */
export function createWordsBehind(database: DatabaseSync): void {
  database.exec(`
    ALTER TABLE past ADD COLUMN words_through INTEGER NOT NULL DEFAULT 0;
    UPDATE past SET words_through = (SELECT ifnull(max(id), 0) FROM event);
  `);
}
