import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { type AnswerFault, type ChosenAnswer, answerLimits } from "../../protocol/chosenAnswer.ts";

/** What senders get, in one sentence; of undefined: the relay's own answer. */
export function answerSentence(answer: ChosenAnswer | undefined): string {
  if (answer === undefined) return l10n.t("Senders get the relay's own answer, {0}.", ownAnswer);
  const { status, challenge } = answer;
  return challenge === undefined
    ? l10n.t("Senders get status {0} from the relay.", status)
    : l10n.t("Senders get status {0} from the relay, or the value of “{1}” if they send one.", status, challenge.name);
}

/** The relay's own answer, in short. */
export const ownAnswer = '200 {"ok":true}';

/** Why an answer cannot be chosen. */
export function answerFaultSentence(fault: AnswerFault): string {
  switch (fault.kind) {
    case "status":
      return l10n.t("Enter a status from 200 to 599, other than 206.");
    case "body-with-status":
      return l10n.t("An answer with status {0} has no body.", fault.status);
    case "body-too-large":
      return l10n.t("The relay sends up to {0} bytes.", answerLimits.bodyBytes);
    case "too-many-headers":
      return l10n.t("The relay sends up to {0} headers.", answerLimits.headers);
    case "header-name":
      return l10n.t("“{0}” isn't a valid header name.", fault.name);
    case "header-value":
      return l10n.t(
        "The value of {0} isn't valid. Use up to {1} ASCII characters.",
        fault.name,
        answerLimits.valueLength,
      );
    case "repeated-header":
      return l10n.t("There is a header {0} already.", fault.name);
    case "reserved-header":
      return l10n.t("The relay doesn't allow the header {0}.", fault.name);
    case "content-type":
      return l10n.t("The relay doesn't allow the content type {0}.", fault.value);
    case "challenge-name":
      return l10n.t("Enter a name of up to {0} ASCII characters without spaces.", answerLimits.nameLength);
    default:
      return assertNever(fault);
  }
}
