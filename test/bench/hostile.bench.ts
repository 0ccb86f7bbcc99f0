/**
 * `npm run bench -- hostile`: a million hostile inputs from a seed against a relay in a process of its own. Nothing may
 * break, no event may get into another channel, and nothing may be held in the end: memory is looked at all the while.
 * `HOSTILE_INPUTS` and `HOSTILE_SEED` choose others.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Assault, assertUntouched, batches, marker } from "../support/assault.ts";
import { httpLimits } from "../../src/protocol/relayLimits.ts";
import { freePort } from "../support/freePort.ts";
import type { Targets } from "../support/hostileInput.ts";
import { createTestChannel, post } from "../support/testRelay.ts";
import { ServerUnderTest } from "./relay/serverUnderTest.ts";

const wanted = Number(process.env["HOSTILE_INPUTS"] ?? 1_000_000);
const seed = Number(process.env["HOSTILE_SEED"] ?? 20_260_105);
const warmUp = 10_000;
const mostGrowth = 1.5;
const looks = 20;

const noLimits = ["--max-events-per-second", "0", "--max-kib-per-second", "0", "--max-streams-per-channel", "1000"];
/** What is kept of accepted input is bounded, so that what grows is a leak. */
const bounds = ["--max-events", "2000", "--log-level", "error"];

/** As in docs/operate-a-relay.md: Node keeps the room of its young objects once it had it, and that is not to be much. */
const asOperated = ["--max-semi-space-size=16"];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** Resident bytes after each part of the input, from the end of the warm-up on. */
async function attack(server: ServerUnderTest, assault: Assault, targets: Targets): Promise<readonly number[]> {
  const memory: number[] = [];
  for (let batch = 0; assault.sent < wanted; batch++) {
    const [input] = fc.sample(batches(targets), { seed: seed + batch, numRuns: 1 });
    if (input !== undefined) await assault.send(input);
    const due = memory.length === 0 ? warmUp : warmUp + (memory.length * (wanted - warmUp)) / looks;
    if (assault.sent < due) continue;
    memory.push(await server.memory());
    say(`  ${assault.sent} inputs, ${assault.acknowledged} kept, ${megabytes(memory.at(-1) ?? 0)}`);
  }
  return memory;
}

const readings = ["relay_unstored_bytes", "relay_unsent_bytes", "relay_streams", "relay_connections"];

/** Requests, streams and connections come to their end once nobody is there any more, within the relay's own limits. */
async function untilNothingIsHeld(metricsPort: number): Promise<void> {
  const late = performance.now() + 2 * httpLimits.idleTimeout;
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const held = readings.map(name => new RegExp(`^${name} \\d+$`, "m").exec(text)?.[0] ?? `no ${name}`);
    if (held.every(reading => reading.endsWith(" 0"))) return;
    if (performance.now() > late) throw new Error(`Held though nobody is connected: ${held.join(", ")}`);
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

async function run(server: ServerUnderTest, metricsPort: number): Promise<boolean> {
  const url = `http://127.0.0.1:${server.port}`;
  const targets = { mine: await createTestChannel(url), other: await createTestChannel(url) };
  if ((await post(targets.other.ingestUrl, marker)) !== 200) throw new Error("The marker was not kept.");
  const assault = new Assault(url, targets);
  const began = performance.now();
  const [first = NaN, ...later] = await attack(server, assault, targets);
  const seconds = (performance.now() - began) / 1_000;
  await assertUntouched(url, targets, assault.acknowledged);
  await untilNothingIsHeld(metricsPort);
  const [most, last] = [Math.max(first, ...later), later.at(-1) ?? first];
  const isBounded = most <= mostGrowth * first;
  say(`\n${assault.sent} inputs from seed ${seed} in ${Math.round(seconds)} s, ${assault.acknowledged} kept.`);
  say("No crash, no wrong answer, nothing in another channel, nothing held in the end.");
  say(
    `Memory: ${megabytes(first)} after the first ${warmUp}, at most ${megabytes(most)} (× ${(most / first).toFixed(2)}, ` +
      `target ≤ ${mostGrowth}: ${isBounded ? "met" : "missed"}), ${megabytes(last)} in the end.`,
  );
  return isBounded;
}

const dataDir = mkdtempSync(join(tmpdir(), "relay-hostile-"));
const metricsPort = await freePort();
const options = ["--data-dir", dataDir, "--metrics-port", String(metricsPort), ...noLimits, ...bounds];
const server = await ServerUnderTest.start("relay", options, asOperated);
try {
  if (!(await run(server, metricsPort))) process.exitCode = 1;
} finally {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
}
