import { minute, second } from "../../base/clock.ts";
import type { HeldTurns, JointTurns } from "../windows/jointTurns.ts";

/** Longer than reading and one request may take; whoever takes longer extends it. */
export const turnLife = 2 * minute;

/** For so long, in milliseconds, a reading is good to write on: Zoho compares nothing, and others write too. */
export const freshness = 30 * second;

/** How long a person's command waits for another window that is at the same channel. */
export const patienceOfPeople = 15 * second;

/** The right to be the only one, in any window, that reads these channels of a connection and writes them. */
export interface ChannelTurn {
  readonly held: readonly string[];
  /** Another window is at them. */
  readonly busy: readonly string[];
  /** False where one has become another's, because this took too long. */
  extend(): boolean;
  dispose(): void;
}

/** Takes the turn for as many of the channels as can be had within `patience` milliseconds. */
export async function takeChannels(
  turns: JointTurns,
  connectionId: string,
  channelIds: readonly string[],
  patience: number,
): Promise<ChannelTurn> {
  const keyOf = (channelId: string): string => `channel/${connectionId}/${channelId}`;
  const turn: HeldTurns = await turns.take(channelIds.map(keyOf), { life: turnLife, patience });
  return {
    held: channelIds.filter(id => turn.held.has(keyOf(id))),
    busy: channelIds.filter(id => !turn.held.has(keyOf(id))),
    extend: () => turn.extend(turnLife),
    dispose: () => turn.dispose(),
  };
}
