/**
 * `npm run bench -- simulation [SEEDS]`: 20,000 simulated runs of the subscription product (test/simulation), and how often
 * each kind of fault was injected. `SIMULATION_SEED` is the first seed.
 */
import { day } from "../../src/base/clock.ts";
import { brokenIn, failureLine, simulateMany } from "../simulation/manySeeds.ts";

const first = Number(process.env["SIMULATION_SEED"] ?? 1);
const count = Number(process.env["SIMULATION_SEEDS"] ?? 20_000);
const shown = 20;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const began = performance.now();
const { seeds, failures, faults, lasted, lapses, unavoidable, mostCalls } = await simulateMany(first, count);
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage();
const each = (user + system) / 1_000 / seeds;
say(
  `${seeds} runs, ${Math.round(lasted / day)} days of two machines, in ${seconds.toFixed(0)} s: ${each.toFixed(0)} ms of one processor each`,
);
say(
  `${lapses} channels ended while they were to be kept; ${unavoidable} writes crossed another's; at most ${mostCalls} calls a day`,
);
for (const [fault, times] of [...faults].toSorted()) say(`  ${fault.padEnd(36)} ${times}`);
say(`${failures.length} runs broke a rule.`);
for (const [invariant, times] of brokenIn(failures)) say(`  ${invariant}: ${times}`);
for (const failure of failures.slice(0, shown)) say(`  ${failureLine(failure)}`);
if (failures.length > 0) process.exitCode = 1;
