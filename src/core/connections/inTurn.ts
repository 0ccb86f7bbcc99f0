import type { SecretVault } from "./connection.ts";

/** What work gives that wrote nothing, as its turn had become another window's: what it read may be old by now. */
export const turnLost: unique symbol = Symbol("turn lost");

/** A machine that sleeps at every try is not waited for: at the last one, work goes on as without turns. */
const mostTries = 3;

/**
 * Runs what reads a secret, changes it and writes it again while no other window does so. `work` asks `isOurs` before it
 * writes, and begins again, with another turn, where it gives {@link turnLost}: the machine may have slept since it read.
 */
export async function inTurn<T>(
  { exclusive }: Pick<SecretVault, "exclusive">,
  key: string,
  work: (isOurs: () => boolean) => Promise<T | typeof turnLost>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const mayWrite = (isOurs: () => boolean) => (): boolean => tries >= mostTries || isOurs();
    const outcome = await (exclusive === undefined
      ? work(() => true)
      : exclusive(key, async isOurs => work(mayWrite(isOurs))));
    if (outcome !== turnLost) return outcome;
  }
}
