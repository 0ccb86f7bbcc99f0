/**
 * `npm run bench -- front`: a million requests, most of them nearly plain, to the relay's front and to node:http alone,
 * which must understand and answer the same. `FRONT_CONNECTIONS` and `FUZZ_SEED` choose others.
 */
import { isDeepStrictEqual } from "node:util";
import { FrontDuel } from "../support/frontDuel.ts";
import { nearlyPlain, seeded } from "../support/nearlyPlain.ts";

/** A connection has one request and a half on average. */
const connections = Number(process.env["FRONT_CONNECTIONS"] ?? 670_000);
const random = seeded(Number(process.env["FUZZ_SEED"] ?? 20_260_105));
const atOnce = 16;
const shown = 5;
const reportEvery = 10_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const duel = new FrontDuel();
await duel.listen();
let left = connections;
let done = 0;
let differences = 0;

async function fight(): Promise<void> {
  while (left-- > 0) {
    const pieces = nearlyPlain(random);
    const [plain, fronted] = await duel.send(pieces);
    done += 1;
    if (done % reportEvery === 0) say(`${done} connections, ${duel.sent} requests, ${duel.taken} taken by the front`);
    if (isDeepStrictEqual(plain, fronted)) continue;
    differences += 1;
    if (differences <= shown) say(JSON.stringify({ pieces, plain, fronted }));
  }
}

await Promise.all(Array.from({ length: atOnce }, fight));
duel.close();
say(`${done} connections, ${duel.sent} requests, ${duel.taken} taken by the front, ${differences} differences`);
if (differences > 0) process.exitCode = 1;
