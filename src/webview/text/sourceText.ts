import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { EventSource } from "../../protocol/event.ts";
import type { EventRow } from "../../protocol/inspector.ts";

/** Where an entry comes from; where the host does not say, its content tells. */
export function sourceOf({ source, content }: Pick<EventRow, "source" | "content">): EventSource {
  if (source !== undefined) return source;
  switch (content.kind) {
    case "notification":
    case "unreadable":
      return "delivered";
    case "other":
      return content.probe === true ? "test" : "webhook";
    case "recovered":
      return "recovered";
    case "gap":
      return "gap";
    default:
      return assertNever(content);
  }
}

/** A source in a word. */
export function nameSource(source: EventSource): string {
  switch (source) {
    case "delivered":
      return l10n.t("Delivered");
    case "webhook":
      return l10n.t("Webhook");
    case "recovered":
      return l10n.t("Recovered");
    case "replayed":
      return l10n.t("Replayed");
    case "test":
      return l10n.t("Test");
    case "imported":
      return l10n.t("Imported");
    case "gap":
      return l10n.t("Gap");
    default:
      return assertNever(source);
  }
}
