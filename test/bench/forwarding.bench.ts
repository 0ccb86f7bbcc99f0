/**
 * `npm run bench -- forwarding`: 5,000 simulated runs of forwarding (test/simulation/forwarding). `SIMULATION_SEED` is the
 * first seed, `SIMULATION_SEEDS` how many there are.
 */
import { simulateForwarding } from "../simulation/forwarding/simulateForwarding.ts";

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
say(`${failures.length} runs broke a rule.`);
for (const { seed, violations } of failures.slice(0, 20)) say(`  seed ${seed}: ${violations[0] ?? ""}`);
if (failures.length > 0) process.exitCode = 1;
