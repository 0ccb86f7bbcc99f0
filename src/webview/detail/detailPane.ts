import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { EventContent } from "../../protocol/event.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { button, element, icon, setAttribute } from "../page/dom.ts";
import type { DetailTab } from "../page/viewState.ts";
import { operationBadge, statusBadge, summarize } from "../text/rowText.ts";
import { eventActions } from "./eventActions.ts";
import { FindBar } from "./findBar.ts";
import { note } from "./note.ts";
import { ShownEvent, type ShownEventOptions } from "./shownEvent.ts";
import type { TabContent } from "./tabContent.ts";
import { TabStrip } from "./tabStrip.ts";

/** What the pane shows: an event, that it is being fetched, that it did not come, or that it is no longer kept. */
export type DetailState =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly retry: () => void }
  | { readonly kind: "gone" }
  | { readonly kind: "shown"; readonly detail: EventDetail };

/** What the detail needs from the page and its host. */
export interface DetailPaneOptions extends Omit<ShownEventOptions, "showTab" | "redraw" | "onSearchable"> {
  readonly tab: DetailTab;
  readonly onTab: (tab: DetailTab) => void;
  readonly onClose: () => void;
  /** The person wants to go back to the list. */
  readonly onLeave: () => void;
}

const panelId = "detail-panel";
const keyboardStops = "button:enabled, input, [tabindex='0']";

