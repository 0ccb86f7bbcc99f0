import * as l10n from "@vscode/l10n";
import type { FeedState, ForwardingState } from "../../protocol/inspector.ts";
import type { FollowState } from "../list/follow.ts";
import { type SortChoice, isByArrival } from "../list/sorting.ts";
import { badgeView } from "./badgeView.ts";
import { button, element, setAttribute } from "./dom.ts";
import { feedBadge } from "./feedText.ts";
import { type Counts, countInWords, sortedInWords } from "../list/listText.ts";
import { describeForwarding, forwardingBadge } from "./forwardingText.ts";

export interface ToolbarOptions {
  /** The filter box and what stands beside it. */
  readonly filter: readonly HTMLElement[];
  readonly onToggleFollow: () => void;
  readonly onHelp: () => void;
}

/** The line above the list: how events come in and go out, which are shown and how many, and whether the list follows. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #feed = element("span", { className: "feed" });
  readonly #forwarding = element("span", { className: "forwarding" });
  readonly #count = element("span", { className: "count" });
  readonly #order = element("span", { className: "order" });
  readonly #follow: HTMLButtonElement;

  constructor(options: ToolbarOptions) {
    this.#follow = button({
      icon: "arrow-down",
      text: l10n.t("Follow"),
      label: followLabel(undefined),
      className: "toggle",
      onClick: options.onToggleFollow,
    });
    const help = button({ icon: "question", label: l10n.t("Keys (?)"), onClick: options.onHelp });
    const attributes = { role: "group", "aria-label": l10n.t("Events") };
    const search = element("div", { className: "search", attributes: { role: "search" } }, ...options.filter);
    const state = element("div", { className: "state" }, this.#feed, this.#forwarding);
    const view = element("div", { className: "view" }, this.#count, this.#order, this.#follow, help);
    this.element = element("div", { className: "toolbar", attributes }, state, search, view);
  }

  showFeed(feed: FeedState): void {
    const badge = feedBadge(feed);
    this.#feed.title = badge.word;
    this.#feed.replaceChildren(badgeView(badge));
  }

  showForwarding(forwarding: ForwardingState): void {
    this.#forwarding.title = describeForwarding(forwarding);
    this.#forwarding.replaceChildren(badgeView(forwardingBadge(forwarding)));
  }

  showCount(counts: Counts): void {
    this.#count.textContent = countInWords(counts);
  }

  showFollow(follow: FollowState): void {
    setAttribute(this.#follow, "aria-pressed", String(follow.kind === "following"));
  }

  /** Out of the order of arrival the list does not follow, and says why. */
  showSort(sort: SortChoice): void {
    const label = followLabel(sort);
    this.#follow.title = label;
    this.#order.textContent = isByArrival(sort) ? "" : sortedInWords(sort);
  }
}

function followLabel(sort: SortChoice): string {
  return isByArrival(sort)
    ? l10n.t("Follow: keep the newest event in view")
    : l10n.t("Follow: go back to the order of arrival and keep the newest event in view");
}
