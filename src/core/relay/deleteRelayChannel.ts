import * as l10n from "@vscode/l10n";
import { type Clock, second, sleep } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { type RelayAnswer, askRelay } from "./relayRequest.ts";

const newerEventsCode = "RELAY_NEWER_EVENTS";

/** What deleting takes. The relay takes either key where it is not certain yet which of them it knows. */
export type DeletableChannel = Pick<RelayChannel, "relayUrl" | "channel" | "readKey" | "formerReadKey">;

export interface DeleteChannelOptions {
  /** Only if no event has come in after this sequence. Relays that are too old to look delete whatever there is. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often it is asked whether the channel is gone, with a pause in between. */
const mostQuestions = 3;
const pause = 2 * second;

/**
 * Has the relay delete a channel with all its events. A success only where the relay itself says that it has no such
 * channel: what stands in between may answer anything else. Throws CancelledError when `signal` aborts.
 */
export async function deleteRelayChannel(
  { relayUrl, channel, readKey, formerReadKey }: DeletableChannel,
  clock: Clock,
  { after, signal }: DeleteChannelOptions = {},
): Promise<Result<void, Problem>> {
  const path = relayPaths.channel(channel) + (after === undefined ? "" : `?after=${after}`);
  const ask = async (key: string): ReturnType<typeof askRelay> =>
    askRelay(relayUrl, path, { method: "DELETE", key, signal });
  let key = readKey;
  let answer = await ask(key);
  if (formerReadKey !== undefined && answer.ok && isWrongKey(answer.value)) answer = await ask((key = formerReadKey));
  // Done, says whoever that was. Whether it was the relay shows when it is asked again; its other nodes hear of it later.
  for (let asked = 0; asked < mostQuestions && answer.ok && answer.value.status === 204; asked++) {
    if (asked > 0) await sleep(clock, pause, signal);
    answer = await ask(key);
  }
  if (!answer.ok) return answer;
  if (isGone(answer.value)) return succeed(undefined);
  return fail(hasMore(answer.value) ? newerEvents(relayUrl) : notDeleted(relayUrl, answer.value.status));
}

/** Whether the channel stays because events have come in that were not read yet. */
export function isForNewerEvents({ code }: Problem): boolean {
  return code === newerEventsCode;
}

function isWrongKey({ status, code }: RelayAnswer): boolean {
  return status === 401 && code === "WRONG_KEY";
}

function isGone({ status, code }: RelayAnswer): boolean {
  return status === 404 && code === "UNKNOWN_CHANNEL";
}

function hasMore({ status, code }: RelayAnswer): boolean {
  return status === 409 && code === "NEWER_EVENTS";
}

function newerEvents(relayUrl: string): Problem {
  const message = l10n.t(
    "The channel at {0} wasn't deleted, because events keep arriving there. Find out what still sends to it first.",
    relayUrl,
  );
  return { code: newerEventsCode, message, remedy: "none" };
}

function notDeleted(relayUrl: string, status: number): Problem {
  const message = l10n.t("The relay at {0} did not delete the channel (status {1}).", relayUrl, status);
  return { code: "RELAY_CHANNEL_NOT_DELETED", message, remedy: "none" };
}
