import * as l10n from "@vscode/l10n";
import type { FeedState } from "../../protocol/inspector.ts";
import { button, element, icon } from "./dom.ts";
import { feedTrouble } from "./feedText.ts";

/** The sentence above the list while something keeps events from coming in, and what a person can do about it. */
export class Banner {
  readonly element = element("div", { className: "banner", attributes: { role: "status" } });

  readonly #text = element("span");
  readonly #actions: HTMLElement;
  readonly #reconnect: HTMLElement;

  constructor(run: (remedy: "configure-relay" | "reconnect-relay") => void) {
    this.#actions = remedyButton(l10n.t("Relay Actions"), () => run("configure-relay"));
    this.#reconnect = remedyButton(l10n.t("Reconnect"), () => run("reconnect-relay"));
    this.element.hidden = true;
  }

  show(feed: FeedState): void {
    const trouble = feedTrouble(feed);
    this.element.hidden = trouble === undefined;
    const isRefused = feed.kind === "refused";
    this.element.classList.toggle("severe", isRefused);
    // What has not changed leaves the button its focus.
    if (this.#text.textContent === trouble) return;
    this.#text.textContent = trouble ?? "";
    const glyph = icon(isRefused ? "error" : "warning");
    this.element.replaceChildren(glyph, this.#text, isRefused ? this.#actions : this.#reconnect);
  }
}

function remedyButton(text: string, onClick: () => void): HTMLElement {
  return button({ text, label: text, className: "secondary", onClick });
}
