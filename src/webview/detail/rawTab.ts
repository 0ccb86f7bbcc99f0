import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { JsonFault } from "../../base/jsonScanner.ts";
import { button, element, setAttribute } from "../page/dom.ts";
import { formatBytes } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import type { EventBody } from "./eventBody.ts";
import { hexView } from "./hexView.ts";
import { describeFault } from "./jsonFault.ts";
import { note } from "./note.ts";
import type { SentBytes } from "./sentBytes.ts";
import type { TabContent } from "./tabContent.ts";
import { TextView } from "./textView.ts";

export interface RawTabOptions {
  readonly body: EventBody;
  readonly contentType: string;
  /** Of a body that should be JSON and is not. */
  readonly fault: JsonFault | undefined;
  readonly wrap: boolean;
  readonly onWrap: (wrap: boolean) => void;
  readonly clock: Clock;
  /** Says that only a part is here, where that is so. */
  readonly cutNote: HTMLElement | undefined;
  /** What was undone before the body could be read, and the bytes as they came, of `sentSize` in all. */
  readonly decoded?: { readonly sentence: string; readonly sent: SentBytes; readonly sentSize: number };
}

/** The body byte for byte as text, or as a dump of bytes that are not text; where it was encoded, also as it was sent. */
export function rawTab(options: RawTabOptions): TabContent {
  const { body, cutNote } = options;
  if (body.isEmpty) return { element: note(l10n.t("The request had no body.")) };
  if (options.decoded?.sent.isShown === true) return sentTab(options.decoded);
  if (!body.isBinary) return rawText(options);
  const remark = note(l10n.t("The bytes are not UTF-8 text, so they are shown in hexadecimal."));
  const dump = hexView(body.bytes, l10n.t("Bytes of the body"));
  const parts = [cutNote, decodedView(options), remark, dump];
  return { element: element("div", { className: "raw" }, ...parts), fills: true };
}

function sentTab(decoded: NonNullable<RawTabOptions["decoded"]>): TabContent {
  const parts = [decodedView({ decoded }), decoded.sent.view(decoded.sentSize)];
  return { element: element("div", { className: "raw" }, ...parts), fills: true };
}

function decodedView({ decoded }: Pick<RawTabOptions, "decoded">): HTMLElement | undefined {
  return decoded && note(visibleLine(decoded.sentence), "info", decoded.sent.choice());
}

function rawText(options: RawTabOptions): TabContent {
  const { body, wrap, clock, cutNote, fault } = options;
  const view = new TextView({
    text: body.text,
    label: options.decoded === undefined ? l10n.t("Body as sent") : l10n.t("Body as text"),
    wrap,
    clock,
  });
  const bar = element("div", { className: "raw-bar" }, kindView(options), wrapToggle(options, view));
  const faultNote = fault === undefined ? undefined : faultView(fault, body.text, view);
  const made = element("div", { className: "raw" }, cutNote, decodedView(options), faultNote, bar, view.element);
  return { element: made, fills: true, searchable: () => view, dispose: () => view.dispose() };
}

function kindView({ contentType, body }: RawTabOptions): HTMLElement {
  const size = formatBytes(body.size);
  const text = contentType === "" ? l10n.t("{0}, no content type", size) : `${visibleLine(contentType)} · ${size}`;
  return element("span", { className: "remark" }, text);
}

function wrapToggle({ wrap, onWrap }: RawTabOptions, view: TextView): HTMLButtonElement {
  let isOn = wrap;
  const made = button({
    icon: "word-wrap",
    text: l10n.t("Wrap"),
    label: l10n.t("Wrap long lines (Alt+Z)"),
    className: "toggle",
    onClick: () => {
      isOn = !isOn;
      setAttribute(made, "aria-pressed", String(isOn));
      view.setWrap(isOn);
      onWrap(isOn);
    },
  });
  setAttribute(made, "aria-pressed", String(isOn));
  view.element.addEventListener("keydown", event => {
    if (event.altKey && event.code === "KeyZ") made.click();
  });
  return made;
}

function faultView(fault: JsonFault, text: string, view: TextView): HTMLElement {
  const go = button({
    text: l10n.t("Go to Place"),
    label: l10n.t("Mark the place where the JSON is broken"),
    className: "inline",
    onClick: () => {
      view.markPlace(fault.position);
      view.focus();
    },
  });
  view.markPlace(fault.position);
  return note(l10n.t("The body is not JSON. {0}.", describeFault(fault, text)), "error", go);
}
