import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Handling } from "../../protocol/event.ts";
import { formatNumber } from "./format.ts";
import type { Badge } from "./rowText.ts";
import { visibleLine } from "./visibleText.ts";

/** What the local handler made of an event, in a word: the status with its name where it answered. */
export function handlingBadge(handling: Handling): Badge {
  switch (handling.state) {
    case "held":
      return { icon: "debug-pause", word: l10n.t("Held"), tone: "warning" };
    case "queued":
      return { icon: "list-ordered", word: l10n.t("Queued"), tone: "quiet" };
    case "sending":
      return { icon: "arrow-right", word: l10n.t("Sending"), tone: "info" };
    case "waiting":
      return { icon: "history", word: l10n.t("Trying again"), tone: "warning" };
    case "answered":
      return statusBadgeOf(handling.status);
    case "failed":
      return { icon: "error", word: l10n.t("No answer"), tone: "bad" };
    case "stopped":
      return { icon: "circle-slash", word: l10n.t("Stopped"), tone: "quiet" };
    case "withheld":
      return { icon: "shield", word: l10n.t("Withheld"), tone: "warning" };
    default:
      return assertNever(handling.state);
  }
}

/** The same in a sentence, with how often it was tried and what went wrong. */
export function describeHandling(handling: Handling): string {
  const { word } = handlingBadge(handling);
  const attempts = handling.attempts > 1 ? l10n.t("{0} (attempt {1})", word, formatNumber(handling.attempts)) : word;
  return handling.problem === undefined ? attempts : l10n.t("{0}: {1}", attempts, visibleLine(handling.problem));
}

function statusBadgeOf(status: number | undefined): Badge {
  if (status === undefined) return { icon: "pass", word: l10n.t("Answered"), tone: "good" };
  const word = nameStatus(status);
  if (status < 300) return { icon: "pass", word, tone: "good" };
  return status < 400 ? { icon: "redo", word, tone: "warning" } : { icon: "error", word, tone: "bad" };
}

/** A status as the field says it: `200 OK`, `503 Service Unavailable`; those without a name of their own by number. */
function nameStatus(status: number): string {
  const name = statusNames.get(status);
  return name === undefined ? String(status) : `${status} ${name}`;
}

/** Names of RFC 9110 and 6585, which are the same in every language. */
const statusNames = new Map([
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [204, "No Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [411, "Length Required"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [422, "Unprocessable Content"],
  [429, "Too Many Requests"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
]);

/** True where there is something to stop. */
export function isUnderWay(handling: Handling | undefined): boolean {
  return handling !== undefined && ["queued", "sending", "waiting"].includes(handling.state);
}
