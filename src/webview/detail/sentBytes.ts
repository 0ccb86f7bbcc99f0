import * as l10n from "@vscode/l10n";
import { button, element, setAttribute } from "../page/dom.ts";
import { formatBytes } from "../text/format.ts";
import { decodeBase64 } from "./hexDump.ts";
import { hexView } from "./hexView.ts";
import type { AskBody } from "./loadAll.ts";
import { note } from "./note.ts";

/** The bytes of a body as they came, beside the text that was made of them. */
export class SentBytes {
  readonly #ask: AskBody;
  readonly #redraw: () => void;
  #state: "not-asked" | "asked" | "failed" | Uint8Array = "not-asked";
  #isShown = false;

  constructor(ask: AskBody, redraw: () => void) {
    this.#ask = ask;
    this.#redraw = redraw;
  }

  /** Whether they are to be shown in the place of the text. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** The two ways to see the body, to choose from. */
  choice(): HTMLElement {
    const choose = (text: string, isShown: boolean): HTMLElement => {
      const made = button({ text, label: text, className: "toggle", onClick: () => this.#show(isShown) });
      setAttribute(made, "aria-pressed", String(this.#isShown === isShown));
      return made;
    };
    const group = { role: "group", "aria-label": l10n.t("Body") };
    return element(
      "span",
      { className: "choice", attributes: group },
      choose(l10n.t("Text"), false),
      choose(l10n.t("As sent"), true),
    );
  }

  /** A dump of them, or what there is to say while there is none; `size` of all of them, in bytes. */
  view(size: number): HTMLElement {
    const state = this.#state;
    if (state === "failed") return note(l10n.t("The bytes did not come. Choose “As sent” again."), "error");
    if (typeof state === "string") return note(l10n.t("Loading…"));
    const isCut = state.byteLength < size;
    const cut = isCut
      ? note(l10n.t("The first {0} of {1} are shown.", formatBytes(state.byteLength), formatBytes(size)))
      : undefined;
    return element("div", { className: "raw" }, cut, hexView(state, l10n.t("Bytes of the body")));
  }

  #show(isShown: boolean): void {
    this.#isShown = isShown;
    if (isShown && (this.#state === "not-asked" || this.#state === "failed")) void this.#load();
    this.#redraw();
  }

  async #load(): Promise<void> {
    this.#state = "asked";
    const slice = await this.#ask(0);
    this.#state = slice.ok && slice.value.part !== undefined ? decodeBase64(slice.value.part) : "failed";
    this.#redraw();
  }
}
