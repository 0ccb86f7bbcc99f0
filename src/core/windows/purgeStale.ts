import { type Clock, day } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claims } from "./claims.ts";
import type { SharedNotes } from "./keeper.ts";

/** Forgets what windows that are long gone have left behind. Never throws: another time will do. */
export function purgeStale(what: {
  readonly claims: Pick<Claims, "purge">;
  readonly notes: Pick<SharedNotes, "purgeWindows">;
  readonly clock: Clock;
  readonly logger: Logger;
}): void {
  try {
    what.claims.purge();
    what.notes.purgeWindows(what.clock.now() - day);
  } catch (error) {
    what.logger.warn(`What windows left behind could not be removed: ${describeCauses(error)}`);
  }
}
