import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { type RelayAnswer, askRelay } from "./relayRequest.ts";

/**
 * Has the relay delete a channel with all its events. A success only where the relay itself says that it has no such
 * channel: what stands in between may answer anything else. Throws CancelledError when `signal` aborts.
 */
export async function deleteRelayChannel(
  { relayUrl, channel, readKey }: Pick<RelayChannel, "relayUrl" | "channel" | "readKey">,
  signal?: AbortSignal,
): Promise<Result<void, Problem>> {
  const ask = async (): ReturnType<typeof askRelay> =>
    askRelay(relayUrl, relayPaths.channel(channel), { method: "DELETE", key: readKey, signal });
  let answer = await ask();
  // Done, says whoever that was. Whether it was the relay shows when it is asked again.
  if (answer.ok && answer.value.status === 204) answer = await ask();
  if (!answer.ok) return answer;
  return isGone(answer.value) ? succeed(undefined) : fail(notDeleted(relayUrl, answer.value.status));
}

function isGone({ status, code }: RelayAnswer): boolean {
  return status === 404 && code === "UNKNOWN_CHANNEL";
}

function notDeleted(relayUrl: string, status: number): Problem {
  const message = l10n.t("The relay at {0} did not delete the channel (status {1}).", relayUrl, status);
  return { code: "RELAY_CHANNEL_NOT_DELETED", message, remedy: "none" };
}
