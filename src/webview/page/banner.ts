import * as l10n from "@vscode/l10n";
import type { FeedState } from "../../protocol/inspector.ts";
import { button, element, icon } from "./dom.ts";
import { feedTrouble } from "./feedText.ts";

/** The sentence above the list while something keeps events from coming in, and what a person can do about a refusal. */
export class Banner {
  readonly element = element("div", { className: "banner", attributes: { role: "status" } });

  readonly #text = element("span");
  readonly #actions: HTMLElement;

  constructor(showRelayActions: () => void) {
    const text = l10n.t("Relay Actions");
    this.#actions = button({ text, label: text, className: "secondary", onClick: showRelayActions });
    this.element.hidden = true;
  }

  show(feed: FeedState): void {
    const trouble = feedTrouble(feed);
    this.element.hidden = trouble === undefined;
    const isRefused = feed.kind === "refused";
    this.element.classList.toggle("severe", isRefused);
    // A change of the text alone, as of the seconds until the next try, leaves the button its focus.
    if (this.#text.textContent === trouble) return;
    this.#text.textContent = trouble ?? "";
    const glyph = icon(isRefused ? "error" : "warning");
    this.element.replaceChildren(glyph, this.#text, ...(isRefused ? [this.#actions] : []));
  }
}
