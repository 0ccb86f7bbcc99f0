/**
 * `npm run bench -- forwarding`: 5,000 simulated runs of forwarding (test/simulation/forwarding). `SIMULATION_SEED` is the
 * first seed, `SIMULATION_SEEDS` how many there are.
 */
import { failureLine, simulateForwarding } from "../simulation/forwarding/simulateForwarding.ts";

const first = Number(process.env["SIMULATION_SEED"] ?? 1);
const count = Number(process.env["SIMULATION_SEEDS"] ?? 5_000);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const outcomes = await simulateForwarding(first, count);
const failures = outcomes.filter(({ violations }) => violations.length > 0);
const { user, system } = process.cpuUsage();
const sent = outcomes.reduce((sum, outcome) => sum + outcome.sent, 0);
say(`${count} runs, ${sent} requests: ${((user + system) / 1_000 / count).toFixed(0)} ms of one processor each`);
const faults = new Map<string, number>();
for (const outcome of outcomes)
  for (const [fault, times] of outcome.faults) faults.set(fault, (faults.get(fault) ?? 0) + times);
for (const [fault, times] of [...faults].toSorted()) say(`  ${fault.padEnd(36)} ${times}`);
say(`${failures.length} runs broke a rule.`);
for (const failure of failures.slice(0, 20)) say(`  ${failureLine(failure)}`);
if (failures.length > 0) process.exitCode = 1;
