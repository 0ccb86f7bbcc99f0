import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { EventDetail, RowContent } from "../../protocol/inspector.ts";
import type { Copy } from "../page/copyButton.ts";
import { button, element, icon, setAttribute } from "../page/dom.ts";
import type { DetailTab } from "../page/viewState.ts";
import { operationBadge, statusBadge, summarize } from "../text/rowText.ts";
import { EventBody } from "./eventBody.ts";
import { headersTab } from "./headersTab.ts";
import { note } from "./note.ts";
import { rawTab } from "./rawTab.ts";
import { summaryTab } from "./summaryTab.ts";
import { TabStrip } from "./tabStrip.ts";
import { treeTab } from "./treeTab.ts";

/** What the pane shows: an event, that it is being fetched, that it did not come, or that it is no longer kept. */
export type DetailState =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly retry: () => void }
  | { readonly kind: "gone" }
  | { readonly kind: "shown"; readonly detail: EventDetail };

export interface DetailPaneOptions {
  readonly tab: DetailTab;
  readonly clock: Clock;
  readonly copy: Copy;
  readonly onTab: (tab: DetailTab) => void;
  readonly onOpenDocument: (id: number) => void;
  readonly onClose: () => void;
  /** The person wants to go back to the list. */
  readonly onLeave: () => void;
}

const panelId = "detail-panel";

const tabs = [
  { name: "summary", title: "Summary" },
  { name: "headers", title: "Headers" },
  { name: "tree", title: "Tree" },
  { name: "raw", title: "Raw" },
] as const;

/** Everything about the selected event. */
export class DetailPane {
  readonly element: HTMLElement;
  readonly #options: DetailPaneOptions;
  readonly #title = element("h2", {});
  readonly #actions = element("div", { className: "actions" });
  readonly #tabs: TabStrip<DetailTab>;
  readonly #panel = element("div", {
    className: "panel",
    attributes: { role: "tabpanel", id: panelId, tabindex: "-1" },
  });
  #detail: EventDetail | undefined;
  #body = new EventBody({ truncated: false });

  constructor(options: DetailPaneOptions) {
    this.#options = options;
    this.#tabs = new TabStrip<DetailTab>(tabs, options.tab, panelId, tab => {
      this.#drawPanel();
      options.onTab(tab);
    });
    const heading = element("header", {}, this.#title, this.#actions);
    const attributes = { "aria-label": "Event" };
    this.element = element("section", { className: "detail", attributes }, heading, this.#tabs.element, this.#panel);
    this.element.addEventListener("keydown", event => this.#onKey(event));
  }

  focus(): void {
    if (this.#detail === undefined) this.#panel.focus();
    else this.#tabs.focus();
  }

  show(state: DetailState): void {
    switch (state.kind) {
      case "shown":
        this.#showDetail(state.detail);
        break;
      case "loading":
        this.#showNote("Loading…", note("Loading the event…", "loading"));
        break;
      case "failed":
        this.#showNote("Event", failure(state.retry));
        break;
      case "gone":
        this.#showNote("Event", note("This event is no longer kept: it was cleared, or it was among the oldest."));
        break;
      default:
        assertNever(state);
    }
  }

  /** An event never changes, only what is known of its sender: what the person opened in it stays open. */
  #showDetail(detail: EventDetail): void {
    if (this.#detail?.row.id === detail.row.id && this.#detail.explanation === detail.explanation) return;
    this.#detail = detail;
    this.#body = new EventBody(detail.body);
    const summary = summarize(detail.row.content);
    this.#title.replaceChildren(icon(glyphOf(detail.row.content)), element("span", {}, summary));
    this.#title.title = summary;
    this.#actions.replaceChildren(...this.#detailActions(detail), this.#closeButton());
    this.#tabs.element.hidden = false;
    this.#drawPanel();
    // The person was here before the event was: the tabs are what they came for.
    if (document.activeElement === this.#panel) this.#tabs.focus();
  }

  #showNote(title: string, content: HTMLElement): void {
    this.#detail = undefined;
    this.#title.replaceChildren(title);
    this.#actions.replaceChildren(this.#closeButton());
    this.#tabs.element.hidden = true;
    this.#panel.replaceChildren(content);
  }

  #detailActions(detail: EventDetail): HTMLElement[] {
    if (detail.row.content.kind === "gap") return [];
    const { copy, onOpenDocument } = this.#options;
    return [
      button({ icon: "copy", label: "Copy body", onClick: () => copy(this.#body.copyable) }),
      button({ icon: "go-to-file", label: "Open as document", onClick: () => onOpenDocument(detail.row.id) }),
    ];
  }

  #closeButton(): HTMLElement {
    return button({ icon: "close", label: "Close (Escape)", onClick: this.#options.onClose });
  }

  #drawPanel(): void {
    if (this.#detail === undefined) return;
    setAttribute(this.#panel, "aria-labelledby", this.#tabs.chosenId);
    this.#panel.replaceChildren(this.#contentOf(this.#tabs.chosen, this.#detail));
    this.#panel.scrollTop = 0;
  }

  #contentOf(tab: DetailTab, detail: EventDetail): HTMLElement {
    const { clock, copy } = this.#options;
    switch (tab) {
      case "summary":
        return summaryTab({ detail, body: this.#body, clock, copy });
      case "headers":
        return headersTab(detail, copy);
      case "tree":
        return treeTab(this.#body, copy);
      case "raw":
        return rawTab(this.#body);
      default:
        return assertNever(tab);
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.#options.onLeave();
  }
}

function failure(retry: () => void): HTMLElement {
  const again = button({ text: "Retry", label: "Ask for the event again", className: "inline", onClick: retry });
  return note("The editor did not answer.", "warning", again);
}

function glyphOf(content: RowContent): string {
  return content.kind === "notification" ? operationBadge(content.operation).icon : statusBadge(content).icon;
}
