import { DatabaseSync } from "node:sqlite";
import { type Clock, hour } from "../../src/base/clock.ts";
import type { Disposable } from "../../src/base/lifecycle.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { PendingRecoveries } from "../../src/core/recovery/pendingRecoveries.ts";
import { Bulletin } from "../../src/core/windows/bulletin.ts";
import { Claims } from "../../src/core/windows/claims.ts";
import { SharedNotes } from "../../src/core/windows/keeper.ts";
import { type StatementSource, openSharedDatabase, prepareShared } from "../../src/core/windows/sharedDatabase.ts";
import { JointTurns } from "../../src/core/windows/jointTurns.ts";

/** What a window agrees with others through. */
export interface Agreement extends Disposable {
  readonly database: StatementSource;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  readonly turns: JointTurns;
  readonly bulletin: Bulletin;
  readonly lapses: PendingRecoveries;
}

/** Tests let weeks go by: looking for posts twice a second would be most of what they do. */
const seldom = 12 * hour;

/** Opens the database that windows share at `file`, or one that this window has for itself. */
export function openAgreement(clock: Clock, file?: string, interval = seldom): Agreement {
  const shared = file === undefined ? openInMemory() : openSharedDatabase(file, silentLogger, clock);
  const { database } = shared;
  const claims = new Claims(database, clock);
  const notes = new SharedNotes(database);
  const bulletin = new Bulletin(database, clock, silentLogger, interval);
  const turns = new JointTurns({ claims, clock, logger: silentLogger });
  const dispose = (): void => {
    bulletin.dispose();
    shared.dispose();
  };
  return { database, claims, notes, turns, bulletin, lapses: new PendingRecoveries(notes), dispose };
}

function openInMemory(): Disposable & { readonly database: StatementSource } {
  const database = new DatabaseSync(":memory:");
  prepareShared(database);
  return { database, dispose: () => database.close() };
}
