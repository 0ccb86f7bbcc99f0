import { type Clock, second, sleep } from "../../base/clock.ts";
import { vaultSlow } from "./vaultProblems.ts";

/** Longer than a vault takes that asks nobody; a keyring that waits for a person may take for ever. */
const patience = 10 * second;

/**
 * For what must go on without the vault: gives what `work` with it gives, or rejects with a ProblemError where that takes
 * too long. The work itself goes on in its turn, so that what is to be written is written once the vault answers.
 */
export async function withPatience<T>(clock: Clock, work: Promise<T>): Promise<T> {
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
