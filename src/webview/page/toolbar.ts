import type { FeedState, InspectorFilter } from "../../protocol/inspector.ts";
import type { FollowState } from "../list/follow.ts";
import { formatCount } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import { badgeView } from "./badgeView.ts";
import { button, element, setAttribute } from "./dom.ts";
import { feedBadge } from "./feedText.ts";

export interface ToolbarOptions {
  readonly onClearFilter: () => void;
  readonly onToggleFollow: () => void;
}

/** The line above the list: how events come in, how many there are, which are shown, and whether the list follows. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #options: ToolbarOptions;
  readonly #feed = element("span", { className: "feed" });
  readonly #count = element("span", { className: "count" });
  readonly #filter = element("span", { className: "filter" });
  readonly #follow: HTMLButtonElement;

  constructor(options: ToolbarOptions) {
    this.#options = options;
    const label = "Follow: keep the newest event in view";
    this.#follow = button({
      icon: "arrow-down",
      text: "Follow",
      label,
      className: "toggle",
      onClick: options.onToggleFollow,
    });
    const attributes = { role: "toolbar", "aria-label": "Events" };
    const gap = element("span", { className: "spring" });
    this.element = element(
      "div",
      { className: "toolbar", attributes },
      this.#feed,
      this.#count,
      this.#filter,
      gap,
      this.#follow,
    );
  }

  showFeed(feed: FeedState): void {
    this.#feed.replaceChildren(badgeView(feedBadge(feed)));
  }

  showCount(total: number): void {
    this.#count.textContent = formatCount(total, "event");
  }

  showFollow(follow: FollowState): void {
    setAttribute(this.#follow, "aria-pressed", String(follow.kind === "following"));
  }

  showFilter(filter: InspectorFilter | undefined): void {
    this.#filter.replaceChildren(...(filter === undefined ? [] : [this.#chip(filter)]));
  }

  #chip({ channelId, module }: InspectorFilter): HTMLElement {
    const text = `Channel ${visibleLine(channelId)}${module === undefined ? "" : ` · ${visibleLine(module)}`}`;
    const remove = button({
      icon: "close",
      label: "Show the events of all subscriptions",
      onClick: this.#options.onClearFilter,
    });
    const name = element("span", { className: "chip-text" }, text);
    name.title = text;
    return element("span", { className: "chip" }, name, remove);
  }
}
