import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { type EventContent, recordCount } from "../../protocol/event.ts";

/** What an event is, short enough for the name of a file or a tab: `Deals edit 6756839000000575405`. */
export function eventLabel(content: EventContent): string {
  switch (content.kind) {
    case "notification": {
      const { module, operation, recordIds } = content;
      const [first] = recordIds;
      const others = recordCount(content) - 1;
      const more = others < 1 ? undefined : `+${others}`;
      const words = [module, operation, first, more].filter(part => part !== undefined).join(" ");
      return words === "" ? l10n.t("Notification") : words;
    }
    case "recovered":
      return `${content.module} ${content.operation} ${content.recordId}`;
    case "other":
      return `${content.method} ${content.path === "" ? "/" : content.path}`;
    case "unreadable":
      return l10n.t("Unreadable event");
    case "gap":
      return l10n.t("Gap");
    default:
      return assertNever(content);
  }
}

/** The label as part of a file name that every system takes. */
export function fileNameOf(label: string): string {
  const name = label
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}_]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 80);
  return name === "" ? "event" : name;
}
