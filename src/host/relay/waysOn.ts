import type { RelayState } from "../../core/relay/relaySession.ts";
import { type CommandId, commandIds } from "../names.ts";

const waysByCode: Readonly<Record<string, readonly CommandId[]>> = {
  RELAY_NEEDS_CREATE_KEY: [commandIds.joinRelay],
  RELAY_WRONG_CREATE_KEY: [commandIds.joinRelay],
  RELAY_NOT_SHARED: [commandIds.joinRelay, commandIds.newRelayChannel],
  RELAY_WRONG_KEY: [commandIds.newRelayChannel],
  RELAY_UNKNOWN_CHANNEL: [commandIds.newRelayChannel],
  RELAY_CHANNEL_DELETED: [commandIds.newRelayChannel],
  CHANNEL_DAMAGED: [commandIds.newRelayChannel],
  RELAY_NOT_UNDERSTOOD: [commandIds.openSettings],
};

/** The commands that the sentence of a refusal speaks of, for the places that show it. */
export function waysOn(state: RelayState): readonly CommandId[] {
  return state.kind === "refused" ? (waysByCode[state.problem.code] ?? []) : [];
}
