import * as l10n from "@vscode/l10n";
import type { ForwardingState } from "../../protocol/inspector.ts";
import { button, element, icon } from "./dom.ts";
import { heldQuestion } from "./forwardingText.ts";

/** Asks what to do with the events that came in while nobody was here: they are not sent to a handler unasked. */
export class HeldBanner {
  readonly element = element("div", { className: "banner held", attributes: { role: "status" } });
  readonly #question = element("span", { className: "question" });

  constructor(onAnswer: (what: "send" | "discard") => void) {
    const send = button({
      text: l10n.t("Send"),
      label: l10n.t("Send them to the handler, oldest first"),
      className: "primary",
      onClick: () => onAnswer("send"),
    });
    const discard = button({
      text: l10n.t("Discard"),
      label: l10n.t("Do not send them; they stay in the list, and what waits behind them goes on"),
      className: "secondary",
      onClick: () => onAnswer("discard"),
    });
    this.element.append(icon("debug-pause"), this.#question, send, discard);
    this.element.hidden = true;
  }

  show(forwarding: ForwardingState): void {
    this.element.hidden = forwarding.held === 0;
    if (forwarding.held > 0) this.#question.textContent = heldQuestion(forwarding);
  }
}
