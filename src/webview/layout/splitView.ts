import * as l10n from "@vscode/l10n";
import { element, setAttribute } from "../page/dom.ts";
import { fitShare, shareAfterKey } from "./split.ts";

/** From this width on, in CSS pixels, the detail pane is beside the list; below it, under the list. */
const widestNarrow = 700;

/** What each part needs, in CSS pixels. */
const least = { wide: 220, narrow: 90 };

export interface SplitViewOptions {
  readonly first: HTMLElement;
  readonly second: HTMLElement;
  /** The first part's share of the room, beside and above the second. */
  readonly shares: Shares;
  readonly onChange: (shares: Shares) => void;
}

export interface Shares {
  readonly wide: number;
  readonly narrow: number;
}

/** Two parts with a divider that pointer and keyboard move; side by side where there is room, else one above the other. */
export class SplitView {
  readonly element: HTMLElement;
  readonly #options: SplitViewOptions;
  readonly #divider = element("div", { className: "divider", attributes: dividerAttributes() });
  #shares: Shares;
  #mode: keyof Shares = "wide";

  constructor(options: SplitViewOptions) {
    this.#options = options;
    this.#shares = options.shares;
    options.first.id = firstId;
    this.element = element("div", { className: "split" }, options.first, this.#divider, options.second);
    this.#divider.addEventListener("keydown", event => this.#onKey(event));
    this.#divider.addEventListener("pointerdown", event => this.#onPointerDown(event));
    this.#divider.addEventListener("dblclick", () => this.#onShare(shareAfterKey("Enter", 0, this.#room())));
    new ResizeObserver(() => this.#draw()).observe(this.element);
    this.showSecond(false);
  }

  /** Shows or hides the second part; without it the first has all the room. */
  showSecond(isShown: boolean): void {
    this.#options.second.hidden = !isShown;
    this.#divider.hidden = !isShown;
    this.element.classList.toggle("single", !isShown);
  }

  #draw(): void {
    this.#mode = this.element.clientWidth >= widestNarrow ? "wide" : "narrow";
    this.element.classList.toggle("narrow", this.#mode === "narrow");
    setAttribute(this.#divider, "aria-orientation", this.#mode === "wide" ? "vertical" : "horizontal");
    const share = fitShare(this.#shares[this.#mode], this.#room());
    setAttribute(this.#divider, "aria-valuenow", String(Math.round(share * 100)));
    this.element.style.setProperty("--share", `${(share * 100).toFixed(3)}%`);
  }

  #room(): { size: number; least: number } {
    const size = this.#mode === "wide" ? this.element.clientWidth : this.element.clientHeight;
    return { size: Math.max(1, size), least: least[this.#mode] };
  }

  #onKey(event: KeyboardEvent): void {
    const share = shareAfterKey(event.key, this.#shares[this.#mode], this.#room());
    if (share === undefined) return;
    event.preventDefault();
    this.#onShare(share);
  }

  #onPointerDown(event: PointerEvent): void {
    event.preventDefault();
    this.#divider.setPointerCapture(event.pointerId);
    const listening = new AbortController();
    const { signal } = listening;
    this.#divider.addEventListener("pointermove", move => this.#onShare(this.#shareAt(move)), { signal });
    this.#divider.addEventListener("lostpointercapture", () => listening.abort(), { signal });
  }

  #shareAt(event: PointerEvent): number {
    const box = this.element.getBoundingClientRect();
    const share =
      this.#mode === "wide" ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    return fitShare(share, this.#room());
  }

  #onShare(share: number | undefined): void {
    if (share === undefined) return;
    this.#shares = { ...this.#shares, [this.#mode]: share };
    this.#draw();
    this.#options.onChange(this.#shares);
  }
}

const firstId = "event-list";

function dividerAttributes(): Record<string, string> {
  return {
    role: "separator",
    tabindex: "0",
    "aria-label": l10n.t("Divider between list and event"),
    "aria-controls": firstId,
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  };
}
