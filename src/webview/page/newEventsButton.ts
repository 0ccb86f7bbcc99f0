import * as l10n from "@vscode/l10n";
import type { FollowState } from "../list/follow.ts";
import { countNewEvents } from "../text/format.ts";
import { button } from "./dom.ts";

/** Floats over the list while it does not follow and something came: "3 new events ↓". */
export class NewEventsButton {
  readonly element: HTMLButtonElement;

  constructor(onClick: () => void) {
    const label = l10n.t("Go to the newest event and follow");
    this.element = button({ icon: "arrow-down", text: "", label, className: "new-events", onClick });
    this.element.hidden = true;
  }

  show(follow: FollowState): void {
    const unseen = follow.kind === "paused" ? follow.unseen : 0;
    this.element.hidden = unseen === 0;
    const text = this.element.lastElementChild;
    if (text !== null) text.textContent = countNewEvents(unseen);
  }
}
