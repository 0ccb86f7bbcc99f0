/** `SIMULATION_SEED=<n> node test/simulation/replay.ts [--trace]`: runs one seed again, and says what was broken. */
import { MachineDatabase } from "./world/playedDatabase.ts";
import { simulate } from "./simulate.ts";

const seed = Number(process.env["SIMULATION_SEED"]);
const began = performance.now();
const outcome = await simulate(seed, [new MachineDatabase(), new MachineDatabase()], true);
const lines = process.argv.includes("--trace") ? outcome.lines : [];
const broken = outcome.violations.map(({ invariant, what }) => `✖ ${invariant}: ${what}`);
const { steps, lapses, unavoidable, mostCalls } = outcome;
const took = Math.round(performance.now() - began);
const summary = `seed ${seed}: ${broken.length} broken, ${steps} steps, ${lapses} lapses, ${unavoidable} unavoidable, at most ${mostCalls} calls a day, ${took} ms`;
process.stdout.write([...lines, ...broken, summary, ""].join("\n"));
if (broken.length > 0) process.exitCode = 1;
