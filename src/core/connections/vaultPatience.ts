import { type Clock, minute, second, sleep } from "../../base/clock.ts";
import { vaultSlow } from "./vaultProblems.ts";

/** Longer than a vault takes that asks nobody; a keyring that waits for a person may take for ever. */
const usualPatience = 10 * second;

/** For what a person asked for and cannot be done without the vault: the keyring may ask while nobody is at the desk. */
export const patienceForPeople = 10 * minute;

/**
 * For what must go on without the vault: gives what `work` with it gives, or rejects with a ProblemError where that takes
 * longer than `patience` (milliseconds). The work itself goes on in its turn, so that what is to be written is written
 * once the vault answers.
 */
export async function withPatience<T>(clock: Clock, work: Promise<T>, patience = usualPatience): Promise<T> {
  const over = new AbortController();
  const late = sleep(clock, patience, over.signal).then(() => undefined);
  try {
    const done = await Promise.race([work.then(value => ({ value })), late]);
    if (done === undefined) throw vaultSlow();
    return done.value;
  } finally {
    over.abort();
  }
}
