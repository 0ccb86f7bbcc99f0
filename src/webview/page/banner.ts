import type { FeedState } from "../../protocol/inspector.ts";
import { element, icon } from "./dom.ts";
import { feedTrouble } from "./feedText.ts";

/** The sentence above the list while something keeps events from coming in. */
export class Banner {
  readonly element = element("div", { className: "banner", attributes: { role: "status" } });

  constructor() {
    this.element.hidden = true;
  }

  show(feed: FeedState): void {
    const trouble = feedTrouble(feed);
    this.element.hidden = trouble === undefined;
    const isRefused = feed.kind === "refused";
    this.element.classList.toggle("severe", isRefused);
    const glyph = icon(isRefused ? "error" : "warning");
    this.element.replaceChildren(...(trouble === undefined ? [] : [glyph, element("span", {}, trouble)]));
  }
}
