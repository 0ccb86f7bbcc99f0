import * as l10n from "@vscode/l10n";
import type { EventContent } from "../../protocol/event.ts";

/** Why the records of an event cannot be fetched, whoever asks; undefined where they can. */
export function whyNotFetchable(content: EventContent): string | undefined {
  return content.kind === "notification" && content.module === undefined
    ? l10n.t("The event names no module, so it is not known where in the CRM its records are.")
    : undefined;
}
