import { element } from "../page/dom.ts";
import { columns } from "./columns.ts";

/** The line of column titles above the rows. */
export function listHeading(): HTMLElement {
  const titles = columns.map(({ name, title }, index) =>
    element(
      "div",
      { className: `cell ${name}`, attributes: { role: "columnheader", "aria-colindex": String(index + 1) } },
      title,
    ),
  );
  const row = element("div", { className: "row", attributes: { role: "row", "aria-rowindex": "1" } }, ...titles);
  return element("div", { className: "heading", attributes: { role: "rowgroup" } }, row);
}
