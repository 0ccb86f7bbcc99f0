import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ChosenAnswer, answerShownSchema } from "../../protocol/chosenAnswer.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { notOwner } from "./askOfChannel.ts";
import { type RelayAnswer, type RelayRequest, askRelay, strangersAnswer } from "./relayRequest.ts";

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

async function ask(
  { relayUrl, channel, readKey }: RelayChannel,
  request: RelayRequest,
): Promise<Result<ChosenAnswer | undefined, Problem>> {
  const answer = await askRelay(relayUrl, relayPaths.channelAnswer(channel), { ...request, key: readKey });
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return fail(problemOf(relayUrl, answer.value));
  const shown = v.safeParse(answerShownSchema, answer.value.body);
  return shown.success ? succeed(shown.output.answer ?? undefined) : fail(tooOld(relayUrl));
}

function problemOf(relayUrl: string, answer: RelayAnswer): Problem {
  switch (answer.code) {
    case undefined:
      return strangersAnswer(relayUrl, answer);
    case "UNKNOWN_PATH":
    case "METHOD_NOT_ALLOWED":
      return tooOld(relayUrl);
    case "MALFORMED_ANSWER":
      return notGiven(relayUrl);
    case "READ_ONLY_KEY":
      return notOwner();
    default:
      return declined(relayUrl, answer.status);
  }
}

function tooOld(relayUrl: string): Problem {
  const message = l10n.t(
    "The relay at {0} is too old to send an answer that you choose. Ask its operator to update it.",
    relayUrl,
  );
  return { code: "RELAY_CANNOT_ANSWER", message, remedy: "configure-relay" };
}

function notGiven(relayUrl: string): Problem {
  const message = l10n.t(
    "The relay at {0} can't send this answer. Choose another status, other headers, or a shorter body.",
    relayUrl,
  );
  return { code: "RELAY_ANSWER_NOT_GIVEN", message, remedy: "retry" };
}

function declined(relayUrl: string, status: number): Problem {
  const message = l10n.t(
    "The relay at {0} can't show or change the answer of this channel (status {1}). Check the connection to it.",
    relayUrl,
    status,
  );
  return { code: "RELAY_ANSWER_DECLINED", message, remedy: "configure-relay" };
}