/** Everything about the selected event. */
export class DetailPane {
  readonly element: HTMLElement;
  readonly #options: DetailPaneOptions;
  readonly #title = element("h2", {});
  readonly #actions = element("div", { className: "actions", attributes: { role: "group" } });
  readonly #tabs: TabStrip<DetailTab>;
  readonly #find: FindBar;
  readonly #panel = element("div", {
    className: "panel",
    attributes: { role: "tabpanel", id: panelId, tabindex: "-1" },
  });
  #event: ShownEvent | undefined;
  #content: TabContent | undefined;

  constructor(options: DetailPaneOptions) {
    this.#options = options;
    this.#find = new FindBar(options.clock);
    this.#tabs = this.#makeTabs(options.tab);
    this.#actions.setAttribute("aria-label", l10n.t("Actions on the event"));
    const heading = element("header", {}, this.#title, this.#actions);
    const parts = [heading, this.#tabs.element, this.#find.element, this.#panel];
    this.element = element("section", { className: "detail", attributes: { "aria-label": l10n.t("Event") } }, ...parts);
    this.element.addEventListener("keydown", event => this.#onKey(event));
  }

  /** The event that is on show. */
  get shownId(): number | undefined {
    return this.#event?.detail.row.id;
  }

  focus(): void {
    if (this.#event === undefined) this.#panel.focus();
    else this.#tabs.focus();
  }

  show(state: DetailState): void {
    switch (state.kind) {
      case "shown":
        this.#showDetail(state.detail);
        break;
      case "loading":
        this.#showNote(l10n.t("Loading…"), note(l10n.t("Loading the event…"), "loading"));
        break;
      case "failed":
        this.#showNote(l10n.t("Event"), failure(state.retry));
        break;
      case "gone":
        this.#showNote(
          l10n.t("Event"),
          note(l10n.t("This event is no longer kept: it was cleared, or it was among the oldest.")),
        );
        break;
      default:
        assertNever(state);
    }
  }

  #makeTabs(tab: DetailTab): TabStrip<DetailTab> {
    return new TabStrip<DetailTab>(
      [
        { name: "summary", title: l10n.t("Summary") },
        { name: "changes", title: l10n.t("Changes") },
        { name: "handler", title: l10n.t("Handler") },
        { name: "headers", title: l10n.t("Headers") },
        { name: "tree", title: l10n.t("Tree") },
        { name: "raw", title: l10n.t("Raw") },
        { name: "timing", title: l10n.t("Timing") },
      ],
      tab,
      panelId,
      chosen => {
        this.#drawPanel();
        this.#options.onTab(chosen);
      },
    );
  }

  /** An event's body never changes, only what is known of it: what the person opened in it stays open. */
  #showDetail(detail: EventDetail): void {
    const isSame = this.#event?.detail.row.id === detail.row.id;
    if (isSame && this.#event?.update(detail) === false) return;
    if (!isSame) this.#event = this.#newEvent(detail);
    this.#showHeading(detail);
    this.#tabs.element.hidden = false;
    this.#tabs.offer(this.#event?.tabs ?? []);
    if (!isSame || !this.#isOnBody) this.#drawPanel(isSame);
    // The person was here before the event was: the tabs are what they came for.
    if (document.activeElement === this.#panel) this.#tabs.focus();
  }

  /** What the body's tabs show does not change with what becomes known of the event. */
  get #isOnBody(): boolean {
    return ["headers", "tree", "raw"].includes(this.#tabs.chosen);
  }

  #newEvent(detail: EventDetail): ShownEvent {
    return new ShownEvent(detail, {
      ...this.#options,
      showTab: tab => {
        this.#tabs.choose(tab);
        this.#tabs.focus();
      },
      redraw: () => this.#drawPanel(),
      onSearchable: () => this.#find.retarget(this.#content?.searchable?.()),
    });
  }

  #showHeading(detail: EventDetail): void {
    const summary = summarize(detail.row.content);
    this.#title.replaceChildren(icon(glyphOf(detail.row.content)), element("span", {}, summary));
    this.#title.title = summary;
    if (!this.#actions.contains(document.activeElement))
      this.#actions.replaceChildren(...this.#detailActions(detail), this.#closeButton());
  }

  #showNote(title: string, content: HTMLElement): void {
    this.#event = undefined;
    this.#title.replaceChildren(title);
    this.#actions.replaceChildren(this.#closeButton());
    this.#tabs.element.hidden = true;
    this.#fill({ element: content });
  }

  #detailActions({ row }: EventDetail): HTMLElement[] {
    if (row.content.kind === "gap") return [];
    const { copy, act, openDocument } = this.#options;
    return eventActions({
      act: action => act(action, row.id),
      copyBody: () => copy(this.#event?.body.copyable ?? ""),
      openDocument: () => openDocument(row.id),
      canCompare: row.content.kind === "notification" || row.content.kind === "recovered",
    });
  }

  #closeButton(): HTMLElement {
    return button({ icon: "close", label: l10n.t("Close (Escape)"), onClick: this.#options.onClose });
  }

  /** With `stays`, the view stays scrolled where it is. */
  #drawPanel(stays = false): void {
    if (this.#event === undefined) return;
    setAttribute(this.#panel, "aria-labelledby", this.#tabs.chosenId);
    const { scrollTop } = this.#panel;
    this.#fill(this.#event.contentOf(this.#tabs.chosen));
    this.#panel.scrollTop = stays ? scrollTop : 0;
  }

  #fill(content: TabContent): void {
    const hadFocus = this.#panel !== document.activeElement && this.#panel.contains(document.activeElement);
    this.#content?.dispose?.();
    this.#content = content;
    this.#panel.classList.toggle("filled", content.fills === true);
    this.#panel.replaceChildren(content.element);
    // Where nothing in it takes the keyboard, it does itself: it has to be scrolled.
    setAttribute(this.#panel, "tabindex", this.#panel.querySelector(keyboardStops) === null ? "0" : "-1");
    this.#find.retarget(content.searchable?.());
    if (hadFocus) this.#panel.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
    if (event.key === "Escape") this.#options.onLeave();
    else if (!isFind || !this.#openFind()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Searches in the tree or the raw text; from the other tabs, in the raw text. False where there is no text. */
  #openFind(): boolean {
    if (this.#event === undefined || this.#event.body.isEmpty || this.#event.body.isBinary) return false;
    if (this.#content?.searchable?.() === undefined) this.#tabs.choose("raw");
    const target = this.#content?.searchable?.();
    if (target !== undefined) this.#find.open(target);
    return target !== undefined;
  }
}

function failure(retry: () => void): HTMLElement {
  const again = button({
    text: l10n.t("Retry"),
    label: l10n.t("Ask for the event again"),
    className: "inline",
    onClick: retry,
  });
  return note(l10n.t("The editor did not answer."), "warning", again);
}

function glyphOf(content: EventContent): string {
  return content.kind === "notification" ? operationBadge(content.operation).icon : statusBadge(content).icon;
}
