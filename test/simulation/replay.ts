/** `SIMULATION_SEED=<n> node test/simulation/replay.ts [--trace]`: runs one seed again, and says what was broken. */
import { replaySeed } from "./replaySeed.ts";
import { simulate } from "./simulate.ts";
import { MachineDatabase } from "./world/playedDatabase.ts";

await replaySeed(async seed => {
  const outcome = await simulate(seed, [new MachineDatabase(), new MachineDatabase()], true);
  const { lines, steps, lapses, unavoidable, mostCalls } = outcome;
  const broken = outcome.violations.map(({ invariant, what }) => `${invariant}: ${what}`);
  const summary = `${steps} steps, ${lapses} lapses, ${unavoidable} unavoidable, at most ${mostCalls} calls a day`;
  return { lines, broken, summary };
});
