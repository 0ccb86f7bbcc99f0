import * as l10n from "@vscode/l10n";
import type { FeedState, PageRemedy } from "../../protocol/inspector.ts";
import { assertNever } from "../../base/assertNever.ts";
import { button, element, icon } from "./dom.ts";
import { emptyText } from "./feedText.ts";

/** What stands in place of the list: that it is being loaded, did not come, or is empty and what to do next. */
export type EmptyReason =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly retry: () => void }
  | {
      readonly kind: "empty";
      readonly feed: FeedState;
      readonly clearFilter: (() => void) | undefined;
      /** Has records of the local sandbox changed; undefined where none is connected. */
      readonly changeRecords: (() => void) | undefined;
      /** Does what is missing. */
      readonly remedy: (remedy: PageRemedy) => void;
    };

export class EmptyState {
  readonly element = element("div", { className: "empty" });

  /** Without a reason the list is on show. */
  show(reason: EmptyReason | undefined): void {
    this.element.hidden = reason === undefined;
    this.element.replaceChildren(...(reason === undefined ? [] : contentOf(reason)));
  }
}

function contentOf(reason: EmptyReason): HTMLElement[] {
  if (reason.kind === "loading") return message("loading", l10n.t("Loading events"), "");
  if (reason.kind === "failed") {
    const retry = button({
      text: l10n.t("Retry"),
      label: l10n.t("Ask for the events again"),
      className: "primary",
      onClick: reason.retry,
    });
    return [
      ...message("warning", l10n.t("The editor did not answer"), l10n.t("Its event history may be busy.")),
      retry,
    ];
  }
  const { feed, clearFilter, changeRecords, remedy } = reason;
  const { title, advice } = emptyText(feed, clearFilter !== undefined);
  const text = message(feed.kind === "live" ? "broadcast" : "inbox", title, advice);
  if (clearFilter !== undefined) return [...text, action(l10n.t("Show All Events"), "primary", clearFilter)];
  const change =
    changeRecords === undefined ? [] : [action(l10n.t("Change Sandbox Records for Me"), "primary", changeRecords)];
  const next = nextSteps(feed, remedy);
  return [...text, ...(next.length > 0 ? next : change)];
}

/** The buttons that do what is missing. */
function nextSteps({ missing }: FeedState, remedy: (remedy: PageRemedy) => void): HTMLElement[] {
  switch (missing) {
    case undefined:
      return [];
    case "connection":
      return [
        action(l10n.t("Try the Local Sandbox"), "primary", () => remedy("start-sandbox")),
        action(l10n.t("Connect to Zoho CRM"), "secondary", () => remedy("sign-in")),
      ];
    case "address":
      return [action(l10n.t("Get a Public Address"), "primary", () => remedy("get-address"))];
    case "subscription":
      return [action(l10n.t("New Subscription"), "primary", () => remedy("create-subscription"))];
    default:
      return assertNever(missing);
  }
}

function action(label: string, className: "primary" | "secondary", onClick: () => void): HTMLElement {
  return button({ text: label, label, className, onClick });
}

function message(glyph: string, title: string, advice: string): HTMLElement[] {
  return [icon(glyph, "large"), element("p", { className: "title" }, title), element("p", {}, advice)];
}
