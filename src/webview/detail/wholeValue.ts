import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import { button, element } from "../page/dom.ts";
import { visibleLine } from "../text/visibleText.ts";
import { TextView } from "./textView.ts";

export interface WholeValueOptions {
  readonly name: string;
  readonly text: string;
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  readonly onClose: () => void;
}

/** One long value in full, over the place where it was cut. */
export class WholeValue {
  readonly element: HTMLElement;
  readonly #view: TextView;

  constructor({ name, text, clock, copy, onClose }: WholeValueOptions) {
    const title = l10n.t("Value of {0}", visibleLine(name).slice(0, 100));
    this.#view = new TextView({ text, label: title, wrap: true, clock });
    const heading = element(
      "div",
      { className: "raw-bar" },
      element("strong", {}, title),
      button({ icon: "copy", label: l10n.t("Copy the value"), onClick: () => copy(text) }),
      button({ icon: "close", label: l10n.t("Close the value (Escape)"), onClick: onClose }),
    );
    this.element = element("div", { className: "whole-value" }, heading, this.#view.element);
    this.element.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      onClose();
    });
  }

  focus(): void {
    this.#view.focus();
  }

  dispose(): void {
    this.#view.dispose();
  }
}
