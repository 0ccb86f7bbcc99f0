import * as l10n from "@vscode/l10n";
import type { EventDetail } from "../../protocol/inspector.ts";
import { type Copy, copyButton } from "../page/copyButton.ts";
import { element } from "../page/dom.ts";
import { visibleLine } from "../text/visibleText.ts";
import { note } from "./note.ts";

type Header = readonly [name: string, value: string];

/** The request line and every header as it was sent: order, letter case and repetition kept. */
export function headersTab(detail: EventDetail, copy: Copy): HTMLElement {
  const { request } = detail;
  if (detail.row.content.kind === "recovered")
    return note(l10n.t("This change was not delivered, so there is no request."));
  if (request.method === "") return note(l10n.t("There was no request to read headers from."));
  return element("div", { className: "headers" }, requestLine(detail, copy), headerTable(request.headers, copy));
}

/** Headers as they were sent, each with a button that copies its value. */
export function headerTable(headers: readonly Header[], copy: Copy): HTMLElement {
  const titles = [l10n.t("Header"), l10n.t("Value")];
  const head = element("tr", {}, ...titles.map(title => element("th", { attributes: { scope: "col" } }, title)));
  const lines = headers.map(header => headerLine(header, copy));
  return element("table", {}, element("thead", { className: "visually-hidden" }, head), element("tbody", {}, ...lines));
}

function requestLine({ request }: EventDetail, copy: Copy): HTMLElement {
  const { method, path, query } = request;
  const target = `${path}${query === "" ? "" : `?${query}`}`;
  const button = target === "" ? undefined : copyButton(l10n.t("path and query"), () => target, copy);
  return element(
    "div",
    { className: "request-line" },
    element("strong", {}, visibleLine(method)),
    element("code", {}, target === "" ? l10n.t("(the ingest address itself)") : visibleLine(target)),
    button,
  );
}

function headerLine([name, value]: Header, copy: Copy): HTMLElement {
  const label = l10n.t("header {0}", visibleLine(name));
  return element(
    "tr",
    {},
    element("th", { attributes: { scope: "row" } }, visibleLine(name)),
    element(
      "td",
      {},
      element("span", {}, visibleLine(value)),
      copyButton(label, () => value, copy),
    ),
  );
}
