import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ChosenAnswer, answerShownSchema } from "../../protocol/chosenAnswer.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { askOfChannel } from "./askOfChannel.ts";
import type { RelayRequest } from "./relayRequest.ts";

/** What the channel's senders get once their event is kept; undefined: the relay's own answer. */
export async function readChannelAnswer(
  channel: RelayChannel,
  signal?: AbortSignal,
): Promise<Result<ChosenAnswer | undefined, Problem>> {
  return ask(channel, { method: "GET", signal });
}

/** Has the relay give this answer from now on; undefined: its own. Gives what the relay has taken down. */
export async function setChannelAnswer(
  channel: RelayChannel,
  answer: ChosenAnswer | undefined,
  signal?: AbortSignal,
): Promise<Result<ChosenAnswer | undefined, Problem>> {
  return ask(channel, { method: "PUT", body: { answer: answer ?? null }, signal });
}

async function ask(channel: RelayChannel, request: RelayRequest): Promise<Result<ChosenAnswer | undefined, Problem>> {
  const answer = await askOfChannel(channel, relayPaths.channelAnswer(channel.channel), request, tooOld);
  if (!answer.ok) return answer;
  const shown = v.safeParse(answerShownSchema, answer.value.body);
  return shown.success ? succeed(shown.output.answer ?? undefined) : fail(tooOld(channel.relayUrl));
}

function tooOld(relayUrl: string): Problem {
  const message = l10n.t(
    "The relay at {0} is too old to send an answer that you choose. Ask its operator to update it.",
    relayUrl,
  );
  return { code: "RELAY_CANNOT_ANSWER", message, remedy: "configure-relay" };
}
