import { DatabaseSync } from "node:sqlite";
import { type Clock, hour } from "../../src/base/clock.ts";
import type { Disposable } from "../../src/base/lifecycle.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { PendingRecoveries } from "../../src/core/recovery/pendingRecoveries.ts";
import { Bulletin } from "../../src/core/windows/bulletin.ts";
import { Claims } from "../../src/core/windows/claims.ts";
import { SharedNotes } from "../../src/core/windows/keeper.ts";
import { openSharedDatabase, prepare } from "../../src/core/windows/sharedDatabase.ts";
import { Turns } from "../../src/core/windows/turns.ts";

/** What a window agrees with others through. */
export interface Agreement extends Disposable {
  readonly database: DatabaseSync;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  readonly turns: Turns;
  readonly bulletin: Bulletin;
  readonly lapses: PendingRecoveries;
}

/** Tests let weeks go by: looking for posts twice a second would be most of what they do. */
const seldom = 12 * hour;

/** Opens the database that windows share at `file`, or one that this window has for itself. */
export function openAgreement(clock: Clock, file?: string): Agreement {
  const database =
    file === undefined ? prepare(new DatabaseSync(":memory:")) : openSharedDatabase(file, silentLogger).database;
  const claims = new Claims(database, clock);
  const notes = new SharedNotes(database);
  const bulletin = new Bulletin(database, clock, silentLogger, seldom);
  const turns = new Turns({ claims, clock, logger: silentLogger });
  const dispose = (): void => {
    bulletin.dispose();
    if (database.isOpen) database.close();
  };
  return { database, claims, notes, turns, bulletin, lapses: new PendingRecoveries(notes), dispose };
}
