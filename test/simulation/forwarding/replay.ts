/** `SIMULATION_SEED=<n> node test/simulation/forwarding/replay.ts [--trace]`: runs one seed of forwarding again. */
import { replaySeed } from "../replaySeed.ts";
import { simulateForwarding } from "./simulateForwarding.ts";

await replaySeed(async seed => {
  const [outcome] = await simulateForwarding(seed, 1, true);
  const { violations = [], lines = [], sent = 0 } = outcome ?? {};
  return { lines, broken: violations, summary: `${sent} requests` };
});
