import * as l10n from "@vscode/l10n";
import type { EventAction, EventRow } from "../../protocol/inspector.ts";
import type { SelectionAction } from "../list/listKeys.ts";

/** What a key asks of the host, or why it cannot be done: a sentence for the live region. */
export type Asked =
  { readonly kind: "act"; readonly action: EventAction } | { readonly kind: "refused"; readonly sentence: string };

/** What a key means for so many chosen events, of which the page knows `rows`. */
export function askedBy(key: SelectionAction, count: number, rows: readonly EventRow[]): Asked {
  switch (key) {
    case "delete":
    case "replay":
      return act(key);
    case "pin":
      return act(rows.length > 0 && rows.every(({ pinned }) => pinned === true) ? "unpin" : "pin");
    case "edit":
      return count === 1 ? act("editAndReplay") : refuse(l10n.t("Select one event to edit and send it."));
    case "compare":
      if (count > 2) return refuse(l10n.t("Select one event or two to compare."));
      return act(count === 2 ? "compare" : "compareWithPrevious");
  }
}

function act(action: EventAction): Asked {
  return { kind: "act", action };
}

function refuse(sentence: string): Asked {
  return { kind: "refused", sentence };
}
