import type { RelayState } from "../../core/relay/relaySession.ts";
import { type CommandId, commandIds } from "../names.ts";

const { joinRelay, newRelayChannel, openSettings, reconnectRelay, useOwnRelay } = commandIds;

const waysByCode: Readonly<Record<string, readonly CommandId[]>> = {
  RELAY_NEEDS_CREATE_KEY: [joinRelay, useOwnRelay],
  RELAY_WRONG_CREATE_KEY: [joinRelay, useOwnRelay],
  RELAY_NOT_SHARED: [joinRelay, newRelayChannel, useOwnRelay],
  RELAY_INVITATION_OVER: [joinRelay, newRelayChannel, useOwnRelay],
  RELAY_WRONG_KEY: [newRelayChannel],
  RELAY_UNKNOWN_CHANNEL: [newRelayChannel],
  RELAY_CHANNEL_DELETED: [newRelayChannel],
  CHANNEL_DAMAGED: [newRelayChannel],
  RELAY_NOT_UNDERSTOOD: [openSettings],
};

/** What leads on from where the relay is now, for the places that show its state. */
export function waysOn(state: RelayState): readonly CommandId[] {
  if (state.kind === "reconnecting") return [reconnectRelay];
  return state.kind === "refused" ? (waysByCode[state.problem.code] ?? []) : [];
}
