import { element } from "../page/dom.ts";
import { hexLine, lineBytes } from "./hexDump.ts";
import { VirtualRows } from "./virtualRows.ts";

/** Bytes that are no text, in hexadecimal and as characters; only what is in view is laid out. */
export function hexView(bytes: Uint8Array, label: string): HTMLElement {
  const draw = (index: number): HTMLElement => {
    const offset = index * lineBytes;
    const line = hexLine(bytes.subarray(offset, offset + lineBytes), offset);
    return element("div", { className: "text-row" }, element("span", { className: "code" }, line));
  };
  const rows = new VirtualRows({ className: "text hex", attributes: { role: "group", "aria-label": label }, draw });
  rows.reset(Math.ceil(bytes.length / lineBytes));
  return rows.element;
}
