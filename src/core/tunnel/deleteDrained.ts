import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import { type DeletableChannel, deleteRelayChannel, isForNewerEvents } from "../relay/deleteRelayChannel.ts";
import type { RelayState } from "../relay/relaySession.ts";
import type { ChannelDrain } from "./channelDrain.ts";

/** How often it is read on where events came in until the relay was asked. */
const mostRounds = 5;

/**
 * Has the relay delete a channel, with `keys` as they are kept now, once all that has come in there is here: also what
 * comes in between the last look and the deletion. On failure it is as before.
 */
export async function deleteDrained(
  drain: ChannelDrain,
  keys: Pick<DeletableChannel, "readKey" | "formerReadKey">,
  clock: Clock,
): Promise<Result<void, Problem>> {
  for (let round = 1; ; round++) {
    const state = await drain.catchUp();
    if (state.kind !== "live" && !isGone(state)) return fail(notAllHere(drain.channel.relayUrl, state));
    const { relayUrl, channel } = drain.channel;
    // Also where it says that it has no such channel: another node may have, or this one again by now.
    const deleted = await deleteRelayChannel({ ...keys, relayUrl, channel }, clock, { after: drain.lastSequence });
    if (deleted.ok || !isForNewerEvents(deleted.error) || round === mostRounds) return deleted;
  }
}

/** The relay's last word: somebody has deleted the channel. */
export function isDeleted(state: RelayState): boolean {
  return state.kind === "refused" && state.problem.code === "RELAY_CHANNEL_DELETED";
}

/** The relay itself says that there is no such channel. */
export function isGone(state: RelayState): boolean {
  return isDeleted(state) || (state.kind === "refused" && state.problem.code === "RELAY_UNKNOWN_CHANNEL");
}

function notAllHere(relayUrl: string, state: RelayState): Problem {
  const message = l10n.t(
    "The channel at {0} wasn't deleted, because events may still be waiting there and couldn't be fetched now. Try again when the relay can be reached.",
    relayUrl,
  );
  return { code: "RELAY_NOT_DRAINED", message, remedy: "retry", cause: "problem" in state ? state.problem : undefined };
}
