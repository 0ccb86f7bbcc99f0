import { element, icon } from "../page/dom.ts";

/** A sentence in place of, or above, content: why there is none, or what is missing of it. */
export function note(text: string, glyph = "info", ...more: readonly Node[]): HTMLElement {
  return element("p", { className: "note" }, icon(glyph), element("span", {}, text), ...more);
}
