import type { Clock } from "../../base/clock.ts";
import type { SecretVault } from "./connection.ts";
import { withPatience } from "./vaultPatience.ts";

/**
 * The vault for what must go on without it: reading is given up with a ProblemError where it takes too long, so that no
 * later work waits behind it. `onLate` hears that the vault has answered after all.
 */
export function patientVault(vault: SecretVault, clock: Clock, onLate: () => void): SecretVault {
  const { exclusive } = vault;
  return {
    get: async key => {
      const work = vault.get(key);
      try {
        return await withPatience(clock, work);
      } catch (error) {
        work.then(onLate, () => undefined);
        throw error;
      }
    },
    store: async (key, value) => vault.store(key, value),
    delete: async key => vault.delete(key),
    onDidChange: listener => vault.onDidChange(listener),
    ...(exclusive === undefined ? {} : { exclusive }),
  };
}
