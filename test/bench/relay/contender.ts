import { generateSealingKeyPair } from "../../../src/protocol/sealing.ts";
import { type BenchChannel, ServerUnderTest } from "./serverUnderTest.ts";

/** What is held against each other: the floor, the relay with channels in the clear, the relay with sealed ones. */
export const contenderNames = ["floor", "clear", "sealed"] as const;
export type ContenderName = (typeof contenderNames)[number];

/** A server together with the kind of channel that is made on it. */
export interface Contender {
  readonly name: ContenderName;
  readonly server: ServerUnderTest;
  readonly createChannels: (count: number) => Promise<BenchChannel[]>;
}

/** No limit of the relay's on rates and numbers is to show in the figures, and no log line. */
const relayArguments = [
  ...["--max-events-per-second", "0", "--max-kib-per-second", "0", "--max-new-channels", "0"],
  ...["--max-connections-per-address", "0"],
  ...["--max-events", "1000000", "--max-channel-mib", "1024", "--log-level", "error"],
];

/** Starts a relay, and gives it as two contenders. */
export async function startRelay(dataDir: string): Promise<readonly [clear: Contender, sealed: Contender]> {
  const server = await ServerUnderTest.start("relay", ["--data-dir", dataDir, ...relayArguments]);
  const { publicKey } = await generateSealingKeyPair();
  return [
    { name: "clear", server, createChannels: async count => server.createChannels(count) },
    { name: "sealed", server, createChannels: async count => server.createChannels(count, publicKey) },
  ];
}

/** Starts the floor. With `keep` it remembers its events. */
export async function startFloor(keep: boolean): Promise<Contender> {
  const server = await ServerUnderTest.start("floor", keep ? ["--keep"] : []);
  return { name: "floor", server, createChannels: async count => server.createChannels(count) };
}

/** What the rounds gave, for those that took part. */
export type Rounds<T> = Partial<Record<ContenderName, T[]>>;

/** Has each contender measured once per round, the first of one round last in the next. */
export async function interleave<C extends { readonly name: ContenderName }, T>(
  contenders: readonly C[],
  count: number,
  measure: (contender: C) => Promise<T>,
): Promise<Rounds<T>> {
  const rounds: Rounds<T> = {};
  for (let round = 0; round < count; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      (rounds[contender.name] ??= []).push(await measure(contender));
    }
  }
  return rounds;
}
