import * as l10n from "@vscode/l10n";
import { element } from "./dom.ts";

interface KeyLine {
  readonly keys: readonly string[];
  readonly does: string;
}

/** The keys of the page, in a list that opens over it and closes with Escape or a click beside it. */
export class KeysHelp {
  readonly element: HTMLElement;

  constructor() {
    const title = l10n.t("Keys");
    const attributes = { popover: "auto", role: "dialog", "aria-label": title, tabindex: "-1" };
    const heading = element("h2", {}, title);
    const lines = keyLines().flatMap(lineView);
    this.element = element("div", { className: "keys-help", attributes }, heading, element("dl", {}, ...lines));
  }

  open(): void {
    this.element.showPopover();
    this.element.focus();
  }
}

function lineView({ keys, does }: KeyLine): HTMLElement[] {
  const caps = keys.map(key => element("kbd", {}, key));
  return [element("dt", {}, ...caps), element("dd", {}, does)];
}

function keyLines(): KeyLine[] {
  const modifier = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl";
  return [
    { keys: ["↑", "↓", "PgUp", "PgDn", "Home", "End"], does: l10n.t("Go to another event") },
    { keys: ["Shift+↑", "Shift+↓"], does: l10n.t("Select a run of events") },
    { keys: [`${modifier}+Space`], does: l10n.t("Select one more, or one less") },
    { keys: [`${modifier}+A`], does: l10n.t("Select all events of the list") },
    { keys: ["Enter"], does: l10n.t("Go to the event's detail") },
    { keys: ["Escape"], does: l10n.t("Close the detail, or go back to the list") },
    { keys: ["/", `${modifier}+F`], does: l10n.t("Filter") },
    {
      keys: ["module:none"],
      does: l10n.t("Filter for events that name no module; likewise operation:none and channel:none"),
    },
    { keys: ["R"], does: l10n.t("Send to Handler") },
    { keys: ["E"], does: l10n.t("Edit and Send…") },
    { keys: ["C"], does: l10n.t("Compare two events, or one with the record's last") },
    { keys: ["P"], does: l10n.t("Pin or unpin") },
    { keys: ["Delete"], does: l10n.t("Delete from this machine") },
    { keys: ["Shift+F10"], does: l10n.t("Menu of the selected events, or of the columns") },
    { keys: ["Shift+Tab"], does: l10n.t("From the list to its heading: Enter sorts, Shift+← and Shift+→ resize") },
    { keys: ["?"], does: l10n.t("These keys") },
  ];
}
