import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { SecretVault } from "./connection.ts";
import { vaultSlow } from "./vaultProblems.ts";

/** How long a window that closes waits for its vault, all in all: it has about five seconds, and may need none of it. */
const grace = second;

/** A vault for which nobody waits once its window closes. */
export interface ClosingVault extends SecretVault, Disposable {
  /** From a moment after this on, whatever is asked of the vault, or was before, rejects with a ProblemError. */
  readonly close: () => void;
}

/** The same vault until it is closed. An editor that quits may have put its secret storage away: it rejects, or is silent. */
export function closingVault(vault: SecretVault, clock: Clock): ClosingVault {
  const store = new DisposableStore();
  const waiting = new Set<(reason: Error) => void>();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    for (const reject of waiting) reject(vaultSlow());
  };
  const unlessOver = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isOver) throw vaultSlow();
    const over = Promise.withResolvers<T>();
    waiting.add(over.reject);
    try {
      return await Promise.race([work(), over.promise]);
    } finally {
      waiting.delete(over.reject);
    }
  };
  const { exclusive } = vault;
  return {
    get: async key => unlessOver(async () => vault.get(key)),
    store: async (key, value) => unlessOver(async () => vault.store(key, value)),
    delete: async key => unlessOver(async () => vault.delete(key)),
    onDidChange: vault.onDidChange,
    ...(exclusive === undefined
      ? {}
      : { exclusive: async (name, work) => unlessOver(async () => exclusive(name, work)) }),
    close: () => void store.add(clock.after(grace, end)),
    dispose: () => store.dispose(),
  };
}
