import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { refusalProblem } from "./relayProblems.ts";
import { type RelayAnswer, type RelayRequest, askRelay, strangersAnswer } from "./relayRequest.ts";

/** What is told to the person where the relay does not know what it was asked for. */
export type TooOld = (relayUrl: string) => Problem;

/**
 * Asks the relay about the channel, with the channel's key unless `request` has another. An answer that is no success is a
 * problem: the relay's own by its code, and whatever else came back as what it is.
 */
export async function askOfChannel(
  { relayUrl, readKey }: Pick<RelayChannel, "relayUrl" | "readKey">,
  path: string,
  request: RelayRequest,
  tooOld: TooOld = relayTooOld,
): Promise<Result<RelayAnswer, Problem>> {
  const answer = await askRelay(relayUrl, path, { key: readKey, ...request });
  if (!answer.ok || (answer.value.status >= 200 && answer.value.status <= 299)) return answer;
  return fail(problemOf(relayUrl, answer.value, tooOld));
}

function problemOf(relayUrl: string, answer: RelayAnswer, tooOld: TooOld): Problem {
  switch (answer.code) {
    case undefined:
      return strangersAnswer(relayUrl, answer);
    case "UNKNOWN_PATH":
    case "METHOD_NOT_ALLOWED":
      return tooOld(relayUrl);
    case "WRONG_KEY":
      return refusalProblem("wrong-key", relayUrl);
    case "UNKNOWN_CHANNEL":
      return refusalProblem("unknown-channel", relayUrl);
    case "READ_ONLY_KEY":
      return notOwner();
    case "TOO_MANY_READERS":
      return tooManyReaders();
    case "MALFORMED_ANSWER":
      return answerNotGiven(relayUrl);
    default:
      return declined(relayUrl, answer.status);
  }
}

/** Of a relay that does not know what it was asked for. */
export function relayTooOld(relayUrl: string): Problem {
  const message = l10n.t("The relay at {0} is too old for this. Ask its operator to update it.", relayUrl);
  return { code: "RELAY_TOO_OLD", message, remedy: "none" };
}

/** Of a channel that was shared with this editor. */
export function notOwner(): Problem {
  const message = l10n.t("This relay address was shared with you. Only the person who shared it can do that.");
  return { code: "RELAY_NOT_OWNER", message, remedy: "none" };
}

function tooManyReaders(): Problem {
  const message = l10n.t(
    "You share this relay address with as many colleagues as the relay allows. Stop sharing with one of them first.",
  );
  return { code: "RELAY_TOO_MANY_READERS", message, remedy: "none" };
}

/** Of an answer that the owner chose for senders. */
function answerNotGiven(relayUrl: string): Problem {
  const message = l10n.t(
    "The relay at {0} can't send this answer. Choose another status, other headers, or a shorter body.",
    relayUrl,
  );
  return { code: "RELAY_ANSWER_NOT_GIVEN", message, remedy: "retry" };
}

function declined(relayUrl: string, status: number): Problem {
  const message = l10n.t("The relay at {0} cannot do this now (status {1}). Try again later.", relayUrl, status);
  return { code: "RELAY_DECLINED", message, remedy: "retry" };
}
