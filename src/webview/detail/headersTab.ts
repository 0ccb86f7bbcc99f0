import type { EventDetail } from "../../protocol/inspector.ts";
import { type Copy, copyButton } from "../page/copyButton.ts";
import { element } from "../page/dom.ts";
import { visibleLine } from "../text/visibleText.ts";
import { note } from "./note.ts";

/** The request line and every header as it was sent: order, letter case and repetition kept. */
export function headersTab(detail: EventDetail, copy: Copy): HTMLElement {
  const { request } = detail;
  if (detail.row.content.kind === "recovered") return note("This change was not delivered, so there is no request.");
  if (request.method === "") return note("There was no request to read headers from.");
  const lines = request.headers.map(header => headerLine(header, copy));
  const table = element("table", {}, element("tbody", {}, ...lines));
  return element("div", { className: "headers" }, requestLine(detail, copy), table);
}

function requestLine({ request }: EventDetail, copy: Copy): HTMLElement {
  const { method, path, query } = request;
  const target = `${path}${query === "" ? "" : `?${query}`}`;
  const button = target === "" ? undefined : copyButton("path and query", () => target, copy);
  return element(
    "div",
    { className: "request-line" },
    element("strong", {}, visibleLine(method)),
    element("code", {}, target === "" ? "(the ingest address itself)" : visibleLine(target)),
    button,
  );
}

function headerLine([name, value]: readonly [string, string], copy: Copy): HTMLElement {
  const shown = element("span", {}, visibleLine(value));
  return element(
    "tr",
    {},
    element("th", { attributes: { scope: "row" } }, visibleLine(name)),
    element(
      "td",
      {},
      shown,
      copyButton(`header ${visibleLine(name)}`, () => value, copy),
    ),
  );
}
