/**
 * `npm run bench -- peers`: the relay beside what somebody might use in its place, each with the same load of 32 senders
 * and one reader, as far as it is installed here. A kill is SIGKILL under load while the reader is away: what was accepted
 * before and is never delivered is lost.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { repositoryRoot } from "../workbench/repository.ts";
import { withPeersSection } from "./figures/peersSection.ts";
import { localtunnelPeer } from "./peers/localtunnelPeer.ts";
import { nchanPeer } from "./peers/nchanPeer.ts";
import type { Peer } from "./peers/peer.ts";
import { relayPeer } from "./peers/relayPeer.ts";
import { smeePeer } from "./peers/smeePeer.ts";
import { type TrialResult, tryOut } from "./peers/trial.ts";

const peers: readonly Peer[] = [relayPeer, nchanPeer, smeePeer, localtunnelPeer];
const heading = ["", "accepted/s", "delivered/s", "lost at a kill", "kept while away", "integers", "headers"];

const explanation = [
  "Written by `npm run bench -- peers`. Each takes the same load: 32 senders that post 1.2 KB as fast as they are answered,",
  "and one reader that opens what it gets. Delivered is what the reader had when the senders stopped. Then the reader is",
  "away while 500 events are accepted, and away again while the server is ended at once under load (SIGKILL) and started",
  "again. Kept and lost count what was accepted with a 2xx. A tunnel such as localtunnel keeps nothing itself: its senders",
  "get the answer of the reader's machine, and none while the reader is away.",
];
const notCompared = [
  "Not compared: ntfy and gosmee. Both are written in Go, and neither npm nor Debian 12 has them: what npm calls `ntfy` only",
  "sends. [Contributing](contributing.md#tests) says how to install the others.",
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function row(name: string, result: TrialResult): string[] {
  return [
    name,
    Math.round(result.acceptedPerSecond).toLocaleString("en"),
    Math.round(result.deliveredPerSecond).toLocaleString("en"),
    share(result.lostAtKill, result.acceptedBeforeKill),
    share(result.keptWhileAway, result.acceptedWhileAway),
    result.exactIntegers ? "exact" : "changed",
    result.headers,
  ];
}

function share(part: number, accepted: number): string {
  if (accepted === 0) return "none accepted";
  return `${part.toLocaleString("en")} of ${accepted.toLocaleString("en")}`;
}

async function measure(peer: Peer): Promise<string[]> {
  const { name } = peer;
  const running = await peer.start();
  if (typeof running === "string") return [name, running, "", "", "", "", ""];
  try {
    return row(name, await tryOut(running));
  } finally {
    await running.stop();
  }
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = [line(heading), line(heading.map((_, column) => (column === 0 || column > 4 ? "---" : "--:")))];
for (const peer of peers) {
  table.push(line(await measure(peer)));
  say(table.at(-1) ?? "");
}
const file = join(repositoryRoot, "docs", "figures.md");
const page = withPeersSection(readFileSync(file, "utf8"), [...explanation, "", ...table, "", ...notCompared]);
writeFileSync(file, await format(page, { ...(await resolveConfig(file)), parser: "markdown" }));
