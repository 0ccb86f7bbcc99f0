import * as l10n from "@vscode/l10n";
import type { EventAction } from "../../protocol/inspector.ts";
import { button } from "../page/dom.ts";
import type { MenuItem } from "../page/menu.ts";
import { MenuButton } from "../page/menuButton.ts";

export interface EventActionsOptions {
  readonly act: (action: EventAction) => void;
  readonly copyBody: () => void;
  readonly openDocument: () => void;
  /** The event is about a record, so there may be others about it. */
  readonly canCompare: boolean;
}

/** The buttons of the heading: what people do most with an event, and a menu with the rest. */
export function eventActions({ act, copyBody, openDocument, canCompare }: EventActionsOptions): HTMLElement[] {
  const item = (icon: string, label: string, action: EventAction): MenuItem => ({
    kind: "action",
    icon,
    label,
    run: () => act(action),
  });
  const items: readonly MenuItem[] = [
    ...(canCompare ? [item("diff", l10n.t("Compare with Previous of This Record"), "compareWithPrevious")] : []),
    item("diff-multiple", l10n.t("Compare with…"), "compare"),
    item("terminal", l10n.t("Copy as cURL"), "copyAsCurl"),
    item("json", l10n.t("Copy as fetch"), "copyAsFetch"),
    item("file-code", l10n.t("Copy as HAR"), "copyAsHar"),
    item("save", l10n.t("Save as Fixture…"), "saveFixture"),
  ];
  const menu = new MenuButton({ icon: "ellipsis", label: l10n.t("More actions"), items: () => items });
  return [
    button({ icon: "play", label: l10n.t("Send to Handler"), onClick: () => act("replay") }),
    button({ icon: "edit", label: l10n.t("Edit and Send…"), onClick: () => act("editAndReplay") }),
    button({ icon: "copy", label: l10n.t("Copy body"), onClick: copyBody }),
    button({ icon: "go-to-file", label: l10n.t("Open as document"), onClick: openDocument }),
    menu.element,
  ];
}
